"""The session ends while somebody types: the page stays, its person comes back in over it, nobody else does."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest

from casework.core import clock
from tests.browser.support import server as servers
from tests.browser.support.desk import (
    ENDED,
    draft_address,
    end_sessions,
    grow_older,
    kept,
    no_copy,
    saved,
    says,
    start,
    summary,
)
from tests.browser.support.watch import axe, screenshot
from tests.support.seed import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.support.server import Server

SECRET = "金丝雀会话：他说今晚不想回家。"
MORE = "后来平静了一些。"
OTHER = "只有本人可以在这里登录"


@pytest.fixture(scope="module")
def server(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server whose sessions end when a test says so."""
    with servers.controlled(_instance, tmp_path_factory.mktemp("over") / "instance") as running:
        yield running


@pytest.fixture
def page(server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]) -> Page:
    """Give a page on which an empty call is open."""
    found = open_page(server.address, breaks=True)
    sign_in(found, "zhiyuan")
    start(found)
    return found


@pytest.fixture
def own_system(_instance: Path) -> Path:
    """Give the prepared system, to be copied for a server of the test's own."""
    return _instance


def come_back(page: Page, login: str = "zhiyuan", password: str = PASSWORD) -> None:
    """Fill in the dialog over the page and send it."""
    page.locator("#again-login").fill(login)
    page.locator("#again-secret").fill(password)
    page.locator("[data-again]").get_by_role("button", name="登录").click()


def ended(page: Page) -> None:
    """Wait for the dialog."""
    page.locator("[data-again][open]").wait_for(timeout=15_000)


def test_a_session_that_ends_in_the_middle_costs_no_word(page: Page, server: Server) -> None:
    page.locator("#summary").fill(SECRET)
    saved(page)
    end_sessions(server)
    page.locator("#summary").press_sequentially(MORE)
    ended(page)
    says(page, ENDED)
    assert "blur" in page.locator(".call-form").evaluate("each => getComputedStyle(each).filter")
    assert page.evaluate("document.activeElement.id") == "again-login"
    screenshot(page, "session-over")
    axe(page)
    page.keyboard.press("Escape")
    assert page.locator("[data-again][open]").count() == 1
    kept(page)
    come_back(page)
    page.locator("[data-again][open]").wait_for(state="detached")
    saved(page)
    assert page.locator(".call-form").evaluate("each => getComputedStyle(each).filter") == "none"
    no_copy(page)
    page.goto(draft_address(page))
    assert summary(page) == SECRET + MORE


def test_a_wrong_password_is_said_and_counted_as_at_the_door(page: Page, server: Server) -> None:
    end_sessions(server)
    page.locator("#summary").fill(SECRET)
    ended(page)
    come_back(page, password="wrong password 1")
    page.locator("[data-again-error]").get_by_text("登录名或口令不正确").wait_for()
    assert page.locator("#again-secret").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "again-secret"
    come_back(page)
    saved(page)


