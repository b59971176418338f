"""The table of shift handovers: who gave the desk to whom, what was open then, and both signatures."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, Versioned
from casework.core.ids import new_id


class Handover(Versioned, Base):
    """One handover. ``items`` are the ids of what was open at signing; a note is sealed under a key of its own."""

    __tablename__ = "intake_handover"
    __table_args__ = (
        sa.CheckConstraint("incoming_id <> outgoing_id", name="to_another"),
        sa.CheckConstraint("confirmed_at >= signed_at", name="confirmed_after_signing"),
        sa.CheckConstraint("(sealed_note IS NULL) = (data_key_id IS NULL)", name="note_with_key"),
        sa.Index("ix_intake_handover_day", "subproject_id", "signed_at", "id"),
        sa.Index("ix_intake_handover_incoming", "incoming_id", "signed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    outgoing_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    incoming_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    items: Mapped[dict[str, Any]]
    data_key_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    sealed_note: Mapped[bytes | None]
    signed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
