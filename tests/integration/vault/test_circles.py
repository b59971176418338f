"""Supervisors share a circle; who leaves loses it, who lost a password gets it back, and nobody else gets in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.core import clock, crypto
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, Refused
from casework.core.ids import new_id
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import queries
from casework.vault import service as vault
from casework.vault.models import Circle, CircleMember, KeyGrant, RecoveryKey
from casework.vault.service import contexts, generations
from casework.vault.types import Awaiting, DataKey, GrantReason, KeyPurpose
from tests.integration.vault.conftest import BEGIN
from tests.integration.vault.test_keys import UNTIL, new_call, opens

if TYPE_CHECKING:
    from uuid import UUID

    from tests.integration.vault.conftest import House

SYSTEM = Actor.system()


def calls(house: House, count: int = 3) -> list[DataKey]:
    volunteer = house.person(Role.VOLUNTEER, house.gz)
    return [new_call(house, volunteer, author_until=None) for _ in range(count)]


def circle(house: House) -> Circle:
    found = queries.circle_of(house.gz)
    assert found is not None
    return found


def loses_password(house: House, actor: Actor) -> Actor:
    house.new_pair(actor.account_id)
    return house.again(actor)


def holders(house: House) -> set[UUID]:
    return {member.account_id for member in queries.members_of(circle(house).id) if member.account_id is not None}


def test_a_sub_project_has_one_circle(house: House) -> None:
    made = vault.create_circle(house.gz, recovery_public_key=house.recovery.public, actor=SYSTEM)
    assert [member.recovery_key_id is not None for member in queries.members_of(made.id)] == [True]
    with pytest.raises(Conflict):
        vault.create_circle(house.gz, recovery_public_key=house.recovery.public, actor=SYSTEM)


def test_a_call_before_the_first_supervisor_is_kept_for_the_recovery_key(house: House) -> None:
    key = calls(house, 1)[0]
    first = house.person(Role.SUPERVISOR, house.gz)
    assert not vault.add_circle_member(house.gz, first.account_id, actor=SYSTEM)
    assert not opens(house, first, key)
    assert vault.recover(house.recovery.private, first.account_id, actor=SYSTEM) == 1
    assert opens(house, first, key)


def test_without_a_recovery_key_nothing_is_sealed(house: House) -> None:
    session().execute(sa.text("DELETE FROM vault_recovery_key"))
    session().expire_all()
    assert not vault.has_recovery_key()
    with pytest.raises(Conflict):
        calls(house, 1)


def test_the_first_supervisor_of_an_unused_circle_needs_nobody(house: House) -> None:
    vault.create_circle(house.gz, recovery_public_key=house.recovery.public, actor=SYSTEM)
    supervisor = house.supervisor()
    assert circle(house).generation == 2
    assert all(opens(house, supervisor, key) for key in calls(house))


def test_a_second_supervisor_is_let_in_by_the_first_and_by_nobody_else(house: House) -> None:
    first = house.supervisor()
    keys = calls(house)
    second = house.person(Role.SUPERVISOR, house.gz)
    for outsider in (SYSTEM, house.person(Role.ADMINISTRATOR, None), house.person(Role.SUPERVISOR, house.sz), second):
        assert not vault.add_circle_member(house.gz, second.account_id, actor=outsider)
        assert not any(opens(house, second, key) for key in keys)
    assert vault.add_circle_member(house.gz, second.account_id, actor=house.again(first))
    assert all(opens(house, second, key) for key in keys)


def test_a_supervisor_acting_in_another_role_lets_nobody_in(house: House) -> None:
    first = house.supervisor()
    calls(house)
    second = house.person(Role.SUPERVISOR, house.gz)
    as_administrator = house.actor(first.account_id, Role.ADMINISTRATOR, None)
    assert not vault.add_circle_member(house.gz, second.account_id, actor=as_administrator)


def test_a_removed_supervisor_opens_nothing_old_or_new_even_with_the_old_circle_key(house: House) -> None:
    first = house.supervisor()
    second = house.supervisor(by=first)
    old = calls(house)
    generation = circle(house).generation
    former = kept_key(house, second)
    vault.remove_circle_member(house.gz, second.account_id, actor=house.again(first))
    new = calls(house)
    assert circle(house).generation == generation + 1
    assert not any(opens(house, second, key) for key in old + new)
    assert all(opens(house, first, key) for key in old + new)
    grants = session().scalars(sa.select(KeyGrant).where(KeyGrant.circle_id == circle(house).id)).all()
    assert len(grants) == 6
    assert {grant.circle_generation for grant in grants} == {generation + 1}
    assert not any(unseals(former, grant) for grant in grants)


def kept_key(house: House, member: Actor) -> bytes:
    """Return the circle's private key as somebody might have copied it while working."""
    private = generations.open_circle(circle(house), house.again(member))
    assert private is not None
    return private


