"""Two numbers, one person: joined, counted together, parted again, and never over the heads of two open cases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.cases.models import Case
from casework.clients import queries as clients
from casework.clients import service as persons
from casework.clients.models import NumberJoin
from casework.clients.types import JoinReason, PlanText
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.keyring import KeyClass, current_keyring
from casework.intake import queries, service
from casework.intake.models import Call
from casework.intake.types import Outcome, Repeat, Words
from casework.security.actor import Actor
from casework.vault import service as vault
from tests.integration.intake.conftest import WORDS, Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

OTHER = "13800100200"
THIRD = "13800100300"
POOL = tuple(f"138001004{number:02d}" for number in range(4))
STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=6)


def words(phone: str) -> Words:
    return replace(WORDS, caller_phone=phone)


def indexes(phone: str) -> list[bytes]:
    return clients.number_indexes(f"+86{phone}")


def join(call: Call, phone: str, supervisor: Actor) -> NumberJoin:
    return service.join_person(call, indexes(phone), JoinReason.TOLD, actor=supervisor)


def known(volunteer: Actor, phone: str) -> int:
    found = service.look_up(phone, actor=volunteer)
    assert found is not None
    return found.count


def test_joined_numbers_are_counted_as_one_person_and_parted_ones_as_two(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    first, _, other = desk.finish(), desk.finish(), desk.finish(words=words(OTHER))
    assert (known(actor("zhiyuan"), WORDS.caller_phone), known(actor("zhiyuan"), OTHER)) == (2, 1)
    made = join(first, OTHER, actor("dudao"))
    assert (known(actor("zhiyuan"), WORDS.caller_phone), known(actor("zhiyuan"), OTHER)) == (3, 3)
    assert desk.finish(words=words(OTHER)).repeat == Repeat.REPEAT
    assert (first.number_index, other.number_index) == (indexes(WORDS.caller_phone)[0], indexes(OTHER)[0])
    persons.part_numbers(made.id, actor=actor("dudao"))
    assert (known(actor("zhiyuan"), WORDS.caller_phone), known(actor("zhiyuan"), OTHER)) == (2, 2)
    with pytest.raises(NotFound):
        persons.part_numbers(made.id, actor=actor("dudao"))


def test_a_plan_follows_the_person_to_every_number(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.wait()
    desk.finish(words=words(OTHER))
    case = service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    client = clients.get_client(case.client_id)
    text = PlanText(helps="先问今天过得怎样。")
    plan = persons.write_plan(client, text, clock.today(), actor=actor("zixun"), submit=True)
    persons.approve_plan(plan, version=1, actor=actor("dudao"))
    assert service.plans_for(OTHER, actor=actor("zhiyuan")) == []
    made = join(call, OTHER, actor("dudao"))
    assert [each.text for each in service.plans_for(OTHER, actor=actor("zhiyuan"))] == [text]
    persons.part_numbers(made.id, actor=actor("dudao"))
    assert service.plans_for(OTHER, actor=actor("zhiyuan")) == []


def test_a_call_from_the_other_number_leads_to_the_open_case(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call, later = desk.wait(), desk.wait(words=words(OTHER))
    case = service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    assert queries.known_cases([later]) == {}
    join(call, OTHER, actor("dudao"))
    assert queries.known_cases([later])[later.id].number == case.number
    assert service.assign(later, actor("zixun").account_id, actor=actor("dudao")).id == case.id


def test_two_open_cases_are_named_and_nothing_is_joined(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call, other = desk.wait(), desk.wait(words=words(OTHER))
    numbers = [service.assign(each, actor("zixun").account_id, actor=actor("dudao")).number for each in (call, other)]
    with pytest.raises(Conflict) as refused:
        join(call, OTHER, actor("dudao"))
    assert all(number in str(refused.value.message) for number in numbers)
    assert session().scalar(sa.select(sa.func.count()).select_from(NumberJoin)) == 0
    assert session().scalar(sa.select(sa.func.count()).select_from(Case)) == 2


def test_what_is_no_second_number_is_refused(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish()
    join(call, OTHER, actor("dudao"))
    join(desk.finish(words=words(OTHER)), THIRD, actor("dudao"))
    for phone in (WORDS.caller_phone, OTHER, THIRD):
        with pytest.raises(Conflict):
            join(call, phone, actor("dudao"))
    with pytest.raises(Invalid):
        join(desk.finish(words=words("")), OTHER, actor("dudao"))
    assert known(actor("zhiyuan"), THIRD) == 2


def test_joining_ends_at_the_border_of_a_sub_project_and_is_for_supervisors(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    call = desk.finish()
    desk.finish("zixun2", words=words(OTHER), division="420100")
    made = join(call, OTHER, actor("dudao"))
    assert known(actor("zixun2"), OTHER) == 1
    assert known(actor("zhiyuan"), OTHER) == 1
    assert clients.joins_of(actor("dudao2"), indexes(OTHER)) == []
    with pytest.raises(NotFound):
        persons.part_numbers(made.id, actor=actor("dudao2"))
    for login in ("zhiyuan", "zixun", "fuze", "bangong"):
        with pytest.raises(Refused):
            join(call, THIRD, actor(login))


def state_of(subproject_id: UUID) -> object:
    """Return everything that looks at persons: who is together, how often each called, which client each is."""
    found = {}
    for phone in POOL:
        own = indexes(phone)
        contacts = queries.contacts_of(subproject_id, own, clock.now())
        found[phone] = (
            clients.person_of(subproject_id, own),
            contacts,
            tuple(clients.clients_of_person(subproject_id, own)),
        )
    rows = session().execute(sa.select(Call.id, Call.number_index, Call.case_id).order_by(Call.id)).all()
    return found, [tuple(row) for row in rows]


@pytest.mark.sqlite_only
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, chosen=st.tuples(st.integers(0, 3), st.integers(0, 3)))
def test_parting_restores_exactly_the_former_state(
    desk: Desk, actor: Callable[[str], Actor], steps: list[tuple[int, int, bool]], chosen: tuple[int, int]
) -> None:
    supervisor = actor("dudao")
    place = supervisor.subproject_id
    assert place is not None
    with session().begin_nested() as savepoint:
        calls = [desk.finish(words=words(phone)) for phone in POOL[:2]]
        persons.identify(place, name="", phone=f"+86{POOL[0]}", actor=supervisor)
        assert len(calls) == 2
        for first, second, parted in steps:
            try:
                made = persons.join_numbers(
                    indexes(POOL[first]), indexes(POOL[second]), JoinReason.TOLD, actor=supervisor
                )
            except Conflict:
                continue
            if parted:
                persons.part_numbers(made.id, actor=supervisor)
        with clock.frozen(clock.now()):
            before = state_of(place)
            one, other = (indexes(POOL[each]) for each in chosen)
            try:
                made = persons.join_numbers(one, other, JoinReason.TOLD, actor=supervisor)
            except Conflict:
                assert clients.person_of(place, one) & set(other)
            else:
                assert clients.person_of(place, one) & set(other)
                persons.part_numbers(made.id, actor=supervisor)
            assert state_of(place) == before
        savepoint.rollback()


def test_a_rotation_of_the_index_moves_joins_and_nothing_is_lost_on_the_way(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    volunteer, supervisor = actor("zhiyuan"), actor("dudao")
    place = supervisor.subproject_id
    assert place is not None
    first, _, _ = desk.finish(), desk.finish(words=words(OTHER)), desk.finish(words=words(THIRD))
    join(first, OTHER, supervisor)
    persons.join_numbers(indexes(OTHER), indexes(THIRD), JoinReason.TOLD, actor=supervisor)
    client = persons.identify(place, name="", phone=f"+86{OTHER}", actor=supervisor)
    session().commit()
    clients.known_indexes().clear()
    moved: set[str] = set()
    for step in vault.rotate_keyring(KeyClass.BIDX, actor=Actor.system(), batch=1):
        moved.add(step.place)
        clients.known_indexes().clear()
        assert {known(volunteer, phone) for phone in (WORDS.caller_phone, OTHER, THIRD)} == {3}
        assert clients.clients_of_person(place, indexes(THIRD)) == [client.id]
        session().rollback()
    assert moved >= {
        "clients_number_join.first_index",
        "clients_number_join.second_index",
        "clients_number.number_index",
    }
    prefix = current_keyring().current_prefix(KeyClass.BIDX)
    rows = session().execute(sa.select(NumberJoin.first_index, NumberJoin.second_index)).all()
    assert all(bytes(half).startswith(prefix) for row in rows for half in row)
    clients.known_indexes().clear()
    assert known(volunteer, WORDS.caller_phone) == 3


def test_outcomes_of_both_numbers_stay_their_own(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call, other = desk.wait(), desk.finish(words=words(OTHER), outcome=Outcome.REFERRED)
    before = queries.codes_of(other)
    join(call, OTHER, actor("dudao"))
    assert queries.codes_of(other) == before
    assert other.case_id is None
