"""Tables of calls that were written down on paper. The file itself is sealed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base
from casework.core.ids import new_id
from casework.intake.models.calls import known
from casework.intake.types import Approximate, BatchState


class PaperBatch(Base):
    """A list of calls from paper: looked through, then imported as a whole, and perhaps taken back as a whole.

    The file itself is sealed and kept only until it is imported, or for a day. ``digest`` tells the same file again.
    """

    __tablename__ = "intake_paper_batch"
    __table_args__ = (
        known("state", BatchState),
        sa.CheckConstraint("(state = 'checked') = (imported_at IS NULL)", name="imported_with_time"),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_with_time"),
        sa.CheckConstraint("calls >= 0 AND approximate >= 0 AND lines >= 0", name="counts_not_negative"),
        sa.Index("ix_intake_paper_batch_digest", "subproject_id", "digest"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    data_key_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    state: Mapped[BatchState] = mapped_column(sa.String(10), default=BatchState.CHECKED)
    digest: Mapped[bytes]
    # How many lines of the file, how many calls they stand for, and how many of these are an approximate number.
    lines: Mapped[int]
    calls: Mapped[int]
    approximate: Mapped[int]
    sealed_file: Mapped[bytes | None]
    created_at: Mapped[datetime]
    imported_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class PaperLine(Base):
    """A line of such a list: a call, or several that were only counted, with the mark of an approximation."""

    __tablename__ = "intake_paper_line"
    __table_args__ = (
        known("approximate", Approximate),
        sa.CheckConstraint("count >= 1", name="count_from_one"),
        sa.CheckConstraint("call_id IS NULL OR (count = 1 AND approximate IS NULL)", name="one_call_is_exact"),
        sa.UniqueConstraint("batch_id", "row"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("intake_paper_batch.id"))
    call_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("intake_call.id"), index=True)
    row: Mapped[int]
    day: Mapped[date]
    line_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("programme_hotline.id"))
    count: Mapped[int]
    approximate: Mapped[Approximate | None] = mapped_column(sa.String(8))
    # What one call of these adds to the daily counts ("topic/sleep"), so that it can be taken out again.
    counted: Mapped[list[str]]
