"""The panels beside the call: tabs by keyboard, resources found and told, earlier calls, the safety plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.conftest import PHONE
from tests.browser.support.watch import axe, overflow, screenshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


def start(page: Page, sign_in: Callable[..., None]) -> None:
    sign_in(page, "zhiyuan")
    page.goto("/calls/new")
    page.wait_for_function("document.activeElement.name === 'call_type'")


def test_tabs_are_turned_with_arrows_and_keep_what_was_typed(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    start(page, sign_in)
    tab = page.get_by_role("tab", name="话术")
    tab.focus()
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("tab", name="安全计划").get_attribute("aria-selected") == "true"
    page.locator("#plan_signs").fill("整夜不睡")
    axe(page, "safety plan")
    screenshot(page, "volunteer-panel-plan")
    page.get_by_role("tab", name="资源").click()
    assert not page.locator("#plan_signs").is_visible()
    page.locator("#resource-search").fill("xlyz")
    shown = page.locator("#resource-list > li:visible")
    assert shown.count() == 1
    assert "12356" in shown.inner_text()
    shown.locator("input").check(force=True)
    axe(page, "resources")
    screenshot(page, "volunteer-panel-resources")
    page.locator("#save-state").get_by_text("已自动保存").wait_for()
    page.goto(str(page.locator("[data-call]").get_attribute("data-draft-url")))
    assert page.locator("[name=told]:checked").count() == 1
    assert page.locator("#plan_signs").input_value() == "整夜不睡"


def test_earlier_calls_of_a_number_stand_in_their_panel(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    start(page, sign_in)
    for name, value in (
        ("call_type", "third_party"), ("for_whom", "child"), ("sex", "female"), ("age_band", "18_25"),
        ("population", "none"), ("topics", "emotion"), ("risk", "none"), ("outcome", "supported"),
    ):  # fmt: skip
        page.locator(f"[name={name}][value='{value}']").check(force=True)
    page.locator("#caller_phone").fill("13611112222")
    page.locator("#person_name").fill("小林")
    axe(page, "third party")
    screenshot(page, "volunteer-third-party")
    page.locator("#summary").fill("代孩子来电。")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/calls")
    page.goto("/calls/new")
    page.get_by_role("tab", name="历史来电").click()
    page.locator("#caller_phone").fill("13611112222")
    link = page.locator("[data-history] a")
    link.wait_for()
    assert str(link.get_attribute("href")).startswith("/calls/")


def test_panels_stand_one_below_the_other_without_scripts_and_fit_a_phone(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live, PHONE, java_script_enabled=False)
    sign_in(page, "zhiyuan")
    page.goto("/calls/new")
    for name in ("话术", "历史来电", "资源", "安全计划"):
        assert page.get_by_role("heading", name=name, exact=True).is_visible()
    assert page.locator("#plan_signs").is_visible()
    scripted = open_page(live, PHONE)
    start(scripted, sign_in)
    for tab in scripted.get_by_role("tab").all():
        tab.click()
        assert not overflow(scripted)
