"""Nothing typed is ever lost: each way in which a call can be interrupted, on a real server and in a real browser."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, expect

from tests.browser.support import server as servers
from tests.browser.support.desk import (
    OFFLINE,
    draft_address,
    kept,
    no_copy,
    saved,
    says,
    start,
    summary,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Dialog, Page, Route

    from tests.browser.support.server import Server

WORDS = "她说最近总是睡不着，一个人在外地，不敢告诉父母。"
# A key between the submit and the answer, and what stood in the field afterwards.
LATE_KEY = """() => document.querySelector("[data-call]").addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  setTimeout(() => {
    const field = document.getElementById("summary");
    field.focus();
    document.execCommand("insertText", false, "多");
    sessionStorage.setItem("late", field.value);
  });
})"""


@pytest.fixture(scope="module")
def server(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that tests may kill."""
    with servers.controlled(_instance, tmp_path_factory.mktemp("saving") / "instance") as running:
        yield running


@pytest.fixture
def page(server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]) -> Page:
    """Give a page on which an empty call is open."""
    found = open_page(server.address, breaks=True)
    sign_in(found, "zhiyuan")
    start(found)
    return found


def again(page: Page) -> Page:
    """Open the work of the same person in another tab of the same browser."""
    other = page.context.new_page()
    other.goto("/calls")
    return other


def crash(page: Page) -> None:
    """Kill the process of a tab: no event reaches its page."""
    with suppress(Error):
        page.goto("chrome://crash", timeout=3000)


def test_a_killed_tab_loses_at_most_the_last_two_seconds(page: Page) -> None:
    page.locator("#summary").press_sequentially(WORDS, delay=20)
    typed_at = time.monotonic()
    page.wait_for_timeout(2000)
    address = draft_address(page)
    crash(page)
    assert time.monotonic() - typed_at < 10
    other = again(page)
    other.goto(address)
    assert summary(other) == WORDS


def test_typing_without_a_pause_is_saved_meanwhile(page: Page) -> None:
    page.locator("#summary").press_sequentially("一二三四五六七八九十" * 4, delay=100)
    assert page.locator("[name=rev]").input_value() not in {"0", "1"}


def test_a_server_killed_between_two_keys_gets_everything_when_it_is_back(page: Page, server: Server) -> None:
    half = len(WORDS) // 2
    page.locator("#summary").press_sequentially(WORDS[:half], delay=20)
    server.kill()
    page.locator("#summary").press_sequentially(WORDS[half:], delay=20)
    says(page, OFFLINE)
    kept(page)
    server.start()
    saved(page, 15_000)
    address = draft_address(page)
    page.goto(address)
    assert summary(page) == WORDS
    no_copy(page)


@pytest.mark.long
def test_a_minute_without_network_is_said_survived_and_made_good(page: Page) -> None:
    page.context.set_offline(True)
    asked: list[str] = []
    page.on("requestfailed", lambda request: asked.append(request.url))
    began = time.monotonic()
    for piece in range(4):
        page.locator("#summary").press_sequentially(f"第{piece}段。", delay=20)
        says(page, OFFLINE)
        page.wait_for_timeout(15_000)
    assert time.monotonic() - began >= 60
    assert 8 <= len([url for url in asked if "/drafts/" in url]) <= 20
    kept(page)
    page.context.set_offline(False)
    saved(page, 8000)
    page.reload()
    assert summary(page) == "第0段。第1段。第2段。第3段。"
    no_copy(page)


def test_going_back_finds_the_call_again(page: Page) -> None:
    page.locator("#summary").fill(WORDS)
    page.goto("/help")
    page.go_back()
    page.wait_for_url("**/calls/drafts/*")
    assert summary(page) == WORDS
    page.reload()
    assert summary(page) == WORDS


def test_leaving_by_a_link_and_coming_back_within_the_pause_of_saving_loses_nothing(page: Page) -> None:
    page.locator("#summary").press_sequentially(WORDS)
    page.get_by_role("link", name="回到值班台").click()
    page.wait_for_url("**/calls")
    page.go_back()
    page.wait_for_url("**/calls/drafts/*")
    assert summary(page) == WORDS


def test_words_typed_while_a_save_is_under_way_are_sent_after_it(page: Page) -> None:
    waiting: list[Route] = []
    page.route("**/calls/drafts/*", lambda route: waiting.append(route))  # noqa: PLW0108 - a method of a list takes no mark
    page.locator("#summary").press_sequentially("前半")
    while not waiting:
        page.wait_for_timeout(50)
    page.locator("#summary").press_sequentially("后半")
    page.wait_for_timeout(1500)
    assert len(waiting) == 1
    waiting.pop().continue_()
    page.unroute("**/calls/drafts/*")
    expect(page.locator("[name=rev]")).to_have_value("2")
    saved(page)
    page.reload()
    assert summary(page) == "前半后半"


def test_a_double_submit_makes_one_record(page: Page) -> None:
    page.locator("[name=call_type][value=silent]").check(force=True)
    page.locator("button[value=finish]").dblclick()
    page.wait_for_url("**/calls")
    assert page.locator("tbody tr").first.get_by_text("沉默").count() == 1
    before = page.locator("tbody tr").count()
    page.go_back()
    page.wait_for_load_state()
    page.goto("/calls")
    assert page.locator("tbody tr").count() == before


def test_a_page_on_its_way_takes_no_more_words(page: Page) -> None:
    page.locator("#summary").press_sequentially(WORDS)
    saved(page)
    page.evaluate(LATE_KEY)
    page.get_by_role("button", name="存草稿").click()
    page.get_by_text("草稿已保存").wait_for()
    assert page.evaluate("() => sessionStorage.getItem('late')") == WORDS
    assert summary(page) == WORDS
    page.locator("#summary").press_sequentially("再写")
    saved(page)


def test_closing_with_unsent_words_asks_first(page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.context.set_offline(True)
    page.locator("#summary").press_sequentially(WORDS)
    says(page, OFFLINE)
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    page.context.set_offline(False)
    saved(page, 8000)
    page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


def test_a_submit_without_network_stays_on_the_page(page: Page) -> None:
    page.locator("#summary").fill(WORDS)
    saved(page)
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    says(page, "网络中断")
    assert summary(page) == WORDS
    page.context.set_offline(False)
    page.keyboard.press("Control+Enter")
    page.locator("[data-error-summary]").wait_for()
    assert summary(page) == WORDS
