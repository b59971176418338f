"""Every page there is, by those who may see it: accessible and within the window, in both languages and both sizes.

The list comes from the routes: a new page without a sample address fails, and so does a sample of no page. Each role
also walks through everything its menu offers.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest
from werkzeug.routing import Map, Rule

from casework.app import create_app
from casework.core.db import db
from tests.browser.conftest import SIZES
from tests.browser.support import server, styleguide
from tests.browser.support.watch import axe_faults, overflow, screenshot
from tests.support import engines, pages
from tests.support.pages import LOGINS, NOT_PAGES, SAMPLES, STRANGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser, Page, ViewportSize
    from werkzeug.routing import MapAdapter

# In every menu and the same for all: long pages that one role looks at (see SAMPLES).
SHARED: Final = ("/me", "/privacy/rules")
NOWHERE: Final = "/nowhere"
LANGUAGES: Final = ("zh", "en")
# A page that is not there, with and without a menu.
LOST: Final = {"zhiyuan": [NOWHERE], STRANGER: [NOWHERE]}


@pytest.fixture(scope="module")
def filled(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, str]]:
    """Give a prepared system in which work was done, and what the braces of the samples stand for."""
    folder = tmp_path_factory.mktemp("every-page")
    shutil.copytree(_instance, folder / "prepared")
    app = create_app(engines.settings_of(folder / "prepared", ""))
    with app.app_context():
        values = pages.do_work()
        db.session.remove()
        db.engine.dispose()
    return folder, values


@pytest.fixture(scope="module")
def live(filled: tuple[Path, Mapping[str, str]]) -> Iterator[str]:
    """Give the running system."""
    folder, _ = filled
    with server.running(folder / "prepared", folder / "live") as address:
        yield address


@pytest.fixture(scope="module")
def sampled(filled: tuple[Path, Mapping[str, str]]) -> dict[str, list[str]]:
    """Give the addresses of the samples by who looks at them."""
    _, values = filled
    return pages.by_login(values)


def test_every_page_has_a_sample(filled: tuple[Path, Mapping[str, str]]) -> None:
    folder, values = filled
    app = create_app(engines.settings_of(folder / "prepared", ""))
    assert unsampled(app.url_map, values) == []


@pytest.mark.long
@pytest.mark.parametrize("login", [*LOGINS, STRANGER])
def test_every_page_of_a_role_is_accessible_and_fits(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], sampled: dict[str, list[str]], login: str
) -> None:
    page = open_page(live)
    addresses = [*sampled[login], *LOST.get(login, ())]
    if login != STRANGER:
        sign_in(page, login)
        page.goto("/help")
        menu = page.locator(".sidenav a").evaluate_all("links => links.map(each => each.getAttribute('href'))")
        assert menu, "the menu is empty"
        addresses += [address for address in menu if address not in SHARED]
    faults = walk(page, dict.fromkeys(addresses), login)
    assert not faults, "\n".join(faults)


def test_a_stranger_who_asks_for_work_is_led_to_the_door(browser_page: Page) -> None:
    browser_page.goto("/cases")
    browser_page.wait_for_url("**/login?next=/cases")


def test_a_page_without_a_sample_and_a_sample_without_a_page_are_found() -> None:
    planted = [Rule("/x", endpoint="people.x"), Rule("/sent", endpoint="people.sent", methods=["POST"])]
    gone, *known = [*SAMPLES, *NOT_PAGES]
    offences = unsampled(Map([*planted, *(Rule(f"/{name}", endpoint=name) for name in known)]), defaultdict(str))
    assert [offence for offence in offences if "is no address of" not in offence] == [
        "people.x (/x) has no sample address",
        f"{gone} is listed and answers no GET",
    ]


def test_a_sample_that_belongs_to_another_page_is_found() -> None:
    rules = Map([Rule("/cases", endpoint="cases.index"), Rule("/old", endpoint="people.account")])
    offences = unsampled(rules, defaultdict(str))
    assert [offence for offence in offences if "is no address of" in offence] == ["/me is no address of people.account"]


def test_a_page_with_a_fault_is_found(chromium: Browser) -> None:
    app = styleguide.make_app()
    bad = "<!doctype html><html lang=en><title>x</title><main><h1>x</h1>{}</main></html>"
    app.add_url_rule("/unlabelled", "unlabelled", lambda: bad.format("<input>"))
    app.add_url_rule("/wide", "wide", lambda: bad.format('<table width="500"><tr><td>x</table>'))
    app.add_url_rule("/gone", "gone", lambda: (bad.format(""), 404))
    app.add_url_rule("/elsewhere", "elsewhere", lambda: ("", 303, {"Location": "/gone"}))
    with contextmanager(styleguide.serve)(app) as address:
        page = chromium.new_page(base_url=address)
        faults = walk(page, ("/unlabelled", "/wide", "/gone", "/elsewhere"), "control")
        page.context.close()
    assert sum("label" in fault and fault.startswith("/unlabelled") for fault in faults) == 4
    # A desk is wide enough, a phone is not.
    assert {fault[:14] for fault in faults if "page is too wide" in fault} == {"/wide phone zh", "/wide phone en"}
    assert [fault for fault in faults if "answers" in fault] == [
        "/gone zh: answers 404 instead of 200",
        "/gone en: answers 404 instead of 200",
        "/elsewhere zh: answers 404 instead of 200",
        "/elsewhere en: answers 404 instead of 200",
    ]


def unsampled(routes: Map, values: Mapping[str, str]) -> list[str]:
    """Return pages that no sample shows, samples and exceptions of no page, and samples that lead elsewhere."""
    pages = {rule.endpoint: rule.rule for rule in routes.iter_rules() if "GET" in (rule.methods or {"GET"})}
    found = [f"{name} ({rule}) has no sample address" for name, rule in pages.items() if name not in _known()]
    found += [f"{name} is listed and answers no GET" for name in _known() if name not in pages]
    adapter = routes.bind("localhost")
    for name, looks in SAMPLES.items():
        addresses = [address.format_map(values) for _, address in looks if name in pages]
        found += [f"{each} is no address of {name}" for each in addresses if not _leads(adapter, each, name)]
    return found


def walk(page: Page, addresses: Iterable[str], who: str) -> list[str]:
    """Return what is wrong with the pages: another answer than expected, too wide, or against a rule of axe.

    A page is asked for once a language and looked at in both sizes; a picture is kept of what has a fault.
    """
    faults = []
    for address in addresses:
        for language in LANGUAGES:
            page.set_viewport_size(_size("desk"))
            answer = page.goto(f"{address}?lang={language}")
            wanted = 404 if address == NOWHERE else 200
            if answer is None or answer.status != wanted or urlsplit(page.url).path != address:
                got = "nothing" if answer is None else answer.status
                faults.append(f"{address} {language}: answers {got} instead of {wanted}")
            for size in SIZES:
                page.set_viewport_size(_size(size))
                seen = [f"{address} {size} {language}: {fault}" for fault in [*overflow(page), *axe_faults(page)]]
                if seen:
                    screenshot(
                        page, f"page-{who}{address.replace('/', '-')}-{size}-{language}", whole=True, always=True
                    )
                faults += seen
    return faults


def _known() -> dict[str, object]:
    return {**SAMPLES, **NOT_PAGES}


def _leads(adapter: MapAdapter, address: str, endpoint: str) -> bool:
    return bool(adapter.test(address, "GET")) and adapter.match(address, "GET")[0] == endpoint


def _size(name: str) -> ViewportSize:
    width, height = SIZES[name]
    return {"width": width, "height": height}
