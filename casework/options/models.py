"""The table of option lists."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, Versioned
from casework.core.ids import new_id
from casework.options.types import LONGEST_CODE, LONGEST_KEYWORDS, LONGEST_NAME, OptionList

_LISTS = ", ".join(f"'{each}'" for each in OptionList)


class OptionEntry(Versioned, Base):
    """One option of one list. Rows are never deleted and codes never changed: records carry them for ever."""

    __tablename__ = "options_entry"
    __table_args__ = (
        sa.UniqueConstraint("option_list", "code"),
        sa.CheckConstraint(f"option_list IN ({_LISTS})", name="option_list_known"),
        sa.CheckConstraint("name_zh <> '' AND name_en <> ''", name="names_given"),
        sa.CheckConstraint("code <> ''", name="code_given"),
        sa.CheckConstraint(
            "offered_from IS NULL OR offered_until IS NULL OR offered_until >= offered_from", name="days_in_order"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    option_list: Mapped[OptionList] = mapped_column(sa.String(16))
    code: Mapped[str] = mapped_column(sa.String(LONGEST_CODE))
    name_zh: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    name_en: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    position: Mapped[int]
    offered_from: Mapped[date | None]
    offered_until: Mapped[date | None]
    is_built_in: Mapped[bool] = mapped_column(default=True)
    keywords: Mapped[str] = mapped_column(sa.String(LONGEST_KEYWORDS), default="")
    # Made from name and keywords when they are published, so that no page has to know pinyin.
    search: Mapped[str] = mapped_column(sa.Text, default="")
