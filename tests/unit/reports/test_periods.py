from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from casework.reports.rules import WHOLE_KEY, find_period, month_key, periods_between, time_tree
from casework.reports.types import Span

days = st.dates(date(2019, 1, 1), date(2030, 12, 31))


@given(days, st.integers(0, 1500))
def test_every_day_lies_in_exactly_one_month_quarter_and_year(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    periods = periods_between(first, last)
    for day in {first, last, first + timedelta(days=length // 2)}:
        for span in (Span.MONTH, Span.QUARTER, Span.YEAR, Span.WHOLE):
            found = [each for each in periods if each.span is span and each.start <= day <= each.end]
            assert len(found) == 1, (span, day)


@given(days, st.integers(0, 900))
def test_periods_touch_or_follow_each_other_without_a_gap(first: date, length: int) -> None:
    for span in (Span.MONTH, Span.QUARTER, Span.YEAR):
        found = [each for each in periods_between(first, first + timedelta(days=length)) if each.span is span]
        for later, earlier in pairwise(found):
            assert earlier.end + timedelta(days=1) == later.start


def test_the_tree_leads_from_every_month_to_the_whole() -> None:
    tree = time_tree(["2020-03", "2020-04", "2021-01"])
    assert tree["2020-04"] == "2020-Q2"
    assert tree["2020-Q2"] == "2020"
    assert tree["2021"] == WHOLE_KEY
    assert tree[WHOLE_KEY] is None


def test_only_fixed_periods_are_found() -> None:
    periods = periods_between(date(2020, 3, 27), date(2020, 12, 31))
    assert find_period(periods, "2020-04") is not None
    for key in ("2020-04-01", "2020-04..2020-05", "2019-04", "", "whole'--", "2020-q2"):
        assert find_period(periods, key) is None
    assert month_key(date(2020, 4, 5)) == "2020-04"
