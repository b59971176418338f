"""The copy on the computer itself: it brings the words back after a crash, and nobody else can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Error, expect

from tests.browser.support import server as servers
from tests.browser.support.desk import OFFLINE, copies, draft_address, kept, no_copy, saved, says, start, summary
from tests.browser.support.watch import CHROMIUM_ARGUMENTS
from tests.support import canaries, engines
from tests.support.canaries import NAME, NOTE, NUMBER, SUMMARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.support.server import Server

EIGHT_DAYS = 8 * 86_400_000
AGE = """age => new Promise((done, failed) => {
  const asked = indexedDB.open("casework", 1);
  asked.onerror = () => failed(asked.error);
  asked.onsuccess = () => {
    const change = asked.result.transaction("copies", "readwrite");
    const each = change.objectStore("copies").openCursor();
    each.onsuccess = () => {
      if (!each.result) return;
      each.result.update({ ...each.result.value, at: each.result.value.at - age });
      each.result.continue();
    };
    change.oncomplete = () => { asked.result.close(); done(); };
  };
})"""


@pytest.fixture(scope="module")
def server(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server of the module's own."""
    with servers.controlled(_instance, tmp_path_factory.mktemp("copy") / "instance") as running:
        yield running


@pytest.fixture
def profile(chromium: Browser, server: Server, tmp_path: Path) -> Iterator[Callable[[], BrowserContext]]:
    """Give a function that starts a browser of its own, each time on the same profile folder."""
    opened: list[BrowserContext] = []

    def begin() -> BrowserContext:
        kind: Any = chromium.browser_type
        context: BrowserContext = kind.launch_persistent_context(
            tmp_path / "profile",
            executable_path=engines.chromium(),
            args=list(CHROMIUM_ARGUMENTS),
            base_url=server.address,
            locale="zh-CN",
        )
        opened.append(context)
        return context

    yield begin
    for context in opened:
        context.close()


def type_offline(page: Page) -> None:
    """Fill in a call while the network is gone, until the copy is kept."""
    start(page)
    page.context.set_offline(True)
    page.locator("#caller_name").fill(NAME)
    page.locator("#caller_phone").fill(NUMBER)
    page.locator("[name=risk][value=plan_72h]").check(force=True)
    page.locator("[data-step=location] summary").click()
    page.locator("#detail-location").fill(NOTE)
    page.locator("#summary").fill(SUMMARY)
    says(page, OFFLINE)
    kept(page)
    page.wait_for_timeout(600)


def test_what_was_typed_offline_is_back_after_the_browser_was_closed_and_started(
    profile: Callable[[], BrowserContext], sign_in: Callable[..., None]
) -> None:
    first = profile()
    page = first.new_page()
    sign_in(page, "zhiyuan")
    type_offline(page)
    first.close()
    page = profile().new_page()
    sign_in(page, "zhiyuan")
    page.goto("/calls")
    page.locator("[data-copies] a").click()
    expect(page.locator("#summary")).to_have_value(SUMMARY)
    assert page.locator("#caller_name").input_value() == NAME
    assert page.locator("[name=risk][value=plan_72h]").is_checked()
    assert page.get_by_text("确认位置与身边人", exact=True).first.is_visible()
    assert page.locator("#detail-location").input_value() == NOTE
    saved(page)
    no_copy(page)
    page.goto(draft_address(page))
    assert summary(page) == SUMMARY
    assert page.locator("#detail-location").input_value() == NOTE


