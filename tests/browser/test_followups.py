"""Calling back, handing a shift over and recording a disclosure in a real browser, with and without scripts."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from casework.app import create_app
from casework.cases.types import Population
from casework.core import clock
from casework.core.db import db, write_transaction
from casework.core.ids import new_id
from casework.intake import service
from casework.intake.service import DraftKey
from casework.intake.types import AgeBand, CallType, Codes, Outcome, Risk, Sex, Topic, Words
from casework.programme import queries as programme
from casework.security.actor import Actor
from tests.browser.conftest import LOOKS, SIZES
from tests.browser.support import server
from tests.browser.support.watch import axe, overflow, screenshot
from tests.support import engines, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

SUMMARY = "说父亲去世后睡不着，约好再打一次电话。"
AGAIN = "这两天睡得好些，愿意继续去社区站。"
MOST_INTERACTIONS = 3


@pytest.fixture(scope="module")
def live(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the running system with calls that were promised, a high-risk one and a missed one."""
    folder = tmp_path_factory.mktemp("followups")
    shutil.copytree(_instance, folder / "prepared")
    app = create_app(engines.settings_of(folder / "prepared", ""))
    with app.app_context():
        volunteer, now = seed.actor("zhiyuan"), clock.now()
        with write_transaction():
            line = programme.list_lines(volunteer, volunteer.subproject_id)[0].id
            for days, risk in ((3, Risk.NONE), (3, Risk.NONE), (3, Risk.NONE), (0, Risk.PLAN_WEEK)):
                with clock.frozen(now - timedelta(days=days)):
                    _call(volunteer, line, risk, days)
            assert volunteer.subproject_id is not None
            service.book_missed(
                subproject_id=volunteer.subproject_id,
                line_id=line,
                phone="14512345678",
                missed_at=now,
                actor=Actor.system(),
                assignee_id=volunteer.account_id,
            )
        db.session.remove()
        db.engine.dispose()
    with server.running(folder / "prepared", folder / "live") as address:
        yield address


def _call(volunteer: Actor, line: object, risk: Risk, days: int) -> None:
    call_id = new_id()
    codes = Codes(
        call_type=CallType.SELF,
        sex=Sex.FEMALE,
        age_band=AgeBand.FROM_36,
        division="440100",
        population=(Population.NONE,),
        topics=(Topic.GRIEF, Topic.SLEEP),
        risk=risk,
        distress_before=8,
        outcome=Outcome.FOLLOW_UP if days else Outcome.TO_CASE,
        followup_on=clock.today() + timedelta(days=days - 1) if days else None,
    )
    words = Words(caller_name="陈阿姨", caller_phone=f"1451234567{days}", summary=SUMMARY)
    service.finish(DraftKey(call_id, 0, call_id), codes, words, actor=volunteer, line_id=line)  # type: ignore[arg-type]  # an id


def _first_followup(page: Page) -> str:
    page.goto("/calls/follow-ups")
    return str(page.get_by_role("link", name=re.compile("^已联系|^Reached")).first.get_attribute("href"))


