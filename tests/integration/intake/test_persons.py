"""Callers and persons in need kept apart, safety plans, and what was told: sealed, corrected, shown, counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.clients import queries as clients
from casework.clients.models import Client
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Invalid
from casework.core.ids import new_id
from casework.directory import queries as directory
from casework.intake import queries, service
from casework.intake.models import CallDay, CallRevision
from casework.intake.service import DraftKey
from casework.intake.types import SCRIPT_VERSION, CallType, Dimension, ForWhom, Words
from casework.vault import service as vault
from tests.integration.intake.conftest import CODES, TYPED, WORDS
from tests.support.canaries import NAME, NUMBER, SUMMARY

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from casework.clients.types import Identity
    from casework.intake.models import Call
    from casework.security.actor import Actor
    from tests.integration.intake.conftest import Desk
    from tests.support.client import CheckedClient

MOTHER = Words(caller_name=NAME, caller_phone=NUMBER, person_name="小林", person_phone="13700137000", summary=SUMMARY)
PLAN = {"plan_signs": "整夜不睡", "plan_people": "姐姐"}


def about_a_child(desk: Desk, words: Words = MOTHER) -> Call:
    return desk.wait(words=words, call_type=CallType.THIRD_PARTY, for_whom=ForWhom.CHILD)


def identity_of(client_id: UUID, supervisor: Actor) -> Identity:
    client = session().get_one(Client, client_id)
    return clients.open_identity(client, vault.open_key(client.data_key_id, actor=supervisor))


def test_the_client_of_a_case_is_the_person_concerned_not_the_caller(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = about_a_child(desk)
    supervisor = actor("dudao")
    case = service.assign(call, actor("zixun").account_id, actor=supervisor)
    identity = identity_of(case.client_id, supervisor)
    assert (identity.name, identity.phone) == ("小林", "+8613700137000")


def test_a_person_without_a_name_never_takes_the_callers(desk: Desk, actor: Callable[[str], Actor]) -> None:
    anonymous = replace(MOTHER, person_name="", person_phone="")
    first = about_a_child(desk, anonymous)
    own = desk.wait()
    supervisor, counselor = actor("dudao"), actor("zixun").account_id
    child = service.assign(first, counselor, actor=supervisor)
    mother = service.assign(own, counselor, actor=supervisor)
    assert child.client_id != mother.client_id
    identity = identity_of(child.client_id, supervisor)
    assert (identity.name, identity.phone) == ("", "")


def test_a_known_person_is_recognised_whoever_calls(desk: Desk, actor: Callable[[str], Actor]) -> None:
    own = desk.wait(words=replace(WORDS, caller_phone="13700137000"))
    case = service.assign(own, actor("zixun").account_id, actor=actor("dudao"))
    later = about_a_child(desk)
    assert queries.known_cases([later])[later.id].number == case.number
    assert service.assign(later, actor("zixun").account_id, actor=actor("dudao")).id == case.id


def test_a_second_person_is_kept_only_where_somebody_else_calls(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish(words=MOTHER)
    assert queries.open_call(actor("zhiyuan"), call).words.person_name == ""
    assert call.person_index is None
    with pytest.raises(Invalid) as refused:
        about_a_child(desk, replace(MOTHER, person_phone="137"))
    assert refused.value.field == "person_phone"


def test_a_safety_plan_is_sealed_and_its_former_version_kept(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish(words=replace(WORDS, plan=PLAN))
    assert call.has_safety_plan
    assert call.script_version == SCRIPT_VERSION
    assert queries.open_call(actor("zhiyuan"), call).words.plan == PLAN
    key = DraftKey(call.id, call.rev, new_id())
    service.correct(key, CODES, WORDS, actor=actor("zhiyuan"), line_id=call.line_id)
    session().refresh(call)
    assert call.sealed_plan is None
    assert session().scalars(sa.select(CallRevision.sealed_plan)).one() is not None


def test_what_was_told_is_counted_and_shown(
    desk: Desk, actor: Callable[[str], Actor], sign_in: Callable[[str], CheckedClient]
) -> None:
    resource = directory.list_resources(actor("zhiyuan"))[3]
    call = desk.finish(told=(str(resource.id),))
    counted = sa.select(sa.func.sum(CallDay.count)).where(
        CallDay.dimension == Dimension.TOLD, CallDay.value == str(resource.id)
    )
    assert session().scalar(counted) == 1
    session().commit()
    assert resource.name in sign_in("zhiyuan").get(f"/calls/{call.id}").text


def test_earlier_calls_are_links_only_where_they_may_be_read(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(clock.now() - timedelta(days=91)):
        desk.finish()
    with clock.frozen(clock.now() - timedelta(days=40)):
        desk.finish()
    own = desk.finish()
    found = service.look_up(NUMBER, actor=actor("zhiyuan"))
    assert found is not None
    assert [call_id for _, call_id in found.calls] == [own.id, None]
    assert found.count == 3
    other = service.look_up(NUMBER, actor=actor("zixun"))
    assert other is not None
    assert [call_id for _, call_id in other.calls] == [None, None]


def test_the_form_takes_person_plan_and_resources(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    typed = TYPED | {
        "call_type": "third_party",
        "for_whom": "child",
        "person_name": "小林",
        "person_phone": "13700137000",
    }
    kept = client.submit("/calls/new", typed | PLAN, button="intent=draft")
    page = client.get(kept.location).text
    assert "小林" in page
    assert "整夜不睡" in page
    assert client.submit(kept.location, {}, action="/calls/new", button="intent=finish").status_code == 303
    desk = client.get("/calls").text
    path = desk[desk.index('href="/calls/0') + 6 :].split('"')[0]
    shown = client.get(path).text
    assert "小**" in shown
    assert "整夜不睡" in shown
    assert "13700137000" not in shown
    assert "13700137000" in client.submit(path, action="/number").text
