"""Decisions about calls, over all their cases."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.cases.types import Population
from casework.intake.rules import (
    Problem,
    adjusted,
    changes,
    clean_line,
    clean_text,
    contributions,
    is_brief_type,
    is_high_risk,
    is_incomplete,
    needs_triage,
    problems,
    repeat_of,
    suggested_level,
    triage_rank,
)
from casework.intake.types import (
    ALL,
    MISSING,
    AgeBand,
    Brief,
    CallType,
    Codes,
    Counted,
    Dimension,
    ForWhom,
    Outcome,
    Repeat,
    Risk,
    RiskReason,
    Topic,
    divisions,
)
from tests.unit.intake.builders import COMPLETE, LINE, PLACE, TODAY, any_call, any_codes, codes

TEXT = "睡不着，担心家人。"


def fields(given_codes: Codes, summary: str = TEXT) -> set[str]:
    return {name for name, _ in problems(given_codes, summary, TODAY)}


@pytest.mark.parametrize(
    ("risk", "level", "high"),
    [
        (Risk.NONE, 0, False),
        (Risk.IDEATION, 1, False),
        (Risk.PLAN, 2, False),
        (Risk.PLAN_WEEK, 3, True),
        (Risk.PLAN_72H, 3, True),
        (Risk.ATTEMPT, 4, True),
        (Risk.NOT_ASSESSED, None, False),
        (None, None, False),
    ],
)
def test_each_answer_suggests_a_level(risk: Risk | None, level: int | None, high: bool) -> None:
    assert suggested_level(risk) == level
    assert is_high_risk(level) is high


def test_every_answer_has_a_suggestion() -> None:
    assert {suggested_level(risk) for risk in Risk} == {0, 1, 2, 3, 4, None}


@pytest.mark.parametrize("outcome", [*Outcome, None])
@pytest.mark.parametrize("level", [None, 0, 1, 2, 3, 4])
def test_a_supervisor_looks_at_cases_emergencies_and_everything_from_level_two(
    outcome: Outcome | None, level: int | None
) -> None:
    expected = outcome in {Outcome.TO_CASE, Outcome.EMERGENCY} or level in {2, 3, 4}
    assert needs_triage(outcome, level) is expected


def test_high_risk_stands_first_and_the_unassessed_before_the_middle() -> None:
    assert sorted([None, 0, 1, 2, 3, 4], key=triage_rank, reverse=True) == [4, 3, None, 2, 1, 0]


def test_the_worker_decides_the_level_and_the_table_only_suggests() -> None:
    assert adjusted(codes(risk=Risk.IDEATION, risk_level=None)).risk_level == 1
    assert adjusted(codes(risk=Risk.IDEATION, risk_level=3)).risk_level == 3
    assert adjusted(codes(risk=Risk.NOT_ASSESSED, risk_level=2)).risk_level is None


def test_a_complete_call_may_be_finished() -> None:
    assert problems(COMPLETE, TEXT, TODAY) == []


@pytest.mark.parametrize("call_type", [CallType.SILENT, CallType.NUISANCE])
def test_nothing_is_asked_about_nobody(call_type: CallType) -> None:
    assert problems(Codes(call_type=call_type), "", TODAY) == []
    assert adjusted(codes(call_type=call_type, risk=Risk.ATTEMPT)) == Codes(call_type=call_type)


@pytest.mark.parametrize("missing", ["sex", "age_band", "division", "risk", "outcome"])
def test_what_is_not_answered_is_named(missing: str) -> None:
    assert fields(codes(**{missing: None})) == {missing}


def test_T6_an_intake_without_an_answer_about_focus_groups_is_not_finished() -> None:
    assert problems(codes(population=()), TEXT, TODAY) == [("population", Problem.MISSING)]
    for answer in (Population.NONE, Population.UNKNOWN, Population.BEREAVED):
        assert problems(codes(population=(answer,)), TEXT, TODAY) == []


def test_none_and_unknown_stand_alone() -> None:
    for alone in (Population.NONE, Population.UNKNOWN):
        found = problems(codes(population=(alone, Population.ELDER)), TEXT, TODAY)
        assert found == [("population", Problem.CONTRADICTION)]


def test_an_emergency_asks_for_type_risk_and_outcome_only() -> None:
    bare = Codes(call_type=CallType.SELF, risk=Risk.ATTEMPT, outcome=Outcome.EMERGENCY)
    assert problems(bare, "", TODAY) == []
    assert fields(replace(bare, risk=None), "") == {"risk"}


def test_not_assessed_needs_a_reason_when_somebody_asks_for_help() -> None:
    assert fields(codes(risk=Risk.NOT_ASSESSED)) == {"risk_reason"}
    assert fields(codes(risk=Risk.NOT_ASSESSED, risk_reason=RiskReason.DECLINED)) == set()
    assert fields(codes(call_type=CallType.INFORMATION, risk=Risk.NOT_ASSESSED)) == set()


@pytest.mark.parametrize("risk", [Risk.PLAN, Risk.PLAN_WEEK, Risk.PLAN_72H, Risk.ATTEMPT])
def test_with_a_plan_distress_is_asked_and_hopelessness_stays_to_be_completed(risk: Risk) -> None:
    assert fields(codes(risk=risk)) == {"distress_before"}
    assert fields(codes(risk=risk, distress_before=0)) == set()
    assert is_incomplete(codes(risk=risk, distress_before=0))
    assert not is_incomplete(codes(risk=risk, distress_before=0, hopelessness=0))


@pytest.mark.parametrize("call_type", [CallType.THIRD_PARTY, CallType.AGENCY])
def test_a_call_about_another_says_about_whom(call_type: CallType) -> None:
    assert fields(codes(call_type=call_type, for_whom=None)) == {"for_whom"}
    assert fields(codes(call_type=call_type, for_whom=ForWhom.SELF)) == {"for_whom"}
    assert fields(codes(call_type=call_type, for_whom=ForWhom.PARENT)) == set()


@pytest.mark.parametrize(
    ("days", "problem"),
    [(-1, Problem.PAST), (0, None), (1, None), (366, None), (367, Problem.TOO_FAR)],
)
def test_a_call_back_lies_within_a_year(days: int, problem: Problem | None) -> None:
    asked = codes(outcome=Outcome.FOLLOW_UP, followup_on=TODAY + timedelta(days=days))
    assert problems(asked, TEXT, TODAY) == ([] if problem is None else [("followup_on", problem)])


def test_a_call_back_needs_its_day_and_other_outcomes_keep_none() -> None:
    assert fields(codes(outcome=Outcome.FOLLOW_UP)) == {"followup_on"}
    assert adjusted(codes(followup_on=TODAY)).followup_on is None


def test_what_is_out_of_range_is_named() -> None:
    four = (Topic.SLEEP, Topic.GRIEF, Topic.LOVE, Topic.STUDY)
    assert problems(codes(topics=four), TEXT, TODAY) == [("topics", Problem.TOO_MANY)]
    assert problems(codes(distress_before=11), TEXT, TODAY) == [("distress_before", Problem.OUT_OF_RANGE)]
    assert problems(codes(risk_level=5), TEXT, TODAY) == [("risk_level", Problem.OUT_OF_RANGE)]
    assert problems(codes(division="990000"), TEXT, TODAY) == [("division", Problem.UNKNOWN)]
    assert fields(codes(population=(Population.CHILD,), age_band=AgeBand.FROM_80)) == {"population"}


def test_a_blank_summary_is_none() -> None:
    assert fields(COMPLETE, " \n\t") == {"summary"}
    assert fields(codes(brief=Brief.NUMBER_ENQUIRY), "") == set()


@given(any_codes())
def test_adjusting_twice_changes_nothing_more(given_codes: Codes) -> None:
    once = adjusted(given_codes)
    assert adjusted(once) == once


# ---- counting ----


def counted(given_codes: Codes) -> Counted:
    return Counted(
        day=TODAY,
        weekday_hour="2-14",
        subproject_id=PLACE,
        line_id=LINE,
        codes=given_codes,
        repeat=str(Repeat.FIRST),
        minutes=12,
    )


def total(rows: list[dict[str, object]]) -> Counter[tuple[object, ...]]:
    sums: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        key = tuple(row[name] for name in ("day", "subproject_id", "line_id", "dimension", "value"))
        sums[key] += int(str(row["count"]))
    return Counter({key: count for key, count in sums.items() if count})


@given(st.lists(st.tuples(any_call(), any_call()), max_size=6))
def test_corrections_by_difference_equal_a_recount(pairs: list[tuple[Counted, Counted]]) -> None:
    kept: list[dict[str, object]] = []
    for before, after in pairs:
        kept += changes(None, before)
        kept += changes(before, after)
    recount = [row for _, after in pairs for row in changes(None, after)]
    assert total(kept) == total(recount)


@given(any_call())
def test_taking_a_call_back_leaves_nothing(call: Counted) -> None:
    assert total([*changes(None, call), *changes(call, None)]) == Counter()


@given(any_call())
def test_correcting_nothing_moves_nothing(call: Counted) -> None:
    assert changes(call, call) == []


@given(any_call())
def test_each_call_counts_once_in_all(call: Counted) -> None:
    found = contributions(call)
    assert found[(Dimension.TOTAL, ALL)] == 1
    single = (Dimension.CALL_TYPE, Dimension.HOUR, Dimension.REPEAT)
    for dimension in single:
        assert sum(count for (each, _), count in found.items() if each is dimension) == 1
    asked = [count for (each, _), count in found.items() if each is Dimension.RISK]
    assert sum(asked) == (0 if is_brief_type(call.codes.call_type) else 1)


def test_what_was_not_answered_counts_as_missing() -> None:
    bare = Codes(call_type=CallType.SELF, risk=Risk.ATTEMPT, outcome=Outcome.EMERGENCY)
    found = contributions(counted(bare))
    for dimension in (Dimension.SEX, Dimension.POPULATION, Dimension.TOPIC, Dimension.PROVINCE, Dimension.DISTRESS):
        assert found[(dimension, MISSING)] == 1


def test_places_roll_up_to_province_and_city() -> None:
    found = contributions(counted(codes(division="420113", distress_before=8, distress_after=5)))
    assert found[(Dimension.PROVINCE, "420000")] == 1
    assert found[(Dimension.CITY, "420100")] == 1
    assert found[(Dimension.DISTRESS, "-3")] == 1
    assert found[(Dimension.MINUTES, "<20")] == 1


@pytest.mark.parametrize(
    ("has_number", "earlier", "expected"),
    [(True, 0, Repeat.FIRST), (True, 1, Repeat.REPEAT), (False, 0, Repeat.UNKNOWN), (False, 3, Repeat.UNKNOWN)],
)
def test_only_a_number_recognises_a_caller(has_number: bool, earlier: int, expected: Repeat) -> None:
    assert repeat_of(has_number=has_number, earlier=earlier) is expected


# ---- places and texts ----


def test_the_list_of_places_is_complete() -> None:
    assert len(divisions.PROVINCES) == 34
    assert sum(len(cities) for _, cities in divisions.PROVINCES.values()) == 337
    assert divisions.name_of("440106") == "广东省广州市天河区"
    assert divisions.name_of("440199") == "广东省广州市"
    assert divisions.name_of("110102") == "北京市西城区"
    assert (divisions.code_of("广东省广州市"), divisions.code_of("北京市")) == ("440100", "110000")
    assert divisions.code_of("旧金山") is None
    assert len(divisions.districts()) == 2843
    assert all(divisions.is_division(code) for code in divisions.districts())
    assert divisions.name_of("unknown") == ""
    assert not divisions.is_division("000000")
    assert not divisions.is_division("４４０１００")


@given(st.text())
def test_cleaned_texts_stay_clean_and_can_be_stored(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert once.encode().decode() == once
    assert "\x00" not in once
    assert "\n" not in clean_line(text)


def test_cleaning_keeps_what_people_write() -> None:
    assert clean_text("第一行\r\n第二行\t🙂𠮷") == "第一行\n第二行\t🙂𠮷"
    assert clean_text("a\x00\x08\u202eb\ud800") == "ab"
    assert clean_line("  陈　阿姨 \n") == "陈 阿姨"
