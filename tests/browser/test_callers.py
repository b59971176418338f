"""Somebody who calls again and again, and how calls are reviewed, in a real browser."""

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
from casework.vault import service as vault
from tests.browser.conftest import LOOKS, SIZES
from tests.browser.support import server
from tests.browser.support.watch import axe, overflow, screenshot
from tests.support import casefile, engines, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

NUMBER = "14512345670"
HELPS = "先问今天吃过饭没有，再听五分钟。"
LIMITS = "每周两次，每次三十分钟。"
COMMENT = "开场很稳。风险可以更早问。"
SECOND = casefile.SECOND_SUPERVISOR


@pytest.fixture(scope="module")
def live(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the running system with a number that called three times, and a second supervisor who holds the circle."""
    folder = tmp_path_factory.mktemp("callers")
    shutil.copytree(_instance, folder / "prepared")
    app = create_app(engines.settings_of(folder / "prepared", ""))
    second = casefile.hire(app, SECOND)
    with app.app_context():
        volunteer, supervisor = seed.actor("zhiyuan"), seed.actor("dudao")
        with write_transaction():
            vault.regrant(second, actor=supervisor)
            line = programme.list_lines(volunteer, volunteer.subproject_id)[0].id
            for _ in range(3):
                call_id = new_id()
                codes = Codes(
                    call_type=CallType.SELF,
                    sex=Sex.FEMALE,
                    age_band=AgeBand.FROM_36,
                    division="440100",
                    population=(Population.NONE,),
                    topics=(Topic.EMOTION,),
                    risk=Risk.NONE,
                    outcome=Outcome.TO_CASE,
                )
                words = Words(caller_name="陈阿姨", caller_phone=NUMBER, summary="又说起女儿。约定明天再聊。")
                service.finish(DraftKey(call_id, 0, call_id), codes, words, actor=volunteer, line_id=line)
        db.session.remove()
        db.engine.dispose()
    with server.running(folder / "prepared", folder / "live") as address:
        yield address


def entered(live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], login: str) -> Page:
    page = open_page(live)
    sign_in(page, login)
    return page


def test_a_plan_by_one_supervisor_and_approved_by_the_other_stands_beside_the_call(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    author = entered(live, open_page, sign_in, "dudao")
    author.goto("/triage")
    author.locator(".triage-topics a").first.click()
    author.get_by_role("link", name="为此号码写来电预案").click()
    author.get_by_label("怎样有帮助").fill(HELPS)
    author.get_by_label("约定的界限").fill(LIMITS)
    author.get_by_role("button", name="提交审批").click()
    author.get_by_text("等待起草人以外的督导审批").wait_for()
    assert author.get_by_role("button", name="批准预案").count() == 0
    approver = entered(live, open_page, sign_in, SECOND.login)
    approver.goto("/clients/plans")
    approver.get_by_role("row").filter(has_text="待审批").get_by_role("link").click()
    approver.get_by_role("button", name="批准预案").click()
    approver.get_by_text("已批准").wait_for()
    volunteer = entered(live, open_page, sign_in, "zhiyuan")
    volunteer.goto("/calls/new")
    volunteer.get_by_label("来电号码").fill(NUMBER)
    plan = volunteer.locator(".plan-note")
    plan.get_by_text(HELPS).wait_for()
    assert LIMITS in plan.inner_text()
    assert "有效至" in plan.inner_text()
    assert "陈阿姨" not in volunteer.locator("main").inner_text()
    assert "反复来电" in volunteer.locator("[data-repeat]").inner_text()
    screenshot(volunteer, "callers-plan", whole=True)
    axe(volunteer, "call with plan")
    assert not overflow(volunteer)
    volunteer.get_by_label("来电号码").fill("14512345679")
    volunteer.get_by_text("首次来电").wait_for()
    assert plan.count() == 0
    author.reload()
    author.get_by_text("撤回", exact=True).first.click()
    author.get_by_role("button", name="撤回").click()
    author.get_by_text("已撤回").wait_for()
    volunteer.get_by_label("来电号码").fill(NUMBER)
    volunteer.get_by_text("反复来电").first.wait_for()
    assert plan.count() == 0


def test_a_review_is_given_and_read(live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]) -> None:
    supervisor = entered(live, open_page, sign_in, "dudao")
    supervisor.goto("/triage")
    supervisor.get_by_role("link", name="通话评议").click()
    supervisor.get_by_role("link", name=re.compile("^评议 ")).first.click()
    supervisor.get_by_role("button", name="保存评议").click()
    assert supervisor.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    for group in supervisor.locator(".review-form > fieldset:has(input[name^=score_])").all():
        group.locator("input[value='3']").check()
    supervisor.get_by_label("给接线员的评语").fill(COMMENT)
    supervisor.locator("[name=result][value=returned]").check()
    supervisor.get_by_label("退回原因").select_option("risk")
    supervisor.get_by_role("button", name="保存评议").click()
    supervisor.get_by_text("已退回").wait_for()
    volunteer = entered(live, open_page, sign_in, "zhiyuan")
    volunteer.goto("/calls")
    volunteer.get_by_text("退回，待更正").wait_for()
    volunteer.get_by_role("link", name="查看评议").first.click()
    assert COMMENT in volunteer.locator("main").inner_text()
    volunteer.get_by_role("button", name="我已阅读").click()
    volunteer.get_by_text("已确认阅读").wait_for()
    volunteer.get_by_role("link", name=re.compile(r"\d{4}-\d\d-\d\d")).first.click()
    volunteer.get_by_role("link", name="更正这通来电").click()
    volunteer.wait_for_url("**/correct")


@LOOKS
def test_every_page_is_accessible_and_fits(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], size: str, language: str
) -> None:
    page = open_page(live, SIZES[size])
    sign_in(page, "dudao")
    page.goto("/triage")
    call = page.locator(".triage-topics a").first.get_attribute("href")
    page.goto("/calls/reviews")
    review = page.locator("a[href^='/calls/reviews/']").first.get_attribute("href")
    person = page.locator("a[href*='/people/']").first.get_attribute("href")
    faults = []
    for name, address in {
        "call": f"{call}",
        "join": f"{call}/person",
        "plan-form": f"{call}/plan",
        "plans": "/clients/plans",
        "plan-new": "/clients/plans/new",
        "reviews": "/calls/reviews",
        "review": f"{review}",
        "person": f"{person}",
    }.items():
        page.goto(f"{address}?lang={language}")
        screenshot(page, f"callers-{name}-{size}-{language}", whole=True)
        faults += [f"{address} {fault}" for fault in overflow(page)]
        axe(page, f"{name} {size} {language}")
    page = open_page(live, SIZES[size])
    sign_in(page, "zhiyuan")
    for address in ("/calls", "/calls/feedback"):
        page.goto(f"{address}?lang={language}")
        faults += [f"{address} {fault}" for fault in overflow(page)]
        axe(page, f"{address} {size} {language}")
    assert not faults, "\n".join(faults)
