"""What is done with a follow-up short of reaching somebody: book a missed call, try, move, hand on, cancel, reveal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from casework.audit import trail
from casework.audit.events import Action
from casework.clients import queries as clients
from casework.clients.rules import normalise
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import Followup
from casework.intake.queries.places import caller_place, digest_of
from casework.intake.rules import after_try, next_state
from casework.intake.rules.asking import FARTHEST_FOLLOW_UP
from casework.intake.service.lending import settle_grant
from casework.intake.service.places import require_admitted
from casework.intake.service.planning import count, end, withdraw
from casework.intake.types import (
    BY_ITSELF,
    PENDING,
    CancelReason,
    FollowupCount,
    FollowupKind,
    FollowupState,
    FollowupStep,
)
from casework.people import queries as people
from casework.security.permissions import Permission
from casework.security.roles import Reach, Role
from casework.vault import service as vault
from casework.vault.types import KeyPurpose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from casework.security.actor import Actor

_TAKERS = (Role.VOLUNTEER, Role.COUNSELOR, Role.SUPERVISOR)


def book_missed(
    *,
    subproject_id: UUID,
    line_id: UUID | None,
    phone: str,
    missed_at: datetime,
    actor: Actor,
    assignee_id: UUID | None = None,
) -> Followup | None:
    """Let a missed call be called back and return it; the one that waits already when the number called before.

    None for what is no number of a person. Its event is followup.booked, and none when nothing new was booked. The
    number is sealed to the supervisors and, when given, to whoever is to call back. Who calls this has made sure that
    the line is the sub-project's.
    """
    number = normalise(phone)
    if number is None or not number.identifies:
        return None
    indexes = clients.number_indexes(number.canonical)
    waiting = queries.open_missed(subproject_id, indexes)
    if waiting is not None:
        return waiting
    row = _missed(subproject_id, line_id, indexes[0], missed_at, actor)
    key = vault.create_key(KeyPurpose.CALL, row.id, subproject_id=subproject_id, actor=actor)
    row.data_key_id, row.assignee_id = key.id, assignee_id
    row.sealed_number = vault.seal_text(key, queries.number_place(row.id), number.canonical)
    if not _insert(row):
        return queries.open_missed(subproject_id, indexes)
    settle_grant(key.id, assignee_id, actor=actor, key=key)
    session().flush()
    details = {"kind": str(row.kind), "line": line_id or ""}
    _record(Action.FOLLOWUP_BOOKED, row, actor, details, digest=trail.content_digest(row.sealed_number))
    return row


def try_followup(followup: Followup, *, actor: Actor) -> Followup:
    """Note that nobody answered and return the follow-up: on the third day it counts as lost.

    Several tries on one day count once. Its event is followup.tried. Refused (Conflict): it was made meanwhile.
    """
    row = held(followup)
    today = clock.today()
    tries = after_try(row.tries, row.last_try_on, today)
    row.state = _after(row, FollowupStep.TRY, tries=tries)
    row.tries, row.last_try_on = tries, today
    if row.state == FollowupState.LOST:
        end(row, actor)
        count(row, FollowupCount.LOST)
        settle_grant(row.data_key_id, row.assignee_id, actor=actor)
    _record(Action.FOLLOWUP_TRIED, row, actor, {"tries": tries})
    return row


def move_followup(followup: Followup, day: date, *, actor: Actor) -> Followup:
    """Put a follow-up off to another day, or bring it forward; its event is followup.moved.

    When it was first due stays known: that decides whether it was made in time. Refused: a day that is over or beyond
    a year (Invalid), one that was made meanwhile (Conflict).
    """
    row = held(followup)
    row.state = _after(row, FollowupStep.MOVE)
    today = clock.today()
    if not today <= day <= today + FARTHEST_FOLLOW_UP:
        raise Invalid(_l("请选择今天到一年之内的日期。"), field="day")
    moved = (day - clock.local_day(row.due_at)).days
    row.due_at = queries.end_of_day(day)
    settle_grant(row.data_key_id, row.assignee_id, actor=actor)
    _record(Action.FOLLOWUP_MOVED, row, actor, {"days": moved})
    return row


def hand_followup(followup: Followup, to: UUID | None, *, actor: Actor) -> Followup:
    """Give a follow-up to a colleague, with the key; to nobody: back to the supervisors of the sub-project.

    A supervisor gives it to any call-taker, whoever has it to a supervisor or back. Its event is followup.handed.
    Refused: somebody else (Invalid), one of a case, which its counselor makes, or made meanwhile (Conflict).
    """
    row = held(followup)
    row.state = _after(row, FollowupStep.HAND)
    if to is not None and to not in {account_id for account_id, _name in may_take(row, actor)}:
        raise Invalid(_l("请选择可以接手的同事。"), field="to")
    before, row.assignee_id = row.assignee_id, to
    settle_grant(row.data_key_id, to, actor=actor)
    if before != to:
        settle_grant(row.data_key_id, before, actor=actor)
    _record(Action.FOLLOWUP_HANDED, row, actor, {"to": to or ""})
    return row


def cancel_followup(followup: Followup, reason: CancelReason, *, actor: Actor) -> Followup:
    """Decide that a follow-up is not made, and why; its event is followup.cancelled.

    Refused: a reason that only follows from something else (Invalid), one that was made meanwhile (Conflict).
    """
    row = held(followup)
    if reason in BY_ITSELF:
        raise Invalid(_l("请选择取消的原因。"), field="reason")
    withdraw(row, reason, actor=actor)
    settle_grant(row.data_key_id, row.assignee_id, actor=actor)
    _record(Action.FOLLOWUP_CANCELLED, row, actor, {"reason": str(reason)})
    return row


def reveal_number(followup: Followup, *, actor: Actor) -> str:
    """Return the number to call in full, empty when none was given; its event is number.unmasked.

    Refused: without the key (Refused, R23), to whoever was not let to real calls (Refused, R25), a follow-up that was
    made meanwhile (Conflict).
    """
    require_admitted(actor)
    row = held(followup)
    digest = None
    if row.sealed_number is not None:
        phone = number_of(row, actor)
        digest = trail.content_digest(row.sealed_number)
    else:
        call = None if row.call_id is None else queries.find_call(row.call_id)
        phone = ""
        if call is not None and call.sealed_caller is not None:
            key = vault.open_key(row.data_key_id, actor=actor)
            phone = str(vault.open_json(key, caller_place(call), call.sealed_caller)["phone"])
            digest = digest_of(call)
    _record(Action.NUMBER_UNMASKED, row, actor, {"case": row.case_id or ""}, digest=digest)
    return phone


def number_of(row: Followup, actor: Actor) -> str:
    """Return the number of a missed call; whoever calls this records what it is for."""
    key = vault.open_key(row.data_key_id, actor=actor)
    return "" if row.sealed_number is None else vault.open_text(key, queries.number_place(row.id), row.sealed_number)


def may_take(followup: Followup, actor: Actor) -> list[tuple[UUID, str]]:
    """Return to whom the actor may give a follow-up, by name: a supervisor to all who call, others to supervisors."""
    is_supervising = actor.reach(Permission.CALLS_CALL_ASSIGN) is not Reach.NONE
    roles = _TAKERS if is_supervising else (Role.SUPERVISOR,)
    found = {each for role in roles for each in people.holders_of_role(role, followup.subproject_id)}
    found -= queries.not_admitted(found, followup.subproject_id)
    names = people.names_of(found - {followup.assignee_id})
    return sorted(names.items(), key=lambda item: (item[1], item[0]))


def held(followup: Followup) -> Followup:
    """Return a follow-up as it is now, locked; refused (Conflict, saying by whom and when) when it was made."""
    row = queries.hold_followup(followup.id)
    if row is None:
        raise NotFound(_l("找不到这条回访，或它不在你的工作范围内。"))
    if row.state not in PENDING:
        raise Conflict(ending_of(row))
    return row


def ending_of(row: Followup) -> Any:  # noqa: ANN401 - a lazy string
    """Return in words how a follow-up ended, by whom and when."""
    name = "" if row.ended_by is None else people.names_of([row.ended_by]).get(row.ended_by, "")
    at = "" if row.ended_at is None else f"{clock.local(row.ended_at):%Y-%m-%d %H:%M}"
    sentences = {
        FollowupState.REACHED: _l("已由%(who)s于 %(at)s 联系，不需要再打。", who=name, at=at),
        FollowupState.LOST: _l("已由%(who)s于 %(at)s 登记第三次未接通，按联系不上处理。", who=name, at=at),
        FollowupState.CANCELLED: _l("已由%(who)s于 %(at)s 取消。", who=name, at=at),
    }
    return sentences.get(FollowupState(row.state), "")


def _insert(row: Followup) -> bool:
    """Store a missed call and return True; False when the same number was missed this very moment.

    The key that was made for it stays and protects nothing.
    """
    try:
        with session().begin_nested():
            session().add(row)
            session().flush()
    except IntegrityError as error:
        if "one_missed" not in str(error.orig) and "number_index" not in str(error.orig):
            raise
        return False
    return True


def _missed(subproject_id: UUID, line_id: UUID | None, index: bytes, missed_at: datetime, actor: Actor) -> Followup:
    due = missed_at + timedelta(hours=current_app.extensions["casework.settings"].missed_call_hours)
    return Followup(
        id=new_id(),
        subproject_id=subproject_id,
        line_id=line_id,
        kind=FollowupKind.MISSED,
        step="",
        state=FollowupState.OPEN,
        planned_at=due,
        due_at=due,
        tries=0,
        number_index=index,
        missed_at=missed_at,
        created_at=clock.now(),
        created_by=actor.account_id,
    )


def _after(row: Followup, step: FollowupStep, *, tries: int = 0) -> FollowupState:
    after = next_state(FollowupState(row.state), step, tries=tries)
    if after is None:
        raise Conflict(_l("这条回访由个案的咨询师负责；要换人，请转派个案。"))
    return after


def _record(
    action: Action, row: Followup, actor: Actor, details: Mapping[str, object], digest: bytes | None = None
) -> None:
    session().flush()
    trail.record(action, actor=actor, subject_kind="followup", subject_id=row.id, details=details, digest=digest)
