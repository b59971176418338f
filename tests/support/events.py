"""What the audit trail holds about somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core.db import session

if TYPE_CHECKING:
    from uuid import UUID


def entries_of(account_id: UUID) -> list[AuditEntry]:
    """Return the events of an account, the earliest first."""
    found = sa.select(AuditEntry).where(AuditEntry.actor_id == account_id).order_by(AuditEntry.at, AuditEntry.seq)
    return list(session().scalars(found))


def actions_of(account_id: UUID) -> list[str]:
    """Return the names of the events of an account, the earliest first."""
    return [entry.action for entry in entries_of(account_id)]
