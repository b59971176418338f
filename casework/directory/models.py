"""The table of resources."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.directory.types import LONGEST_HOURS, LONGEST_NAME, LONGEST_NOTE, Kind

_KINDS = ", ".join(f"'{each}'" for each in Kind)


class Resource(Versioned, Base):
    """A place or number somebody can be told of. It is never deleted: calls say that it was told.

    ``areas`` are beginnings of GB/T 2260 codes, none for the whole country.
    """

    __tablename__ = "directory_resource"
    __table_args__ = (
        sa.UniqueConstraint("name"),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="kind_known"),
        sa.CheckConstraint("name <> ''", name="name_given"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    kind: Mapped[Kind] = mapped_column(sa.String(10))
    phones: Mapped[list[str]]
    areas: Mapped[list[str]]
    hours: Mapped[str] = mapped_column(sa.String(LONGEST_HOURS), default="")
    eligibility: Mapped[str] = mapped_column(sa.String(LONGEST_NOTE), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    verified_on: Mapped[date | None]
    position: Mapped[int]
    # Made from name, numbers and kind when they are saved, so that no page has to know pinyin.
    search: Mapped[str] = mapped_column(sa.Text, default="")
