"""Tables of assessments. Answers are sealed; that a scale was taken, and when, is counted in clear."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base
from casework.core.ids import new_id


class CaseMeasure(Base):
    """One scale taken once with one person. The answers are sealed under the key of the case."""

    __tablename__ = "assessments_measure"
    __table_args__ = (sa.Index("ix_assessments_measure_case", "case_id", "scale", "taken_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cases_case.id"))
    data_key_id: Mapped[UUID] = mapped_column(sa.ForeignKey("vault_data_key.id"))
    scale: Mapped[str] = mapped_column(sa.String(20))
    taken_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people_account.id"))
    sealed_answers: Mapped[bytes]
