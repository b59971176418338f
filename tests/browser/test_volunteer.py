"""A volunteer's call in a real browser: with the keyboard alone, without scripts, and with everything that breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.support.watch import axe, overflow, screenshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

MOST_INTERACTIONS = 9
MOST_KEYS = 20
SUMMARY = "近两周凌晨三点醒来，担心家人。一起做了呼吸练习，约好睡前不看消息。"
SAVED = re.compile(r"已自动保存 \d\d:\d\d:\d\d")
SIZES = {"desk": DESKTOP, "phone": PHONE}


class Keys:
    """Presses keys and counts them; moving on with Tab is a key, typing text is not counted."""

    def __init__(self, page: Page) -> None:
        """Count on this page from now on."""
        self.page = page
        self.presses = 0

    def press(self, *keys: str) -> None:
        """Press one key after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def focused(self) -> str:
        """Return the name of the field that has the focus, also where a search box stands for it."""
        return str(self.page.evaluate("document.activeElement.name || (document.activeElement.dataset.for ?? '')"))


def start(page: Page) -> None:
    page.goto("/calls/new")
    page.wait_for_function("document.activeElement.name === 'call_type'")


def saved(page: Page) -> None:
    page.locator("#save-state").get_by_text(SAVED).wait_for(timeout=4000)


