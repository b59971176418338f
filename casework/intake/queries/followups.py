"""Follow-ups: who may see and make which, what is due, and what was said before, opened for whoever calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.cases.models import CaseAssignment
from casework.core import clock
from casework.core.db import id_param, session
from casework.core.errors import NotFound
from casework.core.paging import Key, Page, keyset
from casework.intake.models import Call, Followup, FollowupDay
from casework.intake.queries.calls import open_call
from casework.intake.types import PENDING, CallStatus, FollowupCount, FollowupKind, FollowupState, OnTime
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause
from casework.security.roles import Reach
from casework.vault import queries as vault
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from uuid import UUID

    from casework.intake.queries.calls import OpenedCall
    from casework.security.actor import Actor

SHOWN: Final = 20
COUNTED: Final = 500
# What was said before is shown as far back as this many contacts.
REMEMBERED: Final = 5
_PENDING: Final = Followup.state.in_(sorted(PENDING))
_MISSED: Final = (
    sa.select(Followup)
    .where(
        Followup.subproject_id == id_param("subproject"),
        Followup.number_index.in_(sa.bindparam("indexes", expanding=True)),
        Followup.kind == FollowupKind.MISSED,
        Followup.state == FollowupState.OPEN,
    )
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class OpenedFollowup:
    """What is known before a call: the latest contacts, newest first; each has left its read event."""

    followup: Followup
    contacts: list[OpenedCall] = field(repr=False)


def followups_within(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the filter that keeps the follow-ups an actor may see and make.

    Whoever it was given to; with a case, its counselor; supervisors those of the sub-project, except of a case they
    work on themselves.
    """
    here = Followup.subproject_id == actor.subproject_id
    own = sa.and_(here, Followup.assignee_id == actor.account_id)
    mine = _case_of(actor.account_id)
    reach = actor.reach(Permission.CALLS_CALL_READ)
    reading = reach_clause(actor, reach, own=own, assigned=sa.and_(here, mine), project=Followup.subproject_id)
    if reach is Reach.PROJECT:
        reading = sa.and_(reading, sa.not_(mine))
    return sa.or_(reading, reach_clause(actor, actor.reach(Permission.CALLS_CALL_LOG), own=own))


def get_followup(actor: Actor, followup_id: UUID) -> Followup:
    """Return a follow-up, made or not; refused (NotFound) when it is out of reach or does not exist."""
    found = session().scalar(sa.select(Followup).where(Followup.id == followup_id, followups_within(actor)))
    if found is None:
        raise NotFound(_l("找不到这条回访，或它不在你的工作范围内。"))
    return found


def hold_followup(followup_id: UUID) -> Followup | None:
    """Return a follow-up as it is now and keep other writers from it until the transaction ends."""
    held = sa.select(Followup).where(Followup.id == followup_id).with_for_update()
    return session().scalar(held, execution_options={"populate_existing": True})


def list_due(actor: Actor, cursor: str | None = None, *, later: bool = False) -> Page[Followup]:
    """Return one page of what is due by the end of today, or of what is due ``later``, the earliest first."""
    found = sa.select(Followup).where(followups_within(actor), _PENDING, sa.not_(_today()) if later else _today())
    return keyset(found, [Key(Followup.due_at), Key(Followup.id)], cursor, SHOWN)


def list_lost(actor: Actor, cursor: str | None = None) -> Page[Followup]:
    """Return one page of whom nobody reached in three days, the latest first: what to do now is a decision."""
    found = sa.select(Followup).where(followups_within(actor), Followup.state == FollowupState.LOST)
    return keyset(found, [Key(Followup.due_at, descending=True), Key(Followup.id, descending=True)], cursor, SHOWN)


def list_my_due(actor: Actor) -> Sequence[Followup]:
    """Return what the actor has to make by the end of today: given to them, or of a case of theirs."""
    here = Followup.subproject_id == actor.subproject_id
    mine = sa.or_(Followup.assignee_id == actor.account_id, _case_of(actor.account_id))
    found = sa.select(Followup).where(here, mine, _PENDING, _today(), followups_within(actor))
    return session().scalars(found.order_by(Followup.due_at, Followup.id).limit(SHOWN)).all()


def count_due(actor: Actor) -> int:
    """Return how many follow-ups within reach are due by the end of today; counting stops at ``COUNTED``."""
    return _counted(actor, _today())


def count_overdue(actor: Actor) -> int:
    """Return how many follow-ups within reach should have been made by now; counting stops at ``COUNTED``."""
    return _counted(actor, Followup.due_at < clock.now())


def count_in_menu(actor: Actor) -> int:
    """Return what the menu says beside the list of follow-ups; nothing is asked for roles that never see one."""
    return 0 if actor.reach(Permission.CALLS_CALL_READ) is Reach.NONE else count_due(actor)


