"""Who is one person follows from joins alone; how an alert plan goes, and for how long it may hold."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.clients.rules import latest_end, may_approve, next_plan_state, shown_state, together
from casework.clients.types import PlanState

NUMBERS = st.integers(0, 7)
JOINS = st.lists(st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] != pair[1]), max_size=8)
STEPS = ("save", "submit", "return", "approve", "withdraw", "replace")


@given(JOINS, st.tuples(NUMBERS, NUMBERS))
def test_parting_restores_exactly_what_was_before_joining(joins: list[tuple[int, int]], new: tuple[int, int]) -> None:
    before = {number: together([number], joins) for number in range(8)}
    joined = [*joins, new]
    assert new[1] in together([new[0]], joined)
    joined.remove(new)
    assert {number: together([number], joined) for number in range(8)} == before


@given(JOINS)
def test_being_one_person_is_mutual_and_complete(joins: list[tuple[int, int]]) -> None:
    persons = {number: together([number], joins) for number in range(8)}
    for number, person in persons.items():
        assert number in person
        assert all(persons[other] == person for other in person)
    assert all(persons[first] is not None and second in persons[first] for first, second in joins)


def test_an_unjoined_number_is_a_person_by_itself() -> None:
    assert together([5], [(1, 2)]) == {5}
    assert together([1], [(1, 2), (2, 3)]) == {1, 2, 3}


@pytest.mark.parametrize(
    ("today", "latest"),
    [
        (date(2020, 4, 5), date(2020, 10, 5)),
        (date(2020, 8, 31), date(2021, 2, 28)),
        (date(2019, 8, 31), date(2020, 2, 29)),
        (date(2020, 12, 31), date(2021, 6, 30)),
        (date(2020, 6, 15), date(2020, 12, 15)),
    ],
)
def test_six_months_end_on_the_same_day_or_the_last_of_a_shorter_month(today: date, latest: date) -> None:
    assert latest_end(today) == latest


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_plan_never_holds_longer_than_half_a_year(today: date) -> None:
    assert 180 <= (latest_end(today) - today).days <= 184


def test_only_a_waiting_plan_is_approved_and_nothing_comes_back_from_the_end() -> None:
    approved = {state for state in PlanState if next_plan_state(state, "approve") is not None}
    assert approved == {PlanState.WAITING}
    assert not [step for step in STEPS if next_plan_state(PlanState.ENDED, step) is not None]
    # An approved plan is never changed: what holds is what a second person read.
    assert {step for step in STEPS if next_plan_state(PlanState.ACTIVE, step)} == {"withdraw", "replace"}


@given(st.sampled_from(PlanState), st.lists(st.sampled_from(STEPS), max_size=8))
def test_no_way_leads_to_an_active_plan_but_through_approval(state: PlanState, steps: list[str]) -> None:
    here = PlanState.DRAFT
    for step in steps:
        after = next_plan_state(here, step)
        assert after is not PlanState.ACTIVE or step == "approve"
        here = after or here
    assert next_plan_state(state, "burn") is None


def test_after_its_last_day_a_plan_has_ended_by_itself() -> None:
    day = date(2020, 4, 5)
    assert shown_state(PlanState.ACTIVE, day, day) is PlanState.ACTIVE
    assert shown_state(PlanState.ACTIVE, day, date(2020, 4, 6)) is PlanState.ENDED
    assert shown_state(PlanState.DRAFT, day, date(2020, 4, 6)) is PlanState.DRAFT


def test_nobody_approves_what_they_wrote() -> None:
    assert not may_approve(UUID(int=1), UUID(int=1))
    assert may_approve(UUID(int=1), UUID(int=2))