@LOOKS
def test_every_page_is_accessible_and_fits(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], size: str, language: str
) -> None:
    faults = []
    for login, pages in (
        ("zhiyuan", ("/calls", "/calls/follow-ups", "one", "/calls/handover")),
        ("dudao", ("/triage", "/calls/follow-ups?show=later", "/calls/disclosures", "disclose")),
    ):
        page = open_page(live, SIZES[size])
        sign_in(page, login)
        for path in pages:
            address = path
            if path == "one":
                address = _first_followup(page).partition("#")[0]
            if path == "disclose":
                page.goto("/triage")
                address = f"{page.locator('.triage-topics a').first.get_attribute('href')}/disclosures"
            page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
            name = f"{login}-{path.strip('/').replace('/', '-').partition('?')[0]}-{size}-{language}"
            screenshot(page, f"followups-{name}", whole=True)
            faults += [f"{name}: {each}" for each in overflow(page)]
            axe(page, name)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_is_called_back_and_the_contact_recorded(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], scripts: bool
) -> None:
    page = open_page(live, java_script_enabled=scripts)
    sign_in(page, "zhiyuan")
    page.goto("/calls/follow-ups")
    assert SUMMARY not in page.locator("main").inner_text()
    assert "逾期 1 天" in page.locator("tbody th").first.inner_text()
    before = page.locator("tbody tr").count()
    page.get_by_role("button", name=re.compile("^显示号码")).first.click()
    assert "+86145" in page.locator("main").inner_text()
    page.get_by_role("link", name="已联系").click()
    assert SUMMARY in page.locator("#before-1").inner_text()
    contact = page.locator("#contact")
    contact.get_by_role("button", name="保存并完成回访").click()
    assert "有内容需要补充" in page.locator(".error-summary").inner_text()
    contact.locator("[name=risk][value=none]").check(force=True)
    contact.locator("[name=distress_before][value='3']").check(force=True)
    contact.get_by_label(re.compile("通话摘要")).fill(AGAIN)
    contact.locator("[name=outcome][value=supported]").check(force=True)
    contact.get_by_role("button", name="保存并完成回访").click()
    assert "已记录，回访完成" in page.locator("#messages").inner_text()
    assert page.locator("tbody tr").count() == before - 1


def test_nobody_answers_and_it_is_put_off_until_tomorrow(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    page.goto("/calls/follow-ups")
    page.get_by_role("button", name=re.compile("^未接通")).first.click()
    assert "未接通（1/3）" in page.locator("#messages").inner_text()
    page.locator("#move").get_by_role("button", name="改期").click()
    assert "已改期" in page.locator("#messages").inner_text()
    page.get_by_role("link", name="以后").click()
    assert "1/3" in page.locator("tbody tr").first.inner_text()


def test_a_shift_is_handed_over_in_three_interactions_and_confirmed_with_one(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page, incoming = open_page(live), open_page(live)
    sign_in(page, "zhiyuan")
    page.goto("/calls")
    steps: list[Callable[[], object]] = [
        lambda: page.get_by_role("link", name="下班交接").click(),
        lambda: page.get_by_label(re.compile("接班人")).select_option(label="李咨询师"),
        lambda: page.get_by_role("button", name="签署并交班").click(),
    ]
    for step in steps:
        step()
    assert len(steps) <= MOST_INTERACTIONS
    assert "等待李咨询师确认" in page.locator("#messages").inner_text()
    sign_in(incoming, "zixun")
    incoming.goto("/calls")
    incoming.get_by_role("button", name="确认接班").click()
    assert "已确认接班" in incoming.locator("#messages").inner_text()
    axe(incoming)


def test_a_disclosure_names_its_clause_and_stays_a_task_until_the_person_is_told(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(live)
    sign_in(page, "dudao")
    page.goto("/triage")
    page.locator(".triage-topics a").first.click()
    page.get_by_role("link", name="登记对外披露").click()
    assert "第十八条第二款" in page.locator("#clauses").inner_text()
    for name, value in (("ground", "E6"), ("receiver", "police"), ("fields", "place"), ("consulted", "not_yet")):
        page.locator(f"[name={name}][value={value}]").check(force=True)
    page.locator("[name=not_told][value=danger]").check(force=True)
    page.get_by_label(re.compile("依据的事实")).fill("说已经站在桥上。")
    page.get_by_role("button", name="登记", exact=True).click()
    assert "说已经站在桥上。" in page.locator("#disclosures").inner_text()
    page.goto("/triage")
    page.get_by_role("link", name="对外披露复核").click()
    assert "告知会增加危险" in page.locator("main").inner_text()
    page.locator("[name=told_at]").fill(f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name=re.compile("^已告知")).click()
    assert "没有待告知的披露" in page.locator("main").inner_text()
