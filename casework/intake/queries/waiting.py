"""The triage board: what waits for a supervisor's decision, high risk first, then the longest waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.core.db import session
from casework.core.errors import NotFound
from casework.core.paging import Key, Page, keyset
from casework.intake.models import Call
from casework.intake.queries.reach import within
from casework.intake.rules.risk import HIGH_RISK
from casework.intake.types import CallStatus, TriageState
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from casework.security.actor import Actor

SHOWN: Final = 20
COUNTED: Final = 500


@dataclass(frozen=True, slots=True)
class Board:
    """The strip above the list. ``waiting`` stops counting at ``COUNTED``; ``since`` is the longest waiting."""

    waiting: int
    high_risk: int
    unassessed: int
    since: datetime | None
    newest: datetime | None


def list_waiting(actor: Actor, cursor: str | None = None) -> Page[Call]:
    """Return one page of the calls that wait in the actor's sub-project. Refused (R23) for roles that do not assign."""
    found = sa.select(Call).where(*_waiting(actor))
    order = [Key(Call.triage_rank, descending=True), Key(Call.finished_at), Key(Call.id)]
    return keyset(found, order, cursor, SHOWN)


def board(actor: Actor) -> Board:
    """Return the figures above the list; counting stops at ``COUNTED``."""
    columns = (Call.risk_level, Call.finished_at)
    some = sa.select(*columns).where(*_waiting(actor)).limit(COUNTED).subquery()
    statement = sa.select(
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(sa.case((some.c.risk_level >= HIGH_RISK, 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(sa.case((some.c.risk_level.is_(None), 1), else_=0)), 0),
        sa.func.min(some.c.finished_at),
        sa.func.max(some.c.finished_at),
    )
    waiting, high, unassessed, since, newest = session().execute(statement).one()
    return Board(waiting, int(high), int(unassessed), since, newest)


def newest_waiting(actor: Actor, after: datetime) -> int:
    """Return how many calls have begun to wait after a moment; counting stops at ``COUNTED``."""
    some = sa.select(Call.id).where(*_waiting(actor), Call.finished_at > after).limit(COUNTED).subquery()
    return session().scalar(sa.select(sa.func.count()).select_from(some)) or 0


def get_waiting(actor: Actor, call_id: UUID) -> Call:
    """Return a call that a supervisor decides about, whatever was decided; refused (NotFound) when out of reach."""
    reach = require(actor, Permission.CALLS_CALL_ASSIGN)
    project = reach_clause(actor, reach, project=Call.subproject_id)
    found = sa.select(Call).where(Call.id == call_id, project, within(actor), Call.triage_state != TriageState.NONE)
    call = session().scalar(found)
    if call is None:
        raise NotFound(_l("找不到这通来电，或它不在你的工作范围内。"))
    return call


def _waiting(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    reach = require(actor, Permission.CALLS_CALL_ASSIGN)
    return (
        reach_clause(actor, reach, project=Call.subproject_id),
        Call.triage_state == TriageState.WAITING,
        Call.status == CallStatus.FINISHED,
        Call.author_id != actor.account_id,
    )
