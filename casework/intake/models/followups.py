"""Tables of follow-up calls. The number of a missed call is the only word in them, and it is sealed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.core.tally import DailyTally
from casework.intake.models.calls import known
from casework.intake.types import LONGEST_STEP, MOST_TRIES, CancelReason, FollowupKind, FollowupState

_PENDING: Final = sa.text("state IN ('open', 'with_case')")
_LOST: Final = sa.text("state = 'lost'")
_OPEN_MISSED: Final = sa.text("kind = 'missed' AND state = 'open'")


class Followup(Versioned, Base):
    """A call that is to be made: promised, of a high-risk series, or after a missed one.

    ``due_at`` may be moved, ``planned_at`` is when it was first due and decides whether it was made in time.
    ``tries`` counts days on which nobody answered, ``last_try_on`` is the last of them. ``data_key_id`` is the key of
    the call it follows, or its own after a missed one. Nobody in ``assignee_id``: the supervisors of the sub-project,
    or with a case its counselor. ``contact_id``: the record of the contact that was made.
    """

    __tablename__ = "intake_followup"
    __table_args__ = (
        known("kind", FollowupKind),
        known("state", FollowupState),
        known("cancel_reason", CancelReason),
        sa.CheckConstraint("risk_level BETWEEN 0 AND 4", name="risk_level_range"),
        sa.CheckConstraint(f"tries BETWEEN 0 AND {MOST_TRIES}", name="tries_range"),
        sa.CheckConstraint("(tries > 0) = (last_try_on IS NOT NULL)", name="tries_with_day"),
        sa.CheckConstraint("(kind = 'series') = (step <> '')", name="step_of_series"),
        sa.CheckConstraint("(kind = 'missed') = (call_id IS NULL)", name="call_unless_missed"),
        sa.CheckConstraint("(kind = 'missed') = (sealed_number IS NOT NULL)", name="number_of_missed"),
        sa.CheckConstraint("(kind = 'missed') = (number_index IS NOT NULL)", name="index_of_missed"),
        sa.CheckConstraint("(state = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancelled_with_reason"),
        sa.CheckConstraint("(state = 'reached') = (contact_id IS NOT NULL)", name="reached_with_contact"),
        sa.CheckConstraint(
            "(state IN ('open', 'with_case')) = (ended_at IS NULL AND ended_by IS NULL)", name="ended_with_time"
        ),
        sa.CheckConstraint(
            "state <> 'with_case' OR (case_id IS NOT NULL AND assignee_id IS NULL)", name="with_case_of_counselor"
        ),
        sa.CheckConstraint(f"state <> 'lost' OR tries = {MOST_TRIES}", name="lost_after_tries"),
        # One booking and one row a step for each call: planning twice changes nothing.
        sa.UniqueConstraint("call_id", "kind", "step"),
        sa.Index(
            "ix_intake_followup_one_missed",
            "subproject_id",
            "number_index",
            unique=True,
            sqlite_where=_OPEN_MISSED,
            postgresql_where=_OPEN_MISSED,
        ),
        sa.Index(
            "ix_intake_followup_due",
            "subproject_id",
            "due_at",
            "id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        sa.Index(
            "ix_intake_followup_lost", "subproject_id", "due_at", "id", sqlite_where=_LOST, postgresql_where=_LOST
        ),
        sa.Index("ix_intake_followup_mine", "assignee_id", "due_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    line_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("programme_hotline.id"))
    call_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("intake_call.id"))
    case_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("cases_case.id"), index=True)
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"), index=True)
    kind: Mapped[FollowupKind] = mapped_column(sa.String(8))
    step: Mapped[str] = mapped_column(sa.String(LONGEST_STEP), default="")
    state: Mapped[FollowupState] = mapped_column(sa.String(10), default=FollowupState.OPEN)
    cancel_reason: Mapped[CancelReason | None] = mapped_column(sa.String(12))
    risk_level: Mapped[int | None]
    planned_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    last_try_on: Mapped[date | None]
    assignee_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    number_index: Mapped[bytes | None]
    sealed_number: Mapped[bytes | None]
    # When the number called without being answered; what a missed call has instead of a record.
    missed_at: Mapped[datetime | None]
    contact_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("intake_call.id"), index=True)
    created_at: Mapped[datetime]
    # Not a foreign key: the telephony counts as the system, which has no account.
    created_by: Mapped[UUID]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]


class FollowupDay(DailyTally, Base):
    """How many follow-ups were due on one day (Asia/Shanghai) and how they were kept, by step of the series."""

    __tablename__ = "intake_followup_day"

    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"), primary_key=True)
