"""When somebody is called again, and what may happen to a follow-up: the whole table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.intake.rules import (
    after_try,
    intervals,
    is_on_time,
    may_plan_again,
    next_state,
    planned,
    shifted,
)
from casework.intake.types import (
    MOST_TRIES,
    PENDING,
    CallType,
    CancelReason,
    Codes,
    FollowupKind,
    FollowupState,
    FollowupStep,
    Interval,
    Outcome,
)

SERIES = intervals("1d,1w,1m,3m,12m")
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
NOW = datetime(2020, 4, 5, 12, tzinfo=UTC)
# Written out by hand, so that the table in the code is compared with something.
POSSIBLE = {
    "open": {
        "reach": "reached", "try": "open", "move": "open", "hand": "open", "join_case": "with_case",
        "cancel": "cancelled", "plan": "open",
    },
    "with_case": {
        "reach": "reached", "try": "with_case", "move": "with_case", "cancel": "cancelled", "plan": "with_case",
    },
    "reached": {},
    "lost": {},
    "cancelled": {"plan": "open"},
}  # fmt: skip


def codes(level: int | None, promised: date | None = None, outcome: Outcome = Outcome.FOLLOW_UP) -> Codes:
    return Codes(call_type=CallType.SELF, risk_level=level, outcome=outcome, followup_on=promised)


@pytest.mark.parametrize(("state", "step", "tries"), list(product(FollowupState, FollowupStep, range(MOST_TRIES + 1))))
def test_what_may_happen_is_exactly_the_table(state: FollowupState, step: FollowupStep, tries: int) -> None:
    expected = POSSIBLE[str(state)].get(str(step))
    if expected is not None and step is FollowupStep.TRY and tries == MOST_TRIES:
        expected = "lost"
    assert next_state(state, step, tries=tries) == expected


@given(st.lists(st.sampled_from(FollowupStep), max_size=30))
def test_what_was_made_or_lost_stays_so_whatever_follows(steps: list[FollowupStep]) -> None:
    state, tries = FollowupState.OPEN, 0
    for step in steps:
        tries += step is FollowupStep.TRY and state in PENDING
        after = next_state(state, step, tries=tries)
        if state in {FollowupState.REACHED, FollowupState.LOST}:
            assert after is None
        state = after or state
    assert state in set(FollowupState)


@given(st.lists(DAYS, min_size=1, max_size=12))
def test_only_tries_on_different_days_count(days: list[date]) -> None:
    tries, last = 0, None
    for day in sorted(days):
        tries, last = after_try(tries, last, day), day
    assert tries == len(set(days))


def test_only_what_a_correction_took_back_comes_back() -> None:
    assert [each for each in CancelReason if may_plan_again(each)] == [CancelReason.CORRECTED]
    assert not may_plan_again(None)


@pytest.mark.parametrize(
    ("day", "step", "expected"),
    [
        (date(2020, 1, 31), "1m", date(2020, 2, 29)),
        (date(2021, 1, 31), "1m", date(2021, 2, 28)),
        (date(2019, 11, 30), "3m", date(2020, 2, 29)),
        (date(2020, 2, 29), "12m", date(2021, 2, 28)),
        (date(2020, 12, 31), "1m", date(2021, 1, 31)),
        (date(2020, 12, 31), "1d", date(2021, 1, 1)),
        (date(2020, 2, 26), "1w", date(2020, 3, 4)),
        (date(2020, 8, 31), "1m", date(2020, 9, 30)),
    ],
)
def test_months_end_on_the_last_day_they_have(day: date, step: str, expected: date) -> None:
    assert shifted(day, intervals(step)[0]) == expected


@given(DAYS, st.integers(1, 99))
def test_a_month_later_is_in_the_month_that_is_meant(day: date, count: int) -> None:
    after = shifted(day, Interval(count, "m"))
    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == count
    assert after.day == day.day or (after.day < day.day and (after + timedelta(days=1)).day == 1)


@given(
    DAYS, st.sampled_from([None, 0, 1, 2, 3, 4]), st.one_of(st.none(), st.integers(0, 366)), st.sampled_from(Outcome)
)
def test_every_high_risk_call_gets_its_series_and_every_promise_its_row(
    day: date, level: int | None, after: int | None, outcome: Outcome
) -> None:
    promised = None if after is None else day + timedelta(days=after)
    rows = planned(codes(level, promised, outcome), day, SERIES)
    series = [each for each in rows if each.kind is FollowupKind.SERIES]
    assert [each.step for each in series] == (["1d", "1w", "1m", "3m", "12m"] if level in {3, 4} else [])
    is_promised = outcome is Outcome.FOLLOW_UP and promised is not None
    assert [each.due_on for each in rows if each.own] == ([promised] if is_promised else [])
    assert len({each.due_on for each in rows}) == len(rows)


def test_a_promise_on_the_day_of_a_step_is_that_step() -> None:
    rows = planned(codes(3, date(2020, 4, 6)), date(2020, 4, 5), SERIES)
    assert (rows[0].kind, rows[0].step, rows[0].own) == (FollowupKind.SERIES, "1d", True)
    assert len(rows) == 5


def test_on_time_is_until_the_very_moment() -> None:
    assert is_on_time(NOW, NOW)
    assert not is_on_time(NOW + timedelta(microseconds=1), NOW)
