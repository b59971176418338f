"""Somebody was reached: the contact is a record of its own, worked like a call and never counted among the calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Invalid
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import Call
from casework.intake.queries.places import caller_place, digest_of
from casework.intake.rules import adjusted, danger_level, is_high_risk, next_state, problems
from casework.intake.service import alerts, writing
from casework.intake.service.finishing import put_on_board
from casework.intake.service.followups import held, number_of
from casework.intake.service.lending import settle_grant
from casework.intake.service.places import author_until
from casework.intake.service.planning import count_made, end, plan_followups, renew_series
from casework.intake.types import (
    CallStatus,
    CallType,
    Codes,
    FollowupState,
    FollowupStep,
    Repeat,
    TriageState,
    Words,
)
from casework.security.permissions import Permission
from casework.security.roles import Reach
from casework.vault import service as vault
from casework.vault.types import GrantReason

if TYPE_CHECKING:
    from casework.intake.models import Followup
    from casework.intake.rules import Problem
    from casework.intake.types import Answers
    from casework.security.actor import Actor
    from casework.vault.types import DataKey

# What the form of a contact asks; the rest is known from the call or is left for later (待补录).
ASKED: Final = ("call_type", "risk", "risk_reason", "distress_before", "summary", "outcome", "followup_on")


def record_contact(followup: Followup, answers: Answers, *, actor: Actor) -> Call:
    """Record that the person was reached and return the contact: sealed, on the board when a call would be.

    A new high risk begins a series of its own instead of what is left of the old one. Whoever called may correct the
    contact as a call of theirs. Its event is followup.reached. Refused: a missing or impossible answer (Invalid with
    its field), a follow-up that was made meanwhile (Conflict, saying by whom), without the key (Refused, R23).
    """
    if followup.call_id is not None:
        # All of the call, in one order: two who make different ones of a series never wait for each other in a circle.
        queries.followups_of_call(followup.call_id, lock=True)
    row = held(followup)
    origin = None if row.call_id is None else queries.find_call(row.call_id)
    codes = codes_after(origin, answers)
    for field, _problem in contact_problems(codes, answers.summary):
        raise Invalid(_l("请补充此项。"), field=field)
    key = vault.open_key(row.data_key_id, actor=actor)
    call = _contact(row, actor)
    writing.write_codes(call, codes)
    words = _words(row, origin, key, answers, actor)
    writing.write_words(call, words, key)
    put_on_board(call)
    session().add(call)
    session().flush()
    alerts.raise_alert(call, danger_level(codes.risk, codes.risk_level), actor=actor)
    alerts.end_alert(call)
    _made(row, call, actor)
    if is_high_risk(call.risk_level) and row.call_id is not None:
        renew_series(row.call_id, actor=actor)
    if actor.reach(Permission.CALLS_CALL_LOG) is not Reach.NONE:
        until = call.reopen_until
        vault.grant(key, to=actor.account_id, reason=GrantReason.AUTHOR, actor=actor, expires_at=until)
    plan_followups(call, actor=actor)
    settle_grant(row.data_key_id, row.assignee_id, actor=actor)
    _record(call, row, actor)
    return call


def codes_after(origin: Call | None, answers: Answers) -> Codes:
    """Return the answers of a contact: who the person is as the call before said, the rest as it is now."""
    known = Codes(call_type=answers.call_type or CallType.SELF) if origin is None else queries.codes_of(origin)
    return adjusted(
        replace(
            known,
            brief=None,
            risk=answers.risk,
            risk_reason=answers.risk_reason,
            risk_level=None,
            distress_before=answers.distress_before,
            distress_after=answers.distress_after,
            hopelessness=None,
            intention=None,
            signs=(),
            services=(),
            outcome=answers.outcome,
            followup_on=answers.followup_on,
        )
    )


def contact_problems(codes: Codes, summary: str) -> list[tuple[str, Problem]]:
    """Return what keeps a contact from being recorded: of a call's questions those that its form asks."""
    return [each for each in problems(codes, summary, clock.today()) if each[0] in ASKED]


def _contact(row: Followup, actor: Actor) -> Call:
    now = clock.now()
    return Call(
        id=new_id(),
        subproject_id=row.subproject_id,
        line_id=row.line_id,
        author_id=actor.account_id,
        data_key_id=row.data_key_id,
        case_id=row.case_id,
        status=CallStatus.FINISHED,
        is_outgoing=True,
        started_at=now,
        finished_at=now,
        saved_at=now,
        reopen_until=author_until(now),
        repeat=Repeat.REPEAT,
        revision=1,
        rev=1,
        draft_seq=0,
        triage_state=TriageState.NONE,
        triage_rank=0,
    )


def _words(row: Followup, origin: Call | None, key: DataKey, answers: Answers, actor: Actor) -> Words:
    """Return the words of a contact: name and number as they are known, what was said now."""
    caller: dict[str, Any] = {"name": "", "phone": ""}
    if origin is not None and origin.sealed_caller is not None:
        caller = vault.open_json(key, caller_place(origin), origin.sealed_caller)
    elif row.sealed_number is not None:
        caller["phone"] = number_of(row, actor)
    return Words(caller_name=str(caller["name"]), caller_phone=str(caller["phone"]), summary=answers.summary)


def _made(row: Followup, call: Call, actor: Actor) -> None:
    row.state = next_state(FollowupState(row.state), FollowupStep.REACH) or FollowupState.REACHED
    row.contact_id = call.id
    end(row, actor)
    count_made(row)


def _record(call: Call, row: Followup, actor: Actor) -> None:
    session().flush()
    trail.record(
        Action.FOLLOWUP_REACHED,
        actor=actor,
        subject_kind="call",
        subject_id=call.id,
        details={"followup": row.id, "outcome": str(call.outcome or ""), "risk": str(call.risk or "")},
        digest=digest_of(call),
    )
