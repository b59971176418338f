from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.reports.disclosure import SMALLEST, Grid, Mark, Tree, mark_of, protect, sums_hold, upwards
from tests.support.attacker import BEYOND, Sum, narrowed, possible_values

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from casework.reports.disclosure import Cell, Node

ONE: Tree = {"a": None}
TWO: Tree = {"a": None, "b": "a", "c": "a"}
THREE: Tree = {"a": None, "b": "a", "c": "a", "d": "a"}
DEEP: Tree = {"a": None, "b": "a", "c": "b", "d": "b", "e": "a", "f": "e", "g": "e", "h": "e"}
SHAPES = [(ONE, ONE), (TWO, ONE), (ONE, THREE), (TWO, TWO), (DEEP, TWO), (DEEP, THREE), (THREE, DEEP)]
TOTAL = "total"


def leaves_of(tree: Tree) -> list[str]:
    return [branch for branch in tree if branch not in tree.values()]


def filled(times: Tree, places: Tree, columns: int, numbers: list[int]) -> dict[Cell, int]:
    counts: Counter[Cell] = Counter()
    lowest = product(leaves_of(times), leaves_of(places), range(columns))
    for (time, place, column), number in zip(lowest, numbers, strict=True):
        for above in product(upwards(times, time), upwards(places, place)):
            counts[*above, f"v{column}"] += number
    return {cell: number for cell, number in counts.items() if number}


def grid_of(times: Tree, places: Tree, columns: int, numbers: list[int]) -> Grid:
    """Return a measure whose values add up to totals that are protected first, as the statistics do it."""
    counts = filled(times, places, columns, numbers)
    totals: Counter[Cell] = Counter()
    for (time, place, _), number in counts.items():
        totals[time, place, TOTAL] += number
    marks = protect(Grid(times, places, totals, None, [TOTAL])).marks
    known = {(time, place): mark for (time, place, _), mark in marks.items()}
    return Grid(times, places, counts, known, [f"v{column}" for column in range(columns)])


def told_of(grid: Grid, marks: Mapping[Cell, Mark]) -> dict[Hashable, tuple[int, int]]:
    """Return the attacker's knowledge of each number: the number, 1–4, or nothing."""
    meaning = {Mark.SMALL: (1, SMALLEST - 1), Mark.WITHHELD: (0, BEYOND)}
    told: dict[Hashable, tuple[int, int]] = {}
    for node in grid.nodes:
        numbers = {value: grid.counts.get((*node, value), 0) for value in grid.values}
        for value, number in numbers.items():
            told[*node, value] = meaning.get(marks.get((*node, value), Mark.SHOWN), (number, number))
        if grid.totals is not None:
            total = sum(numbers.values())
            told[*node, TOTAL] = meaning.get(grid.totals.get(node, Mark.SHOWN), (total, total))
    return told


def sums_of(grid: Grid) -> list[Sum]:
    """Return all published sums, the lowest first, so that a world can be computed from its leaves."""
    nodes: list[Node] = sorted(
        grid.nodes, key=lambda n: -len(upwards(grid.times, n[0])) - len(upwards(grid.places, n[1]))
    )
    found = []
    for time, place in nodes:
        later = [(each, place) for each, above in grid.times.items() if above == time]
        closer = [(time, each) for each, above in grid.places.items() if above == place]
        found += [
            Sum((time, place, v), tuple((*n, v) for n in parts))
            for parts in (later, closer)
            if parts
            for v in grid.values
        ]
        if grid.totals is not None:
            found.append(Sum((time, place, TOTAL), tuple((time, place, v) for v in grid.values)))
            found += [
                Sum((time, place, TOTAL), tuple((*n, TOTAL) for n in parts)) for parts in (later, closer) if parts
            ]
    return found


def small_in(grid: Grid) -> set[Hashable]:
    return {cell for cell, number in grid.counts.items() if 0 < number < SMALLEST}


def recovered(grid: Grid, marks: Mapping[Cell, Mark]) -> set[Hashable]:
    """Return the small numbers that come out by subtraction over everything."""
    known = narrowed(told_of(grid, marks), sums_of(grid))
    return {cell for cell in small_in(grid) if known[cell][0] == known[cell][1]}


numbers = st.one_of(st.integers(0, 7), st.integers(0, 7), st.integers(0, 60))