def test_a_crashed_tab_brings_them_back_in_the_same_browser(
    server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(server.address, breaks=True)
    sign_in(page, "zhiyuan")
    type_offline(page)
    address = page.url
    assert "draft=" in address
    context = page.context
    with pytest.raises(Error):
        page.goto("chrome://crash", timeout=3000)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#summary")).to_have_value(SUMMARY)
    saved(page)


def test_the_profile_of_the_browser_holds_no_word_of_it(
    profile: Callable[[], BrowserContext], sign_in: Callable[..., None], tmp_path: Path
) -> None:
    context = profile()
    page = context.new_page()
    sign_in(page, "zhiyuan")
    type_offline(page)
    assert len(copies(page)) == 1
    key = str(page.locator("[data-call]").get_attribute("data-copy-keys")).split()[0]
    stored = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert stored == '[{},{},""]'
    context.close()
    assert sum(each.stat().st_size for each in tmp_path.rglob("*") if each.is_file()) > 10_000
    leaks = [str(leak) for leak in canaries.search_files([tmp_path / "profile"])]
    assert not leaks
    held = b"".join(each.read_bytes() for each in (tmp_path / "profile").rglob("*") if each.is_file())
    assert key.encode() not in held
    assert key.encode("utf-16-le") not in held


def test_the_search_of_the_profile_finds_what_is_stored_in_clear(
    profile: Callable[[], BrowserContext], sign_in: Callable[..., None], tmp_path: Path
) -> None:
    context = profile()
    page = context.new_page()
    sign_in(page, "zhiyuan")
    start(page)
    page.evaluate("words => localStorage.setItem('draft', words)", SUMMARY)
    page.evaluate(
        """words => new Promise((done) => {
          const asked = indexedDB.open("casework", 1);
          asked.onupgradeneeded = () => asked.result.createObjectStore("copies");
          asked.onsuccess = () => {
            const change = asked.result.transaction("copies", "readwrite", { durability: "strict" });
            change.objectStore("copies").put({ at: Date.now(), words }, "planted");
            change.oncomplete = () => { asked.result.close(); done(); };
          };
        })""",
        SUMMARY,
    )
    page.wait_for_timeout(500)
    context.close()
    found = {leak.place for leak in canaries.search_files([tmp_path / "profile"])}
    assert found


def test_another_person_on_the_same_computer_sees_no_copy(
    server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(server.address, breaks=True)
    sign_in(page, "zhiyuan")
    type_offline(page)
    address = page.url
    page.close(run_before_unload=False)
    context = page.context
    context.clear_cookies()
    context.set_offline(False)
    other = context.new_page()
    sign_in(other, "zixun")
    other.goto(address)
    other.wait_for_timeout(500)
    assert SUMMARY not in other.content()
    assert other.locator("#summary").count() == 0 or summary(other) == ""


def test_a_copy_of_eight_days_is_forgotten_and_one_of_six_is_not(
    server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(server.address, breaks=True)
    sign_in(page, "zhiyuan")
    type_offline(page)
    context = page.context
    page.close(run_before_unload=False)
    context.set_offline(False)
    page = context.new_page()
    page.goto("/help")
    page.evaluate(AGE, EIGHT_DAYS - 2 * 86_400_000)
    page.goto("/calls")
    page.locator("[data-copies] a").wait_for()
    page.goto("/help")
    page.evaluate(AGE, 2 * 86_400_000)
    page.goto("/calls")
    page.wait_for_timeout(500)
    assert page.locator("[data-copies] a").count() == 0
    no_copy(page)


def test_while_the_server_answers_no_copy_is_ever_written(
    server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(server.address)
    sign_in(page, "zhiyuan")
    start(page)
    page.locator("#summary").fill(SUMMARY)
    saved(page)
    no_copy(page)


def test_an_older_copy_does_not_replace_what_the_server_has_got_since(
    server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(server.address, breaks=True)
    sign_in(page, "zhiyuan")
    start(page)
    page.locator("#summary").fill("先写的")
    saved(page)
    address = draft_address(page)
    page.context.set_offline(True)
    page.locator("#summary").fill("断网时写的")
    kept(page)
    page.close(run_before_unload=False)
    context = page.context
    context.set_offline(False)
    phone = open_page(server.address)
    sign_in(phone, "zhiyuan")
    phone.goto(address)
    phone.locator("#summary").fill("在手机上写的")
    saved(phone)
    page = context.new_page()
    page.goto(address)
    page.locator("[data-merge]").wait_for()
    shown = page.locator("[data-merge]").inner_text()
    assert "断网时写的" in shown
    assert "在手机上写的" in shown
    page.locator("[data-merge-apply]").click()
    saved(page)
    assert summary(page) == "在手机上写的\n断网时写的"
    no_copy(page)


def test_a_copy_that_was_not_yet_deleted_does_not_replace_the_form_that_was_sent(
    server: Server, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(server.address)
    # As when the page leaves before the browser has come to delete it.
    page.add_init_script("IDBObjectStore.prototype.delete = function () { return this.count(); };")
    sign_in(page, "zhiyuan")
    start(page)
    # Typed without a pause, so that a copy is kept of what is not on the server yet.
    page.locator("#summary").press_sequentially("一二三四五六七八九十一二三四五", delay=100)
    kept(page)
    page.locator("#summary").press_sequentially("最后一句")
    page.get_by_role("button", name="存草稿").click()
    page.get_by_text("草稿已保存").wait_for()
    page.wait_for_timeout(1500)
    assert summary(page).endswith("最后一句")
    page.reload()
    assert summary(page).endswith("最后一句")
