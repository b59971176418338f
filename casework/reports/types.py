"""Values of statistics: periods, measures, and numbers as they may be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.reports.disclosure import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from flask_babel import LazyString

    from casework.options.types import OptionList


class Span(StrEnum):
    """How long a period is. There is no free range: two ranges that differ by a day would give that day away."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    WHOLE = "whole"


class Source(StrEnum):
    """Which daily counts a measure is read from."""

    CALLS = "calls"
    CASES = "cases"


class Purpose(StrEnum):
    """Why somebody takes figures out of the system. Kept in the audit trail (R23e)."""

    WORK_REPORT = "work_report"
    AUTHORITY = "authority"
    FUND = "fund"
    INTERNAL_REVIEW = "internal_review"


PURPOSE_NAMES: Final = {
    Purpose.WORK_REPORT: _l("撰写工作报告"),
    Purpose.AUTHORITY: _l("报送主管部门"),
    Purpose.FUND: _l("报送专项基金"),
    Purpose.INTERNAL_REVIEW: _l("内部分析与督导"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A fixed period, both days included. ``key`` is ``2020-04``, ``2020-Q2``, ``2020`` or ``whole``."""

    span: Span
    key: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One counted thing, defined once: what is counted, in which unit, over which dimension of which daily counts.

    ``base``: the measure whose events are broken down. ``part``: the value of the measure ``kind`` to which those
    belong that this one is about; empty: all. ``exclusive``: each of them has one value, so that the values add up.
    ``only``: the values that belong here; empty: all. ``merged`` names values that are counted together. ``ordered``:
    the values have an order of their own, else the largest comes first. ``by_quarter``: so finely divided that a month
    would tell single people; quarters are the shortest periods. ``options``: the list from which the values have their
    present names.
    """

    id: str
    source: Source
    dimension: str
    title: LazyString
    unit: LazyString
    definition: LazyString
    clause: str
    names: Mapping[str, str | LazyString]
    base: str
    part: str = ""
    only: frozenset[str] = frozenset()
    exclusive: bool = True
    ordered: bool = False
    by_quarter: bool = False
    merged: Mapping[str, str] = field(default_factory=dict)
    options: OptionList | None = None


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest number that is read: one month, one place (a line, or a sub-project), one value."""

    month: str
    place: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it may be shown. ``count`` is None unless it is shown; ``share`` is None below the smallest base."""

    count: int | None
    mark: Mark = Mark.SHOWN
    share: float | None = None

    @property
    def text(self) -> str:
        """Return the number, "<5" or a dash."""
        if self.mark is Mark.SMALL:
            return "<5"
        return "—" if self.mark is Mark.WITHHELD or self.count is None else f"{self.count:,}"

    @property
    def percent(self) -> str:
        """Return the share with one decimal, or nothing where it may not be shown."""
        return "" if self.share is None else f"{self.share * 100:.1f}%"


WITHHELD = Figure(None, Mark.WITHHELD)


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a table and its number."""

    value: str
    label: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Table:
    """One measure in one period at one place. ``total`` is the base ``n``; ``missing`` of them were not answered.

    ``told``: False when there were too few people to break the total down. ``hidden``: numbers that are not shown.
    """

    measure: Measure
    rows: tuple[Row, ...]
    total: Figure
    missing: Figure | None
    told: bool = True

    @property
    def hidden(self) -> int:
        """Return how many numbers are small or withheld."""
        return sum(row.figure.mark is not Mark.SHOWN for row in self.rows)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was counted at all."""
        return self.total.count == 0 and self.total.mark is Mark.SHOWN

    def find(self, value: str) -> Figure:
        """Return the number of one value; a plain zero when it did not occur."""
        if not self.told:
            return WITHHELD
        return next((row.figure for row in self.rows if row.value == value), Figure(0))