@pytest.mark.parametrize(("value", "mark"), [(0, "shown"), (1, "small"), (4, "small"), (5, "shown"), (900, "shown")])
def test_one_to_four_people_are_small(value: int, mark: str) -> None:
    assert mark_of(value) == mark


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([(ONE, ONE, 2), (ONE, ONE, 3), (TWO, ONE, 2), (ONE, TWO, 2)]), st.data())
def test_T9_no_small_number_is_recovered_when_every_possible_world_is_tried(
    shape: tuple[Tree, Tree, int], data: st.DataObject
) -> None:
    times, places, columns = shape
    size = columns * len(leaves_of(times)) * len(leaves_of(places))
    grid = grid_of(times, places, columns, data.draw(st.lists(st.integers(0, 6), min_size=size, max_size=size)))
    lowest = [(t, p, v) for t in leaves_of(times) for p in leaves_of(places) for v in grid.values]
    most = sum(grid.counts.values()) + 2
    bounds = {cell: (low, min(high, most)) for cell, (low, high) in told_of(grid, protect(grid).marks).items()}
    possible = possible_values(bounds, sums_of(grid), lowest)
    assert [cell for cell in small_in(grid) if len(possible[cell]) < 2] == []


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SHAPES), st.integers(1, 6), st.data())
def test_T9_no_small_number_is_recovered_by_subtraction_over_values_periods_and_places(
    shape: tuple[Tree, Tree], columns: int, data: st.DataObject
) -> None:
    size = columns * len(leaves_of(shape[0])) * len(leaves_of(shape[1]))
    grid = grid_of(*shape, columns, data.draw(st.lists(numbers, min_size=size, max_size=size)))
    assert recovered(grid, protect(grid).marks) == set()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SHAPES), st.integers(1, 5), st.data())
def test_T9_values_that_overlap_are_not_recovered_either(
    shape: tuple[Tree, Tree], columns: int, data: st.DataObject
) -> None:
    size = columns * len(leaves_of(shape[0])) * len(leaves_of(shape[1]))
    counts = filled(*shape, columns, data.draw(st.lists(numbers, min_size=size, max_size=size)))
    grid = Grid(*shape, counts, None, [f"v{column}" for column in range(columns)])
    assert recovered(grid, protect(grid).marks) == set()


def test_T9_without_complementary_suppression_the_attacker_recovers_cells() -> None:
    """Negative control: the small cells alone are hidden, and a subtraction gives them back."""
    grid = grid_of(DEEP, ONE, 3, [12, 3, 30, 40, 8, 22, 9, 14, 2, 31, 7, 18, 6, 6, 6])
    alone = {cell: mark_of(number) for cell, number in grid.counts.items() if mark_of(number) is not Mark.SHOWN}
    assert recovered(grid, alone) == {("c", "a", "v1"), ("f", "a", "v2")}
    assert recovered(grid, protect(grid).marks) == set()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SHAPES), st.integers(1, 4), st.data())
def test_where_no_number_is_small_everything_is_shown(
    shape: tuple[Tree, Tree], columns: int, data: st.DataObject
) -> None:
    size = columns * len(leaves_of(shape[0])) * len(leaves_of(shape[1]))
    large = st.one_of(st.just(0), st.integers(5, 90))
    grid = grid_of(*shape, columns, data.draw(st.lists(large, min_size=size, max_size=size)))
    assert protect(grid).marks == {}


def test_the_cheapest_numbers_are_withheld() -> None:
    grid = grid_of(ONE, ONE, 4, [400, 60, 12, 3])
    assert protect(grid).marks == {("a", "a", "v3"): Mark.SMALL, ("a", "a", "v2"): Mark.WITHHELD}


def test_a_total_that_is_not_shown_is_not_broken_down() -> None:
    grid = grid_of(TWO, ONE, 2, [2, 0, 30, 40])
    marks = protect(grid).marks
    assert grid.totals is not None
    assert grid.totals["b", "a"] is Mark.SMALL
    assert marks["b", "a", "v0"] is Mark.WITHHELD
    assert marks["b", "a", "v1"] is Mark.WITHHELD, "a zero would say that the two are of the other kind"


def test_five_single_people_do_not_add_up_to_their_total() -> None:
    """Five numbers of at least one and a total of five: all would be one."""
    marks = protect(grid_of(ONE, ONE, 5, [1, 1, 1, 1, 1])).marks
    assert Mark.WITHHELD in marks.values()


@given(st.sampled_from(SHAPES), st.integers(1, 3), st.data())
@settings(deadline=None)
def test_sums_that_do_not_hold_are_noticed(shape: tuple[Tree, Tree], columns: int, data: st.DataObject) -> None:
    size = columns * len(leaves_of(shape[0])) * len(leaves_of(shape[1]))
    grid = grid_of(*shape, columns, data.draw(st.lists(st.integers(1, 9), min_size=size, max_size=size)))
    assert sums_hold(grid)
    if shape != (ONE, ONE):
        cell = ("a", "a", "v0")
        assert not sums_hold(Grid(*shape, {**grid.counts, cell: grid.counts[cell] + 1}, grid.totals, grid.values))
