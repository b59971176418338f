"""Two windows on one draft: both versions are shown in the page, a person chooses, nothing is written over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.support.desk import draft_address, saved, says, start, summary
from tests.browser.support.watch import axe, overflow, screenshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

MINE = "第一个窗口：她提到上周失业。"
THEIRS = "第二个窗口：她说昨晚喝了酒。"


@pytest.fixture
def windows(live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]) -> tuple[Page, Page]:
    """Give two windows on one draft that now say different things; the first has been told so."""
    first = open_page(live)
    sign_in(first, "zhiyuan")
    start(first)
    first.locator("#summary").fill("开头。")
    saved(first)
    second = first.context.new_page()
    second.goto(draft_address(first))
    second.locator("#summary").fill(THEIRS)
    second.locator("[name=sex][value=male]").check(force=True)
    saved(second)
    first.locator("[name=sex][value=female]").check(force=True)
    first.locator("[name=topics][value=sleep]").check(force=True)
    first.locator("#summary").fill(MINE)
    first.locator("[data-merge]").wait_for()
    return first, second


def test_both_versions_stand_side_by_side(windows: tuple[Page, Page]) -> None:
    page, _ = windows
    says(page, "另一个窗口也改了这份登记，请核对两份内容")
    rows = page.locator(".merge-row")
    assert sorted(rows.locator("legend").all_inner_texts()) == ["主要问题", "性别", "通话摘要"]
    shown = page.locator("[data-merge]").inner_text()
    assert all(words in shown for words in (MINE, THEIRS, "男", "女", "睡眠", "未填写"))
    screenshot(page, "merge-desk")
    axe(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    screenshot(page, "merge-phone")
    assert not overflow(page)


def test_nothing_is_saved_before_a_choice_and_typing_goes_on(windows: tuple[Page, Page]) -> None:
    page, second = windows
    page.locator("#summary").press_sequentially("还在写。")
    page.wait_for_timeout(2500)
    second.reload()
    second.wait_for_timeout(1500)
    assert summary(second) == THEIRS
    assert summary(page) == MINE + "还在写。"


def test_each_answer_is_chosen_and_both_texts_are_kept(windows: tuple[Page, Page]) -> None:
    page, second = windows
    page.locator("#summary").press_sequentially("还在写。")
    page.locator("[name=merge-sex][value=there]").check()
    assert page.locator("[name=merge-summary][value=both]").is_checked()
    page.locator("[data-merge-apply]").click()
    saved(page)
    expect(page.locator("[data-merge]")).to_be_hidden()
    second.reload()
    assert summary(second) == f"{MINE}还在写。\n{THEIRS}"
    assert second.locator("[name=sex][value=male]").is_checked()
    assert second.locator("[name=topics][value=sleep]").is_checked()


def test_the_other_version_alone_can_be_taken(windows: tuple[Page, Page]) -> None:
    page, second = windows
    for name in ("sex", "topics", "summary"):
        page.locator(f"[name=merge-{name}][value=there]").check()
    page.locator("[data-merge-apply]").click()
    expect(page.locator("[data-merge]")).to_be_hidden()
    assert summary(page) == THEIRS
    page.locator("#summary").press_sequentially("接着写。")
    saved(page)
    second.reload()
    assert summary(second) == THEIRS + "接着写。"


def test_the_window_that_was_merged_over_is_told_in_its_turn(windows: tuple[Page, Page]) -> None:
    page, second = windows
    page.locator("[data-merge-apply]").click()
    saved(page)
    second.locator("#summary").press_sequentially("又写。")
    second.locator("[data-merge]").wait_for()
    assert MINE in second.locator("[data-merge]").inner_text()
