"""One page of statistics: fixed periods, places within reach, and every figure safe to show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.core import clock
from casework.core.errors import NotFound
from casework.options import queries as options
from casework.programme import queries as programme
from casework.reports import rules
from casework.reports.queries.book import Book, node
from casework.reports.rules import ROOT
from casework.reports.types import Figure, Period, Span, Table
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.roles import Reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.programme.models import Hotline, Subproject
    from casework.reports.types import Measure
    from casework.security.actor import Actor

READ: Final = Permission.REPORTS_STATISTICS_READ
_SIDE_TOTALS: Final = ("total", "case_opened", "case_closed", "case_session", "case_client")
_SIDE_VALUES: Final = (
    ("level", "high"),
    ("level", "not_assessed"),
    ("repeat", "repeat"),
    ("case_mode", "online"),
    ("case_mode", "offline"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where: everything, one sub-project, or one line of it."""

    name: str
    subproject: Subproject | None = None
    line: Hotline | None = None

    @property
    def node(self) -> str:
        """Return the place in the tree of places."""
        if self.subproject is None:
            return ROOT
        return node(self.subproject.id, self.line.id if self.line else None)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filter offers: fixed periods, and places within reach.

    ``periods`` begin with the month in which anything was counted first, by whomever: what lies before is empty
    everywhere. An older period of the programme is found all the same, and is offered while it is shown.
    """

    periods: Sequence[Period]
    subprojects: Sequence[Subproject]
    lines: Sequence[Hotline]
    everything: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One day (``2020-04-05``) or month (``2020-04``) of a series."""

    key: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Side:
    """One sub-project beside the others: its numbers by column."""

    name: str
    code: str
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """All figures of one page. ``tables`` by measure id; a single line has its total only.

    What is too finely divided for a single line or a month would be hidden almost everywhere, and is left out.
    """

    choices: Choices
    period: Period
    place: Place
    as_of: datetime
    tables: dict[str, Table]
    series: Sequence[Point]
    lines: Sequence[tuple[str, Figure]]
    heat: Sequence[Sequence[Figure]]
    sides: Sequence[Side]

    @property
    def total(self) -> Figure:
        """Return the number of calls."""
        return self.tables["total"].total

    @property
    def is_empty(self) -> bool:
        """Return whether nothing at all happened in the period."""
        return all(table.is_empty for table in self.tables.values())


def get_dashboard(actor: Actor, period: str = "", subproject: str = "", line: str = "") -> Dashboard:
    """Return the figures of a fixed period (this month when none is named) at a place within reach.

    Refused (R23) for roles that do not read statistics; (NotFound) for a period that is not one of the fixed ones, and
    for a sub-project or line that is out of reach or does not exist.
    """
    require(actor, READ)
    book = Book()
    chosen, periods = periods_of(book.months, period)
    found = choices_of(actor, periods)
    place = place_of(actor, found, subproject, line)
    tables = {
        each.id: book.table(_named(each), chosen.key, place.node)
        for each in rules.MEASURES.values()
        if (place.line is None or each.id == "total") and not (each.by_quarter and chosen.span is Span.MONTH)
    }
    return Dashboard(
        choices=found,
        period=chosen,
        place=place,
        as_of=clock.now(),
        tables=tables,
        series=_series(book, chosen, place),
        lines=_lines(book, found, chosen, place),
        heat=_heat(tables.get("hour")),
        sides=_sides(book, found, chosen) if place.node == ROOT else (),
    )


def _named(measure: Measure) -> Measure:
    """Return a measure whose values are called as the option list calls them today, retired ones too."""
    if measure.options is None:
        return measure
    found = options.catalogue()
    order = dict(found.choices(measure.options, found.names[measure.options]))
    return replace(measure, names=order | {code: name for code, name in measure.names.items() if code not in order})


