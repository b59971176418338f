"""Tables of what the switchboard reports: every call that reached a line, and what rings now."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base
from casework.core.ids import new_id
from casework.core.tally import DailyTally
from casework.intake.models.calls import known
from casework.intake.types.telephony import CallBack, Ending


class LineLeg(Base):
    """A call as the switchboard saw it, whether or not anybody logged it. Its id is that of the call it becomes.

    ``record_key`` is a MAC of the switchboard's id, or of the facts where there is none: the same record is found
    again, and a number within it cannot be guessed back. The number itself is sealed towards the supervisors.
    """

    __tablename__ = "intake_line_leg"
    __table_args__ = (
        sa.UniqueConstraint("subproject_id", "record_key"),
        known("ending", Ending),
        known("call_back", CallBack),
        sa.CheckConstraint("answered_at >= started_at", name="answered_after_start"),
        sa.CheckConstraint("ended_at >= started_at", name="ended_after_start"),
        sa.CheckConstraint("answered_at IS NULL OR ending IS NULL", name="answered_or_unanswered"),
        sa.Index("ix_intake_line_leg_number", "subproject_id", "number_index", "started_at"),
        sa.Index(
            "ix_intake_line_leg_kept",
            "started_at",
            sqlite_where=sa.text("sealed_number IS NOT NULL"),
            postgresql_where=sa.text("sealed_number IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_hotline.id"))
    record_key: Mapped[bytes]
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ending: Mapped[Ending | None] = mapped_column(sa.String(10))
    call_back: Mapped[CallBack | None] = mapped_column(sa.String(8))
    data_key_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    sealed_number: Mapped[bytes | None]
    number_index: Mapped[bytes | None]


class Ringing(Base):
    """A call that the desk shows: it rings, or somebody speaks and has not begun to log it. Gone soon after.

    ``wrapped_number`` is under the keyring and not under a person's key, because nobody knows yet who will take the
    call; it is deleted with the row.
    """

    __tablename__ = "intake_ringing"
    __table_args__ = (sa.Index("ix_intake_ringing_desk", "subproject_id", "until"),)

    leg_id: Mapped[UUID] = mapped_column(sa.ForeignKey("intake_line_leg.id"), primary_key=True)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_hotline.id"))
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    until: Mapped[datetime]
    taken_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    wrapped_number: Mapped[bytes | None]


class LineEventSeen(Base):
    """That a report of the switchboard was taken, so that the same one sent again changes nothing."""

    __tablename__ = "intake_line_event"

    event_key: Mapped[bytes] = mapped_column(primary_key=True)
    body_mac: Mapped[bytes]
    # None only while the report is being taken.
    leg_id: Mapped[UUID | None]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class LineDay(DailyTally, Base):
    """Calls on the line on one day, by sub-project and line: the only source of its figures. Waits are a histogram."""

    __tablename__ = "intake_line_day"
    __table_args__ = (sa.Index("ix_intake_line_day_read", "subproject_id", "dimension", "day"),)

    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
