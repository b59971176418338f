"""Finding by typing on the call screen: pinyin, initials, codes, and an input method that is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.support.watch import axe, screenshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

AREA, TOPIC = "#division-search", "#topics-search"


@pytest.fixture
def call(live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]) -> Page:
    """Give the call screen of a volunteer, ready for keys."""
    page = open_page(live)
    sign_in(page, "zhiyuan")
    page.goto("/calls/new")
    page.wait_for_function("document.activeElement.name === 'call_type'")
    return page


def chosen(page: Page, name: str) -> list[str]:
    values = page.locator(f"[name={name}]:checked").evaluate_all("all => all.map(each => each.value)")
    return [str(value) for value in values]


def search(page: Page, box: str, text: str) -> None:
    page.locator(box).focus()
    page.wait_for_load_state("networkidle")
    page.locator(box).press_sequentially(text)


@pytest.mark.parametrize(
    ("typed", "code"), [("thq", "440106"), ("tianhe", "440106"), ("440300", "440300"), ("深圳", "440300")]
)
def test_an_area_is_found_by_initials_pinyin_code_and_name(call: Page, typed: str, code: str) -> None:
    search(call, AREA, typed)
    call.keyboard.press("Enter")
    assert call.locator("#division").input_value() == code
    assert "/calls/new" in call.url
    call.locator("#save-state").get_by_text("已自动保存").wait_for()
    call.goto(str(call.locator("[data-call]").get_attribute("data-draft-url")))
    assert call.locator("#division").input_value() == code


def test_escape_closes_the_list_and_discards_nothing(call: Page) -> None:
    search(call, AREA, "tianh")
    assert call.locator("#division-list").is_visible()
    axe(call, "area list")
    screenshot(call, "volunteer-area-search")
    call.keyboard.press("Escape")
    assert not call.locator("#division-list").is_visible()
    assert call.locator(AREA).input_value() == "tianh"
    call.keyboard.press("Enter")
    assert call.locator("#division").input_value() == "440100"
    call.locator("#summary").focus()
    assert call.locator(AREA).input_value() == "广州市"


def test_topics_are_found_and_a_fourth_is_explained(call: Page) -> None:
    for typed, code in (("as", "grief"), ("jingji", "hardship"), ("domestic_violence", "domestic_violence")):
        search(call, TOPIC, typed)
        call.keyboard.press("Enter")
        assert code in chosen(call, "topics")
        assert call.locator(f"[name=topics][value={code}]").locator("..").is_visible()
    call.locator("[data-limit]").get_by_text("已选满 3 项").wait_for()
    search(call, TOPIC, "shuimian")
    call.keyboard.press("Enter")
    assert len(chosen(call, "topics")) == 3
    assert "先取消一项" in call.locator("[data-field=topics] .combo [role=status]").inner_text()
    call.locator("[name=topics][value=grief]").uncheck(force=True)
    assert call.locator("[data-limit]").inner_text() == "最多 3 项"


def test_digits_typed_into_a_search_choose_nothing(call: Page) -> None:
    search(call, TOPIC, "123")
    search(call, AREA, "12")
    assert not chosen(call, "topics")
    assert not chosen(call, "sex")
    assert call.locator(TOPIC).input_value() == "123"


@pytest.mark.parametrize("mark", [{"isComposing": True}, {"keyCode": 229}])
def test_an_input_method_neither_picks_nor_closes_nor_submits(call: Page, mark: dict[str, object]) -> None:
    box = call.locator(TOPIC)
    box.focus()
    box.dispatch_event("compositionstart", {"data": ""})
    box.evaluate(
        "(box) => { box.value = 'shui'; "
        "box.dispatchEvent(new InputEvent('input', {isComposing: true, bubbles: true})); }"
    )
    for key in ("Enter", "Escape", "ArrowDown", "1"):
        box.dispatch_event("keydown", {"key": key, "code": key, "bubbles": True} | mark)
    assert not call.locator("#topics-list").is_visible()
    assert not chosen(call, "topics")
    box.evaluate("(box) => { box.value = '睡眠'; }")
    box.dispatch_event("compositionend", {"data": "睡眠", "bubbles": True})
    assert call.locator("#topics-list [role=option]").all_inner_texts() == ["睡眠"]
    box.press("Enter")
    assert chosen(call, "topics") == ["sleep"]
    assert "/calls/new" in call.url


def test_the_area_follows_the_number_until_somebody_chooses(call: Page) -> None:
    call.locator("#caller_phone").fill("0755 2345 6789")
    with call.expect_response("**/calls/repeat"):
        call.locator("#caller_phone").blur()
    call.wait_for_timeout(200)
    assert call.locator("#division").input_value() == "440300"
    assert call.locator(AREA).input_value() == "深圳市"
    search(call, AREA, "thq")
    call.keyboard.press("Enter")
    call.locator("#caller_phone").fill("010 6567 8901")
    with call.expect_response("**/calls/repeat"):
        call.locator("#caller_phone").blur()
    call.wait_for_timeout(200)
    assert call.locator("#division").input_value() == "440106"


def test_topics_used_last_stand_first(call: Page) -> None:
    call.locator("#call_type-2").check(force=True)
    for field, value in (("sex", "unknown"), ("age_band", "unknown"), ("risk", "none"), ("outcome", "supported")):
        call.locator(f"[name={field}][value={value}]").check(force=True)
    call.locator("[name=population][value=unknown]").check(force=True)
    search(call, TOPIC, "qishi")
    call.keyboard.press("Enter")
    call.locator("#summary").fill("咨询。")
    call.keyboard.press("Control+Enter")
    call.wait_for_url("**/calls")
    call.goto("/calls/new")
    assert call.locator("[name=topics]").first.get_attribute("value") == "discrimination"
