"""Alert plans: four eyes, an end, and nobody reads them but whoever takes the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.cli.demo.accounts import Person
from casework.clients import queries as clients
from casework.clients import service
from casework.clients.models import AlertPlan
from casework.clients.rules import latest_end
from casework.clients.types import PlanEnd, PlanState, PlanText
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.intake import service as intake
from casework.people import service as accounts
from casework.people.models import RoleGrant
from casework.security.roles import Role
from casework.vault import queries as keys
from casework.vault.queries import can_open
from tests.support import canaries, casefile, seed
from tests.support.canaries import NAME, NOTE, NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from casework.security.actor import Actor

PHONE = f"+86{NUMBER}"
TEXT = PlanText(helps=NOTE, limits="每周一次，每次三十分钟。", contact="李咨询师，周二周四晚。")
SECOND_VOLUNTEER = Person("zhiyuan-gz", "高志愿者", Role.VOLUNTEER, "GZ")


@pytest.fixture
def second(app: Flask, actor: Callable[[str], Actor]) -> Callable[[], Actor]:
    """Give a second supervisor of GZ, who holds no circle yet, each time as in a new request."""
    assert actor("dudao").subproject_id is not None
    casefile.hire(app, casefile.SECOND_SUPERVISOR)
    known = seed.actor(casefile.SECOND_SUPERVISOR.login)
    return lambda: replace(known, opened={})


def write(author: Actor, *, submit: bool = True, ends_on: date | None = None) -> AlertPlan:
    assert author.subproject_id is not None
    client = service.identify(author.subproject_id, name=NAME, phone=PHONE, actor=author)
    return service.write_plan(client, TEXT, ends_on or latest_end(clock.today()), actor=author, submit=submit)


def seen(who: Actor, phone: str = NUMBER) -> list[PlanText | None]:
    """Return what a call-taker is shown while a number calls."""
    return [each.text for each in intake.plans_for(phone, actor=who)]


def test_a_plan_is_seen_by_call_takers_only_after_another_person_approved_it(actor: Callable[[str], Actor]) -> None:
    plan = write(actor("zixun"))
    assert seen(actor("zhiyuan")) == []
    assert not can_open(actor("zhiyuan"), plan.data_key_id)
    assert clients.open_plan(actor("dudao"), plan) == TEXT
    service.approve_plan(plan, version=1, actor=actor("dudao"))
    assert seen(actor("zhiyuan")) == [TEXT]
    assert seen(actor("zixun")) == [TEXT]
    session().commit()
    reads = session().scalars(
        sa.select(AuditEntry.details).where(AuditEntry.action == "plan.read", AuditEntry.subject_id == plan.id)
    )
    assert sorted(each["part"] for each in reads) == ["call", "call", "page"]


def test_nobody_approves_their_own_plan_not_even_the_only_supervisor(actor: Callable[[str], Actor]) -> None:
    plan = write(actor("dudao"))
    with pytest.raises(Refused, match="起草人以外"):
        service.approve_plan(plan, version=1, actor=actor("dudao"))
    with pytest.raises(Refused):
        service.approve_plan(plan, version=1, actor=actor("zixun"))
    plan.approver_id, plan.approved_at, plan.state = plan.author_id, clock.now(), PlanState.ACTIVE
    with pytest.raises(sa.exc.IntegrityError, match="four_eyes"), session().begin_nested():
        session().flush()


def test_one_supervisor_writes_and_the_other_approves(
    actor: Callable[[str], Actor], second: Callable[[], Actor]
) -> None:
    plan = write(second())
    service.approve_plan(plan, version=1, actor=actor("dudao"))
    assert (plan.author_id, plan.approver_id) == (second().account_id, actor("dudao").account_id)
    assert seen(actor("zhiyuan")) == [TEXT]


def test_what_is_approved_is_what_was_read(actor: Callable[[str], Actor]) -> None:
    plan = write(actor("zixun"))
    other = replace(TEXT, helps="先问今天过得怎样。")
    service.change_plan(plan, other, plan.ends_on, version=1, actor=actor("zixun"), submit=True)
    with pytest.raises(Conflict):
        service.approve_plan(plan, version=1, actor=actor("dudao"))
    service.approve_plan(plan, version=2, actor=actor("dudao"))
    assert seen(actor("zhiyuan")) == [other]
    with pytest.raises(Conflict):
        service.change_plan(plan, TEXT, plan.ends_on, version=2, actor=actor("zixun"))
    with pytest.raises(Refused):
        service.change_plan(plan, TEXT, plan.ends_on, version=2, actor=actor("dudao"))


def test_a_plan_that_was_given_back_goes_on_with_its_author(actor: Callable[[str], Actor]) -> None:
    plan = write(actor("zixun"))
    service.return_plan(plan, version=1, actor=actor("dudao"))
    assert clients.hold_plan(plan.id).state == PlanState.DRAFT
    with pytest.raises(Conflict):
        service.approve_plan(plan, version=1, actor=actor("dudao"))
    service.change_plan(plan, TEXT, plan.ends_on, version=1, actor=actor("zixun"), submit=True)
    assert clients.hold_plan(plan.id).state == PlanState.WAITING


def test_a_plan_ends_with_its_last_day_and_lasts_six_months_at_most(actor: Callable[[str], Actor]) -> None:
    today = clock.today()
    for wrong in (today - timedelta(days=1), latest_end(today) + timedelta(days=1)):
        with pytest.raises(Invalid) as refused:
            write(actor("zixun"), ends_on=wrong)
        assert refused.value.field == "ends_on"
    plan = write(actor("zixun"), ends_on=today + timedelta(days=3))
    service.approve_plan(plan, version=1, actor=actor("dudao"))
    midnight = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=4)
    with clock.frozen(midnight - timedelta(seconds=1)):
        assert seen(actor("zhiyuan")) == [TEXT]
    with clock.frozen(midnight):
        assert seen(actor("zhiyuan")) == []
        assert not can_open(actor("zhiyuan"), plan.data_key_id)


def test_withdrawing_takes_it_from_everybody_at_once(actor: Callable[[str], Actor]) -> None:
    plan = write(actor("zixun"))
    service.approve_plan(plan, version=1, actor=actor("dudao"))
    service.withdraw_plan(plan, actor=actor("dudao"))
    assert (plan.state, plan.end_reason) == (PlanState.ENDED, PlanEnd.WITHDRAWN)
    assert seen(actor("zhiyuan")) == []
    assert not [who for who in ("zhiyuan", "zixun") if can_open(actor(who), plan.data_key_id)]
    with pytest.raises(Conflict):
        service.withdraw_plan(plan, actor=actor("dudao"))
    with pytest.raises(Refused):
        service.withdraw_plan(plan, actor=actor("zixun"))


def test_an_author_takes_back_what_was_not_approved_and_nothing_else(actor: Callable[[str], Actor]) -> None:
    plan = write(actor("zixun"), submit=False)
    service.withdraw_plan(plan, actor=actor("zixun"))
    assert plan.state == PlanState.ENDED


def test_a_renewed_plan_takes_the_place_of_the_former(actor: Callable[[str], Actor]) -> None:
    former = write(actor("zixun"))
    service.approve_plan(former, version=1, actor=actor("dudao"))
    other = replace(TEXT, limits="每周两次。")
    client = clients.get_client(former.client_id)
    renewed = service.write_plan(client, other, former.ends_on, actor=actor("zixun"), submit=True)
    assert seen(actor("zhiyuan")) == [TEXT]
    service.approve_plan(renewed, version=1, actor=actor("dudao"))
    assert seen(actor("zhiyuan")) == [other]
    assert (former.state, former.end_reason) == (PlanState.ENDED, PlanEnd.REPLACED)


def test_a_plan_that_is_over_is_followed_by_a_new_one(actor: Callable[[str], Actor]) -> None:
    former = write(actor("zixun"), ends_on=clock.today())
    service.approve_plan(former, version=1, actor=actor("dudao"))
    with clock.frozen(clock.now() + timedelta(days=9)):
        renewed = write(actor("zixun"))
        service.approve_plan(renewed, version=1, actor=actor("dudao"))
        assert seen(actor("zhiyuan")) == [TEXT]


def test_whoever_joins_later_waits_for_a_supervisor_and_whoever_leaves_loses_it(
    app: Flask, actor: Callable[[str], Actor]
) -> None:
    plan = write(actor("zixun"))
    service.approve_plan(plan, version=1, actor=actor("dudao"))
    session().commit()
    joined = casefile.hire(app, SECOND_VOLUNTEER)
    newcomer = seed.actor(SECOND_VOLUNTEER.login)
    assert seen(newcomer) == [None]
    offer = next(iter(keys.offers(actor("dudao"))))
    assert "1 位同事" in offer.text
    assert "高志愿者" in offer.text
    assert list(keys.offers(actor("dudao2"))) == []
    assert service.grant_missing(actor=actor("dudao")) == 1
    assert keys.offers(actor("dudao")) == []
    assert seen(replace(newcomer, opened={})) == [TEXT]
    held = session().scalars(sa.select(RoleGrant.id).where(RoleGrant.account_id == joined)).one()
    accounts.end_role(joined, held, actor=actor("guanli"))
    assert not can_open(newcomer, plan.data_key_id)


def test_approving_one_plan_gives_late_comers_the_others(app: Flask, actor: Callable[[str], Actor]) -> None:
    service.approve_plan(write(actor("zixun")), version=1, actor=actor("dudao"))
    session().commit()
    casefile.hire(app, SECOND_VOLUNTEER)
    newcomer = seed.actor(SECOND_VOLUNTEER.login)
    client = service.identify(newcomer.subproject_id, name="", phone="+8613800100200", actor=actor("zixun"))  # type: ignore[arg-type]  # a volunteer has a sub-project
    other = service.write_plan(client, TEXT, clock.today(), actor=actor("zixun"), submit=True)
    service.approve_plan(other, version=1, actor=actor("dudao"))
    assert seen(newcomer) == [TEXT]


def test_another_sub_project_and_other_roles_learn_nothing(actor: Callable[[str], Actor]) -> None:
    plan = write(actor("zixun"))
    service.approve_plan(plan, version=1, actor=actor("dudao"))
    assert seen(actor("zixun2")) == []
    assert clients.list_plans(actor("dudao2")) == []
    assert clients.list_plans(actor("zixun2")) == []
    assert clients.list_plans(actor("zixun")) == [plan] == list(clients.list_plans(actor("dudao")))
    with pytest.raises(NotFound):
        clients.get_plan(actor("dudao2"), plan.id)
    for login in ("zhiyuan", "fuze", "bangong", "guanli", "shenji", "yishi"):
        with pytest.raises(Refused):
            clients.list_plans(actor(login))
        assert login == "zhiyuan" or not can_open(actor(login), plan.data_key_id)
    with pytest.raises(Refused):
        seen(actor("fuze"))


def test_another_number_has_no_plan_and_what_is_no_number_neither(actor: Callable[[str], Actor]) -> None:
    service.approve_plan(write(actor("zixun")), version=1, actor=actor("dudao"))
    assert seen(actor("zhiyuan"), "13800100200") == seen(actor("zhiyuan"), "110") == seen(actor("zhiyuan"), "") == []


def test_no_row_holds_a_word_of_a_plan(actor: Callable[[str], Actor]) -> None:
    plan = write(actor("zixun"))
    service.approve_plan(plan, version=1, actor=actor("dudao"))
    session().flush()
    assert canaries.search_rows(session().connection()) == []
    row = session().execute(sa.select(AlertPlan.__table__)).one()
    assert NOTE.encode() not in bytes(row.sealed_plan)
