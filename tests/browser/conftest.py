"""A real server, a real browser, and a watch over every page that any test opens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.support import server, styleguide
from tests.browser.support.watch import CHROMIUM_ARGUMENTS, Watch
from tests.support import engines, seed
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

HERE = Path(__file__).resolve().parent
DESKTOP = (1366, 768)
PHONE = (360, 740)
NARROW = (320, 640)
SIZES = {"desk": DESKTOP, "phone": PHONE}
FINGERS = 600
SLOWEST = 15_000
SEE_OTHER = 303
# Every page is looked at in both languages and both sizes by test_every_page; the states of a page in two looks that
# differ in both.
LOOKS = pytest.mark.parametrize(("language", "size"), [("zh", "phone"), ("en", "desk")])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here as needing the browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give Chromium; a machine without it skips, unless CASEWORK_REQUIRE names the browser."""
    missing = engines.browser_missing()
    if missing:
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=engines.chromium(), args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a prepared system on SQLite, to be copied."""
    return seed.prepare(engines.Engine.SQLITE, tmp_path_factory.mktemp("browser") / "instance").folder


@pytest.fixture(scope="module")
def live(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the running system: one server, one fresh database a test module."""
    with server.running(_instance, tmp_path_factory.mktemp("live") / "instance") as address:
        yield address


@pytest.fixture(scope="session")
def guide() -> Iterator[str]:
    """Give the address of the style guide, which needs no database."""
    yield from styleguide.serve(styleguide.make_app())


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page in a context of its own: ``open_page(address, size, **context options)``.

    Chinese unless ``locale`` says otherwise; screens narrower than 600 pixels are touched with fingers. When the test
    ends, every page must have been clean: no console error, no policy violation, no request to another host.
    ``breaks=True`` for a test that breaks the line: what the browser says of that is no fault of the page.
    """
    watches: list[Watch] = []
    contexts = []

    def new_page(address: str, size: tuple[int, int] = DESKTOP, **wishes: Any) -> Page:  # noqa: ANN401 - Playwright's
        width, height = size
        breaks = bool(wishes.pop("breaks", False))
        options: dict[str, Any] = {"locale": "zh-CN", "has_touch": width < FINGERS, "base_url": address} | wishes
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(SLOWEST)
        contexts.append(context)
        watches.append(Watch(context, address, breaks=breaks))
        return context.new_page()

    yield new_page
    for context in contexts:
        context.close()
    for watch in watches:
        watch.check()


@pytest.fixture
def browser_page(live: str, open_page: Callable[..., Page]) -> Page:
    """Give a page of the running system on a desk: 1366 × 768."""
    return open_page(live)


@pytest.fixture
def phone_page(live: str, open_page: Callable[..., Page]) -> Page:
    """Give a page of the running system on a phone: 360 × 740, touched."""
    return open_page(live, PHONE)


@pytest.fixture
def sign_in() -> Callable[..., None]:
    """Give a function that signs a demo account in: ``sign_in(page, "zhiyuan")``; the page stays where it is.

    The form is fetched and sent without being drawn, which takes a fifth of the time; see ``sign_in_by_hand``.
    """

    def enter(page: Page, login: str) -> None:
        asked = page.request.get("/login")
        form: dict[str, str | float | bool] = dict(values_of(find_form(asked.text(), "/login")).items())
        form |= {"login": login, "password": seed.PASSWORD}
        answer = page.request.post("/login", form=form, max_redirects=0)
        assert answer.status == SEE_OTHER, f"{login} is not let in: {answer.status}"

    return enter


@pytest.fixture
def sign_in_by_hand() -> Callable[..., None]:
    """Give a function that signs a demo account in on the page as people do: ``sign_in_by_hand(page, "fuze")``."""

    def enter(page: Page, login: str, password: str = seed.PASSWORD) -> None:
        page.goto("/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", password)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda address: "/login" not in address)

    return enter
