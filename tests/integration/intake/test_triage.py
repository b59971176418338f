"""Triage: order, assignment that moves keys, who was faster."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.cases import queries as cases
from casework.cases import service as casework
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.intake import queries, service
from casework.intake.types import Outcome, Risk, RiskReason, SettleReason, TriageState
from casework.vault.queries import can_open
from tests.integration.intake.conftest import WORDS, Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.security.actor import Actor


def test_high_risk_stands_first_then_the_longest_waiting(desk: Desk, actor: Callable[[str], Actor]) -> None:
    now = clock.now()
    expected = []
    for minutes, risk in enumerate((Risk.NONE, Risk.PLAN_WEEK, Risk.NOT_ASSESSED, Risk.ATTEMPT, Risk.PLAN_72H)):
        with clock.frozen(now + timedelta(minutes=minutes)):
            call = desk.wait(risk=risk, distress_before=8, risk_reason=RiskReason.DECLINED)
            expected.append((-call.triage_rank, call.finished_at, call.id))
    assert desk.finish().triage_state == TriageState.NONE
    found = queries.list_waiting(actor("dudao")).items
    assert [each.id for each in found] == [call_id for *_, call_id in sorted(expected)]
    figures = queries.board(actor("dudao"))
    assert (figures.waiting, figures.high_risk, figures.unassessed) == (5, 3, 1)
    assert queries.newest_waiting(actor("dudao"), now + timedelta(minutes=2, seconds=30)) == 2
    assert queries.list_waiting(actor("dudao2")).items == []
    with pytest.raises(Refused):
        queries.list_waiting(actor("zixun"))


def test_assigning_opens_a_case_and_moves_the_key(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.wait(risk=Risk.PLAN_WEEK, distress_before=9)
    counselor = actor("zixun")
    assert call.data_key_id is not None
    assert not can_open(counselor, call.data_key_id)
    case = service.assign(call, counselor.account_id, actor=actor("dudao"))
    assert (case.risk_level, case.populations, call.case_id) == (3, ["none"], case.id)
    assert call.triage_state == TriageState.ASSIGNED
    found = queries.get_call(actor("zixun"), call.id)
    assert queries.open_call(actor("zixun"), found).words.summary == WORDS.summary
    session().commit()
    actions = session().scalars(sa.select(AuditEntry.action).where(AuditEntry.subject_id == call.id)).all()
    assert actions.count("call.assigned") == 1


def test_the_second_call_joins_the_open_case(desk: Desk, actor: Callable[[str], Actor]) -> None:
    first = desk.wait()
    case = service.assign(first, actor("zixun").account_id, actor=actor("dudao"))
    second = desk.wait(risk=Risk.PLAN_72H, distress_before=7)
    known = queries.known_cases([second])[second.id]
    assert (known.number, known.counselor_id) == (case.number, actor("zixun").account_id)
    again = service.assign(second, actor("zixun").account_id, actor=actor("dudao"))
    assert again.id == case.id
    assert again.risk_level == 3
    assert {call.id for call in queries.calls_of_case(case.id)} == {first.id, second.id}
    assert queries.open_call(actor("zixun"), second).words.summary == WORDS.summary


def test_taking_the_case_away_takes_the_calls_too(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.wait()
    case = service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    casework.unassign(case, actor=actor("dudao"))
    assert call.data_key_id is not None
    assert not can_open(actor("zixun"), call.data_key_id)
    with pytest.raises(NotFound):
        queries.get_call(actor("zixun"), call.id)


def test_the_calls_stand_on_the_timeline_of_the_case(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.wait()
    case = service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    items = cases.timeline(actor("zixun"), case).items
    shown = next(item for item in items if item.id == call.id)
    assert shown.opened is not None
    assert shown.opened.text == WORDS.summary
    assert shown.href == f"/calls/{call.id}"


def test_who_was_faster_is_named(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.wait()
    service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    with pytest.raises(Conflict) as faster:
        service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    at = f"{clock.local(call.triaged_at or clock.now()):%H:%M}"
    assert f"于 {at} 指派给" in str(faster.value.message)
    day = f"{clock.local(call.triaged_at or clock.now()):%Y-%m-%d}"
    with clock.frozen(clock.now() + timedelta(days=1)), pytest.raises(Conflict) as faster:
        service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    assert f"于 {day} {at} 指派给" in str(faster.value.message), "yesterday is named by its date"
    with pytest.raises(Conflict):
        service.settle(call, SettleReason.REFERRED, actor=actor("dudao"))


def test_a_settled_call_leaves_the_board_and_is_not_assigned_later(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.wait()
    service.settle(call, SettleReason.DECLINED, actor=actor("dudao"))
    assert queries.list_waiting(actor("dudao")).items == []
    with pytest.raises(Conflict):
        service.assign(call, actor("zixun").account_id, actor=actor("dudao"))


def test_a_counselor_of_another_sub_project_gets_nothing(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.wait()
    with pytest.raises(Invalid):
        service.assign(call, actor("zixun2").account_id, actor=actor("dudao"))
    with pytest.raises(NotFound):
        queries.get_waiting(actor("dudao2"), call.id)


def test_an_anonymous_caller_becomes_a_new_person(desk: Desk, actor: Callable[[str], Actor]) -> None:
    words = replace(WORDS, caller_phone="", caller_name="")
    first, second = desk.finish(words=words, outcome=Outcome.TO_CASE), desk.finish(words=words, outcome=Outcome.TO_CASE)
    counselor = actor("zixun").account_id
    opened = {service.assign(call, counselor, actor=actor("dudao")).id for call in (first, second)}
    assert len(opened) == 2


def test_an_emergency_without_focus_groups_still_becomes_a_case(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish(risk=Risk.ATTEMPT, outcome=Outcome.EMERGENCY, population=())
    case = service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    assert case.populations == ["unknown"]
