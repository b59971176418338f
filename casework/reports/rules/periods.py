"""The fixed periods of statistics: months, quarters, years, and the whole programme."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from casework.reports.types import Period, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

WHOLE_KEY: Final = "whole"
_DECEMBER: Final = 12


def month_key(day: date) -> str:
    """Return ``2020-04`` for a day of April 2020."""
    return f"{day.year:04d}-{day.month:02d}"


def quarter_of(month: str) -> str:
    """Return ``2020-Q2`` for ``2020-04``."""
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def time_tree(months: Iterable[str]) -> dict[str, str | None]:
    """Return each period's next larger one: month in quarter in year in the whole programme."""
    tree: dict[str, str | None] = {WHOLE_KEY: None}
    for month in months:
        quarter = quarter_of(month)
        tree[month[:4]] = WHOLE_KEY
        tree[quarter] = month[:4]
        tree[month] = quarter
    return tree


def quarter_tree(months: Iterable[str]) -> dict[str, str | None]:
    """Return the same tree without its months."""
    found = time_tree(months)
    return {period: above for period, above in found.items() if above is None or "Q" not in above}


def periods_between(first: date, last: date) -> list[Period]:
    """Return every fixed period that touches the days from ``first`` to ``last``: the whole, then the latest first.

    The whole programme reaches from the first of these days to the last; the others are full calendar periods.
    """
    months = []
    month = first.replace(day=1)
    while month <= last:
        months.append(month)
        month = _next_month(month)
    found = [Period(Span.WHOLE, WHOLE_KEY, first, last)]
    years = sorted({month.year for month in months}, reverse=True)
    found += [Period(Span.YEAR, str(year), date(year, 1, 1), date(year, _DECEMBER, 31)) for year in years]
    quarters = {quarter_of(month_key(month)): _quarter(month) for month in months}
    found += [quarters[key] for key in sorted(quarters, reverse=True)]
    found += [Period(Span.MONTH, month_key(m), m, _next_month(m) - timedelta(days=1)) for m in reversed(months)]
    return found


def find_period(periods: Iterable[Period], key: str) -> Period | None:
    """Return the period of a key from an address, or None for anything that is not one of the fixed ones."""
    return next((period for period in periods if period.key == key), None)


def _quarter(month: date) -> Period:
    start = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    end = _next_month(_next_month(_next_month(start))) - timedelta(days=1)
    return Period(Span.QUARTER, quarter_of(month_key(month)), start, end)


def _next_month(month: date) -> date:
    return date(month.year + month.month // _DECEMBER, month.month % _DECEMBER + 1, 1)