def choices_of(actor: Actor, periods: Sequence[Period]) -> Choices:
    """Return what the filter offers: these periods, and the places within the actor's reach."""
    return Choices(
        periods,
        programme.list_subprojects(actor, READ),
        programme.list_all_lines(actor, permission=READ),
        everything=actor.reach(READ) is Reach.PROGRAMME,
    )


def periods_of(months: Sequence[str], key: str) -> tuple[Period, list[Period]]:
    """Return the period of a key (this month without one), and those to choose from.

    ``months`` are those in which anything was counted. Refused (NotFound): a key that is none of the fixed periods.
    """
    starts_on, counted = programme.get_programme().starts_on, [date.fromisoformat(f"{m}-01") for m in months[:1]]
    last = max(clock.today(), starts_on)
    known = rules.periods_between(min([starts_on, *counted]), last)
    offered = {each.key for each in rules.periods_between(min([*counted, last]), last)}
    chosen = rules.find_period(known, key) if key else next(each for each in known if each.span is Span.MONTH)
    if chosen is None:
        raise NotFound(_l("统计只按固定的月、季、年和整个项目期提供。请从列表中选择期间。"))
    return chosen, [each for each in known if each.key in offered or each == chosen]


def place_of(actor: Actor, found: Choices, code: str, line: str) -> Place:
    """Return where: a line, a sub-project, or what the actor sees at most; refused (NotFound) when out of reach."""
    if line:
        chosen = next((each for each in found.lines if str(each.id) == line), None)
        owners = [each for each in found.subprojects if chosen is not None and each.id == chosen.subproject_id]
        if chosen is None or not owners:
            raise NotFound(_l("找不到这条热线，或它不在你的工作范围内。"))
        return Place(chosen.name, owners[0], chosen)
    if not code and found.everything:
        return Place(str(_l("全部子项目")))
    wanted = [each for each in found.subprojects if each.code == code or (not code and each.id == actor.subproject_id)]
    if not wanted:
        raise NotFound(_l("找不到这个子项目，或它不在你的工作范围内。"))
    return Place(wanted[0].name, wanted[0])


def _series(book: Book, period: Period, place: Place) -> list[Point]:
    if period.span is not Span.MONTH:
        return [Point(key, figure) for key, figure in book.series(period, place.node)]
    if place.line is not None:
        return []
    return [Point(day.isoformat(), figure) for day, figure in book.days(period, place.node)]


def _lines(book: Book, found: Choices, period: Period, place: Place) -> list[tuple[str, Figure]]:
    """Return the calls of each line of a sub-project; closed ones without calls in the period are left out."""
    if place.subproject is None or place.line is not None:
        return []
    shown = []
    for line in found.lines:
        if line.subproject_id == place.subproject.id:
            figure = book.total(rules.measure("total"), period.key, node(line.subproject_id, line.id))
            if figure != Figure(0) or line.closed_on is None or line.closed_on >= period.start:
                shown.append((line.name, figure))
    return shown


def _heat(table: Table | None) -> list[list[Figure]]:
    """Return three hours (rows) by weekdays (columns, Monday first)."""
    if table is None or not table.told or table.is_empty:
        return []
    hours = range(0, rules.HOURS, rules.SLOT_HOURS)
    return [[table.find(rules.slot(day, hour)) for day in range(rules.WEEKDAYS)] for hour in hours]


def _sides(book: Book, found: Choices, period: Period) -> list[Side]:
    """Return the sub-projects beside each other, and all of them together last."""
    rows = [(each.name, each.code, node(each.id)) for each in found.subprojects]
    rows.append((str(_l("合计")), "", ROOT))
    return [Side(name, code, _columns(book, period.key, where)) for name, code, where in rows]


def _columns(book: Book, period: str, where: str) -> dict[str, Figure]:
    columns = {each: book.total(rules.measure(each), period, where) for each in _SIDE_TOTALS}
    for measure, value in _SIDE_VALUES:
        columns[value] = book.table(rules.measure(measure), period, where).find(value)
    return columns
