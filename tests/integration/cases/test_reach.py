"""Who reaches which case: the decision on one case and the filter of lists agree, for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.cases import queries, service
from casework.cases.models import Case
from casework.cases.types import CaseFilters, ClosingReason, Population, Stage
from casework.core.db import session
from casework.core.errors import NotFound
from casework.security.permissions import Permission
from casework.security.roles import Reach, Role
from tests.integration.cases.conftest import TEXT, House, session_fields

if TYPE_CHECKING:
    from casework.security.actor import Actor

PERMISSIONS = [each for each in Permission if each.startswith("cases:")]
STAFF = ["zixun", "zixun3", "zixun2", "dudao", "dudao2", "fuze", "zhiyuan", "yishi", "bangong"]


def visible(actor: Actor, permission: Permission) -> set[str]:
    return set(session().scalars(sa.select(Case.number).where(queries.within(actor, permission))))


@pytest.mark.sqlite_only
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["GZ", "SZ"]), st.sampled_from([None, "first", "second"]), st.sampled_from(["", "u", "c"])
        ),
        max_size=5,
    ),
    permission=st.sampled_from(PERMISSIONS),
)
def test_decision_and_filter_agree(
    house: House, steps: list[tuple[str, str | None, str]], permission: Permission
) -> None:
    with session().begin_nested() as savepoint:
        for place, which, then in steps:
            _arrange(house, place, which, then)
        everything = session().scalars(sa.select(Case)).all()
        for name in STAFF:
            actor = house.actor(name)
            decided = {case.number for case in everything if queries.may(actor, permission, case)}
            assert decided == visible(actor, permission), name
        savepoint.rollback()


def _arrange(house: House, place: str, which: str | None, then: str) -> None:
    supervisor = house.actor("dudao" if place == "GZ" else "dudao2")
    counselors = {"GZ": {"first": "zixun", "second": "zixun3"}, "SZ": {"first": "zixun2", "second": "zixun2"}}
    case = house.open(counselor=counselors[place][which] if which else None, place=place)
    if then == "u" and which:
        service.unassign(case, actor=supervisor)
    if then == "c":
        service.close_case(case, ClosingReason.CLIENT_WISH, actor=supervisor)
    session().flush()


def test_T2_another_counselor_and_the_lead_find_no_case(house: House) -> None:
    case = house.open()
    assert queries.get_case(house.actor("zixun"), case.number) is case
    assert queries.get_case(house.actor("dudao"), case.number) is case
    for name in ("zixun3", "zixun2", "dudao2", "fuze", "zhiyuan", "yishi", "bangong"):
        with pytest.raises(NotFound):
            queries.get_case(house.actor(name), case.number)
        with pytest.raises(NotFound):
            queries.get_case_by_id(house.actor(name), case.id)
        assert queries.list_cases(house.actor(name), CaseFilters(is_open=None)).items == []


def test_a_missing_case_and_one_out_of_reach_answer_alike(house: House) -> None:
    case = house.open()
    with pytest.raises(NotFound) as hidden:
        queries.get_case(house.actor("zixun3"), case.number)
    with pytest.raises(NotFound) as missing:
        queries.get_case(house.actor("zixun3"), "GZ-2020-9999")
    assert str(hidden.value.message) == str(missing.value.message)


def test_nobody_supervises_the_case_they_work_on(house: House) -> None:
    case = house.open()
    own = house.people["zixun"]
    as_supervisor = type(own)(account_id=own.account_id, role=Role.SUPERVISOR, subproject_id=own.subproject_id)
    assert as_supervisor.reach(Permission.CASES_CASE_READ) is Reach.PROJECT
    with pytest.raises(NotFound):
        queries.get_case(as_supervisor, case.number)


def test_a_consultant_reaches_no_case_by_having_counseled_it(house: House) -> None:
    case = house.open()
    own = house.people["zixun"]
    as_consultant = type(own)(account_id=own.account_id, role=Role.CONSULTANT)
    with pytest.raises(NotFound):
        queries.get_case(as_consultant, case.number)


def test_filters_narrow_by_state_stage_risk_group_counselor_and_number(house: House) -> None:
    supervisor = house.actor("dudao")
    plain = house.open().number
    risky = house.open(["child", "bereaved"], risk=4, counselor="zixun3").number
    waiting = house.open(risk=None, counselor=None).number
    ended = house.open()
    service.close_case(ended, ClosingReason.CLIENT_WISH, actor=supervisor)
    session().flush()

    def found(filters: CaseFilters) -> set[str]:
        numbers = {case.number for case in queries.list_cases(supervisor, filters).items}
        assert len(numbers) == queries.count_cases(supervisor, filters)
        return numbers

    assert found(CaseFilters()) == {plain, risky, waiting}
    assert found(CaseFilters(is_open=False)) == {ended.number}
    assert found(CaseFilters(is_open=None)) == {plain, risky, waiting, ended.number}
    assert found(CaseFilters(high_risk=True)) == {risky}
    assert found(CaseFilters(population=Population.BEREAVED)) == {risky}
    assert found(CaseFilters(population=Population.NONE)) == {plain, waiting}
    assert found(CaseFilters(counselor_id=house.people["zixun3"].account_id)) == {risky}
    assert found(CaseFilters(unassigned=True)) == {waiting}
    assert found(CaseFilters(number="GZ-2020-0002")) == {risky}
    assert found(CaseFilters(number="%")) == set()
    assert found(CaseFilters(stage=Stage.EVALUATING)) == set()


def test_pages_hold_every_case_once(house: House) -> None:
    numbers = [house.open().number for _ in range(45)]
    supervisor, seen, cursor = house.actor("dudao"), [], None
    while True:
        page = queries.list_cases(supervisor, CaseFilters(), cursor)
        seen += [case.number for case in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted(numbers, reverse=True)


def test_what_needs_attention_is_risky_first_then_long_silent(house: House) -> None:
    silent, heard = house.open(), house.open()
    risky, unknown = house.open(risk=3), house.open(risk=None)
    service.write_note(heard, TEXT, session_fields(), actor=house.actor("zixun"))
    found = [case.number for case in queries.list_attention(house.actor("zixun"), 5)]
    assert found[0] == risky.number
    assert set(found[1:3]) == {silent.number, heard.number}
    assert found[3] == unknown.number
