"""The page about the line itself: offered, answered, lost, waited. From daily counts of the switchboard's records.

Numbers of calls pass through disclosure control like all others. A rate is shown only where every number in it is
shown and the base is twenty or more; waits and lengths only of twenty answered calls or more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.core import clock
from casework.core.errors import NotFound
from casework.intake.queries.line_months import line_days, line_months, line_sums
from casework.intake.types.telephony import LineDimension, LineState
from casework.programme import queries as programme
from casework.reports import rules
from casework.reports.disclosure import SMALLEST_BASE, Mark
from casework.reports.queries.book import node
from casework.reports.queries.dashboard import Choices, Place, Point, choices_of, periods_of, place_of
from casework.reports.rules import ROOT, Cube, Totals
from casework.reports.rules.waits import USUAL, WITHIN, answered_within, waits_of
from casework.reports.types import Atom, Figure, Period, Span
from casework.security.actor import Actor
from casework.security.guard import require
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from casework.programme.models import Hotline
    from casework.reports.rules import Tree
    from casework.reports.rules.waits import Waits

READ: Final = Permission.REPORTS_STATISTICS_READ
_UNKNOWN: Final = Figure(None, Mark.WITHHELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFigures:
    """What is told of one place in one period. None: too few calls, or a number in it is hidden."""

    name: str
    offered: Figure
    states: Mapping[LineState, Figure]
    answer_rate: float | None
    lost_rate: float | None
    service_level: float | None
    waits: Waits | None
    mean_talk: float | None

    @property
    def is_empty(self) -> bool:
        """Return whether no call was offered."""
        return self.offered == Figure(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePage:
    """All figures of the page. ``within`` is the number of seconds of the service level."""

    choices: Choices
    period: Period
    place: Place
    within: int
    as_of: datetime
    figures: LineFigures
    lines: Sequence[LineFigures]
    series: Sequence[Point]
    heat: Sequence[Sequence[Figure]]


def get_line_page(actor: Actor, period: str = "", subproject: str = "", line: str = "", within: str = "") -> LinePage:
    """Return the figures of a fixed period (the latest with calls when none is named) at a place within reach.

    Refused (R23) for roles that do not read statistics; (NotFound) for a period or a number of seconds that is not one
    of those offered, and for a place that is out of reach or does not exist.
    """
    require(actor, READ)
    book = _Book()
    chosen, periods = periods_of(book.months, period or book.latest)
    choices = choices_of(actor, periods)
    place = place_of(actor, choices, subproject, line)
    seconds = _seconds(within)
    return LinePage(
        choices=choices,
        period=chosen,
        place=place,
        within=seconds,
        as_of=clock.now(),
        figures=book.figures(place.name, chosen, place, seconds),
        lines=[
            book.figures(each.name, chosen, Place(each.name, place.subproject, each), seconds)
            for each in _lines(choices, place, chosen)
        ],
        series=book.series(chosen, place),
        heat=book.heat(chosen, place),
    )


def _seconds(asked: str) -> int:
    if not asked:
        return USUAL
    found = next((each for each in WITHIN if str(each) == asked), None)
    if found is None:
        raise NotFound(_l("服务水平只按列出的秒数提供。请从列表中选择。"))
    return found


def _lines(choices: Choices, place: Place, period: Period) -> list[Hotline]:
    if place.subproject is None or place.line is not None:
        return []
    own = [line for line in choices.lines if line.subproject_id == place.subproject.id]
    return [line for line in own if line.closed_on is None or line.closed_on >= period.start]


class _Book:
    """The numbers of all places, read by the system itself, so that what is small does not depend on who looks."""

    def __init__(self) -> None:
        self._atoms: dict[str, list[Atom]] = defaultdict(list)
        for row in line_months(Actor.system(), [LineDimension.STATE, LineDimension.HOUR]):
            place = node(row.subproject_id, row.line_id)
            self._atoms[row.dimension].append(Atom(row.month, place, row.value, row.count))
        self._coarse: Tree = {ROOT: None} | {node(each.id): ROOT for each in programme.list_subprojects(Actor.system())}
        fine = self._coarse | {
            atom.place: atom.place.partition("/")[0] for atoms in self._atoms.values() for atom in atoms
        }
        states = self._atoms[LineDimension.STATE]
        self._totals = Totals(fine, states)
        self._states = Cube(fine, states, self._totals)

    @property
    def months(self) -> list[str]:
        """Return the months in which a call was offered, the earliest first."""
        return sorted({atom.month for atom in self._atoms[LineDimension.STATE]})

    @property
    def latest(self) -> str:
        """Return the latest of them, or nothing."""
        return next(reversed(self.months), "")

    def figures(self, name: str, period: Period, place: Place, within: int) -> LineFigures:
        """Return what is told of one place in one period."""
        offered = self._totals.figure(period.key, place.node)
        states = self._told(period, place, offered)
        answered, short = states[LineState.ANSWERED].count, states[LineState.SHORT].count
        base = None if offered.count is None or short is None else offered.count - short
        sums = self._sums(period, place) if _is_enough(answered) else {}
        histogram = {int(value): n for (dimension, value), n in sums.items() if dimension == LineDimension.WAIT}
        talked = sums.get((LineDimension.TALKED, "all"), 0)
        return LineFigures(
            name=name,
            offered=offered,
            states=states,
            answer_rate=_rate(answered, base),
            lost_rate=_rate(states[LineState.LOST].count, base),
            service_level=_rate(answered_within(histogram, within) if histogram else None, base),
            waits=waits_of(histogram),
            mean_talk=sums[LineDimension.TALK, "all"] / talked if _is_enough(talked) else None,
        )

    def series(self, period: Period, place: Place) -> list[Point]:
        """Return the calls offered on each day of a month, or in each month of a longer period."""
        if period.span is not Span.MONTH:
            months = [month for month in self.months if _is_within(month, period)]
            return [Point(month, self._totals.figure(month, place.node)) for month in months]
        if place.line is not None:
            return []
        days = line_days(Actor.system(), start=period.start, end=period.end)
        atoms = [Atom(period.key, node(subproject), day.isoformat(), count) for day, subproject, count in days]
        figures = Cube(self._coarse, atoms, self._totals, {period.key: None}).figures(period.key, place.node)
        hidden = self._totals.figure(period.key, place.node).mark is not Mark.SHOWN
        last = min(period.end, clock.today())
        dates = [period.start + timedelta(days=n) for n in range((last - period.start).days + 1)]
        return [
            Point(day.isoformat(), _UNKNOWN if hidden else figures.get(day.isoformat(), Figure(0))) for day in dates
        ]

    def heat(self, period: Period, place: Place) -> list[list[Figure]]:
        """Return three hours (rows) by weekdays (columns, Monday first); not of a month, nor of a single line."""
        offered = self._totals.figure(period.key, place.node)
        if period.span is Span.MONTH or place.line is not None or offered.mark is not Mark.SHOWN or not offered.count:
            return []
        atoms = [
            Atom(rules.quarter_of(atom.month), atom.place.partition("/")[0], _slot(atom.value), atom.count)
            for atom in self._atoms[LineDimension.HOUR]
        ]
        cube = Cube(self._coarse, atoms, self._totals, rules.quarter_tree(self.months))
        found = cube.figures(period.key, place.node)
        hours = range(0, rules.HOURS, rules.SLOT_HOURS)
        return [[found.get(rules.slot(day, hour), Figure(0)) for day in range(rules.WEEKDAYS)] for hour in hours]

    def _told(self, period: Period, place: Place, offered: Figure) -> dict[LineState, Figure]:
        """Return the calls by how they went; where the total is hidden, nothing is told."""
        if offered.mark is not Mark.SHOWN:
            return dict.fromkeys(LineState, _UNKNOWN)
        found = self._states.figures(period.key, place.node)
        return {state: found.get(str(state), Figure(0)) for state in LineState}

    def _sums(self, period: Period, place: Place) -> dict[tuple[str, str], int]:
        dimensions = [LineDimension.WAIT, LineDimension.TALK, LineDimension.TALKED]
        sums: Counter[tuple[str, str]] = Counter()
        subproject_id = None if place.subproject is None else place.subproject.id
        line_id: UUID | None = None if place.line is None else place.line.id
        found = line_sums(
            Actor.system(),
            dimensions,
            start=period.start,
            end=period.end,
            subproject_id=subproject_id,
            line_id=line_id,
        )
        for (_line, dimension, value), count in found.items():
            sums[dimension, value] += count
        return dict(sums)


def _is_within(month: str, period: Period) -> bool:
    return period.start <= date.fromisoformat(f"{month}-01") <= period.end or period.span is Span.WHOLE


def _is_enough(count: int | None) -> bool:
    return count is not None and count >= SMALLEST_BASE


def _rate(count: int | None, base: int | None) -> float | None:
    return None if count is None or base is None or base < SMALLEST_BASE else count / base


def _slot(weekday_hour: str) -> str:
    weekday, _dash, hour = weekday_hour.partition("-")
    return rules.slot(int(weekday), int(hour))
