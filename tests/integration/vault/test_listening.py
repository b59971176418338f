"""Roles and key pairs change; keys follow at once, and never come by a role alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.core.db import session
from casework.people.service import hooks
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import queries
from casework.vault import service as vault
from casework.vault.models import KeyGrant
from casework.vault.service import circles, listening
from casework.vault.types import GrantReason
from tests.integration.vault.test_circles import calls, circle, holders, loses_password
from tests.integration.vault.test_keys import opens

if TYPE_CHECKING:
    from tests.integration.vault.conftest import House

SYSTEM = Actor.system()


def begins(house: House, role: Role) -> Actor:
    actor = house.person(role, house.gz)
    listening.on_role(actor.account_id, role, house.gz, granted=True, actor=SYSTEM)
    return actor


def test_the_first_supervisor_gets_the_circle_with_the_role_and_the_second_does_not(house: House) -> None:
    first = begins(house, Role.SUPERVISOR)
    keys = calls(house)
    second = begins(house, Role.SUPERVISOR)
    assert all(opens(house, first, key) for key in keys)
    assert not any(opens(house, second, key) for key in keys)


def test_other_roles_begin_without_any_key(house: House) -> None:
    for role in (Role.VOLUNTEER, Role.COUNSELOR, Role.LEAD):
        begins(house, role)
    listening.on_role(SYSTEM.account_id, Role.ADMINISTRATOR, None, granted=True, actor=SYSTEM)
    assert queries.circles() == []


def test_a_counselor_whose_role_ends_loses_every_grant_of_that_sub_project(house: House) -> None:
    supervisor, counselor = house.supervisor(), house.person(Role.COUNSELOR, house.gz)
    keys = calls(house)
    for key in keys:
        vault.grant(key, to=counselor.account_id, reason=GrantReason.ASSIGNED, actor=supervisor)
    house.ends(counselor)
    assert session().scalars(sa.select(KeyGrant).where(KeyGrant.account_id == counselor.account_id)).all() == []
    assert all(opens(house, supervisor, key) for key in keys)


def test_whoever_keeps_another_role_that_may_read_keeps_the_grants(house: House) -> None:
    supervisor, counselor = house.supervisor(), house.person(Role.COUNSELOR, house.gz)
    key = calls(house, 1)[0]
    vault.grant(key, to=counselor.account_id, reason=GrantReason.ASSIGNED, actor=supervisor)
    listening.on_role(counselor.account_id, Role.VOLUNTEER, house.gz, granted=False, actor=SYSTEM)
    assert opens(house, counselor, key)
    listening.on_role(counselor.account_id, Role.COUNSELOR, house.sz, granted=False, actor=SYSTEM)
    assert opens(house, counselor, key)


def test_the_last_supervisors_key_is_kept_for_a_return_and_gone_with_a_successor(house: House) -> None:
    first = house.supervisor()
    keys = calls(house)
    house.ends(first)
    assert holders(house) == {first.account_id}
    assert circle(house).rotation_due_at is not None
    assert not any(opens(house, house.actor(first.account_id, Role.LEAD, house.gz), key) for key in keys)
    successor = begins(house, Role.SUPERVISOR)
    assert not any(opens(house, successor, key) for key in keys)
    vault.recover(house.recovery.private, successor.account_id, actor=SYSTEM)
    vault.rotate_circle(house.gz, actor=house.again(successor))
    assert holders(house) == {successor.account_id}
    assert all(opens(house, successor, key) for key in keys)
    assert not any(opens(house, first, key) for key in keys)


def test_a_new_key_pair_forgets_the_membership_and_gains_nothing(house: House) -> None:
    first = house.supervisor()
    keys = calls(house)
    first = loses_password(house, first)
    circles.renew_membership(first.account_id, actor=SYSTEM)
    assert holders(house) == set()
    assert not any(opens(house, first, key) for key in keys)


def test_a_new_key_pair_starts_a_circle_anew_to_which_nothing_was_sealed(house: House) -> None:
    first = loses_password(house, house.supervisor())
    circles.renew_membership(first.account_id, actor=SYSTEM)
    assert all(opens(house, first, key) for key in calls(house))


def test_listening_twice_hears_once() -> None:
    before = list(hooks.role_hooks), list(hooks.key_hooks)
    try:
        vault.listen_to_people()
        vault.listen_to_people()
        assert hooks.role_hooks.count(listening.on_role) == 1
        assert hooks.key_hooks.count(circles.renew_membership) == 1
    finally:
        hooks.role_hooks[:], hooks.key_hooks[:] = before
