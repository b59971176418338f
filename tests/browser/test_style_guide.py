"""Every macro in every state, at a desk, on a phone and at 320 pixels, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, NARROW, PHONE
from tests.browser.support.watch import axe, overflow, screenshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

SIZES = {"desk": DESKTOP, "phone": PHONE, "narrow": NARROW}
ADDRESSES = {
    "macros": "/cases",
    "form": "/calls/new",
    "help": "/help",
    "refused": "/error/403",
    "stranger": "/error/404?as=nobody",
}


ENGLISH = [("macros", "desk", "en"), ("macros", "narrow", "en"), ("form", "desk", "en"), ("help", "phone", "en")]


@pytest.mark.parametrize(
    ("name", "size", "language"), [*((name, size, "zh-CN") for name in ADDRESSES for size in SIZES), *ENGLISH]
)
def test_a_page_is_accessible_and_fits(
    guide: str, open_page: Callable[..., Page], name: str, size: str, language: str
) -> None:
    page = open_page(guide, SIZES[size], locale=language)
    page.goto(ADDRESSES[name])
    screenshot(page, f"guide-{name}-{size}-{language}", whole=True)
    assert page.locator("html").get_attribute("lang") == language
    assert overflow(page) == []
    axe(page)


def test_the_page_of_a_failure_is_accessible_and_shows_its_number(guide: str, chromium: Browser) -> None:
    page = chromium.new_page(base_url=guide, locale="zh-CN")
    page.goto("/error/500")
    assert page.locator(".reference-number").inner_text() == "00000000-0000-0000-0000-000000000007"
    screenshot(page, "guide-failed")
    axe(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("address", ["/cases", "/calls/new"])
def test_a_refused_form_is_accessible_and_its_summary_has_the_focus(
    guide: str, open_page: Callable[..., Page], address: str, size: str
) -> None:
    page = open_page(guide, SIZES[size])
    page.goto(address)
    page.locator("form:has([data-field=summary]) button[type=submit]").first.click()
    summary = page.locator(".error-summary")
    summary.wait_for()
    screenshot(page, f"guide-refused{address.replace('/', '-')}-{size}", whole=True)
    assert page.title().startswith("错误：")
    assert summary.evaluate("each => each === document.activeElement")
    assert overflow(page) == []
    axe(page)
    summary.get_by_role("link", name="请填写通话摘要。").click()
    assert page.locator("[name=summary]").evaluate("each => each === document.activeElement")
    assert page.locator("[name=summary]").get_attribute("aria-invalid") == "true"


def test_the_routine_call_form_fits_a_desk_without_scrolling(guide: str, open_page: Callable[..., Page]) -> None:
    page = open_page(guide)
    page.goto("/calls/new")
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height <= DESKTOP[1], f"{height} pixels high"


def test_menus_open_and_close_with_the_keyboard(guide: str, open_page: Callable[..., Page]) -> None:
    page = open_page(guide)
    page.goto("/cases")
    menu = page.locator(".menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    axe(page, "with the account menu open")
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert menu.locator("summary").evaluate("each => each === document.activeElement")


def test_a_question_opens_is_accessible_and_can_be_left(guide: str, open_page: Callable[..., Page]) -> None:
    page = open_page(guide)
    page.goto("/cases")
    question = page.locator(".confirm").first
    question.locator("summary").click()
    axe(page, "with a question open")
    screenshot(page, "guide-confirm")
    question.get_by_role("button", name="取消").click()
    assert question.get_attribute("open") is None


def test_the_menu_of_a_phone_leads_somewhere(guide: str, open_page: Callable[..., Page]) -> None:
    page = open_page(guide, PHONE)
    page.goto("/cases")
    page.locator(".phone-nav summary").click()
    axe(page, "with the menu open")
    screenshot(page, "guide-phone-menu")
    assert page.locator(".phone-nav [aria-current=page]").inner_text() == "个案"


def test_everything_works_without_scripts(guide: str, open_page: Callable[..., Page]) -> None:
    page = open_page(guide, java_script_enabled=False)
    page.goto("/calls/new")
    page.get_by_role("button", name="保存并结束").click()
    page.get_by_role("link", name="请选择来电类型。").click()
    page.keyboard.press("Space")
    assert page.locator("[name=call_type]").first.is_checked()


def test_the_focus_is_always_seen(guide: str, open_page: Callable[..., Page]) -> None:
    page = open_page(guide)
    page.goto("/cases")
    seen = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            """() => { const each = document.activeElement;
            const shown = each.matches(".chip-input") ? each.nextElementSibling : each;
            const style = getComputedStyle(shown); const box = shown.getBoundingClientRect();
            const over = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
            return [each.outerHTML.slice(0, 90), parseFloat(style.outlineWidth), style.outlineStyle,
                    !over || each.contains(over) || shown.contains(over) || over.contains(each)]; }"""
        )
        if ring[0].startswith("<body"):
            break
        assert ring[1:3] == [3, "solid"], ring
        assert ring[3], f"covered by something else: {ring[0]}"
        seen += 1
    assert seen > 40


def test_the_language_is_switched_and_kept(guide: str, open_page: Callable[..., Page]) -> None:
    page = open_page(guide)
    page.goto("/cases?page=2")
    page.get_by_role("link", name="English").click()
    assert page.url.endswith("/cases?page=2&lang=en")
    page.goto("/help")
    assert page.locator("html").get_attribute("lang") == "en"
