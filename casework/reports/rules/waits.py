"""Exact figures of waiting from a histogram of whole seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of how many seconds a service level can be asked for. A fixed list, as all that is published.
WITHIN: Final = (10, 15, 20, 30, 45, 60, 90, 120, 180)
USUAL: Final = 20


@dataclass(frozen=True, slots=True)
class Waits:
    """How long answered calls waited, in seconds: mean (ASA), median, ninth decile and longest."""

    count: int
    mean: float
    median: float
    p90: int
    longest: int


def waits_of(histogram: Mapping[int, int]) -> Waits | None:
    """Return the figures of a histogram (seconds to calls), or None for an empty one.

    The median of an even number of calls lies between the middle two; the ninth decile is the shortest wait that nine
    of ten calls did not exceed.
    """
    count = sum(histogram.values())
    if count <= 0:
        return None
    total = sum(seconds * calls for seconds, calls in histogram.items())
    lower, upper = _ranked(histogram, (count + 1) // 2), _ranked(histogram, count // 2 + 1)
    ninth = _ranked(histogram, -(-9 * count // 10))
    return Waits(count, total / count, (lower + upper) / 2, ninth, max(s for s, calls in histogram.items() if calls))


def answered_within(histogram: Mapping[int, int], seconds: int) -> int:
    """Return how many calls were answered after at most that many seconds."""
    return sum(calls for waited, calls in histogram.items() if waited <= seconds)


def _ranked(histogram: Mapping[int, int], rank: int) -> int:
    """Return the wait of the call that comes at a rank, the shortest first."""
    seen = 0
    for seconds in sorted(histogram):
        seen += histogram[seconds]
        if seen >= rank:
            return seconds
    return max(histogram)
