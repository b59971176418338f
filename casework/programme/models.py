"""Tables of the programme. Every team, hotline and case hangs under a sub-project (R1, R28)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.programme.types import SubprojectKind


class Programme(Versioned, Base):
    """The one programme this system works for."""

    __tablename__ = "programme_programme"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="starts_before_end"),
        sa.CheckConstraint("budget_fen >= 0", name="budget_not_negative"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(200))
    owner: Mapped[str] = mapped_column(sa.String(200))
    guided_by: Mapped[str] = mapped_column(sa.String(200), default="")
    steering: Mapped[str] = mapped_column(sa.Text, default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    budget_fen: Mapped[int] = mapped_column(sa.BigInteger)
    outputs: Mapped[list[str]]
    is_demo: Mapped[bool] = mapped_column(default=False)


class Subproject(Versioned, Base):
    """One of the sub-projects. ``division`` is a GB/T 2260 code; None for the one that covers the country.

    Without ``authorised_by`` nobody may serve in its name (R20).
    """

    __tablename__ = "programme_subproject"
    __table_args__ = (
        sa.CheckConstraint("(authorised_by = '') = (authorised_on IS NULL)", name="authorisation_complete"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_programme.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(8), unique=True)
    kind: Mapped[SubprojectKind] = mapped_column(sa.String(4))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(200))
    fund: Mapped[str] = mapped_column(sa.String(200), default="")
    partner: Mapped[str] = mapped_column(sa.String(300), default="")
    region: Mapped[str] = mapped_column(sa.String(100), default="")
    division: Mapped[str | None] = mapped_column(sa.String(9))
    targets: Mapped[list[str]]
    responsible: Mapped[str] = mapped_column(sa.String(100), default="")
    authorised_by: Mapped[str] = mapped_column(sa.String(200), default="")
    authorised_on: Mapped[date | None]


class Hotline(Versioned, Base):
    """A line with the time it was open. A line is never overwritten: it is closed and another opened."""

    __tablename__ = "programme_hotline"
    __table_args__ = (
        sa.UniqueConstraint("subproject_id", "name"),
        sa.CheckConstraint("seats >= 1", name="seats_at_least_one"),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closed_after_open"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subproject_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme_subproject.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    numbers: Mapped[list[str]]
    seats: Mapped[int] = mapped_column(default=2)
    hours: Mapped[str] = mapped_column(sa.String(100), default="")
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]

    def is_open(self, day: date) -> bool:
        """Return whether the line is open on a day; lists keep the same lines by a filter of their own."""
        return self.opened_on <= day and (self.closed_on is None or self.closed_on >= day)
