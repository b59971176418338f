"""Repeat callers: how often and when a number has called, and nothing more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import sqlalchemy as sa

from casework.clients import queries as clients
from casework.core.db import id_param, session
from casework.intake.models import Call
from casework.intake.queries.reach import within
from casework.intake.types import CallStatus, Contacts

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from casework.security.actor import Actor

# 反复来电: three calls within seven days.
HISTORY_DAYS: Final = timedelta(days=90)
SHOWN: Final = 20
RECENT_DAYS: Final = timedelta(days=7)
_NONE: Final = UUID(int=0)
_CONTACTS: Final = sa.select(
    sa.func.count(),
    sa.func.max(Call.started_at),
    sa.func.sum(sa.case((Call.started_at >= sa.bindparam("recent"), 1), else_=0)),
).where(
    Call.subproject_id == id_param("subproject"),
    Call.number_index.in_(sa.bindparam("indexes", expanding=True)),
    Call.status == CallStatus.FINISHED,
    Call.is_outgoing.is_(False),
    Call.started_at < sa.bindparam("before"),
    Call.id != id_param("without"),
)


def earlier_calls(
    actor: Actor, indexes: Collection[bytes], before: datetime, *, without: UUID | None = None
) -> list[tuple[datetime, UUID | None]]:
    """Return when a number called the actor's sub-project within 90 days, newest first.

    The id of a call stands beside it only where the actor may read it. Whoever looked a number up left an event.
    """
    if not indexes:
        return []
    wanted = [
        Call.subproject_id == actor.subproject_id,
        Call.number_index.in_(indexes),
        Call.status == CallStatus.FINISHED,
        Call.started_at < before,
        Call.started_at >= before - HISTORY_DAYS,
    ]
    if without is not None:
        wanted.append(Call.id != without)
    readable = sa.case((within(actor), Call.id), else_=None)
    found = sa.select(Call.started_at, readable).where(*wanted).order_by(Call.started_at.desc(), Call.id.desc())
    return [(moment, call_id) for moment, call_id in session().execute(found.limit(SHOWN))]


def contacts_of(
    subproject_id: UUID, indexes: Collection[bytes], before: datetime, *, without: UUID | None = None
) -> Contacts:
    """Return how often a person called a sub-project before a moment; ``without`` leaves the present call out.

    The person is a number with all numbers that a supervisor has joined with it.
    """
    if not indexes:
        return Contacts(0, None)
    return contacts_of_number(subproject_id, clients.person_of(subproject_id, indexes), before, without=without)


def contacts_of_number(
    subproject_id: UUID, indexes: Collection[bytes], before: datetime, *, without: UUID | None = None
) -> Contacts:
    """Return the same of these numbers alone, whatever they were joined with."""
    values = {
        "subproject": subproject_id,
        "indexes": list(indexes),
        "before": before,
        "recent": before - RECENT_DAYS,
        "without": without or _NONE,
    }
    count, last_at, latest = session().execute(_CONTACTS, values).one()
    return Contacts(count, last_at, latest or 0)
