"""Administrators at the same moment, and forms for accounts that are not there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from casework.core import clock
from casework.core.db import read_transaction, session, write_transaction
from casework.core.errors import Conflict
from casework.core.ids import new_id
from casework.people import queries
from casework.people import service as people
from casework.people.models import RoleGrant
from casework.security.actor import Actor
from casework.security.roles import Role
from tests.integration.people.conftest import account_of, events
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from uuid import UUID

    from flask import Flask

    from tests.support.client import CheckedClient

SYSTEM = Actor.system()
HELD_UP = 0.5


def meanwhile(app: Flask, pool: ThreadPoolExecutor, work: Callable[[], object]) -> Future[object]:
    """Begin work in a transaction of its own, and see that it waits for ours."""

    def run() -> object:
        with app.app_context(), write_transaction():
            return work()

    begun = pool.submit(run)
    with pytest.raises(TimeoutError):
        begun.result(timeout=HELD_UP)
    return begun


@pytest.fixture
def two(app: Flask) -> list[Actor]:
    """Give two administrators, the only ones."""
    with app.app_context(), write_transaction():
        other = account_of("shenji").id
        people.grant_role(other, Role.ADMINISTRATOR, None, actor=SYSTEM)
        known = queries.holders_of_role(Role.ADMINISTRATOR, None)
        assert len(known) == 2
        return [Actor(account_id=each, role=Role.ADMINISTRATOR, subproject_id=None) for each in known]


def disable(whom: UUID, actor: Actor) -> None:
    people.disable_account(whom, actor=actor)


def dismiss(whom: UUID, actor: Actor) -> None:
    held = queries.holdings_of([whom])[whom]
    (grant,) = (each.grant_id for each in held if each.role is Role.ADMINISTRATOR)
    people.end_role(whom, grant, actor=actor)


@pytest.mark.parametrize("second", [disable, dismiss])
@pytest.mark.parametrize("first", [disable, dismiss])
def test_two_administrators_who_remove_each_other_at_once_leave_one(
    app: Flask,
    two: list[Actor],
    first: Callable[[UUID, Actor], None],
    second: Callable[[UUID, Actor], None],
) -> None:
    one, other = two
    with app.app_context(), ThreadPoolExecutor(1) as pool:
        with write_transaction():
            first(other.account_id, one)
            session().flush()
            late = meanwhile(app, pool, lambda: second(one.account_id, other))
        with pytest.raises(Conflict):
            late.result(timeout=20)
        with read_transaction():
            assert queries.holders_of_role(Role.ADMINISTRATOR, None) == [one.account_id]


def test_a_role_that_two_give_at_once_is_held_once(app: Flask) -> None:
    def give() -> object:
        return people.grant_role(account_of("zhiyuan").id, Role.OFFICE, None, actor=SYSTEM)

    with app.app_context(), ThreadPoolExecutor(1) as pool:
        with write_transaction():
            give()
            late = meanwhile(app, pool, give)
        with pytest.raises(Conflict):
            late.result(timeout=20)
        with read_transaction():
            account_id = account_of("zhiyuan").id
            assert queries.holders_of_role(Role.OFFICE, None).count(account_id) == 1
            assert len(events("account.role_granted", account_id)) == 2


@pytest.mark.parametrize("login", ["bangong", "dudao"])
def test_the_database_itself_holds_a_role_once(app: Flask, login: str) -> None:
    with app.app_context(), write_transaction():
        account_id = account_of(login).id
        (held,) = queries.holdings_of([account_id])[account_id]
        again = RoleGrant(id=new_id(), account_id=account_id, role=held.role, subproject_id=held.subproject_id)
        again.granted_at = clock.now()
        session().add(again)
        with pytest.raises(sa.exc.IntegrityError):
            session().flush()
        session().rollback()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("login", ["bangong", "dudao"])
def test_a_disabled_account_is_not_given_a_second_time_what_it_holds(app: Flask, login: str) -> None:
    with app.app_context(), write_transaction():
        account_id = account_of(login).id
        (held,) = queries.holdings_of([account_id])[account_id]
        people.disable_account(account_id, actor=SYSTEM)
        with pytest.raises(Conflict):
            people.grant_role(account_id, held.role, held.subproject_id, actor=SYSTEM)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("form", ["roles", "name", "disable", "second-factor/reset"])
def test_a_form_for_an_account_that_is_not_there_finds_nobody(
    sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any], form: str
) -> None:
    admin, unknown = sign_in("guanli"), uuid4()
    with inside():
        page = f"/admin/{account_of('yishi').id}"
    sent = values_of(find_form(admin.get(page).text, page, "/roles"))
    sent.setlist("role", ["office"])
    sent.setlist("display_name", ["某人"])
    assert admin.post(f"/admin/{unknown}/{form}", data=sent).status_code == 404
    with inside():
        assert not any(events(f"account.{action}", unknown) for action in ("role_granted", "second_factor_reset"))