def unseals(private: bytes, grant: KeyGrant) -> bool:
    try:
        crypto.open_sealed(private, grant.sealed_key, contexts.of_grant(grant, KeyPurpose.CALL))
    except crypto.CryptoError:
        return False
    return True


def test_a_role_ended_by_an_administrator_closes_at_once_and_the_next_supervisor_renews(house: House) -> None:
    first = house.supervisor()
    second = house.supervisor(by=first)
    keys = calls(house)
    generation = circle(house).generation
    vault.remove_circle_member(house.gz, second.account_id, actor=house.person(Role.ADMINISTRATOR, None))
    assert not any(opens(house, second, key) for key in keys)
    assert circle(house).rotation_due_at is not None
    counselor = house.person(Role.COUNSELOR, house.gz)
    vault.regrant(counselor.account_id, actor=house.again(first))
    assert circle(house).rotation_due_at is None
    assert circle(house).generation == generation + 1
    assert all(opens(house, first, key) for key in keys)


def test_removing_nobody_changes_nothing(house: House) -> None:
    vault.remove_circle_member(house.gz, new_id(), actor=SYSTEM)
    first = house.supervisor()
    generation = circle(house).generation
    vault.remove_circle_member(house.gz, house.person(Role.COUNSELOR, house.gz).account_id, actor=first)
    assert circle(house).generation == generation


def test_only_a_member_starts_a_new_generation(house: House) -> None:
    first = house.supervisor()
    keys = calls(house)
    for outsider in (SYSTEM, house.person(Role.SUPERVISOR, house.gz), house.person(Role.LEAD, house.gz)):
        with pytest.raises(Refused):
            vault.rotate_circle(house.gz, actor=outsider)
    assert vault.rotate_circle(house.gz, actor=house.again(first)) == 3
    assert all(opens(house, first, key) for key in keys)
    assert vault.recover(house.recovery.private, first.account_id, actor=SYSTEM) == 1


def test_a_new_generation_leaves_out_a_member_whose_password_is_lost_until_the_regrant(house: House) -> None:
    first = house.supervisor()
    second = house.supervisor(by=first)
    keys = calls(house)
    second = loses_password(house, second)
    vault.rotate_circle(house.gz, actor=house.again(first))
    assert holders(house) == {first.account_id}
    assert vault.regrant(second.account_id, actor=house.again(first)).circle
    assert all(opens(house, second, key) for key in keys)


def test_a_lost_password_closes_everything_until_a_supervisor_regrants(house: House) -> None:
    supervisor, counselor = house.supervisor(), house.person(Role.COUNSELOR, house.gz)
    keys = calls(house)
    for key in keys:
        vault.grant(key, to=counselor.account_id, reason=GrantReason.ASSIGNED, actor=supervisor)
    counselor = loses_password(house, counselor)
    assert not any(opens(house, counselor, key) for key in keys)
    assert queries.awaiting(supervisor) == [Awaiting(counselor.account_id, keys=3, circle=False)]
    done = vault.regrant(counselor.account_id, actor=house.again(supervisor))
    assert (done.keys, done.left, done.circle) == (3, 0, False)
    assert queries.awaiting(supervisor) == []
    assert all(opens(house, counselor, key) for key in keys)
    assert vault.regrant(counselor.account_id, actor=house.again(supervisor)).keys == 0


def test_a_regrant_prolongs_nothing(house: House) -> None:
    supervisor, volunteer = house.supervisor(), house.person(Role.VOLUNTEER, house.gz)
    key = new_call(house, volunteer)
    volunteer = loses_password(house, volunteer)
    with clock.frozen(BEGIN):
        assert vault.regrant(volunteer.account_id, actor=house.again(supervisor)).keys == 1
        assert opens(house, volunteer, key)
    with clock.frozen(UNTIL):
        assert not opens(house, volunteer, key)
    again = loses_password(house, volunteer)
    with clock.frozen(UNTIL):
        assert vault.regrant(again.account_id, actor=house.again(supervisor)).keys == 0


def test_a_regrant_leaves_what_the_acting_person_cannot_open(house: House) -> None:
    house.supervisor()
    counselor = house.person(Role.COUNSELOR, house.gz)
    key = calls(house, 1)[0]
    vault.grant(key, to=counselor.account_id, reason=GrantReason.ASSIGNED, actor=SYSTEM)
    counselor = loses_password(house, counselor)
    stranger = house.person(Role.SUPERVISOR, house.sz)
    vault.add_circle_member(house.sz, stranger.account_id, actor=SYSTEM)
    for outsider in (stranger, house.person(Role.ADMINISTRATOR, None), house.person(Role.SUPERVISOR, house.gz)):
        done = vault.regrant(counselor.account_id, actor=house.again(outsider))
        assert (done.keys, done.left) == (0, 1)
    assert not opens(house, counselor, key)


