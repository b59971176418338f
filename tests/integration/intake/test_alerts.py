"""Alerts and steps as services: raised with the save, answered once, taken back, passed on, seen by whom they may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.intake import queries, service
from casework.intake.models import Alert, AlertTurn, CallDay, DangerStep
from casework.intake.rules import PROTOCOL, is_incomplete, required_steps
from casework.intake.service import DraftKey
from casework.intake.types import (
    AlertState,
    Outcome,
    Risk,
    SettleReason,
    Sign,
    StepCode,
    StepReason,
    Words,
)
from casework.people import queries as people
from casework.people import service as people_service
from casework.people.models import SignInSession
from casework.people.types import Duty
from casework.security.actor import Actor
from casework.security.roles import Role
from tests.integration.intake.conftest import CODES, WORDS, Desk
from tests.support.canaries import NOTE

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.intake.models import Call

    Who = Callable[[str], Actor]

HIGH = replace(CODES, risk=Risk.PLAN_WEEK, distress_before=8, hopelessness=7)


def events(action: str) -> int:
    session().commit()
    return session().scalar(sa.select(sa.func.count()).where(AuditEntry.action == action)) or 0


def typed(actor: Actor, content: dict[str, Any], call_id: Any = None, seq: int = 1) -> Call:  # noqa: ANN401 - an id
    found = call_id or new_id()
    return service.save_draft(DraftKey(found, 0, found, seq), content, actor=actor)


def begin_duty(who: Actor, state: Duty = Duty.ONLINE) -> Actor:
    """Return the actor in a session of its own, in which that state of duty was said."""
    grant = next(each for each in people.own_holdings(who) if each.role is who.role)
    row = SignInSession(
        id=new_id(),
        token_digest=new_id().bytes,
        account_id=who.account_id,
        role_grant_id=grant.grant_id,
        sealed_private_key=b"x",
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=12),
    )
    session().add(row)
    session().flush()
    here = replace(who, session_id=row.id, opened={})
    people_service.set_duty(state, actor=here)
    return here


def live() -> list[Alert]:
    return list(session().scalars(sa.select(Alert).order_by(Alert.raised_at, Alert.id)))


# ---- raised ----


def test_a_dangerous_answer_is_told_with_the_draft_that_carries_it(actor: Who) -> None:
    call = typed(actor("zhiyuan"), {"risk": "ideation", "summary": "x"})
    assert live() == []
    typed(actor("zhiyuan"), {"risk": "plan_72h"}, call.id, 2)
    typed(actor("zhiyuan"), {"risk": "plan_72h", "summary": "y"}, call.id, 3)
    (alert,) = live()
    assert (alert.call_id, alert.level, alert.state, alert.help_at) == (call.id, 3, AlertState.OPEN, None)
    typed(actor("zhiyuan"), {"risk": "attempt"}, call.id, 4)
    assert [each.level for each in live()] == [4]
    typed(actor("zhiyuan"), {"risk": "none"}, call.id, 5)
    assert [(each.level, each.state) for each in live()] == [(4, AlertState.OPEN)]
    assert events("alert.raised") == 2


@pytest.mark.parametrize(
    "content", [{"risk": "worst"}, {"risk_level": "9"}, {"risk_level": "³"}, {"risk": ["attempt"]}]
)
def test_what_is_no_answer_raises_nothing(actor: Who, content: dict[str, Any]) -> None:
    typed(actor("zhiyuan"), content)
    assert live() == []


def test_a_level_the_worker_chose_is_told_too(actor: Who) -> None:
    typed(actor("zhiyuan"), {"risk": "ideation", "risk_level": "3"})
    assert [each.level for each in live()] == [3]


def test_a_finished_and_a_corrected_call_are_told_in_the_same_transaction(desk: Desk, actor: Who) -> None:
    call = desk.finish(risk=Risk.PLAN_WEEK, distress_before=8)
    assert [(each.call_id, each.level) for each in live()] == [(call.id, 3)]
    safe = desk.finish()
    assert len(live()) == 1
    begun = service.begin_draft(DraftKey(safe.id, safe.rev, uuid4()), actor=actor("zhiyuan"))
    for code in required_steps(3):
        service.record_step(begun, code, actor=actor("zhiyuan"), done=True)
    service.correct(DraftKey(safe.id, safe.rev, uuid4()), HIGH, WORDS, actor=actor("zhiyuan"), line_id=safe.line_id)
    assert [each.call_id for each in live()] == [call.id, safe.id]
    session().rollback()
    assert live() == []


def test_help_is_called_from_an_empty_draft_and_only_one_alert_lives(actor: Who) -> None:
    call_id, volunteer = new_id(), actor("zhiyuan")
    call = service.begin_draft(DraftKey(call_id, 0, call_id), actor=volunteer)
    service.raise_alert(call, 0, actor=volunteer, help_wanted=True)
    service.raise_alert(call, 0, actor=volunteer, help_wanted=True)
    typed(actor("zhiyuan"), {"risk": "attempt"}, call_id, 2)
    (alert,) = live()
    assert (alert.level, alert.help_at is not None) == (4, True)
    # The page that called goes on with its own draft.
    assert queries.open_draft(actor("zhiyuan"), call) == {"risk": "attempt"}


# ---- answered, taken back ----


def test_one_supervisor_answers_and_the_second_learns_who(actor: Who) -> None:
    call = typed(actor("zhiyuan"), {"risk": "plan_week"})
    (alert,) = live()
    service.acknowledge(queries.get_live(actor("dudao"), alert.id), actor=actor("dudao"))
    assert (alert.state, alert.acknowledged_by, alert.ended_at) == (
        AlertState.ACKNOWLEDGED,
        actor("dudao").account_id,
        None,
    )
    with pytest.raises(Conflict):
        service.acknowledge(queries.get_live(actor("dudao"), alert.id), actor=actor("dudao"))
    # Saving again what they know tells nobody; more danger, or help, does.
    typed(actor("zhiyuan"), {"risk": "plan_week", "summary": "z"}, call.id, 2)
    assert len(live()) == 1
    typed(actor("zhiyuan"), {"risk": "attempt"}, call.id, 3)
    first, second = live()
    assert first.ended_at is not None
    assert (second.state, second.level) == (AlertState.OPEN, 4)
    assert events("alert.acknowledged") == 1


def test_an_answered_alert_leaves_the_board_with_the_save(desk: Desk, actor: Who) -> None:
    call_id, volunteer = new_id(), actor("zhiyuan")
    key = DraftKey(call_id, 0, call_id, 1)
    call = service.save_draft(key, {"risk": "plan_week"}, actor=volunteer)
    (alert,) = live()
    service.acknowledge(alert, actor=actor("dudao"))
    assert len(queries.list_cards(actor("dudao"))) == 1
    for code in required_steps(3):
        service.record_step(call, code, actor=volunteer, done=True)
    service.finish(replace(key, rev=call.rev), HIGH, WORDS, actor=volunteer, line_id=desk.line())
    assert alert.ended_at is not None
    assert queries.list_cards(actor("dudao")) == []


def test_deciding_about_a_call_answers_its_alert(desk: Desk, actor: Who) -> None:
    call = desk.finish(risk=Risk.PLAN_WEEK, distress_before=8)
    service.settle(call, SettleReason.DECLINED, actor=actor("dudao"))
    (alert,) = live()
    assert (alert.state, alert.acknowledged_by) == (AlertState.ACKNOWLEDGED, actor("dudao").account_id)
    assert queries.list_cards(actor("dudao")) == []


def test_help_is_taken_back_within_ten_seconds_but_danger_stays_told(actor: Who) -> None:
    volunteer, now = actor("zhiyuan"), clock.now()
    with clock.frozen(now):
        slip, grave = typed(volunteer, {}), typed(volunteer, {"risk": "attempt"})
        for call in (slip, grave):
            service.raise_alert(call, 0, actor=volunteer, help_wanted=True)
    with clock.frozen(now + timedelta(seconds=10)):
        for call in (slip, grave):
            service.cancel_help(call, actor=volunteer)
    states = {alert.call_id: (alert.state, alert.help_at) for alert in live()}
    assert states[slip.id][0] == AlertState.CANCELLED
    assert states[grave.id] == (AlertState.OPEN, None)
    assert events("alert.cancelled") == 2
    with pytest.raises(NotFound):
        service.cancel_help(slip, actor=volunteer)


def test_help_is_not_taken_back_later_or_after_an_answer(actor: Who) -> None:
    volunteer, now = actor("zhiyuan"), clock.now()
    with clock.frozen(now):
        call = typed(volunteer, {})
        service.raise_alert(call, 0, actor=volunteer, help_wanted=True)
    with clock.frozen(now + timedelta(seconds=30)), pytest.raises(Conflict):
        service.cancel_help(call, actor=volunteer)
    service.acknowledge(live()[0], actor=actor("dudao"))
    with clock.frozen(now), pytest.raises(Conflict):
        service.cancel_help(call, actor=volunteer)


def test_a_thrown_away_draft_takes_its_alert_with_it(actor: Who) -> None:
    call = typed(actor("zhiyuan"), {"risk": "attempt"})
    service.discard_draft(call.id, actor=actor("zhiyuan"))
    assert [(each.state, each.ended_at is not None) for each in live()] == [(AlertState.CLOSED, True)]


# ---- seen by whom ----


def test_only_the_sub_project_sees_an_alert_and_the_office_only_that_it_waits(actor: Who) -> None:
    typed(actor("zhiyuan"), {"risk": "plan_72h", "summary": NOTE})
    (alert,) = live()
    card = queries.list_cards(actor("dudao"))[0]
    assert (card.alert.id, card.is_saved, card.is_at_office, card.steps_done) == (alert.id, False, True, 0)
    assert card.steps_asked == len(required_steps(3))
    assert queries.list_cards(actor("dudao2")) == []
    assert queries.count_unanswered(actor("dudao2")) == 0
    with pytest.raises(NotFound):
        queries.get_live(actor("dudao2"), alert.id)
    for login in ("zhiyuan", "zixun", "fuze", "guanli", "shenji", "yishi"):
        with pytest.raises(Refused):
            queries.list_cards(actor(login))
    (waiting,) = queries.list_at_office(actor("bangong"))
    assert (waiting.subproject_id, waiting.since) == (alert.subproject_id, alert.raised_at)
    begin_duty(actor("dudao"))
    assert queries.list_at_office(actor("bangong")) == []


def test_it_goes_from_one_on_duty_to_the_office_and_every_step_is_written_down(actor: Who) -> None:
    now = clock.now()
    with clock.frozen(now):
        supervisor = begin_duty(actor("dudao"))
        typed(actor("zhiyuan"), {"risk": "plan_72h"})
        (alert,) = live()
        assert queries.list_cards(supervisor)[0].is_mine
        assert service.record_escalations(actor=Actor.system()) == 0
    with clock.frozen(now + timedelta(minutes=1, seconds=59)):
        assert service.record_escalations(actor=Actor.system()) == 0
        assert queries.list_at_office(actor("bangong")) == []
    with clock.frozen(now + timedelta(minutes=2)):
        assert not queries.list_cards(supervisor)[0].is_mine
        assert len(queries.list_at_office(actor("bangong"))) == 1
        assert service.record_escalations(actor=Actor.system()) == 1
        assert service.record_escalations(actor=Actor.system()) == 0
    turns = session().execute(sa.select(AlertTurn.account_id, AlertTurn.since).order_by(AlertTurn.number)).all()
    assert [tuple(each) for each in turns] == [
        (supervisor.account_id, now),
        (None, now + timedelta(minutes=2)),
    ]
    assert events("alert.escalated") == 1
    with clock.frozen(now + timedelta(minutes=3)):
        service.acknowledge(alert, actor=actor("dudao"))
        assert queries.list_at_office(actor("bangong")) == []


def test_answering_writes_down_what_the_worker_had_not(actor: Who) -> None:
    now = clock.now()
    with clock.frozen(now):
        begin_duty(actor("dudao"))
        typed(actor("zhiyuan"), {"risk": "plan_72h"})
    with clock.frozen(now + timedelta(minutes=5)):
        service.acknowledge(live()[0], actor=actor("dudao"))
    assert events("alert.escalated") == 1


# ---- duty ----


def test_duty_is_of_a_session_and_ends_with_it(actor: Who) -> None:
    supervisor = begin_duty(actor("dudao"))
    place = supervisor.subproject_id
    assert place is not None
    assert [each.account_id for each in people.on_duty(Role.SUPERVISOR, place)] == [supervisor.account_id]
    assert people.on_duty(Role.VOLUNTEER, place) == []
    assert people.duty_of(supervisor) is Duty.ONLINE
    people_service.set_duty(Duty.BREAK, actor=supervisor)
    assert people.on_duty(Role.SUPERVISOR, place) == []
    people_service.set_duty(Duty.ONLINE, actor=supervisor)
    with clock.frozen(clock.now() + timedelta(hours=13)):
        assert people.on_duty(Role.SUPERVISOR, place) == []
    people_service.sign_out(actor=supervisor)
    assert people.on_duty(Role.SUPERVISOR, place) == []
    assert events("duty.changed") == 3


def test_saying_it_again_keeps_the_place_in_the_order(actor: Who) -> None:
    now = clock.now()
    with clock.frozen(now):
        supervisor = begin_duty(actor("dudao"))
    with clock.frozen(now + timedelta(minutes=5)):
        people_service.set_duty(Duty.ONLINE, actor=supervisor)
    assert supervisor.subproject_id is not None
    assert people.on_duty(Role.SUPERVISOR, supervisor.subproject_id)[0].since == now


def test_another_role_begins_off_duty_and_roles_nobody_calls_on_have_none(actor: Who) -> None:
    supervisor = begin_duty(actor("dudao"))
    grant = people.own_holdings(supervisor)[0]
    people_service.switch_role(grant.grant_id, actor=supervisor)
    assert people.duty_of(supervisor) is Duty.OFFLINE
    with pytest.raises(Refused):
        begin_duty(actor("bangong"))


# ---- steps ----


def test_a_step_is_stored_at_once_sealed_and_shown_again(actor: Who) -> None:
    call = typed(actor("zhiyuan"), {"risk": "attempt"})
    now = clock.now()
    with clock.frozen(now):
        row = service.record_step(call, StepCode.EMERGENCY_CALLED, actor=actor("zhiyuan"), done=True, detail=NOTE)
    with clock.frozen(now + timedelta(minutes=1)):
        service.record_step(call, StepCode.EMERGENCY_CALLED, actor=actor("zhiyuan"), done=True)
    assert row.sealed_detail is not None
    assert NOTE.encode() not in row.sealed_detail
    assert (row.done_at, row.version) == (now, PROTOCOL.version)
    opened = queries.open_steps(actor("zhiyuan"), call)
    assert opened[StepCode.EMERGENCY_CALLED].detail == NOTE
    assert NOTE not in repr(opened)
    service.record_step(call, StepCode.EMERGENCY_CALLED, actor=actor("zhiyuan"), detail="")
    undone = queries.open_steps(actor("zhiyuan"), call)[StepCode.EMERGENCY_CALLED]
    assert (undone.row.done_at, undone.row.sealed_detail, undone.detail) == (None, None, "")
    assert events("step.recorded") == 3
    assert session().scalar(sa.select(sa.func.count()).select_from(DangerStep)) == 1


def test_the_supervisor_reads_and_adds_to_the_steps_of_a_finished_call(desk: Desk, actor: Who) -> None:
    call = typed(actor("zhiyuan"), {"risk": "plan_week"})
    for code in required_steps(3):
        service.record_step(call, code, actor=actor("zhiyuan"), done=True, detail=NOTE)
    key = DraftKey(call.id, call.rev, call.id)
    service.finish(key, HIGH, WORDS, actor=actor("zhiyuan"), line_id=desk.line())
    opened = queries.open_steps(actor("dudao"), queries.get_call(actor("dudao"), call.id))
    assert {each.detail for each in opened.values()} == {NOTE}
    service.record_step(call, StepCode.DEBRIEF_OFFERED, actor=actor("dudao"), done=True, detail="周四")
    assert queries.open_steps(actor("zhiyuan"), call)[StepCode.DEBRIEF_OFFERED].detail == "周四"
    with pytest.raises(Refused):
        queries.open_steps(actor("dudao2"), call)


@pytest.mark.parametrize(("risk", "level"), [(Risk.PLAN_WEEK, 3), (Risk.ATTEMPT, 4)])
def test_a_call_is_saved_whatever_is_missing_and_its_steps_stay_to_be_done(
    desk: Desk, actor: Who, risk: Risk, level: int
) -> None:
    call = desk.finish(risk=risk, distress_before=8, outcome=Outcome.EMERGENCY)
    assert is_incomplete(queries.codes_of(call))
    assert queries.with_missing_steps([call, desk.finish()]) == {call.id}
    *most, last = required_steps(level)
    for code in most:
        service.record_step(call, code, actor=actor("zhiyuan"), reason=StepReason.BY_SUPERVISOR)
    assert queries.with_missing_steps([call]) == {call.id}
    service.record_step(call, last, actor=actor("dudao"), done=True)
    assert queries.with_missing_steps([call]) == set()


def test_choosing_a_lower_level_does_not_lead_around_the_steps(desk: Desk) -> None:
    call = desk.finish(risk=Risk.PLAN_WEEK, distress_before=8, risk_level=1)
    assert queries.with_missing_steps([call]) == {call.id}


def test_a_step_is_done_or_has_a_reason_and_is_short(actor: Who) -> None:
    call = typed(actor("zhiyuan"), {"risk": "attempt"})
    with pytest.raises(Invalid):
        service.record_step(call, StepCode.LOCATION, actor=actor("zhiyuan"), done=True, reason=StepReason.DECLINED)
    with pytest.raises(Invalid):
        service.record_step(call, StepCode.LOCATION, actor=actor("zhiyuan"), done=True, detail="长" * 501)


# ---- ratings and the gauge ----


def test_ratings_signs_and_the_version_of_the_gauge_stay_with_the_call(desk: Desk) -> None:
    call = desk.finish(
        risk=Risk.PLAN, distress_before=9, hopelessness=9, intention=9, signs=(Sign.MEANS, Sign.ALONE), risk_level=2
    )
    assert (call.hopelessness, call.intention, call.signs) == (9, 9, ["means", "alone"])
    assert (call.risk_level, call.gauge_version) == (2, PROTOCOL.gauge.version)
    assert call.gauge_level is not None
    assert call.gauge_level > 2
    assert queries.codes_of(call).signs == (Sign.MEANS, Sign.ALONE)
    counted = sa.select(sa.func.sum(CallDay.count)).where(CallDay.dimension == "hopelessness", CallDay.value == "9")
    assert session().scalar(counted) == 1


def test_a_sum_above_the_answer_waits_for_the_workers_choice(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        desk.finish(risk=Risk.PLAN, distress_before=9, hopelessness=9, intention=9, signs=(Sign.MEANS,))
    assert refused.value.field == "risk_level"


def test_a_silent_call_has_no_gauge(desk: Desk) -> None:
    call = desk.finish(words=Words(), call_type="silent")
    assert (call.gauge_level, call.gauge_version, call.hopelessness, call.signs) == (None, None, None, [])
