"""Tables of being let to real calls: steps that were done or confirmed, and who was let in. Codes and times only."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base
from casework.core.ids import new_id
from casework.intake.models.calls import known
from casework.intake.types.readiness import AdmissionBasis, ReadyStep

_STANDS: Final = sa.text("withdrawn_at IS NULL")


class ReadinessStep(Base):
    """That a call-taker did a step, or a supervisor confirmed it; of a practice call nothing else is kept.

    ``number`` counts the times of a step that is asked for several times. Withdrawn rows stay, so that nobody can say
    later that it was never confirmed.
    """

    __tablename__ = "intake_readiness_step"
    __table_args__ = (
        known("code", ReadyStep),
        sa.CheckConstraint("number BETWEEN 1 AND 50", name="number_in_range"),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> account_id", name="not_by_oneself"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_with_who"),
        sa.Index(
            "ix_intake_readiness_step_stands",
            "subproject_id",
            "account_id",
            "code",
            "number",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    code: Mapped[ReadyStep] = mapped_column(sa.String(20))
    number: Mapped[int] = mapped_column(sa.SmallInteger)
    version: Mapped[int]
    done_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))


class Admission(Base):
    """That somebody takes real calls in a sub-project, since when and by whose word. Ended, never deleted.

    Nobody's word stands behind those who took calls before there was a checklist (``existing``).
    """

    __tablename__ = "intake_admission"
    __table_args__ = (
        known("basis", AdmissionBasis),
        sa.CheckConstraint(
            "(basis = 'checklist') = (admitted_by IS NOT NULL AND version IS NOT NULL)", name="checklist_with_who"
        ),
        sa.CheckConstraint("admitted_by IS NULL OR admitted_by <> account_id", name="not_by_oneself"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_with_who"),
        sa.Index(
            "ix_intake_admission_stands",
            "subproject_id",
            "account_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"))
    basis: Mapped[AdmissionBasis] = mapped_column(sa.String(10))
    version: Mapped[int | None]
    admitted_at: Mapped[datetime]
    admitted_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people_account.id"))
