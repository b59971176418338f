"""A supervisor's board in a real browser: see what is urgent, assign in three steps, settle, learn who was faster."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from casework.app import create_app
from casework.cases.types import Population
from casework.core.db import db, write_transaction
from casework.core.ids import new_id
from casework.intake import service
from casework.intake.service import DraftKey
from casework.intake.types import AgeBand, CallType, Codes, Outcome, Risk, Sex, Topic, Words
from casework.programme import queries as programme
from tests.browser.conftest import LOOKS, SIZES
from tests.browser.support import server
from tests.browser.support.watch import axe, overflow, screenshot
from tests.support import engines, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

MOST_INTERACTIONS = 3
SUMMARY = "说这周末打算结束生命，已请督导加入通话，确认妻子在身边。"


@pytest.fixture(scope="module")
def live(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the running system with calls that wait."""
    folder = tmp_path_factory.mktemp("supervisor")
    shutil.copytree(_instance, folder / "prepared")
    app = create_app(engines.settings_of(folder / "prepared", ""))
    with app.app_context():
        volunteer = seed.actor("zhiyuan")
        with write_transaction():
            line = programme.list_lines(volunteer, volunteer.subproject_id)[0].id
            for number, risk in enumerate(
                [Risk.NONE, Risk.PLAN_WEEK, Risk.ATTEMPT, Risk.IDEATION, Risk.NONE, Risk.NONE, Risk.NONE, Risk.NONE]
            ):
                call_id = new_id()
                codes = Codes(
                    call_type=CallType.SELF,
                    sex=Sex.FEMALE,
                    age_band=AgeBand.FROM_36,
                    division="440100",
                    population=(Population.NONE,),
                    topics=(Topic.EMOTION, Topic.SLEEP),
                    risk=risk,
                    distress_before=8,
                    outcome=Outcome.TO_CASE,
                )
                words = Words(caller_name="陈阿姨", caller_phone=f"1451234567{number % 4}", summary=SUMMARY)
                service.finish(DraftKey(call_id, 0, call_id), codes, words, actor=volunteer, line_id=line)
        db.session.remove()
        db.engine.dispose()
    with server.running(folder / "prepared", folder / "live") as address:
        yield address


@LOOKS
def test_every_page_is_accessible_and_fits(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], size: str, language: str
) -> None:
    page = open_page(live, SIZES[size])
    sign_in(page, "dudao")
    page.goto(f"/triage?lang={language}")
    screenshot(page, f"supervisor-triage-{size}-{language}", whole=True)
    faults = overflow(page)
    axe(page, f"triage {size} {language}")
    page.locator(".triage-topics a").first.click()
    screenshot(page, f"supervisor-call-{size}-{language}", whole=True)
    faults += overflow(page)
    axe(page, f"call {size} {language}")
    assert not faults, "\n".join(faults)


def test_high_risk_stands_first(live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]) -> None:
    page = open_page(live)
    sign_in(page, "dudao")
    page.goto("/triage")
    # Other tests of this module may have decided about some calls before.
    levels = [text.replace("风险：", "").strip() for text in page.locator("tbody th").all_inner_texts()]
    assert len(set(levels)) > 1
    assert levels == sorted(levels, key=["危急", "高危", "未评估", "中", "低", "无"].index)
    assert "145" not in page.locator("main").inner_text()
    # The fifth and sixth call come from the numbers of the first and second.
    assert page.locator(".repeat-mark").first.inner_text() == "重复来电"


def test_a_call_is_assigned_in_three_steps_and_a_stale_window_learns_who_was_faster(
    live: str, open_page: Callable[..., Page], sign_in_by_hand: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in_by_hand(page, "dudao")
    page.goto("/triage")
    late = page.context.new_page()
    late.goto("/triage")
    row = page.locator("tbody tr").first
    chosen = row.locator("select option").nth(1)
    assert re.search(r"\(\d+/\d+\)", chosen.inner_text())
    value = chosen.get_attribute("value")
    steps = 0
    for step in (lambda: row.locator("select").select_option(value), lambda: row.get_by_role("button").click()):
        step()
        steps += 1
    page.get_by_text(re.compile("已指派给.+个案 GZ-")).wait_for()
    assert steps <= MOST_INTERACTIONS
    row = late.locator("tbody tr").first
    row.locator("select").select_option(value)
    row.get_by_role("button").click()
    late.get_by_text(re.compile(r"已由.+于 \d\d:\d\d 指派给")).wait_for()
    screenshot(late, "supervisor-stale")
    axe(late)
    late.get_by_role("link", name="转派").click()
    late.locator("#assign-panel").get_by_role("button", name="转派").wait_for()


def test_the_board_is_worked_with_the_keyboard(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "dudao")
    page.goto("/triage")
    before = page.locator("tbody tr").count()
    page.locator("tbody select").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("已指派给")).wait_for()
    assert page.locator("tbody tr").count() == before - 1


def test_a_call_is_read_and_settled(live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]) -> None:
    page = open_page(live, java_script_enabled=False)
    sign_in(page, "dudao")
    page.goto("/triage")
    page.locator(".triage-topics a").last.click()
    assert SUMMARY in page.locator("main").inner_text()
    page.get_by_role("button", name="显示号码").click()
    assert "+86145" in page.locator("main").inner_text()
    page.get_by_role("link", name="回到来电记录").click()
    page.get_by_label("处理说明").select_option("declined")
    page.get_by_role("button", name="不转个案").click()
    assert "已处理完毕" in page.locator("#messages").inner_text()
