"""Stages, closing, channels and services: every combination, not examples."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from casework.cases import rules
from casework.cases.types import (
    CHANNEL_NAMES,
    KIND_NAMES,
    POPULATION_NAMES,
    REASON_NAMES,
    SERVICE_NAMES,
    STAGE_NAMES,
    Channel,
    ClosingReason,
    Mode,
    NoteKind,
    Population,
    ServiceType,
    Stage,
)
from casework.security.roles import Role

LEVELS = [None, 0, 1, 2, 3, 4]
stages = st.sampled_from(Stage)
levels = st.sampled_from(LEVELS)


@pytest.mark.parametrize(("before", "level"), list(product(Stage, LEVELS)))
def test_no_move_ends_a_case_or_leaves_an_ended_one(before: Stage, level: int | None) -> None:
    after = rules.next_stages(before, level)
    assert after <= rules.OPEN
    assert before not in after
    assert bool(after) == rules.is_open(before)


def test_every_open_stage_is_reached_from_the_first_one() -> None:
    reached, waiting = {Stage.INTAKE}, [Stage.INTAKE]
    while waiting:
        new = rules.next_stages(waiting.pop(), None) - reached
        reached |= new
        waiting += new
    assert reached == rules.OPEN


def test_intervening_begins_at_once_in_a_crisis_only() -> None:
    assert rules.may_move(Stage.INTAKE, Stage.INTERVENING, 3)
    assert rules.may_move(Stage.ASSESSING, Stage.INTERVENING, 4)
    assert not any(rules.may_move(Stage.INTAKE, Stage.INTERVENING, level) for level in (None, 0, 1, 2))


@pytest.mark.parametrize(("stage", "reason"), list(product(Stage, ClosingReason)))
def test_goals_are_met_after_evaluating_and_other_ends_come_at_any_time(stage: Stage, reason: ClosingReason) -> None:
    expected = rules.is_open(stage) and (reason is not ClosingReason.GOAL_MET or stage is Stage.EVALUATING)
    assert rules.may_close(stage, reason) is expected


@pytest.mark.parametrize("reason", ClosingReason)
def test_the_stage_of_an_end_is_an_ended_one(reason: ClosingReason) -> None:
    assert not rules.is_open(rules.closed_stage(reason))
    assert (rules.closed_stage(reason) is Stage.TRANSFERRED) is (reason is ClosingReason.TRANSFERRED)


def test_T6_a_focus_group_needs_an_assessment_before_closing() -> None:
    focus = [each for each in Population if each not in {Population.NONE, Population.UNKNOWN}]
    for population, reason in product(focus, ClosingReason):
        waits = rules.lacks_assessment([population], 0, reason, Role.COUNSELOR)
        assert waits is (reason is not ClosingReason.TRANSFERRED)
        assert not rules.lacks_assessment([population], 1, reason, Role.COUNSELOR)


def test_T6_a_supervisor_may_close_where_nobody_can_be_assessed_any_more() -> None:
    free = {
        reason
        for reason in ClosingReason
        if not rules.lacks_assessment([Population.BEREAVED], 0, reason, Role.SUPERVISOR)
    }
    assert free == {ClosingReason.DEATH, ClosingReason.OUT_OF_CONTACT, ClosingReason.TRANSFERRED}


@pytest.mark.parametrize("answer", [[Population.NONE], [Population.UNKNOWN]])
def test_T6_others_close_without_an_assessment(answer: list[Population]) -> None:
    assert not any(rules.lacks_assessment(answer, 0, reason, Role.COUNSELOR) for reason in ClosingReason)


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        ([], False),
        (["none"], True),
        (["unknown"], True),
        (["child", "bereaved"], True),
        (["none", "child"], False),
        (["unknown", "child"], False),
        (["none", "unknown"], False),
        (["somebody"], False),
    ],
)
def test_T6_the_question_about_focus_groups_needs_an_answer(answer: list[str], *, good: bool) -> None:
    assert rules.populations_answered(answer) is good


def test_T16_every_channel_is_online_or_offline() -> None:
    split = {channel: rules.mode_of(channel) for channel in Channel}
    assert set(split.values()) == set(Mode)
    assert {channel for channel, mode in split.items() if mode is Mode.ONLINE} == {
        Channel.PHONE,
        Channel.WECHAT,
        Channel.VIDEO,
    }


def test_T16_a_session_has_a_channel_and_nothing_else_has() -> None:
    assert [kind for kind in NoteKind if rules.needs_channel(kind)] == [NoteKind.SESSION]


@pytest.mark.parametrize("role", Role)
def test_psychiatric_consultation_is_the_consultants_alone(role: Role) -> None:
    gives = ServiceType.PSYCHIATRIC_CONSULTATION in rules.services_of(role)
    assert gives is (role is Role.CONSULTANT)


@pytest.mark.parametrize("service", [ServiceType.PSYCHOLOGICAL_SUPPORT, ServiceType.CRISIS_INTERVENTION])
def test_R5_support_and_crisis_intervention_are_for_qualified_roles(service: ServiceType) -> None:
    assert {role for role in Role if rules.may_provide(role, [service])} == {Role.COUNSELOR, Role.SUPERVISOR}


def test_R11_the_eight_services_of_the_notice_are_all_there() -> None:
    names = {str(SERVICE_NAMES[each]) for each in list(ServiceType)[:8]}
    assert names == {
        "疫情认知",
        "健康指导",
        "心理情绪辅导",
        "心理危机评估",
        "家庭支援",
        "社会关系修复",
        "政策咨询",
        "转介服务",
    }
    assert set(rules.services_of(Role.COUNSELOR)) == set(ServiceType) - {ServiceType.PSYCHIATRIC_CONSULTATION}


def test_R17_volunteers_give_emotional_and_practical_support() -> None:
    assert rules.may_provide(
        Role.VOLUNTEER,
        [ServiceType.PSYCHOLOGICAL_COUNSELING, ServiceType.EMOTIONAL_SUPPORT, ServiceType.PRACTICAL_SUPPORT],
    )


def test_roles_without_services_give_none() -> None:
    assert rules.services_of(Role.LEAD) == ()
    assert rules.may_provide(Role.LEAD, [])
    assert not rules.may_provide(Role.LEAD, [ServiceType.POLICY_ADVICE])


def test_everything_has_a_name() -> None:
    for values, names in (
        (Stage, STAGE_NAMES),
        (ClosingReason, REASON_NAMES),
        (NoteKind, KIND_NAMES),
        (Channel, CHANNEL_NAMES),
        (ServiceType, SERVICE_NAMES),
        (Population, POPULATION_NAMES),
    ):
        assert set(names) == set(values)
        assert len({str(name) for name in names.values()}) == len(names)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("11010519491231002X", True),
        ("身份证 11010519491231002x。", True),
        ("１１０１０５１９４９１２３１００２Ｘ", True),
        ("110105194912310021", False),
        ("911010519491231002X", False),
        ("电话 13800138000，编号 GZ-2020-0001", False),
        ("", False),
    ],
)
def test_an_identity_number_is_found_by_its_check_digit(text: str, *, found: bool) -> None:
    assert rules.holds_id_number(text) is found


def test_numbers_of_cases_have_four_digits_and_grow() -> None:
    assert rules.case_number("GZ", 2020, 1) == "GZ-2020-0001"
    assert rules.case_number("GZ", 2020, 12345) == "GZ-2020-12345"


@given(stages, stages, levels)
def test_more_risk_never_forbids_a_move(before: Stage, after: Stage, level: int | None) -> None:
    if rules.may_move(before, after, level):
        assert rules.may_move(before, after, 4)


class CaseLife(RuleBasedStateMachine):
    """A case moved and closed at random never leaves the table, and never comes back from its end."""

    def __init__(self) -> None:
        """Begin as a case that was just opened."""
        super().__init__()
        self.stage = Stage.INTAKE
        self.ended = False
        self.history = [Stage.INTAKE]

    @rule(after=stages, level=levels)
    def move(self, after: Stage, level: int | None) -> None:
        """Try a move."""
        if rules.may_move(self.stage, after, level):
            assert not self.ended
            self.stage = after
            self.history.append(after)

    @rule(reason=st.sampled_from(ClosingReason))
    def close(self, reason: ClosingReason) -> None:
        """Try to close."""
        if rules.may_close(self.stage, reason):
            assert not self.ended
            if reason is ClosingReason.GOAL_MET:
                assert Stage.EVALUATING in self.history
            self.stage = rules.closed_stage(reason)
            self.ended = True

    @invariant()
    def ends_only_by_closing(self) -> None:
        """Hold after every step."""
        assert rules.is_open(self.stage) is not self.ended


TestCaseLife = CaseLife.TestCase
