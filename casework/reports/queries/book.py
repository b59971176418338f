"""All monthly numbers of the programme, and what of them may be shown.

Which numbers are small must not depend on who looks, so the numbers of all places are read by the system itself.
Nothing leaves the book but figures that are safe to show; the caller asks for places within the actor's reach only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from casework.cases import queries as cases
from casework.core import clock
from casework.intake.queries.counts import daily_counts
from casework.intake.queries.months import monthly_counts
from casework.intake.types import Dimension
from casework.programme import queries as programme
from casework.reports import rules
from casework.reports.disclosure import Mark
from casework.reports.rules import BRIEF, ROOT, TALK, WHOLE_KEY, Cube, Totals
from casework.reports.types import Atom, Figure, Period, Source, Table
from casework.security.actor import Actor

if TYPE_CHECKING:
    from uuid import UUID

    from casework.reports.rules import Tree
    from casework.reports.types import Measure

_LINE: Final = "/"


def node(subproject_id: UUID, line_id: UUID | None = None) -> str:
    """Return the name of a sub-project, or of one of its lines, in the tree of places."""
    return str(subproject_id) if line_id is None else f"{subproject_id}{_LINE}{line_id}"


class Book:
    """Read once a request; cubes are made when they are asked for."""

    def __init__(self) -> None:
        """Read all monthly numbers."""
        self._atoms = {**_read_calls(), **_read_cases()}
        self._coarse: Tree = {ROOT: None} | {node(each.id): ROOT for each in programme.list_subprojects(Actor.system())}
        self._fine = self._coarse | {
            atom.place: atom.place.partition(_LINE)[0]
            for atoms in self._atoms.values()
            for atom in atoms
            if _LINE in atom.place
        }
        self._totals: dict[str, Totals] = {}
        self._cubes: dict[str, Cube] = {}

    @property
    def months(self) -> list[str]:
        """Return the months in which anything was counted, the earliest first."""
        return sorted({atom.month for atoms in self._atoms.values() for atom in atoms})

    def total(self, measure: Measure, period: str, place: str) -> Figure:
        """Return how many events there were in all."""
        return self._base(measure).figure(period, place)

    def table(self, measure: Measure, period: str, place: str) -> Table:
        """Return one measure in one period at one place."""
        if measure.base == measure.id:
            return Table(measure, (), self.total(measure, period, place), None)
        rest = None
        if measure.part == TALK and measure.exclusive:
            rest = self._part(BRIEF).figure(period, place)
        return rules.table_of(measure, self._cube(measure), self._base(measure), period, place, rest=rest)

    def days(self, period: Period, place: str) -> list[tuple[date, Figure]]:
        """Return the calls of each day of a month so far, of the programme or a sub-project.

        A single line has no days: too few people call one line in a day.
        """
        totals = self._base(rules.measure("total"))
        rows = daily_counts(Actor.system(), start=period.start, end=period.end, dimension=Dimension.TOTAL)
        atoms = [Atom(period.key, node(row.subproject_id), row.day.isoformat(), row.count) for row in rows]
        figures = Cube(self._coarse, atoms, totals, {period.key: None}).figures(period.key, place)
        hidden = totals.figure(period.key, place).mark is not Mark.SHOWN
        last = min(period.end, clock.today())
        days = [period.start + timedelta(days=n) for n in range((last - period.start).days + 1)]
        unknown = Figure(None, Mark.WITHHELD)
        return [(day, unknown if hidden else figures.get(day.isoformat(), Figure(0))) for day in days]

    def series(self, period: Period, place: str) -> list[tuple[str, Figure]]:
        """Return the calls of each month of a longer period in which there were calls."""
        totals = self._base(rules.measure("total"))
        months = [
            m
            for m in self.months
            if period.key == WHOLE_KEY or period.start <= date.fromisoformat(f"{m}-01") <= period.end
        ]
        return [(month, totals.figure(month, place)) for month in months]

    def _base(self, measure: Measure) -> Totals:
        """Return how many events a measure breaks down, among them those that it is not about."""
        if measure.part == BRIEF:
            return self._part(BRIEF)
        if measure.base not in self._totals:
            places = self._fine if measure.source is Source.CALLS else self._coarse
            self._totals[measure.base] = Totals(places, self._atoms.get(measure.base, []))
        return self._totals[measure.base]

    def _part(self, value: str) -> Totals:
        """Return how many calls were of a kind."""
        if value not in self._totals:
            self._totals[value] = Totals.of_value(self._cube(rules.measure("kind")), value)
        return self._totals[value]

    def _cube(self, measure: Measure) -> Cube:
        if measure.id not in self._cubes:
            atoms = self._values(measure)
            totals, part, periods = None, None, None
            if measure.exclusive:
                totals = self._base(measure)
                part = self._part(measure.part) if measure.part else None
                atoms = rules.with_remainder(atoms, self._broken_down(measure))
            if measure.by_quarter:
                periods = rules.quarter_tree(self.months)
                atoms = [replace(atom, month=rules.quarter_of(atom.month)) for atom in atoms]
            self._cubes[measure.id] = Cube(self._coarse, atoms, totals, periods, part)
        return self._cubes[measure.id]

    def _broken_down(self, measure: Measure) -> list[Atom]:
        """Return the atoms of all events that a measure is about."""
        if not measure.part:
            return self._values(rules.measure(measure.base))
        return [atom for atom in self._values(rules.measure("kind")) if atom.value == measure.part]

    def _values(self, measure: Measure) -> list[Atom]:
        """Return the atoms of a measure without their lines: a line has too few callers to be broken down."""
        atoms = rules.values_of(measure, self._atoms.get(measure.id, []))
        return [replace(atom, place=atom.place.partition(_LINE)[0]) for atom in atoms]


def _read_calls() -> dict[str, list[Atom]]:
    wanted = _dimensions(Source.CALLS)
    atoms: dict[str, list[Atom]] = defaultdict(list)
    for row in monthly_counts(Actor.system(), wanted):
        place = node(row.subproject_id, row.line_id)
        for measure in wanted[row.dimension]:
            atoms[measure].append(Atom(row.month, place, row.value, row.count))
    return atoms


def _read_cases() -> dict[str, list[Atom]]:
    wanted = _dimensions(Source.CASES)
    atoms: dict[str, list[Atom]] = defaultdict(list)
    for row in cases.monthly_counts(Actor.system(), wanted):
        for measure in wanted[row.dimension]:
            atoms[measure].append(Atom(row.month, node(row.subproject_id), row.value, row.count))
    return atoms


def _dimensions(source: Source) -> dict[str, list[str]]:
    """Return which measures are made of which dimension of the daily counts."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in rules.MEASURES.values():
        if each.source is source:
            found[each.dimension].append(each.id)
    return found
