"""Somebody who works out hidden numbers from the shown ones. Independent of the code that hides them.

The attacker knows every shown number, every sum, and what the marks say, and looks at nothing else. For small tables
all assignments are tried; for large ones the bounds of every number are narrowed over all sums until nothing moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

BEYOND = 10**6


@dataclass(frozen=True, slots=True)
class Sum:
    """A published fact: these parts add up to that whole."""

    whole: Hashable
    parts: tuple[Hashable, ...]


def narrowed(
    bounds: Mapping[Hashable, tuple[int, int]], sums: Sequence[Sum], rounds: int = 200
) -> dict[Hashable, tuple[int, int]]:
    """Return the bounds of every number after subtraction over all sums, again and again."""
    known = dict(bounds)
    for _ in range(rounds):
        before = dict(known)
        for each in sums:
            _narrow(known, each)
        if known == before:
            break
    return known


def _narrow(known: dict[Hashable, tuple[int, int]], each: Sum) -> None:
    lows = sum(known[part][0] for part in each.parts)
    highs = sum(known[part][1] for part in each.parts)
    low, high = known[each.whole]
    low, high = max(low, lows), min(high, highs)
    known[each.whole] = (low, high)
    for part in each.parts:
        own_low, own_high = known[part]
        known[part] = (max(own_low, low - (highs - own_high)), min(own_high, high - (lows - own_low)))


def possible_values(
    bounds: Mapping[Hashable, tuple[int, int]], sums: Sequence[Sum], leaves: Iterable[Hashable]
) -> dict[Hashable, set[int]]:
    """Return every value each number can have, by trying all assignments of the leaves; for tiny tables only."""
    known = narrowed(bounds, sums)
    names = list(leaves)
    found: dict[Hashable, set[int]] = {key: set() for key in bounds}
    for values in product(*(range(known[name][0], known[name][1] + 1) for name in names)):
        world: dict[Hashable, int] = dict(zip(names, values, strict=True))
        for each in sums:
            world[each.whole] = sum(world[part] for part in each.parts)
        if all(bounds[key][0] <= value <= bounds[key][1] for key, value in world.items()):
            for key, value in world.items():
                found[key].add(value)
    return found
