"""Follow-ups that a call asks for: made, changed and withdrawn in the transaction of the call itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

from casework.core import clock, tally
from casework.core.db import session
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import Followup, FollowupDay
from casework.intake.rules import intervals, is_on_time, may_plan_again, next_state, planned
from casework.intake.service.lending import settle_grant
from casework.intake.types import (
    PENDING,
    CancelReason,
    FollowupCount,
    FollowupKind,
    FollowupState,
    FollowupStep,
    Planned,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from casework.intake.models import Call
    from casework.security.actor import Actor


def plan_followups(call: Call, *, actor: Actor, is_first: bool = False) -> None:
    """Let the follow-ups of a finished call be those that it asks for now; doing it twice changes nothing.

    What was made, lost or cancelled by somebody stays. What is not asked for any more is withdrawn. Whoever promised a
    call makes it and keeps the key until then; the series is the supervisors', or with a case its counselor's. A
    missed call of the same number is answered. Part of the event of the call. ``is_first``: it had none before.
    """
    if call.number_index is not None:
        _answer_missed(call, actor)
    steps = intervals(current_app.extensions["casework.settings"].followup_series)
    wanted = planned(queries.codes_of(call), clock.local_day(call.started_at), steps)
    before = () if is_first else queries.followups_of_call(call.id, lock=True)
    known = {(each.kind, each.step): each for each in before}
    touched: set[UUID | None] = set()
    for each in wanted:
        row = known.pop((each.kind, each.step), None)
        touched.add(_add(call, each, actor) if row is None else _renew(row, call, each))
    for row in known.values():
        touched.add(row.assignee_id)
        withdraw(row, CancelReason.CORRECTED, actor=actor)
    if call.data_key_id is not None:
        for holder in touched - {None}:
            settle_grant(call.data_key_id, holder, actor=actor)


def withdraw(row: Followup, reason: CancelReason, *, actor: Actor) -> None:
    """Cancel a follow-up that is still to be made; one that is not stays as it is."""
    after = next_state(FollowupState(row.state), FollowupStep.CANCEL)
    if after is None:
        return
    row.state, row.cancel_reason = after, reason
    end(row, actor)
    count(row, FollowupCount.DUE, -1)


def end(row: Followup, actor: Actor) -> None:
    """Note when a follow-up ended, and by whom."""
    row.ended_at, row.ended_by = clock.now(), actor.account_id


def count(row: Followup, what: FollowupCount, by: int = 1) -> None:
    """Move the counts of the day on which a follow-up of the series was first due."""
    if row.kind != FollowupKind.SERIES:
        return
    key = {"subproject_id": row.subproject_id, "day": clock.local_day(row.planned_at), "value": row.step}
    tally.add(FollowupDay, [{**key, "dimension": str(what), "count": by}])


def count_made(row: Followup) -> None:
    """Count a follow-up that was made, in time or late."""
    made = row.ended_at or clock.now()
    count(row, FollowupCount.ON_TIME if is_on_time(made, row.planned_at) else FollowupCount.LATE)


def renew_series(call_id: UUID, *, actor: Actor) -> None:
    """Withdraw what is left of a series because a later contact has begun a new one."""
    rows = [each for each in queries.followups_of_call(call_id, lock=True) if each.kind == FollowupKind.SERIES]
    for row in rows:
        withdraw(row, CancelReason.RENEWED, actor=actor)
    for holder, key in {(row.assignee_id, row.data_key_id) for row in rows}:
        settle_grant(key, holder, actor=actor)


def join_case(call: Call, *, actor: Actor) -> None:
    """Give the open follow-ups of a call to the counselor of its case; whoever had them opens the call no longer."""
    rows = queries.followups_of_call(call.id, lock=True)
    before = {(row.assignee_id, row.data_key_id) for row in rows}
    _give_to_case(rows, call)
    for holder, key in before:
        settle_grant(key, holder, actor=actor)


def _give_to_case(rows: Iterable[Followup], call: Call) -> None:
    for row in rows:
        after = next_state(FollowupState(row.state), FollowupStep.JOIN_CASE)
        if after is not None and call.case_id is not None:
            row.state, row.case_id, row.assignee_id = after, call.case_id, None


def _add(call: Call, each: Planned, actor: Actor) -> UUID | None:
    due = queries.end_of_day(each.due_on)
    # A finished call of whatever asks for a follow-up has words, and so a key.
    row = Followup(
        id=new_id(),
        subproject_id=call.subproject_id,
        line_id=call.line_id,
        call_id=call.id,
        data_key_id=call.data_key_id,
        kind=each.kind,
        step=each.step,
        state=FollowupState.OPEN,
        risk_level=call.risk_level,
        planned_at=due,
        due_at=due,
        tries=0,
        assignee_id=call.author_id if each.own else None,
        created_at=clock.now(),
        created_by=actor.account_id,
    )
    _give_to_case([row], call)
    session().add(row)
    count(row, FollowupCount.DUE)
    return row.assignee_id


def _renew(row: Followup, call: Call, each: Planned) -> UUID | None:
    """Let a known follow-up be as its call asks now, unless it was made, lost, or cancelled by somebody."""
    due = queries.end_of_day(each.due_on)
    if row.state == FollowupState.CANCELLED and may_plan_again(_reason(row)):
        row.state, row.cancel_reason, row.ended_at, row.ended_by = FollowupState.OPEN, None, None, None
        row.tries, row.last_try_on, row.assignee_id = 0, None, call.author_id if each.own else None
        row.planned_at = row.due_at = due
        _give_to_case([row], call)
        count(row, FollowupCount.DUE)
    if row.state not in PENDING:
        return None
    if row.planned_at != due:
        row.planned_at = row.due_at = due
    row.risk_level = call.risk_level
    return row.assignee_id


def _answer_missed(call: Call, actor: Actor) -> None:
    missed = queries.open_missed(call.subproject_id, [call.number_index] if call.number_index else [])
    if missed is not None and not call.is_outgoing:
        withdraw(missed, CancelReason.CALLED_AGAIN, actor=actor)
        settle_grant(missed.data_key_id, missed.assignee_id, actor=actor)


def _reason(row: Followup) -> CancelReason | None:
    return None if row.cancel_reason is None else CancelReason(row.cancel_reason)
