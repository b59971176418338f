"""Drawing calls for review: deterministic, fair, and nobody's choice; what is scored, and what scores come to."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.intake.rules import (
    applies,
    drawn,
    may_be_reviewed,
    mean_score,
    missing_scores,
    review_rank,
    sample,
    trend,
)
from casework.intake.rules.reviewing import PARTS
from casework.intake.types import AgeBand, Brief, CallType, Repeat
from casework.intake.types.reviews import LANGUAGES, RUBRIC, RUBRICS, RULE, RULES, MonthScore, SampleReason, SampleRule
from tests.unit.intake.builders import any_codes, codes

CALLS = st.uuids()
LEVELS = st.none() | st.integers(0, 4)
RULES_OF_ANY_KIND = st.builds(
    SampleRule,
    version=st.just(1),
    share_percent=st.integers(0, 100),
    first_calls=st.integers(0, 20),
    every_high_risk=st.booleans(),
)


def tag(call_id: UUID, secret: bytes = b"secret") -> bytes:
    return hmac.new(secret, call_id.bytes, hashlib.sha256).digest()


@given(CALLS, RULES_OF_ANY_KIND, LEVELS, st.integers(0, 30))
def test_the_same_call_is_always_drawn_alike(call: UUID, rule: SampleRule, level: int | None, earlier: int) -> None:
    answers = {sample(rule, level=level, earlier=earlier, draw=drawn(tag(call))) for _ in range(3)}
    assert len(answers) == 1


@given(CALLS)
def test_a_draw_lies_in_range(call: UUID) -> None:
    assert 0 <= drawn(tag(call)) < PARTS
    assert (drawn(b"\x00" * 32), drawn(b"\xff" * 32)) == (0, PARTS - 1)


@given(CALLS, LEVELS, st.integers(0, 30))
def test_a_larger_share_never_lets_a_drawn_call_go(call: UUID, level: int | None, earlier: int) -> None:
    draw = drawn(tag(call))
    answers = [sample(SampleRule(1, share, 5, True), level=level, earlier=earlier, draw=draw) for share in range(101)]
    first = next(index for index, answer in enumerate(answers) if answer is not None)
    assert all(answers[first:])
    assert answers[100] is not None


def test_about_the_share_is_drawn_and_another_secret_draws_others() -> None:
    calls = [UUID(int=number) for number in range(20_000)]
    rule = SampleRule(1, 10, 0, True)
    chosen = {call for call in calls if sample(rule, level=0, earlier=9, draw=drawn(tag(call)))}
    others = {call for call in calls if sample(rule, level=0, earlier=9, draw=drawn(tag(call, b"other")))}
    assert 0.09 < len(chosen) / len(calls) < 0.11
    assert len(chosen & others) / len(chosen) < 0.2


@pytest.mark.parametrize("level", [3, 4])
def test_every_high_risk_call_is_drawn(level: int) -> None:
    assert sample(RULE, level=level, earlier=500, draw=PARTS - 1) is SampleReason.HIGH_RISK


def test_the_first_calls_of_a_call_taker_are_drawn_and_stand_before_the_others() -> None:
    assert sample(RULE, level=0, earlier=RULE.first_calls - 1, draw=PARTS - 1) is SampleReason.FIRST_CALLS
    assert sample(RULE, level=0, earlier=RULE.first_calls, draw=PARTS - 1) is None
    ranks = [review_rank(RULE, level=level, earlier=earlier) for earlier in (0, 99) for level in (4, 0)]
    assert ranks == sorted(set(ranks), reverse=True)


def test_a_call_without_words_is_not_reviewed() -> None:
    assert may_be_reviewed(codes())
    assert not may_be_reviewed(codes(brief=Brief.NUMBER_ENQUIRY))
    assert not may_be_reviewed(codes(call_type=CallType.SILENT))


def test_the_list_of_items_is_complete_in_both_languages() -> None:
    assert [item.code for item in RUBRIC.items] == [
        "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "S1a", "S1b", "S2", "S3", "S4", "S5", "S6", "S7", "S8",
    ]  # fmt: skip
    for rubric in RUBRICS.values():
        assert len(rubric.anchors) == 5
        assert all(item.names[each] and item.hints[each] for item in rubric.items for each in LANGUAGES)
    assert RULES[RULE.version] == RULE


@pytest.mark.parametrize(
    ("code", "changes", "repeat"),
    [
        ("S1a", {}, Repeat.FIRST),
        ("S1b", {"risk_level": 2}, Repeat.FIRST),
        ("S2", {"risk_level": 4}, Repeat.FIRST),
        ("S5", {}, Repeat.REPEAT),
        ("S7", {"call_type": CallType.THIRD_PARTY}, Repeat.FIRST),
        ("S8", {"age_band": AgeBand.FROM_14}, Repeat.FIRST),
    ],
)
def test_a_module_is_asked_where_it_applies(code: str, changes: dict[str, object], repeat: Repeat) -> None:
    item = next(item for item in RUBRIC.items if item.code == code)
    assert applies(item, codes(**changes), repeat)
    assert code == "S1a" or not applies(item, codes(call_type=CallType.INFORMATION), Repeat.FIRST)


@given(any_codes(), st.sampled_from(Repeat))
def test_a_form_that_answers_what_applies_lacks_nothing_and_an_invented_item_is_a_fault(
    given_codes: object, repeat: Repeat
) -> None:
    answered = {item.code: "na" for item in RUBRIC.items}
    assert missing_scores(RUBRIC, given_codes, repeat, answered) == []  # type: ignore[arg-type]  # built as Codes
    assert missing_scores(RUBRIC, given_codes, repeat, answered | {"C1": "5"})[0] == "C1"  # type: ignore[arg-type]  # the same
    assert "X9" in missing_scores(RUBRIC, given_codes, repeat, answered | {"X9": "3"})  # type: ignore[arg-type]  # the same


def test_what_does_not_apply_counts_in_no_mean() -> None:
    assert mean_score({"C1": 4, "C2": 3, "C3": None}) == 3.5
    assert mean_score({"C1": None}) is None
    assert trend(
        [("2020-04", {"C1": 2}, "passed"), ("2020-03", {}, "returned"), ("2020-04", {"C1": 3}, "returned")]
    ) == [
        MonthScore("2020-03", 1, 1, None),
        MonthScore("2020-04", 2, 1, 2.5),
    ]