def test_a_new_supervisor_waits_for_a_colleague_and_is_let_in_by_the_same_click(house: House) -> None:
    first = house.supervisor()
    keys = calls(house)
    second = house.person(Role.SUPERVISOR, house.gz)
    assert queries.awaiting(first) == [Awaiting(second.account_id, keys=0, circle=True)]
    assert queries.awaiting(house.person(Role.LEAD, house.gz)) == []
    assert vault.regrant(second.account_id, actor=house.again(first)).circle
    assert not vault.regrant(second.account_id, actor=house.again(first)).circle
    assert all(opens(house, second, key) for key in keys)


def test_somebody_who_is_no_supervisor_is_not_let_into_the_circle_by_a_regrant(house: House) -> None:
    first = house.supervisor()
    calls(house)
    for role in (Role.COUNSELOR, Role.LEAD, Role.VOLUNTEER):
        colleague = house.person(role, house.gz)
        assert not vault.regrant(colleague.account_id, actor=house.again(first)).circle
    assert holders(house) == {first.account_id}


def test_the_last_supervisor_who_lost_the_password_is_healed_by_the_recovery_key_and_no_note_is_lost(
    house: House,
) -> None:
    supervisor = house.supervisor()
    keys = calls(house)
    supervisor = loses_password(house, supervisor)
    assert not any(opens(house, supervisor, key) for key in keys)
    assert vault.recover(house.recovery.private, supervisor.account_id, actor=SYSTEM) == 1
    assert all(opens(house, supervisor, key) for key in keys)


def test_the_recovery_key_heals_only_the_circles_of_a_supervisors_own_sub_projects(house: House) -> None:
    house.supervisor()
    vault.create_circle(house.sz, recovery_public_key=house.recovery.public, actor=SYSTEM)
    keys = calls(house)
    lead = house.person(Role.LEAD, house.gz)
    assert vault.recover(house.recovery.private, lead.account_id, actor=SYSTEM) == 0
    stranger = house.person(Role.SUPERVISOR, house.sz)
    assert vault.recover(house.recovery.private, stranger.account_id, actor=SYSTEM) == 1
    assert not any(opens(house, stranger, key) for key in keys)


@pytest.mark.parametrize(
    "private",
    [b"", b"x" * 96, b"x" * 95, crypto.generate_key_pair().private],
    ids=["empty", "no-key", "too-short", "another"],
)
def test_a_wrong_recovery_key_is_refused(house: House, private: bytes) -> None:
    supervisor = house.supervisor()
    with pytest.raises(Invalid):
        vault.recover(private, supervisor.account_id, actor=SYSTEM)
    with pytest.raises(Invalid):
        vault.recover(house.recovery.private, new_id(), actor=SYSTEM)


@pytest.mark.parametrize("column", ["circle_id", "generation", "account_id", "key_pair_id", "sealed_private_key"])
def test_a_membership_changed_in_the_database_opens_nothing(house: House, column: str) -> None:
    supervisor = house.supervisor()
    other = house.person(Role.SUPERVISOR, house.sz)
    vault.add_circle_member(house.sz, other.account_id, actor=SYSTEM)
    key = calls(house, 1)[0]
    own = session().scalars(sa.select(CircleMember).where(CircleMember.account_id == supervisor.account_id)).one()
    foreign = session().scalars(sa.select(CircleMember).where(CircleMember.account_id == other.account_id)).one()
    value = own.generation + 1 if column == "generation" else getattr(foreign, column)
    if column == "account_id":
        session().delete(foreign)
        session().flush()
    setattr(own, column, value)
    session().flush()
    reader = house.actor(other.account_id, Role.SUPERVISOR, house.gz) if column == "account_id" else supervisor
    with pytest.raises(Refused):
        vault.open_key(key.id, actor=house.again(reader))


@pytest.mark.parametrize("column", ["public_key", "public_key_tag", "subproject_id"])
def test_nothing_is_sealed_to_a_circle_key_that_somebody_wrote_into_the_database(house: House, column: str) -> None:
    house.supervisor()
    theirs = crypto.generate_key_pair()
    value = {"public_key": theirs.public, "public_key_tag": bytes(36), "subproject_id": house.sz}[column]
    session().execute(sa.update(Circle).values({column: value}))
    session().expire_all()
    target = house.sz if column == "subproject_id" else house.gz
    with pytest.raises(Refused):
        vault.create_key(KeyPurpose.CALL, new_id(), subproject_id=target, actor=SYSTEM)


def test_no_circle_is_made_for_a_recovery_key_that_somebody_wrote_into_the_database(house: House) -> None:
    session().execute(sa.update(RecoveryKey).values(public_key=crypto.generate_key_pair().public))
    session().expire_all()
    with pytest.raises(Refused):
        calls(house, 1)