def followups_of_call(call_id: UUID, *, lock: bool = False) -> Sequence[Followup]:
    """Return the follow-ups of a call that was obtained within reach, the earliest first."""
    found = sa.select(Followup).where(Followup.call_id == call_id).order_by(Followup.planned_at, Followup.id)
    if lock:
        return session().scalars(found.with_for_update(), execution_options={"populate_existing": True}).all()
    return session().scalars(found).all()


def open_missed(subproject_id: UUID, indexes: Collection[bytes]) -> Followup | None:
    """Return the missed call of a number that waits to be called back. Only for services."""
    return session().scalar(_MISSED, {"subproject": subproject_id, "indexes": list(indexes)}) if indexes else None


def latest_due(data_key_id: UUID, account_id: UUID) -> datetime | None:
    """Return when the last of the follow-ups is due that somebody has to make under a key; None when there is none."""
    latest = sa.select(sa.func.max(Followup.due_at)).where(
        Followup.data_key_id == data_key_id, Followup.assignee_id == account_id, Followup.state == FollowupState.OPEN
    )
    return session().scalar(latest)


def can_open_followup(actor: Actor, followup: Followup) -> bool:
    """Return whether a grant that lives lets the actor open what is known about the person."""
    return vault.can_open(actor, followup.data_key_id)


def open_followup(actor: Actor, followup: Followup) -> OpenedFollowup:
    """Open what was said before, for whoever calls now: one read event each. Refused (R23) without the key."""
    linked = sa.select(Followup.call_id, Followup.contact_id).where(Followup.data_key_id == followup.data_key_id)
    ids = {each for row in session().execute(linked) for each in row if each is not None}
    found = sa.select(Call).where(Call.id.in_(ids), Call.status == CallStatus.FINISHED)
    calls = session().scalars(found.order_by(Call.started_at.desc(), Call.id.desc()).limit(REMEMBERED)).all()
    return OpenedFollowup(followup, [open_call(actor, each, part="followup") for each in calls])


def calls_of_followups(followups: Collection[Followup]) -> dict[UUID, Call]:
    """Return the calls that these follow-ups follow, unopened, by their id."""
    ids = {each.call_id for each in followups if each.call_id is not None}
    return {call.id: call for call in session().scalars(sa.select(Call).where(Call.id.in_(ids)))} if ids else {}


def keeping(actor: Actor, *, start: date, end: date) -> dict[str, OnTime]:
    """Return how the follow-ups first due from ``start`` to ``end`` (both included) were kept, by step of the series.

    From the daily rollup only. Refused (R23) for roles that do not read statistics.
    """
    reach = require(actor, Permission.REPORTS_STATISTICS_READ)
    total = sa.func.sum(FollowupDay.count)
    statement = (
        sa.select(FollowupDay.value, FollowupDay.dimension, total)
        .where(reach_clause(actor, reach, project=FollowupDay.subproject_id), FollowupDay.day.between(start, end))
        .group_by(FollowupDay.value, FollowupDay.dimension)
    )
    sums: dict[str, dict[str, int]] = {}
    for step, dimension, count in session().execute(statement):
        sums.setdefault(step, {})[dimension] = int(count)
    return {step: OnTime(step, *(each.get(str(name), 0) for name in FollowupCount)) for step, each in sums.items()}


def number_place(followup_id: UUID) -> Place:
    """Return where the number of a missed call belongs."""
    return Place("intake_followup", "sealed_number", followup_id)


def sealed_number(followup_id: UUID) -> bytes | None:
    """Return the sealed number of a missed call, to be compared with its recorded digest."""
    return session().scalar(sa.select(Followup.sealed_number).where(Followup.id == followup_id))


def end_of_day(day: date) -> datetime:
    """Return the last second of a day in Asia/Shanghai: until then something is made on it."""
    return datetime.combine(day, time(), clock.LOCAL_ZONE) + timedelta(days=1, seconds=-1)


def _today() -> sa.ColumnElement[bool]:
    """Return the filter that keeps what is to be made today; a missed call is, also shortly before midnight."""
    return sa.or_(Followup.due_at <= end_of_day(clock.today()), Followup.kind == FollowupKind.MISSED)


def _counted(actor: Actor, bound: sa.ColumnElement[bool]) -> int:
    some = sa.select(Followup.id).where(followups_within(actor), _PENDING, bound).limit(COUNTED).subquery()
    return session().scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _case_of(account_id: UUID) -> sa.ColumnElement[bool]:
    mine = sa.select(sa.literal(1)).where(
        CaseAssignment.case_id == Followup.case_id,
        CaseAssignment.account_id == account_id,
        CaseAssignment.until_at.is_(None),
    )
    return sa.and_(Followup.case_id.is_not(None), sa.exists(mine))
