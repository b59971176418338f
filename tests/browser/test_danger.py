"""Danger in real browsers: from the choice to the supervisor's screen, one key for help, steps that are there again."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from tests.browser.conftest import LOOKS, SIZES
from tests.browser.support.desk import choose, on_duty, start
from tests.browser.support.watch import axe, overflow, screenshot

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from playwright.sync_api import Page

    Open = Callable[..., Page]
    SignIn = Callable[..., None]

SUMMARY = "说这周末打算结束生命，确认妻子在身边。"
# Promised are two seconds; a busy machine that runs two browsers gets more.
GENEROUS = 6.0


def cards_left(page: Page) -> None:
    """Answer whatever other tests left on the board."""
    page.goto("/triage")
    while page.get_by_role("button", name="我来处理").count():
        page.get_by_role("button", name="我来处理").first.click()
        page.get_by_text("已响应，接线人会看到。").wait_for()
        page.goto("/triage")


def test_a_dangerous_answer_is_on_the_supervisors_board_in_two_seconds(
    live: str, open_page: Open, sign_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    board, call = open_page(live), open_page(live)
    sign_in(board, "dudao")
    sign_in(call, "zhiyuan")
    cards_left(board)
    on_duty(board)
    took, took_back = [], 0.0
    for _ in range(5):
        start(call)
        choose(call, "call_type", "self")
        # Autosave of the type first, as in a real call; what is measured begins with the dangerous answer.
        call.locator("#save-state").get_by_text(re.compile(r"已自动保存")).wait_for()
        begun = time.monotonic()
        choose(call, "risk", "plan_72h")
        board.locator(".alert-card.is-open").wait_for()
        took.append(time.monotonic() - begun)
        assert "1 个呼叫" in board.title()
        assert board.locator(".alert-card.is-mine").count() == 1
        begun = time.monotonic()
        board.get_by_role("button", name="我来处理").click()
        call.locator("[data-help-state]").get_by_text(re.compile("已响应")).wait_for()
        took_back = time.monotonic() - begun
    with capsys.disabled():
        print(f"\nchoice to card: {', '.join(f'{each:.2f}' for each in took)} s; answer to call: {took_back:.2f} s")  # noqa: T201 - the measurement is evidence
    assert max(took) < GENEROUS
    assert took_back < GENEROUS


def test_one_key_calls_a_supervisor_stays_on_the_page_and_a_second_press_takes_it_back(
    live: str, open_page: Open, sign_in: SignIn
) -> None:
    board, call = open_page(live), open_page(live)
    sign_in(board, "dudao")
    sign_in(call, "zhiyuan")
    cards_left(board)
    start(call)
    call.locator("#summary").fill(SUMMARY)
    call.keyboard.press("Alt+U")
    call.locator("[data-help-state]").get_by_text(re.compile(r"已呼叫 \d\d:\d\d:\d\d|暂时没有督导在线")).wait_for()
    assert call.locator("#summary").input_value() == SUMMARY
    board.locator(".alert-card.is-open").wait_for()
    assert SUMMARY not in board.locator("main").inner_text()
    screenshot(board, "danger-board")
    axe(board, "board with a card")
    call.keyboard.press("Alt+U")
    call.locator("[data-help-state]").get_by_text("已取消呼叫。").wait_for()
    board.locator(".alert-card.is-open").wait_for(state="detached")
    assert "个呼叫" not in board.title()
    # The text is saved by the same page that called, although the call for help began the draft.
    call.locator("#save-state").get_by_text(re.compile(r"已自动保存")).wait_for()


def test_steps_are_stamped_and_there_again_after_a_reload(live: str, open_page: Open, sign_in: SignIn) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    choose(page, "call_type", "self")
    assert not page.locator("[data-steps]").is_visible()
    choose(page, "risk", "plan_week")
    page.locator("[data-step=safety_plan] summary").click()
    page.locator("#detail-safety_plan").press_sequentially("今晚住妹妹家")
    told = page.locator("[data-step=supervisor_told]")
    told.get_by_role("button", name="已通知").click()
    told.get_by_text(re.compile(r"\d\d:\d\d:\d\d")).wait_for()
    assert not page.locator("[data-step=arrival_confirmed]").is_visible()
    where = page.locator("[data-step=location]")
    where.locator("summary").click()
    where.locator("input").fill("在家，妻子在身边")
    where.get_by_role("button", name="已完成").click()
    where.get_by_text(re.compile(r"\d\d:\d\d:\d\d")).wait_for()
    page.locator("#save-state").get_by_text(re.compile(r"已自动保存")).wait_for()
    screenshot(page, "danger-steps", whole=True)
    page.goto("/calls")
    page.get_by_role("link", name="继续登记").first.click()
    assert page.locator("[data-steps]").is_visible()
    assert re.search(r"\d\d:\d\d:\d\d", page.locator("[data-step=supervisor_told] [data-step-said]").inner_text())
    assert page.locator("[data-step=location] input").input_value() == "在家，妻子在身边"
    # What was typed and never pressed is there as well, and says no more than that it was typed.
    assert page.locator("[data-step=safety_plan] input").input_value() == "今晚住妹妹家"
    assert page.locator("[data-step=safety_plan]").get_attribute("data-state") == "open"
    choose(page, "risk", "attempt")
    assert page.locator("[data-step=arrival_confirmed]").is_visible()


def test_the_gauge_suggests_on_screen_and_the_worker_decides(live: str, open_page: Open, sign_in: SignIn) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    choose(page, "call_type", "self")
    choose(page, "risk", "plan")
    page.locator("[data-gauge]").get_by_text(re.compile("建议等级：中")).wait_for()
    for name, value in (("hopelessness", "9"), ("intention", "9"), ("signs", "means"), ("signs", "alone")):
        choose(page, name, value)
    page.locator("[data-gauge]").get_by_text(re.compile("建议等级：高危（依据：.*手边有工具.*由你判断")).wait_for()
    page.get_by_role("button", name="保存并结束").click()
    page.get_by_role("link", name="各项合计的建议等级高于风险回答，请由你选择风险等级。").wait_for()


def test_a_calm_reminder_stands_beside_a_risk_nobody_asked_about(live: str, open_page: Open, sign_in: SignIn) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    page.clock.install()
    start(page)
    choose(page, "call_type", "self")
    note = page.locator(".calm-note")
    page.clock.fast_forward("07:30")
    assert not note.is_visible()
    page.clock.fast_forward("01:00")
    note.wait_for()
    assert "您有过不想活下去的想法吗" in note.inner_text()
    axe(page, "call with a reminder")
    screenshot(page, "danger-reminder")
    choose(page, "risk", "none")
    note.wait_for(state="hidden")
    choose(page, "call_type", "information")
    assert not note.is_visible()


def test_the_routine_screen_has_not_grown(live: str, open_page: Open, sign_in: SignIn) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    start(page)
    for name in ("hopelessness", "intention", "signs"):
        assert not page.locator(f"[data-field={name}]").is_visible()


def test_without_scripts_enter_keeps_the_draft_and_calls_nobody(live: str, open_page: Open, sign_in: SignIn) -> None:
    page = open_page(live, java_script_enabled=False)
    sign_in(page, "zhiyuan")
    page.goto("/calls/new")
    page.locator("[name=caller_name]").fill("陈阿姨")
    page.locator("[name=caller_name]").press("Enter")
    assert "草稿已保存" in page.locator("#messages").inner_text()
    assert page.locator("[data-help-state]").inner_text() == ""
    page.get_by_role("button", name="呼叫督导").click()
    assert page.locator("[name=caller_name]").input_value() == "陈阿姨"
    assert re.search(r"已呼叫 \d\d:\d\d:\d\d|暂时没有督导在线", page.locator("[data-help-state]").inner_text())
    page.locator("#summary").fill(SUMMARY)
    page.get_by_role("button", name="取消呼叫").click()
    assert page.locator("[data-help-state]").inner_text() == "已取消呼叫。"
    assert page.locator("#summary").input_value() == SUMMARY


@LOOKS
def test_every_page_with_danger_is_accessible_and_fits(
    live: str, open_page: Open, sign_in: SignIn, size: str, language: str
) -> None:
    board, page = open_page(live, SIZES[size]), open_page(live, SIZES[size])
    sign_in(board, "dudao")
    sign_in(page, "zhiyuan")
    page.goto(f"/calls/new?lang={language}")
    for name, value in (("call_type", "self"), ("risk", "attempt"), ("hopelessness", "9"), ("signs", "means")):
        choose(page, name, value)
    page.locator("[data-step=supervisor_told] .btn-step").click()
    page.locator("[data-step=supervisor_told]").get_by_text(re.compile(r"\d\d:\d\d:\d\d")).wait_for()
    page.locator("[data-step=emergency_called] summary").click()
    page.locator("[data-help-state]").get_by_text(re.compile(r"\S")).wait_for()
    page.evaluate("scrollTo(0, 0)")
    screenshot(page, f"danger-call-{size}-{language}", whole=True)
    faults = overflow(page)
    axe(page, f"call in danger {size} {language}")
    board.goto(f"/triage?lang={language}")
    board.locator(".alert-card").first.wait_for()
    board.locator(".duty-menu summary").click()
    screenshot(board, f"danger-board-{size}-{language}")
    faults += overflow(board)
    axe(board, f"board {size} {language}")
    assert not faults, "\n".join(faults)
