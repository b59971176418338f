from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.reports.disclosure import SMALLEST, SMALLEST_BASE, Mark, mark_of
from casework.reports.rules import ROOT, Cube, Totals, measure, table_of, values_of, with_remainder
from casework.reports.types import Atom, Figure
from tests.support.attacker import BEYOND, Sum, narrowed

if TYPE_CHECKING:
    from collections.abc import Hashable

PLACES: dict[str, str | None] = {
    ROOT: None, "A": ROOT, "B": ROOT, "C": ROOT, "A/1": "A", "A/2": "A", "A/3": "A", "B/1": "B", "B/2": "B", "C/1": "C",
}  # fmt: skip
LINES = [place for place in PLACES if "/" in place]
MONTHS = [f"2020-{month:02d}" for month in range(3, 13)] + ["2021-01"]
VALUES = ["self", "third_party", "information", "silent", "agency"]
WEIGHTS = [60, 25, 9, 5, 1]
SHAPE = measure("call_type")


def calls(seed: int, count: int) -> list[Atom]:
    random = Random(seed)  # noqa: S311 - numbers of a test
    found = Counter(
        (random.choice(MONTHS), random.choices(LINES, [9, 5, 1, 6, 2, 3])[0], random.choices(VALUES, WEIGHTS)[0])
        for _ in range(count)
    )
    return [Atom(month, place, value, number) for (month, place, value), number in found.items()]


def shown(atoms: list[Atom]) -> tuple[Totals, Cube]:
    whole = [replace(atom, value="all") for atom in atoms]
    totals = Totals(PLACES, whole)
    return totals, Cube(PLACES, atoms, totals)


atoms_of = st.builds(calls, st.integers(0, 10**6), st.integers(0, 900))


@settings(max_examples=60, deadline=None)
@given(atoms_of)
def test_every_shown_number_is_exactly_the_recount(atoms: list[Atom]) -> None:
    totals, cube = shown(atoms)
    for period in totals.periods:
        for place in PLACES:
            inside = [a for a in atoms if _within(totals.periods, a.month, period) and _within(PLACES, a.place, place)]
            expected = Counter[str]()
            for atom in inside:
                expected[atom.value] += atom.count
            table = table_of(SHAPE, cube, totals, period, place)
            assert table.total.mark is not Mark.SHOWN or table.total.count == sum(expected.values())
            for row in table.rows:
                assert row.figure.mark is not Mark.SHOWN or row.figure.count == expected[row.value]
                assert row.figure.mark is Mark.SHOWN or row.figure.count is None
            if table.told:
                assert {value for value in expected if expected[value]} <= {row.value for row in table.rows}


@settings(max_examples=60, deadline=None)
@given(atoms_of)
def test_T9_no_number_of_one_to_four_is_shown_anywhere(atoms: list[Atom]) -> None:
    totals, cube = shown(atoms)
    for period in totals.periods:
        for place in PLACES:
            assert _is_safe(totals.figure(period, place))
            for figure in cube.figures(period, place).values():
                assert _is_safe(figure)


@settings(max_examples=60, deadline=None)
@given(atoms_of)
def test_a_share_needs_a_shown_number_and_a_base_of_twenty(atoms: list[Atom]) -> None:
    totals, cube = shown(atoms)
    for period in totals.periods:
        for place in PLACES:
            table = table_of(SHAPE, cube, totals, period, place)
            for row in table.rows:
                if row.figure.share is not None:
                    assert row.figure.count is not None
                    assert table.total.count is not None
                    assert table.total.count >= SMALLEST_BASE
                    assert row.figure.share == row.figure.count / table.total.count


@pytest.mark.parametrize("count", [40, 150, 400, 900, 2500])
def test_T9_nobody_subtracts_his_way_over_periods_and_places_together(count: int) -> None:
    """The two families of tables at once: no number of a simulated year of releases comes out."""
    recovered = sum(len(_recovered(calls(seed, count), protected=True)) for seed in range(6))
    assert recovered == 0


def test_T9_and_does_so_when_only_small_numbers_are_hidden() -> None:
    assert len(_recovered(calls(1, 900), protected=False)) > 20


def test_what_was_not_asked_completes_the_total() -> None:
    whole = [Atom("2020-04", "A/1", "all", 30), Atom("2020-05", "A/1", "all", 4)]
    answered = [Atom("2020-04", "A/1", "female", 18), Atom("2020-04", "A/1", "male", 7)]
    completed = with_remainder(answered, whole)
    sums: dict[str, int] = defaultdict(int)
    for atom in completed:
        sums[atom.month] += atom.count
    assert sums == {"2020-04": 30, "2020-05": 4}


def test_high_and_imminent_risk_are_counted_together() -> None:
    atoms = [Atom("2020-04", "A/1", level, 6) for level in ("0", "3", "4", "missing")]
    merged = values_of(measure("level"), atoms)
    assert Counter(atom.value for atom in merged for _ in range(atom.count)) == {"0": 6, "high": 12, "not_assessed": 6}


def _recovered(atoms: list[Atom], *, protected: bool) -> set[Hashable]:
    totals, cube = shown(atoms)
    told: dict[Hashable, tuple[int, int]] = {}
    small: set[Hashable] = set()
    for period in totals.periods:
        for place in PLACES:
            true = Counter[str]()
            for atom in atoms:
                if _within(totals.periods, atom.month, period) and _within(PLACES, atom.place, place):
                    true[atom.value] += atom.count
            numbers = {value: (true[value], cube.figures(period, place).get(value, Figure(0))) for value in VALUES}
            numbers["total"] = (sum(true.values()), totals.figure(period, place))
            for value, (number, figure) in numbers.items():
                mark = figure.mark if protected else mark_of(number)
                told[period, place, value] = {Mark.SMALL: (1, 4), Mark.WITHHELD: (0, BEYOND)}.get(mark, (number,) * 2)
                if 0 < number < SMALLEST:
                    small.add((period, place, value))
    known = narrowed(told, _all_sums(totals.periods))
    return {key for key in small if known[key][0] == known[key][1]}


def _all_sums(periods: dict[str, str | None]) -> list[Sum]:
    found = [Sum((t, p, "total"), tuple((t, p, v) for v in VALUES)) for t in periods for p in PLACES]
    for value in [*VALUES, "total"]:
        for inner in {parent for parent in periods.values() if parent is not None}:
            below = [period for period, parent in periods.items() if parent == inner]
            found += [Sum((inner, p, value), tuple((t, p, value) for t in below)) for p in PLACES]
        for inner in {parent for parent in PLACES.values() if parent is not None}:
            below = [place for place, parent in PLACES.items() if parent == inner]
            found += [Sum((t, inner, value), tuple((t, p, value) for p in below)) for t in periods]
    return found


def _within(tree: dict[str, str | None], branch: str, wanted: str) -> bool:
    each: str | None = branch
    while each is not None and each != wanted:
        each = tree[each]
    return each == wanted


def _is_safe(figure: Figure) -> bool:
    return figure.count is None or figure.count == 0 or figure.count >= SMALLEST
