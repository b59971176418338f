"""Danger: the protocol file, the gauge, the steps and whose turn it is, over all their cases."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.intake.rules import (
    PROTOCOL,
    ProtocolError,
    adjusted,
    danger_level,
    is_high_risk,
    missing_steps,
    problems,
    raises_alert,
    read_protocol,
    required_steps,
    steps_of,
    suggested_level,
    suggestion,
    turns,
)
from casework.intake.rules.protocol import BUNDLED
from casework.intake.types import CallType, Codes, Outcome, Risk, Sign, StepCode, Turn
from casework.people.types import Present
from tests.unit.intake.builders import TODAY, any_codes, codes

ORDER = [Risk.NONE, Risk.IDEATION, Risk.PLAN, Risk.PLAN_WEEK, Risk.PLAN_72H, Risk.ATTEMPT]
START = datetime(2020, 4, 8, 6, 0, tzinfo=UTC)
WAIT = timedelta(minutes=2)
RATINGS = ("intention", "hopelessness", "distress_before")


def answers(*risks: Risk) -> st.SearchStrategy[Codes]:
    """Return answers about danger."""
    rating = st.none() | st.integers(0, 10)
    return st.builds(
        Codes,
        call_type=st.just(CallType.SELF),
        risk=st.sampled_from(risks or ORDER),
        intention=rating,
        hopelessness=rating,
        distress_before=rating,
        signs=st.lists(st.sampled_from(Sign), unique=True).map(tuple),
    )


def level(found: Codes) -> int:
    said = suggestion(found)
    assert said is not None
    return said.level


# ---- the gauge ----


@given(answers())
def test_the_gauge_is_never_below_the_answer_and_says_its_version(found: Codes) -> None:
    said = suggestion(found)
    assert said is not None
    assert said.level >= (suggested_level(found.risk) or 0)
    assert said.level in range(5)
    assert said.version == PROTOCOL.gauge.version


@given(answers())
def test_more_danger_in_any_item_never_lowers_the_level(found: Codes) -> None:
    before = level(found)
    for later in ORDER[ORDER.index(found.risk or Risk.NONE) :]:
        assert level(replace(found, risk=later)) >= before
    for name in RATINGS:
        for value in range(getattr(found, name) or 0, 11):
            more: dict[str, Any] = {name: value}
            assert level(replace(found, **more)) >= before
    for sign in set(Sign) - set(found.signs):
        assert level(replace(found, signs=(*found.signs, sign))) >= before


@given(answers())
def test_reasons_are_the_items_that_weigh_something(found: Codes) -> None:
    said = suggestion(found)
    assert said is not None
    assert set(said.reasons) >= set(found.signs)
    assert ("risk" in said.reasons) == (found.risk is not Risk.NONE)


@pytest.mark.parametrize("risk", [None, Risk.NOT_ASSESSED])
def test_nothing_is_suggested_while_nobody_asked(risk: Risk | None) -> None:
    assert suggestion(codes(risk=risk, signs=tuple(Sign), hopelessness=10)) is None


def test_a_sum_decides_nothing_the_worker_chooses() -> None:
    grave = codes(
        risk=Risk.PLAN, risk_level=None, distress_before=9, hopelessness=9, intention=8, signs=(Sign.MEANS, Sign.ALONE)
    )
    assert level(grave) > (suggested_level(Risk.PLAN) or 0)
    assert adjusted(grave).risk_level is None
    assert [name for name, _ in problems(adjusted(grave), "x", TODAY)] == ["risk_level"]
    for chosen in range(5):
        kept = adjusted(replace(grave, risk_level=chosen))
        assert kept.risk_level == chosen
        assert problems(kept, "x", TODAY) == []
    emergency = adjusted(replace(grave, outcome=Outcome.EMERGENCY))
    assert emergency.risk_level == suggested_level(Risk.PLAN)


@given(any_codes())
def test_whoever_is_asked_for_a_level_was_suggested_more_than_the_answer(found: Codes) -> None:
    asked = {name for name, _ in problems(adjusted(found), "x", TODAY)}
    said = suggestion(adjusted(found))
    if "risk_level" in asked and found.risk_level is None:
        assert said is not None
        assert said.level > (suggested_level(found.risk) or 0)


# ---- the file ----


def changed(path: str, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    data = json.loads(BUNDLED.read_text(encoding="utf-8"))
    place = data
    *parents, last = path.split("/")
    for each in parents:
        place = place[int(each)] if isinstance(place, list) else place[each]
    if value is None:
        del place[int(last) if isinstance(place, list) else last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("gauge/risk/plan", None),
        ("gauge/risk/plan_wek", 3),
        ("gauge/risk/attempt", 1),
        ("gauge/hopelessness/8", 0),
        ("gauge/hopelessness/11", 3),
        ("gauge/signs/means", -1),
        ("gauge/signs/means", 1.5),
        ("gauge/signs/means", True),
        ("gauge/levels/4", 3),
        ("gauge/version", ""),
        ("gauge", []),
        ("steps/version", None),
        ("steps/list/0", None),
        ("steps/list/0/code", "told"),
        ("steps/list/0/from", 0),
        ("steps/list/3/required_from", 1),
        ("steps/list/0/extra", 1),
        ("steps/list", {}),
        ("more", {}),
    ],
)
def test_a_protocol_that_is_not_what_it_must_be_is_refused(path: str, value: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    with pytest.raises(ProtocolError):
        read_protocol(changed(path, value))


def test_another_version_stays_with_what_it_suggests() -> None:
    other = read_protocol(changed("gauge/version", "2031.4"))
    said = suggestion(codes(risk=Risk.PLAN), other.gauge)
    assert said is not None
    assert said.version == "2031.4"


def test_reading_leaves_the_data_alone() -> None:
    data = json.loads(BUNDLED.read_text(encoding="utf-8"))
    before = copy.deepcopy(data)
    read_protocol(data)
    assert data == before


# ---- steps ----


def test_the_steps_of_the_standard_are_required_at_their_levels() -> None:
    assert required_steps(1) == ()
    assert set(required_steps(2)) == {StepCode.SUPERVISOR_TOLD, StepCode.SAFETY_PLAN, StepCode.CALL_BACK_CONSENT}
    assert {StepCode.CONTACT_TOLD, StepCode.LOCATION, StepCode.MEANS_SAFE} <= set(required_steps(3))
    assert StepCode.EMERGENCY_CALLED not in required_steps(3)
    assert {
        StepCode.EMERGENCY_CALLED,
        StepCode.STAYED_ON_LINE,
        StepCode.DISCLOSURE_RECORDED,
        StepCode.ARRIVAL_CONFIRMED,
        StepCode.HANDED_OVER,
    } <= set(required_steps(4))


@given(st.integers(0, 4), st.sets(st.sampled_from(StepCode)))
def test_what_is_missing_is_what_is_required_and_not_answered(danger: int, answered: set[StepCode]) -> None:
    assert set(missing_steps(danger, answered)) == set(required_steps(danger)) - answered
    assert set(required_steps(danger)) <= {step.code for step in steps_of(danger)}


@given(st.none() | st.sampled_from(Risk), st.none() | st.integers(0, 4))
def test_steps_follow_whichever_level_is_higher(risk: Risk | None, chosen: int | None) -> None:
    found = danger_level(risk, chosen)
    assert found >= (chosen or 0)
    assert found >= (suggested_level(risk) or 0)
    assert found in {chosen or 0, suggested_level(risk) or 0}


@given(st.integers(0, 4), st.none() | st.integers(0, 4), st.booleans())
def test_supervisors_are_told_for_help_and_for_danger_they_do_not_know_of(
    danger: int, alerted: int | None, help_wanted: bool
) -> None:
    told = raises_alert(danger, alerted=alerted, help_wanted=help_wanted)
    assert told == (help_wanted or (is_high_risk(danger) and danger > (alerted if alerted is not None else -1)))


# ---- whose turn it is ----


def people(*minutes: float) -> list[Present]:
    return [Present(UUID(int=n + 1), START + timedelta(minutes=each)) for n, each in enumerate(minutes)]


def whose(minutes: float, present: list[Present], known: list[Turn] | None = None) -> int | None:
    found = turns(START, START + timedelta(minutes=minutes), WAIT, present, known or [])[-1].account_id
    return None if found is None else found.int


def test_nobody_on_duty_is_the_offices_turn_at_once() -> None:
    assert whose(0, []) is None


def test_the_alert_goes_from_one_to_the_next_and_then_to_the_office() -> None:
    three = people(-30, -20, -10)
    assert [whose(each, three) for each in (0, 1.9, 2, 3.9, 4, 5.9, 6, 600)] == [1, 1, 2, 2, 3, 3, None, None]


def test_whoever_comes_on_duty_later_gets_a_whole_turn() -> None:
    late = people(1)
    assert [whose(each, late) for each in (1, 2.9, 3)] == [1, 1, None]


def test_whoever_leaves_passes_it_on_at_once() -> None:
    known = [Turn(UUID(int=1), START)]
    assert whose(1, people(-30, -20)[1:], known) == 2


def test_a_turn_that_was_written_down_is_not_taken_back() -> None:
    known = [Turn(UUID(int=1), START), Turn(None, START + WAIT)]
    assert whose(3, people(-30, -20), known) is None


@given(
    st.lists(st.floats(-60, 10), max_size=5),
    st.floats(0, 30),
    st.floats(0, 30),
    st.sets(st.integers(0, 4)),
)
def test_turns_never_repeat_go_forward_and_agree_with_what_was_written(
    since: list[float], first: float, second: float, gone: set[int]
) -> None:
    earlier, later = sorted((first, second))
    present = [each for each in people(*since) if each.since <= START + timedelta(minutes=earlier)]
    written = turns(START, START + timedelta(minutes=earlier), WAIT, present)
    left = [each for n, each in enumerate(present) if n not in gone]
    after = turns(START, START + timedelta(minutes=later), WAIT, left, written)
    assert after[: len(written)] == written
    ids = [turn.account_id for turn in after]
    assert len(set(ids)) == len(ids)
    assert None not in ids[:-1]
    assert all(before.since <= next_.since for before, next_ in pairwise(after))
    assert turns(START, START + timedelta(minutes=later), WAIT, left, after) == after