def test_a_routine_call_is_logged_with_the_keyboard_alone(
    live: str, open_page: Callable[..., Page], sign_in_by_hand: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in_by_hand(page, "zhiyuan")
    page.goto("/calls")
    page.keyboard.press("Alt+N")
    page.wait_for_url("**/calls/new")
    page.wait_for_function("document.activeElement.name === 'call_type'")
    keys, interactions = Keys(page), 0
    for digit, name in (("1", "sex"), ("1", "division"), ("", "age_band"), ("5", "population"), ("1", "topics")):
        keys.press(*([digit] if digit else []), "Tab")
        interactions += bool(digit)
        assert keys.focused() == name
    keys.press("3", "Tab")
    assert keys.focused() == "topics"
    keys.press("Tab")
    assert keys.focused() == "risk"
    keys.press("1", "Tab", "Tab", "Tab")
    assert keys.focused() == "summary"
    page.keyboard.type(SUMMARY)
    keys.press("Tab", "1", "Control+Enter")
    interactions += 5
    page.wait_for_url("**/calls")
    assert "已保存。" in page.locator("#messages").inner_text()
    assert interactions <= MOST_INTERACTIONS
    assert keys.presses <= MOST_KEYS, keys.presses
    assert page.locator("tbody tr").first.get_by_text("本人求助").count() == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_routine_set_stands_in_sight_without_scrolling(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], language: str
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    page.goto(f"/calls/new?lang={language}")
    bar = page.locator(".action-bar").bounding_box()
    assert bar is not None
    for name in ("line", "call_type", "sex", "age_band", "population", "topics", "risk", "summary", "outcome"):
        box = page.locator(f"[data-field={name}]").bounding_box()
        assert box is not None, name
        assert box["y"] + box["height"] <= bar["y"], name
    screenshot(page, f"volunteer-call-empty-{language}")


def test_a_silent_call_takes_two_presses(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    page.keyboard.press("4")
    assert not page.locator("[data-field=risk]").is_visible()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/calls")
    page.get_by_role("button", name="骚扰", exact=True).click()
    page.get_by_text("已登记“骚扰”").wait_for()
    screenshot(page, "volunteer-undo")
    axe(page)
    page.get_by_role("button", name="撤销").click()
    page.get_by_text("已撤销“骚扰”").wait_for()


def test_words_are_on_the_server_within_two_seconds_and_survive_the_window(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    page.get_by_label("72 小时内计划").check(force=True)
    page.locator("#summary").fill("写到一半，窗口没了")
    page.locator("#save-state").get_by_text(SAVED).wait_for(timeout=2000)
    page.close()
    again = open_page(live)
    sign_in(again, "zhiyuan")
    again.goto("/calls")
    again.get_by_role("link", name="继续登记").first.click()
    assert again.locator("#summary").input_value() == "写到一半，窗口没了"
    assert again.get_by_label("72 小时内计划").is_checked()
    assert again.get_by_text("确认位置与身边人", exact=True).first.is_visible()
    screenshot(again, "volunteer-draft-restored")
    axe(again)


def test_closing_the_page_sends_what_was_typed_last(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    address = page.locator("[data-call]").get_attribute("data-draft-url")
    page.locator("#summary").fill("最后一句")
    page.goto("/help")
    page.goto(str(address))
    assert page.locator("#summary").input_value() == "最后一句"


def test_a_broken_line_is_said_and_made_good(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    page.evaluate("() => { window.line = window.fetch; }")
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError(String())); }")
    page.locator("#summary").fill("断网时写的")
    page.locator("#save-state").get_by_text("网络中断，已存本机，恢复后自动上传").wait_for()
    page.evaluate("() => { window.fetch = window.line; }")
    page.locator("#save-state").get_by_text(SAVED).wait_for(timeout=8000)


def test_two_windows_on_one_draft_overwrite_neither(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    first = open_page(live)
    sign_in(first, "zhiyuan")
    start(first)
    first.locator("#summary").fill("第一个窗口写的")
    saved(first)
    second = first.context.new_page()
    second.goto(str(first.locator("[data-call]").get_attribute("data-draft-url")))
    second.locator("#summary").fill("第二个窗口写的")
    saved(second)
    first.locator("#summary").fill("第一个窗口接着写")
    first.locator("#save-state").get_by_text("另一个窗口").wait_for()
    first.get_by_role("button", name="存草稿").click()
    first.locator(".other-version").get_by_text("第二个窗口写的").wait_for()
    assert first.locator("#summary").input_value() == "第一个窗口接着写"
    screenshot(first, "volunteer-conflict")
    axe(first)


def test_gaps_are_named_and_nothing_is_cleared(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    page.locator("#summary").fill(SUMMARY)
    page.locator("#caller_phone").fill("138")
    page.keyboard.press("Control+Enter")
    summary = page.locator("[data-error-summary]")
    summary.wait_for()
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
    assert page.locator("#summary").input_value() == SUMMARY
    screenshot(page, "volunteer-errors", whole=True)
    axe(page)
    summary.get_by_role("link", name="请选择年龄段").click()
    assert page.evaluate("document.activeElement.name") == "age_band"


def test_a_repeat_caller_is_recognised_while_typing(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    words = ""
    for _ in range(2):
        start(page)
        page.locator("#caller_phone").fill("145 1234 5678")
        page.locator(".repeat-note:not(:empty)").wait_for()
        words = page.locator(".repeat-note").inner_text()
        page.locator("#call_type-2").check(force=True)
        for field, value in (("sex", "unknown"), ("age_band", "unknown"), ("risk", "none"), ("outcome", "supported")):
            page.locator(f"[name={field}][value={value}]").check(force=True)
        page.locator("[name=population][value=unknown]").check(force=True)
        page.locator("[name=topics][value=emotion]").check(force=True)
        page.locator("#summary").fill("咨询。")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/calls")
    assert words.startswith("此号码来过 1 次，上次 ")


def test_an_input_method_neither_chooses_nor_submits(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    for wish in ({"code": "Digit2", "key": "2"}, {"code": "Enter", "key": "Enter", "ctrlKey": True}):
        page.locator("#call_type-0").dispatch_event("keydown", wish | {"isComposing": True, "bubbles": True})
    page.locator("#caller_name").dispatch_event(
        "keydown", {"code": "Digit1", "key": "1", "altKey": True, "keyCode": 229}
    )
    page.wait_for_timeout(300)
    assert page.url.endswith("/calls/new")
    assert page.locator("[name=call_type]:checked").count() == 0


def test_sections_are_reached_and_choices_keep_sense(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    for number, name in ((3, "risk"), (4, "summary"), (5, "outcome"), (2, "sex"), (6, "services"), (1, "line")):
        page.keyboard.press(f"Alt+{number}")
        assert page.evaluate("document.activeElement.name") == name
    page.locator("[name=population][value=elder]").check(force=True)
    page.locator("[name=population][value=none]").check(force=True)
    assert page.locator("[name=population]:checked").evaluate_all("all => all.map(each => each.value)") == ["none"]
    for topic in ("emotion", "sleep", "family"):
        page.locator(f"[name=topics][value={topic}]").check(force=True)
    assert page.locator("[name=topics][value=marriage]").is_disabled()
    page.get_by_label("预约回访").check(force=True)
    assert page.get_by_label("回访日期").is_visible()


def test_everything_works_without_scripts(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live, java_script_enabled=False)
    sign_in(page, "zhiyuan")
    page.goto("/calls/new")
    page.locator("#summary").fill(SUMMARY)
    page.get_by_role("button", name="存草稿").click()
    assert page.locator("#summary").input_value() == SUMMARY
    for name, value in (
        ("call_type", "self"), ("sex", "female"), ("age_band", "18_25"), ("population", "none"), ("topics", "sleep"),
        ("risk", "none"), ("outcome", "supported"),
    ):  # fmt: skip
        page.locator(f"[name={name}][value='{value}']").check(force=True)
    page.get_by_role("button", name="保存并结束").click()
    assert page.url.endswith("/calls")
    page.locator("tbody a").first.click()
    assert page.get_by_text(SUMMARY).count() == 1


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_accessible_and_fits(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], size: str, language: str
) -> None:
    page = open_page(live, SIZES[size])
    sign_in(page, "zhiyuan")
    page.goto(f"/calls/new?lang={language}")
    page.locator("[name=risk][value=attempt]").check(force=True)
    page.locator("[name=call_type][value=third_party]").check(force=True)
    page.locator("[name=outcome][value=follow_up]").check(force=True)
    page.locator(".call-more summary").click()
    screenshot(page, f"volunteer-call-{size}-{language}", whole=True)
    faults = overflow(page)
    axe(page, f"call {size} {language}")
    page.goto(f"/calls?lang={language}")
    screenshot(page, f"volunteer-desk-{size}-{language}", whole=True)
    faults += overflow(page)
    axe(page, f"desk {size} {language}")
    assert not faults, "\n".join(faults)
