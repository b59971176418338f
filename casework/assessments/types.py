"""Values of assessments: scales are data, so that another one is a table row and not a program."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from flask_babel import LazyString


@dataclass(frozen=True, slots=True)
class Item:
    """One question and the whole numbers that answer it."""

    code: str
    text: LazyString
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale. ``ends`` name the lowest and the highest answer; ``lower_is_better`` tells how change is read."""

    code: str
    name: LazyString
    items: tuple[Item, ...]
    ends: tuple[LazyString, LazyString]
    lower_is_better: bool
    source: LazyString


DISTRESS: Final = Scale(
    code="distress",
    name=_l("困扰程度 0–10"),
    items=(Item("now", _l("现在的困扰程度"), 0, 10),),
    ends=(_l("没有困扰"), _l("极度困扰")),
    lower_is_better=True,
    source=_l("本机构自用单题评分，可自由使用"),
)
SCALES: Final[Mapping[str, Scale]] = MappingProxyType({DISTRESS.code: DISTRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measurement, opened for display; its read event is recorded. ``score`` is None when answers are missing."""

    id: UUID
    scale: str
    taken_at: datetime
    recorded_by: UUID
    score: int | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """That a scale was taken, without its answers."""

    id: UUID
    scale: str
    taken_at: datetime
    recorded_by: UUID
