"""Decisions about calls on the line: one call out of several reports, what it counts as, who is called back."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.intake.rules.line import (
    CALL_BACK_WITHIN,
    NUMBERS_KEPT,
    belong_together,
    end_of,
    keeps_number,
    line_changes,
    merged,
    needs_call_back,
    state_of,
    talk_seconds,
    wait_seconds,
)
from casework.intake.types.telephony import Ending, LegFacts, LineCounted, LineState

if TYPE_CHECKING:
    from random import Random

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
PLACE, LINE = UUID(int=1), UUID(int=2)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@st.composite
def any_facts(draw: st.DrawFn) -> LegFacts:
    start = draw(st.integers(0, 60))
    answer = draw(st.none() | st.integers(start, 300))
    end = draw(st.none() | st.integers(start if answer is None else answer, 600))
    return LegFacts(
        started_at=at(start),
        answered_at=None if answer is None else at(answer),
        ended_at=None if end is None else at(end),
        ending=draw(st.none() | st.sampled_from(list(Ending))) if answer is None else None,
    )


@given(st.lists(any_facts(), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_reports_of_one_call_give_the_same_in_any_order_and_when_repeated(
    reports: list[LegFacts], random: Random
) -> None:
    whole = reduce(merged, reports)
    shuffled = [*reports, *random.choices(reports, k=2)]
    random.shuffle(shuffled)
    assert reduce(merged, shuffled) == whole
    assert all(merged(whole, each) == whole for each in reports)


@given(st.lists(any_facts(), min_size=1, max_size=5))
def test_what_comes_out_of_reports_is_a_call_that_can_be(reports: list[LegFacts]) -> None:
    whole = reduce(merged, reports)
    known = [each for each in (whole.started_at, whole.answered_at, end_of(whole)) if each is not None]
    assert all(earlier <= later for earlier, later in pairwise(known))
    assert whole.answered_at is None or whole.ending is None
    assert (talk_seconds(whole) or 0) >= 0
    assert (state_of(whole) is LineState.ANSWERED) is any(each.answered_at for each in reports)


@pytest.mark.parametrize(
    ("ending", "waited", "state"),
    [
        (Ending.ABANDONED, 0, LineState.SHORT),
        (Ending.ABANDONED, 4.999, LineState.SHORT),
        (Ending.ABANDONED, 5, LineState.LOST),
        (Ending.ABANDONED, None, LineState.LOST),
        (Ending.MISSED, 3, LineState.LOST),
        (Ending.BLOCKED, 0, LineState.BLOCKED),
        (None, 10, None),
        (None, None, None),
    ],
)
def test_a_short_abandon_hung_up_within_five_seconds(
    ending: Ending | None, waited: float | None, state: LineState | None
) -> None:
    facts = LegFacts(started_at=START, ended_at=None if waited is None else at(waited), ending=ending)
    assert state_of(facts) is state
    assert (wait_seconds(facts), talk_seconds(facts)) == (0, None)


def test_wait_is_answer_minus_arrival_in_whole_seconds() -> None:
    facts = LegFacts(started_at=START, answered_at=at(20.9), ended_at=at(80.9))
    assert (state_of(facts), wait_seconds(facts), talk_seconds(facts)) == (LineState.ANSWERED, 20, 60)


def test_reports_far_apart_are_not_about_one_call() -> None:
    call = LegFacts(started_at=START, answered_at=at(10), ended_at=at(7200))
    assert belong_together(call, LegFacts(started_at=at(7200 + 3600)))
    assert not belong_together(call, LegFacts(started_at=at(7200 + 3601)))
    assert not belong_together(LegFacts(started_at=at(7200 + 3601)), call)


def counted(**changes: object) -> LineCounted:
    known: dict[str, object] = {
        "day": date(2026, 3, 2), "weekday_hour": "0-14", "subproject_id": PLACE, "line_id": LINE,
        "state": LineState.ANSWERED, "wait": 7, "talk": 60,
    }  # fmt: skip
    return LineCounted(**(known | changes))  # type: ignore[arg-type]  # the fields of the value


def sums(*rows: dict[str, object]) -> Counter[tuple[object, object]]:
    total: Counter[tuple[object, object]] = Counter()
    for row in rows:
        total[row["dimension"], row["value"]] += int(str(row["count"]))
    return total


def test_a_call_that_becomes_another_moves_the_counts_by_the_difference() -> None:
    before, after = counted(state=LineState.LOST, talk=None), counted()
    moved = sums(*line_changes(None, before), *line_changes(before, after))
    assert {key: n for key, n in moved.items() if n} == dict(sums(*line_changes(None, after)))
    assert line_changes(after, after) == []
    untold = sums(*line_changes(None, counted(talk=None)))
    assert untold == {("state", "answered"): 1, ("hour", "0-14"): 1, ("wait", "7"): 1}


NUMBER = {"identifies": True, "is_pending": False}
NOBODYS = {"identifies": False, "is_pending": False}
PENDING = {"identifies": True, "is_pending": True}
LOST = LegFacts(started_at=START, ended_at=at(30), ending=Ending.ABANDONED)


@pytest.mark.parametrize(
    ("facts", "known", "answered", "now", "wanted"),
    [
        (LOST, NUMBER, None, 60, True),
        (LegFacts(started_at=START, ended_at=at(30), ending=Ending.MISSED), NUMBER, None, 60, True),
        (LegFacts(started_at=START, ended_at=START, ending=Ending.BLOCKED), NUMBER, None, 60, True),
        (LegFacts(started_at=START, ended_at=at(4), ending=Ending.ABANDONED), NUMBER, None, 60, False),
        (LegFacts(started_at=START), NUMBER, None, 60, False),
        (LegFacts(started_at=START, answered_at=at(30)), NUMBER, None, 60, False),
        (LOST, NOBODYS, None, 60, False),
        (LOST, PENDING, None, 60, False),
        (LOST, NUMBER, 45, 60, False),
        (LOST, NUMBER, -45, 60, True),
        (LOST, NUMBER, None, CALL_BACK_WITHIN.total_seconds(), True),
        (LOST, NUMBER, None, CALL_BACK_WITHIN.total_seconds() + 1, False),
        (LOST, NUMBER, None, -1, False),
    ],
)
def test_who_is_called_back(
    facts: LegFacts, known: dict[str, bool], answered: int | None, now: float, wanted: bool
) -> None:
    since = None if answered is None else at(answered)
    assert needs_call_back(facts, **known, answered_since=since, now=at(now)) is wanted


def test_numbers_are_kept_for_ninety_days() -> None:
    assert keeps_number(START, START + NUMBERS_KEPT - timedelta(seconds=1))
    assert not keeps_number(START, START + NUMBERS_KEPT)
