"""Option lists as values: what may be published, what is offered on which day, what stays readable."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.options.rules import catalogue, moved, problems
from casework.options.types import BuiltIn, Entry, OptionList, Problem

TODAY = date(2020, 4, 5)
LIST = BuiltIn(names={"sleep": "睡眠", "grief": "哀伤"}, protected=frozenset({"grief"}), is_open=True)
SLEEP = Entry(code="sleep", name_zh="睡眠", name_en="Sleep")
GRIEF = Entry(code="grief", name_zh="哀伤", name_en="Grief")
OWN = Entry(code="long_covid", name_zh="后遗症", name_en="Long covid", is_built_in=False)
days = st.none() | st.dates(date(2020, 3, 1), date(2020, 5, 31))


def said(*entries: Entry, built_in: BuiltIn = LIST) -> list[tuple[str, str, Problem]]:
    return problems(built_in, entries, TODAY)


def test_a_list_in_order_may_be_published() -> None:
    assert not said(SLEEP, GRIEF, OWN)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (replace(SLEEP, name_zh=" "), ("sleep", "name_zh", Problem.NAME_MISSING)),
        (replace(SLEEP, name_en=""), ("sleep", "name_en", Problem.NAME_MISSING)),
        (replace(SLEEP, name_en="x" * 61), ("sleep", "name_en", Problem.NAME_TOO_LONG)),
        (replace(SLEEP, keywords="x" * 201), ("sleep", "keywords", Problem.NAME_TOO_LONG)),
        (replace(SLEEP, name_zh="哀伤"), ("grief", "name_zh", Problem.NAME_TAKEN)),
        (replace(OWN, code="Long"), ("Long", "code", Problem.CODE_WRONG)),
        (replace(OWN, code="grief"), ("grief", "code", Problem.CODE_TAKEN)),
        (
            replace(SLEEP, offered_from=TODAY, offered_until=TODAY - timedelta(1)),
            ("sleep", "offered_until", Problem.DAYS_REVERSED),
        ),
    ],
)
def test_what_is_wrong_with_a_row_is_named(wrong: Entry, problem: tuple[str, str, Problem]) -> None:
    assert problem in said(wrong, GRIEF)


def test_what_rules_depend_on_cannot_be_retired_but_renamed() -> None:
    assert said(SLEEP, replace(GRIEF, offered_until=TODAY)) == [("grief", "offered_until", Problem.PROTECTED)]
    assert not said(SLEEP, replace(GRIEF, name_zh="丧亲"))


def test_a_closed_list_takes_no_new_code() -> None:
    closed = replace(LIST, is_open=False)
    assert said(SLEEP, OWN, built_in=closed) == [("long_covid", "code", Problem.CLOSED_LIST)]


def test_something_must_remain_to_be_chosen() -> None:
    gone = replace(SLEEP, offered_until=TODAY - timedelta(1))
    assert said(gone) == [("", "", Problem.NOTHING_OFFERED)]


@given(days, days, st.dates(date(2020, 3, 1), date(2020, 5, 31)))
def test_days_bound_what_is_offered_and_never_what_is_readable(
    start: date | None, end: date | None, today: date
) -> None:
    entry = replace(SLEEP, offered_from=start, offered_until=end)
    found = catalogue({}, {OptionList.TOPIC: [entry]}, "zh", today)
    wanted = (start is None or start <= today) and (end is None or today <= end)
    assert list(found.offered[OptionList.TOPIC]) == (["sleep"] if wanted else [])
    assert found.names[OptionList.TOPIC]["sleep"] == "睡眠"
    assert found.choices(OptionList.TOPIC, ["sleep"]) == [("sleep", "睡眠")]


def test_a_built_in_code_without_a_row_is_offered_under_its_own_name() -> None:
    found = catalogue({OptionList.TOPIC: LIST}, {OptionList.TOPIC: [replace(SLEEP, name_en="Rest")]}, "en", TODAY)
    assert found.choices(OptionList.TOPIC) == [("sleep", "Rest"), ("grief", "哀伤")]
    assert found.names[OptionList.TOPIC]["nobody_knows"] == "nobody_knows"
    assert not found.knows(OptionList.TOPIC, "nobody_knows")


@given(st.permutations(["a", "b", "c", "d"]), st.sampled_from("abcdx"), st.sampled_from([-1, 1]))
def test_moving_keeps_every_code_and_goes_one_step(order: list[str], code: str, by: int) -> None:
    after = moved(order, code, by)
    assert sorted(after) == sorted(order)
    if code in order:
        assert after.index(code) == min(max(order.index(code) + by, 0), len(order) - 1)
    else:
        assert after == order
