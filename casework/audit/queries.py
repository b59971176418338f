"""Reading the trail. Only who holds ``audit:entry:read`` gets anything; entries hold ids and codes, no content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit.models import AuditEntry, AuditHead
from casework.audit.trail.checkpoints import last_checkpoint
from casework.audit.types import Protection, Wanted
from casework.core.db import session
from casework.core.errors import NotFound
from casework.core.paging import Key, Page, keyset
from casework.security.guard import require
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor

_NEWEST_FIRST: Final = (
    Key(AuditEntry.at, descending=True),
    Key(AuditEntry.chain, descending=True),
    Key(AuditEntry.seq, descending=True),
)


def list_entries(actor: Actor, wanted: Wanted, cursor: str | None = None) -> Page[AuditEntry]:
    """Return one page of entries, newest first."""
    require(actor, Permission.AUDIT_ENTRY_READ)
    statement = sa.select(AuditEntry)
    same = {AuditEntry.action: wanted.action, AuditEntry.actor_id: wanted.actor_id}
    for column, value in {**same, AuditEntry.subject_id: wanted.subject_id}.items():
        if value is not None:
            statement = statement.where(column == value)
    if wanted.since is not None:
        statement = statement.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEntry.at < wanted.until)
    return keyset(statement, _NEWEST_FIRST, cursor)


def get_entry(actor: Actor, chain: int, seq: int) -> AuditEntry:
    """Return one entry by its place; refused (NotFound) when there is none."""
    require(actor, Permission.AUDIT_ENTRY_READ)
    entry = session().get(AuditEntry, (chain, seq))
    if entry is None:
        raise NotFound(_l("没有这条操作记录。"))
    return entry


def list_actor_ids(actor: Actor) -> list[UUID]:
    """Return who appears in the trail at all. Costs one index look-up a person, whatever the number of entries."""
    require(actor, Permission.AUDIT_ENTRY_READ)
    first = sa.select(AuditEntry.actor_id).order_by(AuditEntry.actor_id).limit(1).scalar_subquery()
    found = sa.select(first.label("id")).cte("found", recursive=True)
    beyond = sa.select(AuditEntry.actor_id).where(AuditEntry.actor_id > found.c.id).order_by(AuditEntry.actor_id)
    step = sa.select(beyond.limit(1).scalar_subquery()).where(found.c.id.is_not(None))
    found = found.union_all(step)
    return list(session().scalars(sa.select(found.c.id).where(found.c.id.is_not(None))))


def protection(actor: Actor) -> Protection:
    """Return how many entries there are and how many of them the last checkpoint covers."""
    require(actor, Permission.AUDIT_ENTRY_READ)
    entries = session().scalar(sa.select(sa.func.coalesce(sa.func.sum(AuditHead.seq), 0)))
    last = last_checkpoint()
    sealed, sealed_at = (0, None) if last is None else (last.count, last.at)
    return Protection(entries=int(entries or 0), sealed=sealed, sealed_at=sealed_at)
