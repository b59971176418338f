"""What stands on the page of statistics: each figure as a drawing and as a table, with base, gaps and definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask_babel import gettext as _

from casework.reports.disclosure import Mark
from casework.reports.documents import charts, labels
from casework.reports.types import Figure, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from casework.reports.queries import Dashboard
    from casework.reports.types import Table

# The largest dozen is drawn; the table has all.
MOST_BARS: Final = 12
SECTIONS: Final = (
    ("calls", ("kind", "call_type", "brief", "outcome", "repeat", "paper")),
    ("people", ("population", "category", "sex", "age_band")),
    ("needs", ("topic", "level")),
    ("services", ("service", "case_service", "case_mode")),
)
HEAT_STEPS: Final = 5


@dataclass(frozen=True, slots=True)
class Card:
    """One table and its drawing; no drawing where nothing was counted or nothing may be told."""

    table: Table
    drawing: Markup | None
    drawn: int


def cards(dashboard: Dashboard) -> list[tuple[str, list[Card]]]:
    """Return the sections of the page in order, each with its cards; none for a single line."""
    return [
        (section, [_card(dashboard.tables[each]) for each in ids if each in dashboard.tables])
        for section, ids in SECTIONS
    ]


def trend(dashboard: Dashboard) -> Markup | None:
    """Return the drawing of calls over time, or None where there is nothing to draw."""
    points = [(labels.point_name(point.key), point.figure) for point in dashboard.series]
    if not any(figure.count or figure.mark is not Mark.SHOWN for _label, figure in points):
        return None
    per = _("每日来电量") if dashboard.period.span is Span.MONTH else _("每月来电量")
    return charts.columns(per, points, _describe(points, _("通")))


def lines(dashboard: Dashboard) -> Markup | None:
    """Return the drawing of calls by line."""
    if not dashboard.lines:
        return None
    return charts.bars(_("各热线来电量"), dashboard.lines, _describe(dashboard.lines, _("通")))


def heat_class(figure: Figure, most: int) -> str:
    """Return the shade of a cell: none, small, or one of five steps up to the largest shown number."""
    if figure.mark is Mark.WITHHELD:
        return "heat-withheld"
    if figure.mark is Mark.SMALL:
        return "heat-small"
    count = figure.count or 0
    return "heat-none" if count == 0 else f"heat-{min(HEAT_STEPS - 1, HEAT_STEPS * count // (most + 1))}"


def heat_most(heat: Sequence[Sequence[Figure]]) -> int:
    """Return the largest shown number of the times of day."""
    return max((figure.count or 0 for row in heat for figure in row), default=0)


def _card(table: Table) -> Card:
    rows = [(row.label, row.figure) for row in table.rows][:MOST_BARS]
    if not rows:
        return Card(table, None, 0)
    drawing = charts.bars(str(table.measure.title), rows, _describe(rows, str(table.measure.unit)))
    return Card(table, drawing, len(rows))


def _describe(rows: Sequence[tuple[str, Figure]], unit: str) -> str:
    words = [f"{label} {figure.text}" for label, figure in rows]
    return _("单位：%(unit)s。%(rows)s。", unit=unit, rows="；".join(words))