def test_somebody_else_does_not_come_in_over_the_page(page: Page, server: Server) -> None:
    end_sessions(server)
    page.locator("#summary").fill(SECRET)
    ended(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    come_back(page, login="zixun")
    page.locator("[data-again-error]").get_by_text(OTHER).wait_for()
    assert "blur" in page.locator(".call-form").evaluate("each => getComputedStyle(each).filter")
    assert not any("金丝雀" in each for each in sent)
    door = page.context.new_page()
    door.goto("/calls")
    assert "/login" in door.url
    door.close()
    come_back(page)
    saved(page)


def test_somebody_else_in_another_tab_gets_nothing_of_it(page: Page, sign_in: Callable[..., None]) -> None:
    page.locator("#summary").fill(SECRET)
    saved(page)
    other = page.context.new_page()
    other.goto("/calls")
    other.locator(".menu summary", has_text="张志愿者").click()
    other.get_by_role("button", name="退出登录").click()
    other.wait_for_url("**/login")
    ended(page)
    sign_in(other, "zixun")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.locator("[data-again-error]").get_by_text(OTHER).wait_for(timeout=15_000)
    other.goto("/calls")
    assert "金丝雀" not in other.content()
    assert not any("金丝雀" in each for each in sent)
    come_back(page)
    page.locator("[data-again][open]").wait_for(state="detached")
    page.locator("#summary").press_sequentially(MORE)
    saved(page)


def test_signing_out_in_another_tab_covers_the_page_and_leaves_no_copy(page: Page) -> None:
    page.route("**/calls/drafts/*", lambda route: route.abort())
    page.locator("#summary").fill(SECRET)
    kept(page)
    page.unroute("**/calls/drafts/*")
    page.route("**/calls/drafts/*", lambda route: route.fulfill(status=503, body="{}"))
    other = page.context.new_page()
    other.goto("/calls")
    other.locator(".menu summary", has_text="张志愿者").click()
    other.get_by_role("button", name="退出登录").click()
    other.wait_for_url("**/login")
    ended(page)
    no_copy(page)
    page.wait_for_timeout(1500)
    no_copy(page)
    page.unroute("**/calls/drafts/*")
    come_back(page)
    saved(page)
    assert summary(page) == SECRET


def test_signing_in_elsewhere_in_the_browser_is_noticed(
    page: Page, server: Server, sign_in: Callable[..., None]
) -> None:
    end_sessions(server)
    page.locator("#summary").fill(SECRET)
    ended(page)
    sign_in(page.context.new_page(), "zhiyuan")
    page.locator("[data-again][open]").wait_for(state="detached", timeout=15_000)
    saved(page)


def test_the_second_factor_is_asked_over_the_page_too(
    own_system: Path, tmp_path: Path, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    with servers.controlled(own_system, tmp_path / "instance") as own:
        page = open_page(own.address)
        sign_in(page, "zhiyuan")
        page.goto("/second-factor")
        key = re.sub(r"\s", "", page.locator(".manual-key").text_content() or "")
        now = clock.now()
        page.locator("[name=code]").fill(pyotp.TOTP(key).at(now - timedelta(seconds=30)))
        page.locator("main button[type=submit]").click()
        page.wait_for_load_state()
        start(page)
        end_sessions(own)
        page.locator("#summary").fill(SECRET)
        ended(page)
        come_back(page)
        page.locator("#again-code").wait_for()
        screenshot(page, "session-over-code")
        axe(page)
        page.locator("#again-code").fill("000000")
        page.keyboard.press("Enter")
        page.locator("[data-again-error]").get_by_text("验证码不正确").wait_for()
        page.locator("#again-code").fill(pyotp.TOTP(key).now())
        page.keyboard.press("Enter")
        saved(page)
        page.goto(draft_address(page))
        assert summary(page) == SECRET


def test_a_call_of_ninety_minutes_is_saved_to_its_end(
    server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(server.address)
    page.clock.install()
    sign_in(page, "zhiyuan")
    start(page)
    for quarter in range(6):
        page.clock.fast_forward("15:00")
        grow_older(page.context, server.folder, 15)
        page.locator("#summary").press_sequentially(f"第{quarter}刻。")
        page.clock.run_for(1500)
        saved(page)
        assert not page.locator("[data-idle]").is_visible()
    page.locator("[name=call_type][value=silent]").check(force=True)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/calls")


def test_the_end_of_an_idle_session_is_told_three_minutes_before_and_put_off_by_one_key(
    server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(server.address)
    page.clock.install()
    sign_in(page, "zhiyuan")
    start(page)
    grow_older(page.context, server.folder, 26)
    page.clock.fast_forward(20_000)
    page.wait_for_timeout(500)
    assert not page.locator("[data-idle]").is_visible()
    grow_older(page.context, server.folder, 1.5)
    page.clock.fast_forward("01:30")
    page.locator("[data-idle]").wait_for()
    assert "2 分钟" in page.locator("[data-idle]").inner_text() or "3 分钟" in page.locator("[data-idle]").inner_text()
    screenshot(page, "session-idle")
    axe(page)
    page.keyboard.press("Shift")
    page.locator("[data-idle]").wait_for(state="hidden")
    grow_older(page.context, server.folder, 25)
    page.clock.fast_forward("25:00")
    page.wait_for_timeout(500)
    assert not page.locator("[data-idle]").is_visible()
    assert page.locator("[data-again][open]").count() == 0


def test_looking_at_the_clock_by_itself_keeps_nobody_signed_in(
    server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(server.address)
    page.clock.install()
    sign_in(page, "zhiyuan")
    start(page)
    page.locator("#summary").fill(SECRET)
    page.clock.run_for(1500)
    saved(page)
    for _ in range(7):
        grow_older(page.context, server.folder, 5)
        page.clock.fast_forward("05:00")
        page.wait_for_timeout(200)
    ended(page)
    assert "blur" in page.locator(".call-form").evaluate("each => getComputedStyle(each).filter")
