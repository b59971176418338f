"""How periods and points in time are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from casework.reports.types import Span

if TYPE_CHECKING:
    from casework.reports.types import Period

_MONTH_LENGTH = len("2020-04")


def period_name(period: Period) -> str:
    """Return 2020 年 4 月, 2020 年第 2 季度, 2020 年 or 整个项目期."""
    if period.span is Span.WHOLE:
        return _("整个项目期")
    if period.span is Span.YEAR:
        return _("%(year)s 年", year=period.key)
    year, _dash, rest = period.key.partition("-")
    if period.span is Span.QUARTER:
        return _("%(year)s 年第 %(quarter)s 季度", year=year, quarter=rest[1:])
    return _("%(year)s 年 %(month)s 月", year=year, month=int(rest))


def point_name(key: str) -> str:
    """Return a short name of a day (5) or a month (2020-04) for an axis."""
    return key if len(key) == _MONTH_LENGTH else str(int(key[-2:]))
