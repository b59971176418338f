"""The demonstration tells of people who could exist: age, sex, group, category and topic agree, and nothing repeats."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from casework.cli.demo import persons, sessions, texts
from casework.cli.demo.persons import Caller
from casework.cli.demo.plan import SHARES, TOPICS, plan_calls
from casework.cli.demo.sessions import Notebook
from casework.intake.rules import needs_triage
from casework.intake.types import AgeBand, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from casework.cli.demo.plan import PlannedCall

END = datetime(2020, 12, 1, 4, 0, tzinfo=UTC)
AGES = tuple(AgeBand)[:-1]
UNDER_18 = {AgeBand.UNDER_14, AgeBand.FROM_14}
OVER_60 = {AgeBand.FROM_60, AgeBand.FROM_80}
# Bands of which every year lies between 18 and 49.
CHILDBEARING = {AgeBand.FROM_18, AgeBand.FROM_26}
NOT_OF_MINORS = {"marriage", "work_stress", "employment", "children", "hardship"}
LOOKS_BACK = re.compile("上次|再次|重新|回顾|布置|改善|仍|比从前|比上")
HIGH = {"plan_week", "plan_72h", "attempt"}
PERSON = Caller("", "", "female", 3, ("none",), "public", "GZ")


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a repeatable history, not a secret


@pytest.fixture(scope="module")
def planned() -> list[PlannedCall]:
    return plan_calls(chance(20200327), 5000, END)


def disagreements(calls: Iterable[PlannedCall]) -> Counter[str]:
    """Return how often something about a person contradicts something else about them."""
    found: Counter[str] = Counter()
    for call in calls:
        person, age, groups = call.caller, AGES[call.caller.age], set(call.caller.groups)
        wrong = {
            "a minor with a topic of grown people": age in UNDER_18 and bool(NOT_OF_MINORS & set(call.topics)),
            "study of somebody who is not young": "study" in call.topics and age not in UNDER_18 | {AgeBand.FROM_18},
            "pregnant": "pregnant" in groups and (person.sex != "female" or age not in CHILDBEARING),
            "elder or not": ("elder" in groups) != (age in OVER_60),
            "child or not": ("child" in groups) != (age in UNDER_18),
            "left behind": "left_behind" in groups and age not in UNDER_18,
            "an occupation too young or too old": person.category in persons.OCCUPATIONS and age in UNDER_18 | OVER_60,
            "bereaved or not": ("bereaved" in groups) != (person.category == "bereaved_family"),
            "none beside a group": bool({"none", "unknown"} & groups) and len(groups) > 1,
            "no group": not groups,
            "without work in an occupation": "employment" in call.topics and person.category in persons.OCCUPATIONS,
            "a work of others": call.summary.count("护士") > 0 and person.category != "medical",
        }
        found.update(name for name, is_wrong in wrong.items() if is_wrong)
    return found


def test_age_sex_group_category_and_topic_agree(planned: list[PlannedCall]) -> None:
    assert not disagreements(planned)
    # It is no agreement by absence: everything there is a rule about occurs.
    groups = Counter(group for call in planned for group in call.caller.groups)
    assert min(groups[each] for each in ("child", "elder", "pregnant", "left_behind", "bereaved", "alone")) > 20
    topics = Counter(topic for call in planned for topic in call.topics)
    assert min(topics[each] for each in TOPICS) > 20


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("a minor with a topic of grown people", lambda call: replace(call, topics=("marriage",))),
        ("elder or not", lambda call: replace(call, caller=replace(call.caller, groups=("child", "elder")))),
        ("pregnant", lambda call: replace(call, caller=replace(call.caller, groups=("child", "pregnant")))),
        (
            "an occupation too young or too old",
            lambda call: replace(call, caller=replace(call.caller, category="medical")),
        ),
    ],
)
def test_a_contradiction_is_found(
    planned: list[PlannedCall], what: str, change: Callable[[PlannedCall], PlannedCall]
) -> None:
    child = next(call for call in planned if call.caller.age == 0)
    assert disagreements([change(child)])[what] == 1


def test_whoever_calls_for_somebody_stands_to_them_as_the_age_allows(planned: list[PlannedCall]) -> None:
    for call in planned:
        assert bool(call.whom) == (call.kind in {"third_party", "agency"})
        if call.whom == "child":
            assert AGES[call.caller.age] in UNDER_18
        if call.whom == "parent":
            assert AGES[call.caller.age] in OVER_60


def test_every_topic_has_words_for_everybody_who_may_speak_of_it() -> None:
    for topic, concerns in texts.CONCERNS.items():
        for sex in persons.TITLES:
            for age in range(len(AGES)):
                person = replace(PERSON, sex=sex, age=age)
                if persons.may_speak_of(topic, person):
                    assert any(persons.fits(who, person) for who, _ in concerns), f"{topic}: {AGES[age]} {sex}"


def test_the_summary_agrees_with_the_answer_about_risk(planned: list[PlannedCall]) -> None:
    for call in planned:
        spoken = [risk for risk, words in texts.RISK_WORDS.items() if any(each in call.summary for each in words)]
        is_told = call.kind not in texts.BRIEF and call.topics[:1] != ("information",)
        asked = is_told and call.risk in texts.RISK_WORDS
        assert spoken == ([call.risk] if asked else [])


@pytest.mark.parametrize("count", [500, 5000])
@pytest.mark.parametrize("seed", [1, 20200327])
def test_every_board_shows_high_risk_a_repeat_caller_and_others(count: int, seed: int) -> None:
    calls = plan_calls(chance(seed), count, END)
    assert len(calls) == count
    for code in SHARES:
        mine = [call for call in calls if call.caller.subproject == code]
        fresh = [call for call in mine if call.at > END - timedelta(hours=12)]
        waiting = [call for call in fresh if needs_triage(Outcome(call.outcome), 3 if call.risk in HIGH else 0)]
        assert any(call.risk in HIGH for call in waiting), code
        earlier = {call.caller.phone for call in mine if call.at <= END - timedelta(hours=12)} - {""}
        assert any(call.caller.phone in earlier for call in waiting), code
        assert len(waiting) >= 3, code
    assert max(call.at for call in calls) < END


def test_few_calls_are_planned_too() -> None:
    for count in (0, 1, 5, 40):
        assert len(plan_calls(chance(3), count, END)) == count


def test_the_same_seed_gives_the_same_history() -> None:
    assert plan_calls(chance(5), 300, END) == plan_calls(chance(5), 300, END)
    assert plan_calls(chance(5), 300, END) != plan_calls(chance(6), 300, END)


def test_numbers_and_names_are_invented_ones(planned: list[PlannedCall]) -> None:
    for call in planned:
        assert re.fullmatch(r"(145\d{8})?", call.caller.phone), "145 is the range of data cards"
        # A surname and a form of address: no given name, so nobody in particular.
        assert call.caller.name[0] in persons.SURNAMES
        assert call.caller.name[1:] in {title for titles in persons.TITLES.values() for title in titles}


@pytest.mark.parametrize("age", range(len(AGES)))
def test_no_note_of_a_case_is_like_another_and_the_first_does_not_look_back(age: int) -> None:
    for seed in range(40):
        notebook = Notebook(chance(seed), "睡眠", replace(PERSON, age=age))
        (_, first), *others = [notebook.write() for _ in range(30)]
        assert not LOOKS_BACK.search(first), first
        assert len({first, *(text for _, text in others)}) == 30


def test_a_sentence_comes_again_only_after_all_others_of_its_kind() -> None:
    notebook = Notebook(chance(2), "睡眠", PERSON)
    notes = [notebook.write()[1] for _ in range(11)]
    for sentences in (sessions.DONE, sessions.NEXT):
        assert max(sum(each in note for note in notes) for each in sentences) == 1
