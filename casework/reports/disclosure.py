"""Hides small numbers so that nobody can work them out again from the numbers that stay.

A cell of 1–4 people is small: it is shown as "<5" (R24, T9). That alone protects nothing, because a total minus the
shown cells gives the hidden one back, over values, over periods and over places. So further cells are withheld until,
for every small cell, there is a second world: other true numbers that would have been published in exactly the same
way. Such a world is written down before a number leaves, which proves the point for all tables of a measure at once.

How a second world is made. Take a month and a place, and let one person more have one value and one less another: the
total stays, but the sums above the two cells change. Let the opposite happen in a neighbouring month, in a neighbouring
place, and back again where both meet: now all sums above stay too. What changes are the corners of this box, and they
must be hidden. Where there is no neighbour (or it is cheaper), the next level up is hidden as well and looked around
from there.

Several measures break the same events down and are read side by side. So a measure takes over the second worlds of the
number it breaks down: at the same corners one of its values makes the same move. Its own worlds leave that number as
it is. Thus one world at a time is true in all tables at once (decision 0030).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SMALLEST: Final = 5
# A share of fewer than twenty says more about single people than about the group (domain-standards §17).
SMALLEST_BASE: Final = 20
# What withholding a zero costs, in people: it is missed less than a number.
ZERO: Final = 3
NEVER: Final = 2
_WEIGHTS: Final = (12, 4, 2)

Tree = dict[str, str | None]
Node = tuple[str, str]
Cell = tuple[str, str, str]


class Mark(StrEnum):
    """How a number is shown: as it is, as "<5", or withheld because it would give a small one away."""

    SHOWN = "shown"
    SMALL = "small"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Grid:
    """The numbers of one measure: periods in a tree, places in a tree, values side by side.

    ``counts`` holds every branch of both trees; a branch's number is the sum of those below it. ``totals`` says how
    the number over all values is shown; None: values overlap, and their sum means nothing. Where a total is not shown,
    the place and period are not broken down, and every value there is withheld.
    """

    times: Tree
    places: Tree
    counts: Mapping[Cell, int]
    totals: Mapping[Node, Mark] | None = None
    values: list[str] = field(default_factory=list)

    @cached_property
    def nodes(self) -> list[Node]:
        """Return every period at every place, the largest first."""
        found = product(self.times, self.places)
        return sorted(found, key=lambda node: depth(self.times, node[0]) + depth(self.places, node[1]))


# Where a second world differs: the branches of all corners, and which way the first corner's change goes there.
Box = list[tuple[Node, int]]
# The same as a value, and which way a number goes in the first corner.
Move = tuple[tuple[tuple[Node, int], ...], int]
# Price, box, and by the number of each value which way it goes in the first corner.
World = tuple[int, Box, dict[int, int]]


def _price_of(world: World) -> int:
    return world[0]


def mark_of(value: int) -> Mark:
    """Return the mark a number has by itself."""
    return Mark.SMALL if 0 < value < SMALLEST else Mark.SHOWN


def upwards(tree: Mapping[str, str | None], branch: str) -> list[str]:
    """Return the branch and those it belongs to, up to the root."""
    found = []
    each: str | None = branch
    while each is not None:
        found.append(each)
        each = tree[each]
    return found


def depth(tree: Mapping[str, str | None], branch: str) -> int:
    """Return how many steps a branch is from the root."""
    return len(upwards(tree, branch)) - 1


@dataclass(frozen=True)
class Protected:
    """The mark of every cell that is not simply shown, and the second worlds that were left behind."""

    marks: Mapping[Cell, Mark]
    worlds: Sequence[tuple[Box, Mapping[str, int]]]

    def moves_of(self, value: str) -> tuple[Move, ...]:
        """Return where a value is another one in some second world, and by how much in the first corner."""
        return tuple((tuple(box), change[value]) for box, change in self.worlds if value in change)


def protect(grid: Grid, moves: Iterable[Move] = ()) -> Protected:
    """Return the marks of a measure, and its second worlds; ``moves`` are those of the number it breaks down.

    Guaranteed: whoever knows every number shown of this measure, in all its periods and places, and what the marks say
    ("<5" is 1–4, withheld is any number), still finds two or more possible values for every number of 1–4.
    """
    worlds = _Worlds(grid)
    for box, way in moves:
        worlds.follow([(node, sign) for node, sign in box if node in worlds.known], way)
    for node in grid.nodes:
        for value in grid.values:
            if 0 < grid.counts.get((*node, value), 0) < SMALLEST:
                worlds.ensure((*node, value))
    return Protected(worlds.marks, worlds.left)


class _Worlds:
    """Looks for second worlds, and hides what stands in their way. Values are bits, so that all are tried at once."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.index = {value: number for number, value in enumerate(grid.values)}
        self.blank = {node for node, mark in (grid.totals or {}).items() if mark is not Mark.SHOWN}
        self.marks: dict[Cell, Mark] = {}
        self.proven: set[Cell] = set()
        self.known = set(grid.nodes)
        self.left: list[tuple[Box, dict[str, int]]] = []
        self.times = _Paths(grid.times)
        self.places = _Paths(grid.places)
        self._weights = {node: _weight(grid, node) for node in grid.nodes}
        # By node and direction: the price of each value, and the values that are able (as bits) as they are,
        # or once withheld.
        self._prices: dict[tuple[Node, int], list[int]] = {}
        self._able: dict[tuple[Node, int], list[int]] = {}
        for node in grid.nodes:
            for value in grid.values:
                mark = Mark.WITHHELD if node in self.blank else mark_of(self._count(node, value))
                if mark is not Mark.SHOWN:
                    self.marks[*node, value] = mark
            for change in (1, -1):
                self._prices[node, change] = [0] * len(grid.values)
                self._able[node, change] = [0, 0]
            for value in grid.values:
                self._refresh(node, value)

    def follow(self, box: Box, way: int) -> None:
        """Let the values make the move of the number that is broken down; where they cannot, nothing is told there.

        One value makes it in all corners if any can. Where places have nothing in common, each has a value of its own,
        and their exchange is hidden in the sums above.
        """
        if not box or self._moved(box, way):
            return
        parts = self._by_place(box)
        if len(parts) > 1 and all(self._can_move(part, way) for part in parts):
            for part in parts:
                self._moved(part, way)
            return
        for (node, _), value in product(box, self.grid.values):
            self.marks[*node, value] = Mark.WITHHELD
            self._refresh(node, value)

    def _can_move(self, box: Box, way: int) -> bool:
        return bool(self._values_able(box, way, 1))

    def _moved(self, box: Box, way: int) -> bool:
        """Move one value, the cheapest that is able, and return whether there was one."""
        for tier in (0, 1):
            able = self._values_able(box, way, tier)
            if able:
                prices = self._prices_in(box, way)
                numbers = (number for number in range(len(self.grid.values)) if able >> number & 1)
                self._hide(box, {min(numbers, key=prices.__getitem__): way})
                return True
        return False

    def _by_place(self, box: Box) -> list[Box]:
        """Return the box in parts, one for each of its separate places, each with the places above that it changes."""
        inside = {place for (_, place), _ in box}
        parts: dict[str, Box] = defaultdict(list)
        for (time, place), sign in box:
            above = upwards(self.grid.places, place)
            top = [each for each in above if each in inside][-1]
            parts[top].append(((time, place), sign))
            if place == top:
                parts[top] += [((time, each), sign) for each in above if each not in inside]
        return list(parts.values())

    def ensure(self, cell: Cell) -> None:
        """Leave a second world for the cell behind, at the lowest price; proven ones cost nothing more."""
        if cell in self.proven:
            return
        for tier in (0, 1):
            for around in self._surroundings(cell):
                found = (each for box in around for each in self._fits(box, self.index[cell[2]], tier))
                best = next(found, None) if tier == 0 else min(found, key=_price_of, default=None)
                if best is not None:
                    self._hide(best[1], best[2])
                    return
        self.marks[cell] = Mark.WITHHELD

    def _surroundings(self, cell: Cell) -> Iterator[Iterator[Box]]:
        """Return the boxes around a cell, those that reach least high first."""
        time, place, _ = cell
        levels = product(upwards(self.grid.times, time), upwards(self.grid.places, place))
        for top_time, top_place in sorted(levels, key=self._nearness):
            yield self._boxes(cell, top_time, top_place)

    def _nearness(self, top: Node) -> int:
        return -depth(self.grid.times, top[0]) - depth(self.grid.places, top[1])

    def _boxes(self, cell: Cell, top_time: str, top_place: str) -> Iterator[Box]:
        times = [path for path in self.times.below(top_time) if cell[0] in path]
        places = [path for path in self.places.below(top_place) if cell[1] in path]
        other_times = self.times.beside(top_time)
        other_places = self.places.beside(top_place)
        for time, place, other_time, other_place in product(times, places, other_times, other_places):
            corners = ((time, place, 1), (other_time, place, -1), (time, other_place, -1), (other_time, other_place, 1))
            yield [(node, sign) for t, p, sign in corners for node in product(t, p)]

    def _fits(self, box: Box, number: int, tier: int) -> Iterator[World]:
        """Return the worlds of a box in which a value changes: price, box, and which value goes which way."""
        for way in (1, -1):
            if not self._values_able(box, way, tier) >> number & 1:
                continue
            own = self._prices_in(box, way)[number]
            if self.grid.totals is None:
                yield own, box, {number: way}
                continue
            others = self._values_able(box, -way, tier) & ~(1 << number)
            if others:
                prices = self._prices_in(box, -way)
                able = (other for other in range(others.bit_length()) if others >> other & 1)
                other = min(able, key=prices.__getitem__)
                yield own + prices[other], box, {number: way, other: -way}

    def _values_able(self, box: Box, way: int, tier: int) -> int:
        """Return the values (as bits) that can change by ``way`` in the first corner, and as the box asks elsewhere."""
        able = -1
        for node, sign in box:
            able &= self._able[node, way * sign][tier]
            if not able:
                return 0
        return able

    def _prices_in(self, box: Box, way: int) -> list[int]:
        """Return what it costs to change each value by ``way`` in the first corner, and as the box asks elsewhere."""
        return [sum(prices) for prices in zip(*(self._prices[node, way * sign] for node, sign in box), strict=True)]

    def _hide(self, box: Box, change: Mapping[int, int]) -> None:
        self.left.append((box, {self.grid.values[number]: way for number, way in change.items()}))
        for (node, sign), (number, way) in product(box, change.items()):
            value = self.grid.values[number]
            if self._prices[node, way * sign][number] and self.marks.get((*node, value)) is not Mark.WITHHELD:
                self.marks[*node, value] = Mark.WITHHELD
                self._refresh(node, value)
            self.proven.add((*node, value))

    def _refresh(self, node: Node, value: str) -> None:
        number = self.index[value]
        count = self._count(node, value)
        for change in (1, -1):
            tier = self._tier(node, value, change)
            self._prices[node, change][number] = (count or ZERO) * self._weights[node] if tier else 0
            for each in (0, 1):
                kept = self._able[node, change][each] & ~(1 << number)
                self._able[node, change][each] = kept | (1 << number if tier <= each else 0)

    def _tier(self, node: Node, value: str, change: int) -> int:
        """Return whether a cell can be imagined one higher or lower: 0 as it is, 1 once it is withheld, 2 never."""
        before, mark = self._count(node, value), self.marks.get((*node, value), Mark.SHOWN)
        after = before + change
        if after < 0:
            return NEVER
        return 0 if mark is Mark.WITHHELD or (mark is Mark.SMALL and 0 < after < SMALLEST) else 1

    def _count(self, node: Node, value: str) -> int:
        return self.grid.counts.get((*node, value), 0)


