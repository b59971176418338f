"""Numbers by period and place, and which of them are shown.

Every screen, filter and export asks here, and the answer does not depend on who asks or on what else is on the page:
a number that is hidden in one view is hidden in all. All fixed periods and all places of a measure are protected
together (decision 0030).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from casework.reports.disclosure import SMALLEST_BASE, Grid, Mark, Protected, Tree, protect, upwards
from casework.reports.rules.measures import BRIEF, NOT_ASKED
from casework.reports.rules.periods import time_tree
from casework.reports.types import Atom, Figure, Row, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casework.reports.disclosure import Cell, Move, Node
    from casework.reports.types import Measure

ROOT: Final = "all"
_MISSING: Final = "missing"
_ALL: Final = "all"
_KEPT: Final = 128
# What a measure is not about, and what nobody asked, come after its answers.
_LAST: Final = frozenset({NOT_ASKED, BRIEF})


class _Numbers:
    """The sums of atoms along both trees, and the marks of those that are hidden."""

    def __init__(self, places: Tree, atoms: Iterable[Atom], periods: Tree | None = None) -> None:
        kept = [atom for atom in atoms if atom.count]
        self.periods = periods or time_tree(sorted({atom.month for atom in kept}))
        self.places = places
        self.values = sorted({atom.value for atom in kept})
        self.counts: dict[Cell, int] = defaultdict(int)
        for atom in kept:
            for period in upwards(self.periods, atom.month):
                for place in upwards(places, atom.place):
                    self.counts[period, place, atom.value] += atom.count
        self.totals: dict[Node, Mark] | None = None
        self.moves: tuple[Move, ...] = ()

    @cached_property
    def protected(self) -> Protected:
        """Return the marks of all numbers that are not simply shown, and the worlds that prove them."""
        totals = None if self.totals is None else tuple(sorted(self.totals.items()))
        return _protected(
            tuple(self.periods.items()),
            tuple(self.places.items()),
            tuple(sorted(self.counts.items())),
            totals,
            values=tuple(self.values),
            moves=self.moves,
        )

    @property
    def marks(self) -> Mapping[Cell, Mark]:
        """Return the mark of every number that is not simply shown."""
        return self.protected.marks

    def figure(self, period: str, place: str, value: str) -> Figure:
        """Return one number as it may be shown."""
        mark = self.marks.get((period, place, value), Mark.SHOWN)
        return Figure(self.counts.get((period, place, value), 0) if mark is Mark.SHOWN else None, mark)


@lru_cache(maxsize=_KEPT)
def _protected(
    periods: tuple[tuple[str, str | None], ...],
    places: tuple[tuple[str, str | None], ...],
    counts: tuple[tuple[Cell, int], ...],
    totals: tuple[tuple[Node, Mark], ...] | None,
    *,
    values: tuple[str, ...],
    moves: tuple[Move, ...],
) -> Protected:
    """Protect a grid; kept in the process, because the same numbers always have the same marks."""
    known = None if totals is None else dict(totals)
    return protect(Grid(dict(periods), dict(places), dict(counts), known, list(values)), moves)


class Totals:
    """How many events a measure breaks down, and where even that may not be told."""

    def __init__(self, places: Tree, atoms: Iterable[Atom]) -> None:
        """Take the numbers of the lowest branches, whatever their values."""
        self._value = _ALL
        self._numbers = _Numbers(places, [replace(atom, value=_ALL) for atom in atoms])

    @classmethod
    def of_value(cls, cube: Cube, value: str) -> Totals:
        """Return one value of a measure as a total of others: it is shown here as it is shown there."""
        found = cls.__new__(cls)
        found._value, found._numbers = value, cube.numbers  # noqa: SLF001 - its own class
        return found

    @property
    def periods(self) -> Tree:
        """Return the tree of periods in which anything was counted."""
        return self._numbers.periods

    @property
    def hidden(self) -> dict[Node, Mark]:
        """Return the periods and places whose total is not shown."""
        marks = self._numbers.marks.items()
        return {(period, place): mark for (period, place, value), mark in marks if value == self._value}

    @property
    def moves(self) -> tuple[Move, ...]:
        """Return the second worlds in which this number is another one."""
        return self._numbers.protected.moves_of(self._value)

    def figure(self, period: str, place: str) -> Figure:
        """Return the total as it may be shown."""
        return self._numbers.figure(period, place, self._value)


class Cube:
    """The numbers of one measure. With ``totals`` its values add up to them; without, they overlap."""

    def __init__(
        self,
        places: Tree,
        atoms: Iterable[Atom],
        totals: Totals | None,
        periods: Tree | None = None,
        part: Totals | None = None,
    ) -> None:
        """Take the numbers of the lowest branches; ``periods`` where not all fixed ones are published.

        ``part``: what the values add up to, where that is a part of ``totals``.
        """
        self.numbers = _Numbers(places, atoms, periods)
        if totals is not None:
            self.numbers.totals = {
                node: mark
                for node, mark in totals.hidden.items()
                if node[1] in places and node[0] in self.numbers.periods
            }
            self.numbers.moves = (part or totals).moves

    def figures(self, period: str, place: str) -> dict[str, Figure]:
        """Return the number of every value that occurred, and of those about which nothing is told."""
        found = {value: self.numbers.figure(period, place, value) for value in self.numbers.values}
        return {value: figure for value, figure in found.items() if figure != Figure(0)}


def table_of(
    measure: Measure, cube: Cube, totals: Totals, period: str, place: str, *, rest: Figure | None = None
) -> Table:
    """Return one measure in one period at one place, ready to be shown; ``rest``: what of the total it is not about.

    A share is given where both numbers are shown and the base has twenty or more. Where the total itself is not
    shown, it is not broken down.
    """
    total = totals.figure(period, place)
    if total.mark is not Mark.SHOWN:
        return Table(measure, (), total, None, told=False)
    figures = cube.figures(period, place)
    missing = figures.pop(_MISSING, None)
    if rest is not None and rest != Figure(0):
        figures[BRIEF] = rest
    rows = [Row(value, str(measure.names.get(value, value)), _with_share(f, total)) for value, f in figures.items()]
    return Table(measure, tuple(sorted(rows, key=_order(measure))), total, missing)


def values_of(measure: Measure, atoms: Iterable[Atom]) -> list[Atom]:
    """Return the atoms that belong to a measure, under the values it counts."""
    return [
        replace(atom, value=measure.merged.get(atom.value, atom.value))
        for atom in atoms
        if not measure.only or atom.value in measure.only
    ]


def with_remainder(atoms: Iterable[Atom], totals: Iterable[Atom]) -> list[Atom]:
    """Return the atoms of an exclusive measure so that they add up to its base: the rest was not asked."""
    kept = list(atoms)
    left: dict[tuple[str, str], int] = defaultdict(int)
    for atom in totals:
        left[atom.month, atom.place] += atom.count
    for atom in kept:
        left[atom.month, atom.place] -= atom.count
    return kept + [Atom(month, place, NOT_ASKED, count) for (month, place), count in left.items() if count > 0]


def _with_share(figure: Figure, total: Figure) -> Figure:
    base = total.count or 0
    if figure.count is None or base < SMALLEST_BASE:
        return figure
    return Figure(figure.count, figure.mark, figure.count / base)


def _order(measure: Measure) -> Callable[[Row], tuple[bool, int, int, str]]:
    ranks = {value: rank for rank, value in enumerate(measure.names)}

    def key(row: Row) -> tuple[bool, int, int, str]:
        # Hidden numbers come after all shown ones, so that their place in the list tells nothing about them.
        size = 0 if measure.ordered else -(row.figure.count or 0)
        return row.value in _LAST, size, ranks.get(row.value, len(ranks)), row.value

    return key
