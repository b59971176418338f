"""The table of what was told to others, and by which exception."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.intake.models.calls import known
from casework.intake.types import Consulted, Ground, NotTold, Receiver

_UNTOLD: Final = sa.text("told_at IS NULL")


class Disclosure(Versioned, Base):
    """One disclosure about the person of a call. Facts, document and outcome are sealed under the key of the call."""

    __tablename__ = "intake_disclosure"
    __table_args__ = (
        known("ground", Ground),
        known("receiver", Receiver),
        known("consulted", Consulted),
        known("not_told", NotTold),
        sa.CheckConstraint("ground <> 'E4' OR sealed_document IS NOT NULL", name="document_for_legal_order"),
        sa.CheckConstraint("(consulted = 'not_yet') = (consulted_id IS NULL)", name="consulted_with_whom"),
        sa.CheckConstraint("told_at IS NOT NULL OR not_told IS NOT NULL", name="told_or_why_not"),
        sa.CheckConstraint("told_at >= disclosed_at", name="told_after"),
        sa.CheckConstraint("(told_at IS NULL) = (told_by IS NULL)", name="told_by_somebody"),
        sa.CheckConstraint("disclosed_at <= recorded_at", name="not_in_future"),
        sa.Index("ix_intake_disclosure_month", "subproject_id", "disclosed_at", "id"),
        sa.Index("ix_intake_disclosure_untold", "subproject_id", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("intake_call.id"), index=True)
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    ground: Mapped[Ground] = mapped_column(sa.String(2))
    receiver: Mapped[Receiver] = mapped_column(sa.String(14))
    fields: Mapped[list[str]]
    disclosed_at: Mapped[datetime]
    consulted: Mapped[Consulted] = mapped_column(sa.String(10))
    consulted_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    sealed_facts: Mapped[bytes]
    sealed_document: Mapped[bytes | None]
    sealed_outcome: Mapped[bytes | None]
    told_at: Mapped[datetime | None]
    told_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    # Stays when the person was told later: why it took until then.
    not_told: Mapped[NotTold | None] = mapped_column(sa.String(14))
    recorded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    recorded_at: Mapped[datetime]
