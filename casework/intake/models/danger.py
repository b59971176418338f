"""Tables of danger to life: the steps that were taken, and the alerts that tell a supervisor."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.intake.models.calls import known
from casework.intake.types import AlertState, StepCode, StepReason

_LIVE: Final = sa.text("ended_at IS NULL")


class DangerStep(Versioned, Base):
    """A step that was taken for somebody in danger, or why not. Open again when a press was a slip.

    ``version`` is that of the protocol by which it was asked for. ``revision`` counts what was written, so that a
    former detail does not open in the place of a later one.
    """

    __tablename__ = "intake_step"
    __table_args__ = (
        known("code", StepCode),
        known("reason", StepReason),
        sa.CheckConstraint("done_at IS NULL OR reason IS NULL", name="done_or_reason"),
        sa.CheckConstraint("revision >= 1", name="revision_from_one"),
        sa.UniqueConstraint("call_id", "code"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("intake_call.id"))
    code: Mapped[StepCode] = mapped_column(sa.String(20))
    version: Mapped[str] = mapped_column(sa.String(20))
    done_at: Mapped[datetime | None]
    reason: Mapped[StepReason | None] = mapped_column(sa.String(14))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    recorded_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    data_key_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    sealed_detail: Mapped[bytes | None]


class Alert(Versioned, Base):
    """A supervisor is needed: called for help (``help_at``), or because a level says so, or both.

    It lives (``ended_at`` is empty) until it is answered and the call is saved; one lives at most for a call.
    """

    __tablename__ = "intake_alert"
    __table_args__ = (
        known("state", AlertState),
        sa.CheckConstraint("level BETWEEN 0 AND 4", name="level_range"),
        sa.CheckConstraint("help_at IS NOT NULL OR level >= 3 OR state = 'cancelled'", name="has_cause"),
        sa.CheckConstraint(
            "(state = 'acknowledged') = (acknowledged_at IS NOT NULL AND acknowledged_by IS NOT NULL)",
            name="acknowledged_with_time",
        ),
        sa.CheckConstraint("state IN ('open', 'acknowledged') OR ended_at IS NOT NULL", name="ended_with_time"),
        sa.Index("ix_intake_alert_live_call", "call_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        # What the boards ask for every other second.
        sa.Index("ix_intake_alert_live", "subproject_id", "raised_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("intake_call.id"), index=True)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    state: Mapped[AlertState] = mapped_column(sa.String(12))
    level: Mapped[int]
    raised_at: Mapped[datetime]
    help_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    ended_at: Mapped[datetime | None]


class AlertTurn(Base):
    """Whose turn it was to answer an alert, and from when; no account is the programme office."""

    __tablename__ = "intake_alert_turn"

    alert_id: Mapped[UUID] = mapped_column(sa.ForeignKey("intake_alert.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    since: Mapped[datetime]