class _Paths:
    """Ways from the lowest branches of a tree up to a branch, and up to its neighbours."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._inner = set(tree.values())
        self._below: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for leaf in (branch for branch in tree if branch not in self._inner):
            way = upwards(tree, leaf)
            for length, branch in enumerate(way, 1):
                self._below[branch].append(tuple(way[:length]))

    def below(self, branch: str) -> Sequence[tuple[str, ...]]:
        """Return the ways from each lowest branch up to this one."""
        return self._below[branch]

    def beside(self, branch: str) -> Sequence[tuple[str, ...]]:
        """Return the ways up to each neighbour; an empty one for the root, where nothing needs to be taken back."""
        parent = self._tree[branch]
        if parent is None:
            return [()]
        neighbours = [each for each, above in self._tree.items() if above == parent and each != branch]
        return [way for each in neighbours for way in self._below[each]]


def _weight(grid: Grid, node: Node) -> int:
    """Numbers near the root are read most, so they are withheld last."""
    steps = depth(grid.times, node[0]) + depth(grid.places, node[1])
    return _WEIGHTS[steps] if steps < len(_WEIGHTS) else 1


def sums_hold(grid: Grid) -> bool:
    """Return whether every branch's numbers are the sums of those below it, which protection rests on."""
    sums: dict[Cell, int] = defaultdict(int)
    for (time, place, value), count in grid.counts.items():
        above_time, above_place = grid.times[time], grid.places[place]
        if above_time is not None:
            sums[f"t:{above_time}", place, value] += count
        if above_place is not None:
            sums[time, f"p:{above_place}", value] += count
    return all(grid.counts.get((_plain(t), _plain(p), v), 0) == count for (t, p, v), count in sums.items())


def _plain(name: str) -> str:
    return name[2:] if name[:2] in {"t:", "p:"} else name
