"""Figures of waiting agree with the same figures of the single calls."""

from __future__ import annotations

import math
import statistics
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from casework.reports.rules.waits import answered_within, waits_of


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=60), st.integers(0, 4000))
def test_a_histogram_tells_exactly_what_the_calls_tell(waits: list[int], within: int) -> None:
    found = waits_of(Counter(waits))
    assert found is not None
    assert found.count == len(waits)
    assert math.isclose(found.mean, statistics.fmean(waits))
    assert found.median == statistics.median(waits)
    assert found.longest == max(waits)
    assert sum(each <= found.p90 for each in waits) * 10 >= 9 * len(waits)
    assert sum(each < found.p90 for each in waits) * 10 < 9 * len(waits)
    assert answered_within(Counter(waits), within) == sum(each <= within for each in waits)


def test_nothing_is_told_of_no_call() -> None:
    assert waits_of({}) is None
