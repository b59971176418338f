"""Follow-ups: planned with the call, lent with the key, made once, given up after three days, counted by the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.cases import service as casework
from casework.cli.demo.accounts import Person
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.intake import queries, service
from casework.intake.models import Call, CallDay, Followup, FollowupDay
from casework.intake.service import DraftKey
from casework.intake.types import (
    Answers,
    CancelReason,
    FollowupKind,
    FollowupState,
    OnTime,
    Outcome,
    Risk,
    TriageState,
)
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault.models import KeyGrant
from casework.vault.queries import can_open
from casework.vault.types import GrantReason
from tests.integration.intake.conftest import CODES, STAFF, WORDS, Desk
from tests.support import casefile, seed
from tests.support.canaries import NUMBER, SPELLINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

START = datetime(2020, 3, 31, 10, tzinfo=clock.LOCAL_ZONE)
PROMISED: dict[str, Any] = {"outcome": Outcome.FOLLOW_UP, "followup_on": date(2020, 4, 7)}
HIGH: dict[str, Any] = {"risk": Risk.PLAN_WEEK, "distress_before": 8}
STEPS = {"1d": date(2020, 4, 1), "1w": date(2020, 4, 7), "1m": date(2020, 4, 30), "3m": date(2020, 6, 30)}
WELL = Answers(risk=Risk.NONE, outcome=Outcome.SUPPORTED, summary="这几天睡得好一些，约好不再回访。")


@pytest.fixture
def colleague(app: Flask, actor: Callable[[str], Actor]) -> Callable[[], Actor]:  # noqa: ARG001 - everybody signs in first
    """Give a second volunteer of GZ, each time as in a new request."""
    casefile.hire(app, Person("zhiyuan-gz", "高志愿者", Role.VOLUNTEER, "GZ"))
    known = seed.actor("zhiyuan-gz")
    return lambda: replace(known, opened={})


def rows_of(call: Call | None = None) -> list[Followup]:
    found = sa.select(Followup).order_by(Followup.planned_at, Followup.id)
    return list(session().scalars(found if call is None else found.where(Followup.call_id == call.id)))


def correct(desk: Desk, call: Call, **changes: object) -> Call:
    codes = replace(CODES, **changes)  # type: ignore[arg-type]  # fields by name
    return service.correct(
        DraftKey(call.id, call.rev, call.id), codes, WORDS, actor=desk.actor("zhiyuan"), line_id=call.line_id
    )


def missed(desk: Desk, phone: str = NUMBER, assignee: Actor | None = None) -> Followup | None:
    office = desk.actor("zhiyuan")
    assert office.subproject_id is not None
    return service.book_missed(
        subproject_id=office.subproject_id,
        line_id=desk.line(),
        phone=phone,
        missed_at=clock.now(),
        actor=Actor.system(),
        assignee_id=None if assignee is None else assignee.account_id,
    )


def test_a_promised_call_is_booked_with_the_call_and_its_author_keeps_the_key(desk: Desk) -> None:
    with clock.frozen(START):
        call = desk.finish(**PROMISED)
        (row,) = rows_of(call)
    assert (row.kind, row.state, row.assignee_id) == (FollowupKind.BOOKED, FollowupState.OPEN, call.author_id)
    assert row.due_at == datetime(2020, 4, 7, 23, 59, 59, tzinfo=clock.LOCAL_ZONE)
    with clock.frozen(START + timedelta(days=3)):
        assert call.reopen_until < clock.now()
        opened = queries.open_followup(desk.actor("zhiyuan"), row)
        assert opened.contacts[0].words.summary == WORDS.summary
    with clock.frozen(START + timedelta(days=16)):
        assert not queries.can_open_followup(desk.actor("zhiyuan"), row)


def test_high_risk_gets_the_whole_series_for_the_supervisors_once(desk: Desk) -> None:
    with clock.frozen(START):
        call = desk.finish(**HIGH)
        assert {row.step: clock.local_day(row.due_at) for row in rows_of(call)} == {
            **STEPS,
            "12m": date(2021, 3, 31),
        }
        assert {(row.assignee_id, row.risk_level) for row in rows_of(call)} == {(None, 3)}
        before = [(row.id, row.due_at, row.row_version) for row in rows_of(call)]
        service.plan_followups(call, actor=desk.actor("zhiyuan"))
        session().flush()
        assert [(row.id, row.due_at, row.row_version) for row in rows_of(call)] == before
        assert not rows_of(desk.finish())


def test_a_correction_plans_withdraws_and_plans_again_without_a_row_too_many(desk: Desk) -> None:
    with clock.frozen(START):
        call = desk.finish()
        assert not rows_of(call)
        call = correct(desk, call, **HIGH)
        assert {row.state for row in rows_of(call)} == {FollowupState.OPEN}
        call = correct(desk, call)
        assert {(row.state, row.cancel_reason) for row in rows_of(call)} == {("cancelled", "corrected")}
        assert count_of(call) == {}
        call = correct(desk, call, risk=Risk.ATTEMPT, distress_before=9, outcome=Outcome.EMERGENCY)
        assert [row.state for row in rows_of(call)] == ["open"] * 5
        assert {row.risk_level for row in rows_of(call)} == {4}
        assert count_of(call)[("1d", "due")] == 1


def count_of(call: Call) -> dict[tuple[str, str], int]:
    keys = (FollowupDay.value, FollowupDay.dimension)
    found = sa.select(*keys, sa.func.sum(FollowupDay.count)).group_by(*keys)
    found = found.where(FollowupDay.subproject_id == call.subproject_id)
    return {(value, dimension): int(count) for value, dimension, count in session().execute(found) if count}


def test_what_somebody_cancelled_does_not_come_back_by_a_correction(desk: Desk) -> None:
    with clock.frozen(START):
        call = desk.finish(**HIGH)
        service.cancel_followup(rows_of(call)[0], CancelReason.DECLINED, actor=desk.actor("dudao"))
        call = correct(desk, call)
        call = correct(desk, call, **HIGH)
        assert [row.state for row in rows_of(call)] == ["cancelled", *["open"] * 4]
        with pytest.raises(Invalid):
            service.cancel_followup(rows_of(call)[1], CancelReason.RENEWED, actor=desk.actor("dudao"))


def test_a_contact_is_a_sealed_record_of_its_own_and_no_call_to_the_line(desk: Desk) -> None:
    with clock.frozen(START):
        call = desk.finish(**PROMISED)
        counted = session().scalar(sa.select(sa.func.sum(CallDay.count)))
    with clock.frozen(START + timedelta(days=7)):
        contact = service.record_contact(rows_of(call)[0], WELL, actor=desk.actor("zhiyuan"))
        (row,) = rows_of(call)
        assert (row.state, row.contact_id, row.ended_by) == ("reached", contact.id, call.author_id)
        assert contact.is_outgoing
        assert (contact.sex, contact.topics, contact.number_index) == (call.sex, call.topics, call.number_index)
        assert session().scalar(sa.select(sa.func.sum(CallDay.count))) == counted
        assert queries.contacts_of(call.subproject_id, [call.number_index or b""], clock.now()).count == 1
        # Whoever called may look at it and correct it as a call of theirs, and then no more.
        mine = queries.get_call(desk.actor("zhiyuan"), contact.id)
        assert queries.open_call(desk.actor("zhiyuan"), mine).words == replace(
            WORDS, summary=WELL.summary, caller_phone=f"+86{NUMBER}"
        )
        assert contact.triage_state == TriageState.NONE
    with clock.frozen(START + timedelta(days=9)), pytest.raises(NotFound):
        queries.get_call(desk.actor("zhiyuan"), contact.id)
    assert not can_open(desk.actor("zhiyuan"), row.data_key_id) or clock.now() < contact.reopen_until
    session().commit()
    actions = session().scalars(sa.select(AuditEntry.action).where(AuditEntry.subject_id == contact.id)).all()
    assert actions.count("followup.reached") == 1


def test_a_new_high_risk_goes_on_the_board_and_begins_a_series_of_its_own(desk: Desk) -> None:
    with clock.frozen(START):
        call = desk.finish(**HIGH)
    with clock.frozen(START + timedelta(days=1)):
        worse = Answers(risk=Risk.PLAN_72H, distress_before=9, outcome=Outcome.TO_CASE, summary="说后天。")
        contact = service.record_contact(rows_of(call)[0], worse, actor=desk.actor("dudao"))
        assert contact.triage_state == TriageState.WAITING
        old, new = rows_of(call), rows_of(contact)
        assert [(row.state, row.cancel_reason) for row in old] == [("reached", None)] + [("cancelled", "renewed")] * 4
        assert [row.step for row in new] == ["1d", "1w", "1m", "3m", "12m"]
        assert clock.local_day(new[0].due_at) == date(2020, 4, 2)
        # Nobody decides about a call of their own: another supervisor has to.
        assert contact.id not in {each.id for each in queries.list_waiting(desk.actor("dudao")).items}


def test_three_tries_on_three_days_are_lost_and_three_on_one_day_are_one(desk: Desk) -> None:
    with clock.frozen(START):
        call = desk.finish(**PROMISED)
    row = rows_of(call)[0]
    for day, times, expected in ((7, 3, ("open", 1)), (8, 1, ("open", 2)), (10, 1, ("lost", 3))):
        with clock.frozen(START + timedelta(days=day)):
            for _ in range(times):
                row = service.try_followup(row, actor=desk.actor("zhiyuan"))
            assert (row.state, row.tries) == expected
    assert not queries.can_open_followup(desk.actor("zhiyuan"), row)
    assert [each.id for each in queries.list_lost(desk.actor("dudao")).items] == [row.id]
    assert queries.list_lost(desk.actor("dudao2")).items == []
    with clock.frozen(START + timedelta(days=10)):
        assert queries.open_items(desk.actor("zixun")).followups == (row.id,)
    with pytest.raises(Conflict, match="张志愿者"):
        service.try_followup(row, actor=desk.actor("zhiyuan"))


def test_handing_on_moves_the_key_and_making_it_ends_it(
    desk: Desk, actor: Callable[[str], Actor], colleague: Callable[[], Actor]
) -> None:
    with clock.frozen(START):
        call = desk.finish(**PROMISED)
    with clock.frozen(START + timedelta(days=3)):
        row = rows_of(call)[0]
        with pytest.raises(NotFound):
            queries.get_followup(colleague(), row.id)
        with pytest.raises(Invalid):
            service.hand_followup(row, colleague().account_id, actor=actor("zhiyuan"))
        with pytest.raises(Invalid):
            service.hand_followup(row, actor("zixun2").account_id, actor=actor("dudao"))
        service.hand_followup(row, colleague().account_id, actor=actor("dudao"))
        assert queries.open_followup(colleague(), queries.get_followup(colleague(), row.id)).contacts
        assert service.reveal_number(row, actor=colleague()) == f"+86{NUMBER}"
        assert not can_open(actor("zhiyuan"), row.data_key_id)
        with pytest.raises(NotFound):
            queries.get_followup(actor("zhiyuan"), row.id)
        with pytest.raises(Refused):
            service.reveal_number(row, actor=actor("zhiyuan"))
        contact = service.record_contact(row, WELL, actor=colleague())
        session().flush()
        reasons = sa.select(KeyGrant.reason).where(KeyGrant.account_id == colleague().account_id)
        assert session().scalars(reasons).all() == ["author"]
    with clock.frozen(contact.reopen_until):
        assert not can_open(colleague(), row.data_key_id)


def test_whoever_cannot_open_it_any_more_can_still_give_it_to_a_supervisor(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    with clock.frozen(START):
        call = desk.finish(**PROMISED)
    with clock.frozen(START + timedelta(days=30)):
        row = rows_of(call)[0]
        with pytest.raises(Refused):
            service.move_followup(row, clock.today(), actor=actor("zhiyuan"))
        session().refresh(row)
        service.hand_followup(row, actor("dudao").account_id, actor=actor("zhiyuan"))
        assert queries.open_followup(actor("dudao"), row).contacts
        session().flush()
        held = sa.select(KeyGrant.id).where(KeyGrant.account_id.in_([actor("dudao").account_id, call.author_id]))
        assert session().scalars(held.where(KeyGrant.reason == GrantReason.FOLLOWUP)).all() == []


def test_a_contact_is_corrected_like_a_call_and_plans_like_one(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(START):
        call = desk.finish(**PROMISED)
        contact = service.record_contact(rows_of(call)[0], WELL, actor=actor("zhiyuan"))
        counted = session().scalar(sa.select(sa.func.sum(CallDay.count)))
        correct(desk, contact, **HIGH)
        assert [row.step for row in rows_of(contact)] == ["1d", "1w", "1m", "3m", "12m"]
        assert contact.triage_state == TriageState.WAITING
        assert session().scalar(sa.select(sa.func.sum(CallDay.count))) == counted
        case = service.assign(contact, actor("zixun").account_id, actor=actor("dudao"))
        assert {row.case_id for row in rows_of(contact)} == {case.id}
        assert queries.open_followup(actor("zixun"), rows_of(contact)[0]).contacts[0].words.summary == WORDS.summary


def test_back_to_the_supervisors_takes_the_key_and_leaves_the_task(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(START):
        call = desk.finish(**PROMISED)
    with clock.frozen(START + timedelta(days=7)):
        row = service.hand_followup(rows_of(call)[0], None, actor=actor("zhiyuan"))
        assert not can_open(actor("zhiyuan"), row.data_key_id)
        assert [each.id for each in queries.list_due(actor("dudao")).items] == [row.id]
        assert queries.list_due(actor("zhiyuan")).items == []


def test_moving_keeps_when_it_was_first_due(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(START):
        call = desk.finish(**HIGH)
        row = service.move_followup(rows_of(call)[0], date(2020, 4, 3), actor=actor("dudao"))
        assert clock.local_day(row.due_at) == date(2020, 4, 3)
        for day in (date(2020, 3, 30), date(2021, 4, 2)):
            with pytest.raises(Invalid):
                service.move_followup(row, day, actor=actor("dudao"))
    with clock.frozen(START + timedelta(days=3)):
        service.record_contact(row, WELL, actor=actor("dudao"))
        service.record_contact(rows_of(call)[1], WELL, actor=actor("dudao"))
        counted = queries.keeping(actor("fuze"), start=date(2020, 4, 1), end=date(2020, 4, 7))
    assert counted == {"1d": OnTime("1d", 1, 0, 1, 0), "1w": OnTime("1w", 1, 1, 0, 0)}


def test_the_follow_ups_of_a_call_go_with_its_case_to_the_counselor(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(START):
        call = desk.finish(risk=Risk.PLAN_WEEK, distress_before=8, **PROMISED)
        assert [row.assignee_id for row in rows_of(call)] == [None, call.author_id, None, None, None]
        case = service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
        assert {(row.state, row.case_id, row.assignee_id) for row in rows_of(call)} == {("with_case", case.id, None)}
        with pytest.raises(Conflict):
            service.hand_followup(rows_of(call)[0], None, actor=actor("dudao"))
    with clock.frozen(START + timedelta(days=2)):
        assert not can_open(actor("zhiyuan"), call.data_key_id or call.id)
        assert [each.step for each in queries.list_my_due(actor("zixun"))] == ["1d"]
        contact = service.record_contact(rows_of(call)[0], WELL, actor=actor("zixun"))
        assert contact.case_id == case.id
        casework.unassign(case, actor=actor("dudao"))
        assert queries.list_due(actor("zixun"), later=True).items == []
        assert len(queries.list_due(actor("dudao"), later=True).items) == 4


def test_missed_calls_wait_once_for_each_number_and_a_new_call_answers_them(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    with clock.frozen(START):
        row = missed(desk)
        assert row is not None
        assert [missed(desk, each) for each in SPELLINGS] == [row] * len(SPELLINGS)
        assert missed(desk, "110") is None
        assert missed(desk, "") is None
        assert len(rows_of()) == 1
        assert row.due_at == START + timedelta(hours=2)
        assert service.reveal_number(row, actor=actor("dudao")) == f"+86{NUMBER}"
        assert [each.id for each in queries.list_due(actor("dudao")).items] == [row.id]
        assert queries.list_due(actor("dudao2")).items == []
        desk.finish()
        assert (row.state, row.cancel_reason) == ("cancelled", "called_again")
        again = missed(desk)
        assert again is not None
        assert again.id != row.id


def test_a_missed_call_is_called_back_by_whoever_is_given_its_number(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(START):
        row = missed(desk, assignee=actor("zhiyuan"))
        assert row is not None
        assert service.reveal_number(row, actor=actor("zhiyuan")) == f"+86{NUMBER}"
        with pytest.raises(Invalid) as refused:
            service.record_contact(row, replace(WELL, summary=" "), actor=actor("zhiyuan"))
        assert refused.value.field == "summary"
        contact = service.record_contact(row, WELL, actor=actor("zhiyuan"))
        assert contact.number_index is not None
        assert contact.data_key_id == row.data_key_id
        assert queries.open_call(actor("zhiyuan"), contact).words.caller_phone == f"+86{NUMBER}"


def test_two_who_make_the_same_follow_up_learn_who_was_faster(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(START + timedelta(hours=4)):
        call = desk.finish(**PROMISED)
        row = rows_of(call)[0]
        service.record_contact(row, WELL, actor=actor("dudao"))
        for late in (
            lambda: service.record_contact(row, WELL, actor=actor("zhiyuan")),
            lambda: service.try_followup(row, actor=actor("zhiyuan")),
            lambda: service.move_followup(row, date(2020, 4, 2), actor=actor("zhiyuan")),
            lambda: service.hand_followup(row, None, actor=actor("zhiyuan")),
            lambda: service.cancel_followup(row, CancelReason.DECLINED, actor=actor("zhiyuan")),
            lambda: service.reveal_number(row, actor=actor("zhiyuan")),
        ):
            with pytest.raises(Conflict) as faster:
                late()
            assert str(faster.value.message) == "已由王督导于 2020-03-31 14:00 联系，不需要再打。"
    assert session().scalar(sa.select(sa.func.count()).where(Call.is_outgoing)) == 1


def test_who_sees_and_who_opens_which_agree(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(START):
        desk.finish(**PROMISED)
        desk.finish(**HIGH)
        taken = desk.wait(**HIGH)
        service.assign(taken, actor("zixun").account_id, actor=actor("dudao"))
        row = missed(desk, "13800100200")
        assert row is not None
        everything = rows_of()
    with clock.frozen(START + timedelta(days=5)):
        for login in STAFF:
            seen = [row for row in everything if _is_seen(actor(login), row)]
            listed = [each.id for later in (False, True) for each in queries.list_due(actor(login), later=later).items]
            assert sorted(listed) == sorted(row.id for row in seen)
            assert {row.id for row in everything if can_open(actor(login), row.data_key_id)} == set(listed), login
        assert [queries.count_overdue(actor(login)) for login in ("dudao", "zixun", "zhiyuan", "dudao2", "fuze")] == [
            3, 1, 0, 0, 0,
        ]  # fmt: skip


def _is_seen(who: Actor, row: Followup) -> bool:
    try:
        return queries.get_followup(who, row.id).id == row.id
    except NotFound:
        return False


@pytest.mark.parametrize("change", ["state = 'reached'", "tries = 4", "step = ''", "kind = 'missed'", "state = 'gone'"])
def test_the_database_refuses_what_no_rule_allows(desk: Desk, change: str) -> None:
    desk.finish(**HIGH)
    with pytest.raises(sa.exc.IntegrityError):
        session().execute(sa.text(f"UPDATE intake_followup SET {change}"))  # noqa: S608 - our own table
