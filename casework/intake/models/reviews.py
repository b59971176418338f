"""Tables of quality review: which calls were drawn, and what a reviewer said. The comment is sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.intake.models.calls import known
from casework.intake.types.reviews import ReturnReason, ReviewResult, ReviewState, SampleReason

_UNREVIEWED: Final = sa.text("state = 'waiting'")


class CallReview(Versioned, Base):
    """That a call was drawn for review, and what the review said.

    Drawn in the transaction that finishes the call; ``rule_version`` and ``drawn_with`` (the id of the key that drew)
    let an auditor draw again. The comment lies under a key of its own: the call-taker may read it when the call itself
    is closed to them again.
    """

    __tablename__ = "intake_review"
    __table_args__ = (
        known("state", ReviewState),
        known("reason", SampleReason),
        known("result", ReviewResult),
        known("return_reason", ReturnReason),
        sa.CheckConstraint("reviewer_id IS NULL OR reviewer_id <> author_id", name="not_by_oneself"),
        sa.CheckConstraint(
            "(state = 'done') = (result IS NOT NULL AND reviewer_id IS NOT NULL AND reviewed_at IS NOT NULL "
            "AND rubric_version IS NOT NULL)",
            name="done_with_result",
        ),
        sa.CheckConstraint(
            "(return_reason IS NOT NULL) = (result IS NOT NULL AND result = 'returned')", name="return_reason"
        ),
        sa.CheckConstraint("acknowledged_at IS NULL OR state = 'done'", name="acknowledged_when_done"),
        sa.Index(
            "ix_intake_review_waiting",
            "subproject_id",
            sa.text("rank DESC"),
            "sampled_at",
            "id",
            sqlite_where=_UNREVIEWED,
            postgresql_where=_UNREVIEWED,
        ),
        sa.Index("ix_intake_review_author", "author_id", "subproject_id", "reviewed_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("intake_call.id"), unique=True)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    state: Mapped[ReviewState] = mapped_column(sa.String(8))
    reason: Mapped[SampleReason] = mapped_column(sa.String(12))
    rank: Mapped[int] = mapped_column(sa.SmallInteger)
    rule_version: Mapped[int]
    drawn_with: Mapped[str] = mapped_column(sa.String(8))
    sampled_at: Mapped[datetime]

    reviewer_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    reviewed_at: Mapped[datetime | None]
    rubric_version: Mapped[int | None]
    scores: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[ReviewResult | None] = mapped_column(sa.String(10))
    return_reason: Mapped[ReturnReason | None] = mapped_column(sa.String(12))
    data_key_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    sealed_comment: Mapped[bytes | None]
    readable_until: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
