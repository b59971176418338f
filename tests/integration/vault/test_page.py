"""A supervisor gives a colleague the keys back with one confirmation; nobody else finds the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.core import clock
from casework.core.db import session, write_transaction
from casework.core.ids import new_id
from casework.people import queries as people
from casework.people.service import accounts, passwords
from casework.security.actor import Actor
from casework.vault import queries
from casework.vault import service as vault
from casework.vault.models import CircleMember
from casework.vault.types import DataKey, GrantReason, KeyPurpose

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from tests.support.client import CheckedClient

SYSTEM = Actor.system()


def account_of(login: str) -> UUID:
    account = people.account_by_login(login)
    assert account is not None
    return account.id


def assigned_key(supervisor: Actor, counselor_id: UUID) -> DataKey:
    assert supervisor.subproject_id is not None
    with write_transaction():
        key = vault.create_key(KeyPurpose.CASE, new_id(), subproject_id=supervisor.subproject_id, actor=supervisor)
        vault.grant(key, to=counselor_id, reason=GrantReason.ASSIGNED, actor=supervisor)
    return key


def lose_password(account_id: UUID) -> None:
    pair = passwords.new_pair(account_id, passwords.one_time_password())
    with write_transaction():
        accounts.renew_keys(account_id, pair=pair, actor=SYSTEM)


def test_a_colleague_who_lost_the_password_is_given_the_keys_back(
    sign_in: Callable[[str], CheckedClient], actor: Callable[[str], Actor]
) -> None:
    supervisor, counselor_id = actor("dudao"), account_of("zixun")
    assigned_key(supervisor, counselor_id)
    client = sign_in("dudao")
    assert "没有同事在等待授权" in client.get("/keys").text
    lose_password(counselor_id)
    assert "原有授权" in client.get("/keys").text
    answer = client.submit("/keys", action=f"/keys/{counselor_id}")
    assert answer.status_code == 303
    assert "已授权" in client.get("/keys").text
    session().rollback()
    assert queries.awaiting(supervisor) == []


@pytest.mark.parametrize("login", ["zhiyuan", "zixun", "fuze", "bangong", "guanli", "shenji"])
def test_nobody_but_supervisors_finds_the_page(sign_in: Callable[[str], CheckedClient], login: str) -> None:
    client = sign_in(login)
    assert client.get("/keys").status_code == 403
    assert client.post(f"/keys/{new_id()}").status_code == 403
    assert client.post("/keys/renew").status_code == 403


def test_a_supervisor_renews_the_circle_after_somebody_left(
    sign_in: Callable[[str], CheckedClient], actor: Callable[[str], Actor]
) -> None:
    supervisor = actor("dudao")
    assert supervisor.subproject_id is not None
    circle = queries.circle_of(supervisor.subproject_id)
    assert circle is not None
    with write_transaction():
        circle.rotation_due_at = clock.now()
    generation = circle.generation
    assert sign_in("dudao").submit("/keys", action="/keys/renew").status_code == 303
    session().rollback()
    session().expire_all()
    renewed = queries.circle_of(supervisor.subproject_id)
    assert renewed is not None
    assert renewed.generation == generation + 1
    assert renewed.rotation_due_at is None
    assert queries.holds_circle(supervisor)


def test_a_supervisor_without_the_circles_key_is_told_whom_to_ask(
    sign_in: Callable[[str], CheckedClient], actor: Callable[[str], Actor]
) -> None:
    supervisor = actor("dudao")
    assigned_key(supervisor, account_of("zixun"))
    client = sign_in("dudao")
    with write_transaction():
        session().execute(sa.delete(CircleMember).where(CircleMember.account_id == supervisor.account_id))
    page = client.get("/keys").text
    assert "恢复密钥" in page
    assert f"/keys/{supervisor.account_id}" not in page
