"""Saving a call and its draft through the whole application, beside the barest insert there can be."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie
from itertools import count
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks import driver, samples
from benchmarks.bare import engine_of, metadata
from benchmarks.harness import ROUNDS, Row, Server, at_least, at_most, memory_of, serving
from tests.support import engines, html
from tests.support.client import find_form, values_of
from tests.support.seed import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from benchmarks.driver import Load
    from benchmarks.system import System

CLIENTS: Final = 8
SECONDS: Final = 4.0
FORM: Final = "application/x-www-form-urlencoded"
REQUESTS_BEFORE, REQUESTS_AFTER = 100, 10_000
NEW_CALL: Final = "/calls/new"
# The answers of the stable form fields.
ANSWERS: Final = {
    "call_type": "self",
    "caller_phone": samples.PHONE,
    "caller_name": "林一",
    "division": "440100",
    "sex": "female",
    "age_band": "36_59",
    "category": "public",
    "population": "none",
    "topics": "sleep",
    "risk": "none",
    "risk_level": "0",
    "distress_before": "6",
    "distress_after": "4",
    "summary": samples.SUMMARY,
    "outcome": "supported",
    "consent": "confidentiality",
}


@dataclass(slots=True)
class Browser:
    """Just enough of a browser: cookies, and the hidden fields of a form."""

    port: int
    cookies: dict[str, str]

    @classmethod
    def signed_in(cls, port: int, login: str) -> Browser:
        """Return one in which somebody is signed in."""
        browser = cls(port, {})
        form = browser.form("/login")
        browser.send("/login", form | {"login": login, "password": PASSWORD})
        return browser

    def form(self, path: str) -> dict[str, str]:
        """Return the fields of the form on a page as they are."""
        return values_of(find_form(self.page(path), path, path)).to_dict()

    def page(self, path: str) -> str:
        """Return a page."""
        return self.answer(driver.request("GET", path, headers=self.headers))

    def send(self, path: str, fields: dict[str, str]) -> str:
        """Post a form."""
        return self.answer(self.post(path, fields))

    def post(self, path: str, fields: dict[str, str]) -> bytes:
        """Return the request that posts a form."""
        return driver.request(
            "POST", path, headers=self.headers | {"Content-Type": FORM}, body=urlencode(fields).encode()
        )

    @property
    def headers(self) -> dict[str, str]:
        """Return what every request of this browser carries."""
        joined = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": joined, "Host": f"127.0.0.1:{self.port}"} if joined else {"Host": f"127.0.0.1:{self.port}"}

    def answer(self, request: bytes) -> str:
        """Send a request on a connection of its own and keep the cookies of the answer."""
        answer = driver.once(self.port, request).decode("utf-8", "replace")
        head, _, body = answer.partition("\r\n\r\n")
        for line in re.findall(r"(?im)^set-cookie: (.*)$", head):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line.strip()).items()}
        if answer[9] not in "23":
            words = " ".join(html.text_of(each) for each in html.parse(body).all("main"))
            msg = f"answered {answer[9:12]}: {words[:400]}"
            raise driver.DriverError(msg)
        return body


def rows(system: System) -> list[Row]:
    """Return the rows of writing, and of the memory a worker keeps."""
    with engines.new_database(system.engine, "bare") as name:
        url = _bare_url(system, name)
        engine = engine_of(url)
        metadata.create_all(engine)
        engine.dispose()
        bare = serving("benchmarks.bare:create_app", {"BENCH_DATABASE_URL": url}, factory=True)
        whole = serving("wsgi:app", system.environment)
        with bare as limit, whole as measured:
            browser = Browser.signed_in(measured.port, "zhiyuan")
            # The stretch of a number has a limit of its own (reads); a call without one shows what the rest costs.
            saves = _compared("save a call", _pairs(measured, limit, _saving(browser), 303), 0.45)
            unknown = _saving(browser, {"caller_phone": ""})
            saves += _compared("save a call without number", _pairs(measured, limit, unknown, 303), 0.45)
            drafts = _compared("autosave of a draft", _pairs(measured, limit, _autosaving(browser), 200), 0.55)
            return [*saves, *drafts, _memory(measured, browser)]


def _bare_url(system: System, name: str) -> str:
    if name:
        return engines.address_of(name).replace("postgresql://", "postgresql+psycopg://")
    return f"sqlite:///{system.settings.instance_path / 'bare.sqlite'}"


def _filled(browser: Browser) -> dict[str, str]:
    """Return a complete form of a call, on the first line there is."""
    page = browser.page(NEW_CALL)
    lines = [option.get("value", "") for option in _options(page, "line")]
    return values_of(find_form(page, NEW_CALL, NEW_CALL)).to_dict() | ANSWERS | {"line": next(filter(None, lines))}


def _options(page: str, name: str) -> list[Element]:
    selects = [select for select in html.parse(page).all("select") if select.get("name") == name]
    return [option for select in selects for option in select.iter("option")]


def _saving(browser: Browser, changed: dict[str, str] | None = None) -> Callable[[int], bytes]:
    """Return what builds the finished form of one new call after the other."""
    fields = _filled(browser) | (changed or {})

    def build(_client: int) -> bytes:
        fresh = {"_key": str(uuid4()), "draft": str(uuid4()), "writer": str(uuid4()), "rev": "0"}
        return browser.post(NEW_CALL, fields | fresh)

    browser.answer(build(0))
    return build


def _autosaving(browser: Browser) -> Callable[[int], bytes]:
    """Return what builds the next save of each client's own draft, which exists."""
    fields = _filled(browser)
    headers = browser.headers | {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "X-CSRFToken": fields["csrf_token"],
    }
    drafts = [(uuid4(), str(uuid4()), count(1)) for _ in range(CLIENTS)]

    def build(client: int) -> bytes:
        draft, writer, numbers = drafts[client]
        sent = {"rev": 0, "writer": writer, "seq": next(numbers), "fields": fields, "started_at": fields["started_at"]}
        return driver.request("POST", f"/calls/drafts/{draft}", headers=headers, body=json.dumps(sent).encode())

    for client in range(CLIENTS):
        browser.answer(build(client))
    return build


def _pairs(measured: Server, limit: Server, build: Callable[[int], bytes], status: int) -> list[tuple[Load, Load]]:
    bare = driver.request("POST", "/")

    def both() -> tuple[Load, Load]:
        return (
            driver.drive(measured.port, build, status=status, seconds=SECONDS, clients=CLIENTS),
            driver.drive(limit.port, lambda _: bare, status=200, seconds=SECONDS, clients=CLIENTS),
        )

    both()
    return [both() for _ in range(ROUNDS)]


def _compared(name: str, pairs: list[tuple[Load, Load]], goal: float) -> list[Row]:
    speeds = [(value.per_second, limit.per_second) for value, limit in pairs]
    tails = [(value.p99, limit.p99) for value, limit in pairs]
    return [
        at_least(f"{name} / one Core insert (per second)", speeds, goal),
        at_most(f"{name}, p99 / of one Core insert (s)", tails, 3.0),
    ]


def _memory(measured: Server, browser: Browser) -> Row:
    asked = driver.request("GET", NEW_CALL, headers=browser.headers)
    driver.repeat(measured.port, asked, REQUESTS_BEFORE)
    before = memory_of(measured.pid)
    driver.repeat(measured.port, asked, REQUESTS_AFTER - REQUESTS_BEFORE)
    return at_most("memory of the workers after 10,000 requests / 100 (KiB)", [(memory_of(measured.pid), before)], 1.1)
