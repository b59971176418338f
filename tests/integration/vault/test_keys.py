"""Who holds a grant opens; who does not, cannot, whatever rows say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.core import clock, crypto
from casework.core.db import session
from casework.core.errors import Conflict, NotFound, Refused
from casework.core.ids import new_id
from casework.people.models import Account
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import queries
from casework.vault import service as vault
from casework.vault.models import DataKeyRecord, KeyGrant
from casework.vault.types import DataKey, GrantReason, KeyPurpose, Place
from tests.integration.vault.conftest import BEGIN

if TYPE_CHECKING:
    from tests.integration.vault.conftest import House

UNTIL = BEGIN + timedelta(hours=30)


def new_call(house: House, author: Actor, *, author_until: object = UNTIL) -> DataKey:
    assert author_until is None or author_until is UNTIL
    until = UNTIL if author_until else None
    with clock.frozen(BEGIN):
        return vault.create_key(KeyPurpose.CALL, new_id(), subproject_id=house.gz, actor=author, author_until=until)


def opens(house: House, actor: Actor, key: DataKey) -> bool:
    """Whether somebody opens a key in a new request; what the rows promise must agree."""
    fresh = house.again(actor)
    promised = queries.can_open(fresh, key.id)
    if not promised:
        with pytest.raises(Refused) as refused:
            vault.open_key(key.id, actor=fresh)
        assert refused.value.rule == "R23"
        return False
    assert vault.open_key(key.id, actor=fresh).secret == key.secret
    return True


def test_a_volunteer_writes_to_the_circle_and_reads_only_until_the_grant_ends(house: House) -> None:
    supervisor, volunteer = house.supervisor(), house.person(Role.VOLUNTEER, house.gz)
    key = new_call(house, volunteer)
    with clock.frozen(UNTIL - timedelta(microseconds=1)):
        assert opens(house, volunteer, key)
    with clock.frozen(UNTIL):
        assert not opens(house, volunteer, key)
        assert opens(house, supervisor, key)


def test_without_a_grant_of_their_own_the_author_reads_nothing(house: House) -> None:
    volunteer = house.person(Role.VOLUNTEER, house.gz)
    key = new_call(house, volunteer, author_until=None)
    assert not opens(house, volunteer, key)


def test_nobody_else_opens_it(house: House) -> None:
    house.supervisor()
    key = new_call(house, house.person(Role.VOLUNTEER, house.gz))
    with clock.frozen(BEGIN):
        for role in (Role.VOLUNTEER, Role.COUNSELOR, Role.LEAD, Role.SUPERVISOR):
            assert not opens(house, house.person(role, house.gz), key)
        assert not opens(house, house.person(Role.ADMINISTRATOR, None), key)
    with pytest.raises(Refused):
        vault.open_key(key.id, actor=Actor.system())


def test_a_circle_opens_only_in_the_role_and_sub_project_it_belongs_to(house: House) -> None:
    supervisor = house.supervisor()
    key = new_call(house, house.person(Role.VOLUNTEER, house.gz))
    for role, subproject_id in [(Role.LEAD, house.gz), (Role.COUNSELOR, house.gz), (Role.SUPERVISOR, house.sz)]:
        assert not opens(house, house.actor(supervisor.account_id, role, subproject_id), key)
    assert opens(house, supervisor, key)


def test_a_grant_of_ones_own_opens_nothing_in_a_role_that_may_not_read(house: House) -> None:
    house.supervisor()
    counselor = house.person(Role.COUNSELOR, house.gz)
    key = new_call(house, house.person(Role.VOLUNTEER, house.gz))
    vault.grant(key, to=counselor.account_id, reason=GrantReason.ASSIGNED, actor=Actor.system())
    assert opens(house, counselor, key)
    assert not opens(house, house.actor(counselor.account_id, Role.LEAD, house.gz), key)


def test_a_stolen_database_with_every_role_row_opens_nothing_without_the_private_key(house: House) -> None:
    supervisor = house.supervisor()
    key = new_call(house, house.person(Role.VOLUNTEER, house.gz))
    thief = Actor(
        account_id=supervisor.account_id,
        role=Role.SUPERVISOR,
        subproject_id=house.gz,
        private_key=crypto.generate_key_pair().private,
    )
    with pytest.raises(Refused):
        vault.open_key(key.id, actor=thief)


def test_a_counselor_opens_from_assignment_to_its_end(house: House) -> None:
    supervisor, counselor = house.supervisor(), house.person(Role.COUNSELOR, house.gz)
    key = new_call(house, house.person(Role.VOLUNTEER, house.gz))
    opened = vault.open_key(key.id, actor=house.again(supervisor))
    vault.grant(opened, to=counselor.account_id, reason=GrantReason.ASSIGNED, actor=supervisor)
    assert opens(house, counselor, key)
    vault.revoke(key.id, holder=counselor.account_id, actor=supervisor)
    assert not opens(house, counselor, key)
    assert opens(house, supervisor, key)


def test_granting_again_replaces_the_grant_of_that_reason_and_no_other(house: House) -> None:
    volunteer = house.person(Role.VOLUNTEER, house.gz)
    key = new_call(house, volunteer)
    for _ in range(2):
        vault.grant(key, to=volunteer.account_id, reason=GrantReason.ASSIGNED, actor=volunteer)
    held = session().scalars(sa.select(KeyGrant.reason).where(KeyGrant.account_id == volunteer.account_id))
    assert sorted(held) == [GrantReason.ASSIGNED, GrantReason.AUTHOR]
    with clock.frozen(UNTIL + timedelta(days=9)):
        assert opens(house, volunteer, key)


def test_an_account_without_a_key_pair_gets_no_grant(house: House) -> None:
    supervisor = house.supervisor()
    account = Account(id=new_id(), login="nobody", display_name="测试", created_at=BEGIN)
    session().add(account)
    session().flush()
    key = new_call(house, house.person(Role.VOLUNTEER, house.gz))
    with pytest.raises(Conflict):
        vault.grant(key, to=account.id, reason=GrantReason.ASSIGNED, actor=Actor.system())
    with pytest.raises(Conflict):
        vault.regrant(account.id, actor=supervisor)


def test_many_keys_open_at_once_and_the_closed_ones_are_left_out(house: House) -> None:
    volunteer, other = house.person(Role.VOLUNTEER, house.gz), house.person(Role.VOLUNTEER, house.gz)
    mine, theirs = [new_call(house, volunteer) for _ in range(3)], new_call(house, other)
    with clock.frozen(BEGIN):
        opened = vault.open_keys([key.id for key in [*mine, theirs]], actor=house.again(volunteer))
    assert opened == {key.id: key for key in mine}


def test_a_key_is_opened_once_a_request(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    volunteer = house.person(Role.VOLUNTEER, house.gz)
    key, reader = new_call(house, volunteer), house.again(volunteer)
    calls: list[bytes] = []
    genuine = crypto.open_sealed

    def counting(private: bytes, sealed: bytes, info: bytes) -> bytes:
        calls.append(sealed)
        return genuine(private, sealed, info)

    monkeypatch.setattr(crypto, "open_sealed", counting)
    with clock.frozen(BEGIN):
        for _ in range(3):
            vault.open_key(key.id, actor=reader)
    assert len(calls) == 1


@pytest.mark.parametrize("column", ["data_key_id", "account_id", "key_pair_id", "reason", "expires_at", "sealed_key"])
def test_a_grant_changed_in_the_database_opens_nothing(house: House, column: str) -> None:
    house.supervisor()
    volunteer, other = house.person(Role.VOLUNTEER, house.gz), house.person(Role.VOLUNTEER, house.gz)
    key, second = new_call(house, volunteer), new_call(house, other)
    own = sa.select(KeyGrant).where(KeyGrant.data_key_id == key.id, KeyGrant.account_id == volunteer.account_id)
    row = session().scalars(own).one()
    foreign = session().scalars(sa.select(KeyGrant).where(KeyGrant.account_id == other.account_id)).one()
    changed = {
        "data_key_id": second.id,
        "account_id": other.account_id,
        "key_pair_id": foreign.key_pair_id,
        "reason": GrantReason.ASSIGNED,
        "expires_at": UNTIL + timedelta(days=400),
        "sealed_key": foreign.sealed_key,
    }
    setattr(row, column, changed[column])
    session().flush()
    session().expire_all()
    reader = house.again(other if column == "account_id" else volunteer)
    target = second if column == "data_key_id" else key
    with clock.frozen(BEGIN), pytest.raises(Refused):
        vault.open_key(target.id, actor=reader)


def test_the_purpose_of_a_key_cannot_be_changed_in_the_database(house: House) -> None:
    volunteer = house.person(Role.VOLUNTEER, house.gz)
    key = new_call(house, volunteer)
    session().execute(sa.update(DataKeyRecord).where(DataKeyRecord.id == key.id).values(purpose=KeyPurpose.CASE))
    with clock.frozen(BEGIN), pytest.raises(Refused):
        vault.open_key(key.id, actor=house.again(volunteer))


def test_expired_grants_are_deleted_and_others_stay(house: House) -> None:
    supervisor, volunteer = house.supervisor(), house.person(Role.VOLUNTEER, house.gz)
    key = new_call(house, volunteer)
    with clock.frozen(UNTIL - timedelta(seconds=1)):
        assert vault.purge_expired(actor=Actor.system()) == 0
    with clock.frozen(UNTIL):
        assert vault.purge_expired(actor=Actor.system()) == 1
        assert vault.purge_expired(actor=Actor.system()) == 0
    assert session().scalar(sa.select(sa.func.count()).select_from(KeyGrant)) == 1
    assert opens(house, supervisor, key)


def test_a_destroyed_key_leaves_a_tombstone_and_opens_for_nobody(house: House) -> None:
    supervisor, volunteer = house.supervisor(), house.person(Role.VOLUNTEER, house.gz)
    key = new_call(house, volunteer)
    vault.shred(key.id, actor=supervisor)
    assert session().scalars(sa.select(KeyGrant).where(KeyGrant.data_key_id == key.id)).all() == []
    assert session().get_one(DataKeyRecord, key.id).destroyed_at is not None
    for actor in (supervisor, volunteer):
        with pytest.raises(NotFound):
            vault.open_key(key.id, actor=house.again(actor))
    with pytest.raises(NotFound):
        vault.shred(key.id, actor=supervisor)


def test_a_circle_holds_each_key_once(house: House) -> None:
    key = new_call(house, house.person(Role.VOLUNTEER, house.gz))
    shared = session().scalars(sa.select(KeyGrant).where(KeyGrant.circle_id.is_not(None))).one()
    twin = KeyGrant(
        data_key_id=key.id,
        circle_id=shared.circle_id,
        circle_generation=1,
        sealed_key=b"",
        reason=GrantReason.CIRCLE,
        granted_by=shared.granted_by,
        created_at=BEGIN,
    )
    session().add(twin)
    with pytest.raises(IntegrityError):
        session().flush()
    session().rollback()


def test_lists_are_filtered_by_what_the_reader_could_open(house: House) -> None:
    supervisor, volunteer = house.supervisor(), house.person(Role.VOLUNTEER, house.gz)
    counselor = house.person(Role.COUNSELOR, house.gz)
    keys = [new_call(house, volunteer) for _ in range(3)]
    vault.grant(keys[1], to=counselor.account_id, reason=GrantReason.ASSIGNED, actor=supervisor)

    def visible(actor: Actor) -> int:
        found = sa.select(sa.func.count()).select_from(DataKeyRecord)
        return session().scalar(found.where(queries.openable(actor, DataKeyRecord.id))) or 0

    with clock.frozen(BEGIN):
        assert [visible(each) for each in (supervisor, volunteer, counselor)] == [3, 3, 1]
        assert visible(house.person(Role.LEAD, house.gz)) == 0
    with clock.frozen(UNTIL):
        assert [visible(each) for each in (supervisor, volunteer, counselor)] == [3, 0, 1]


def test_content_round_trip_through_an_opened_key(house: House) -> None:
    supervisor = house.supervisor()
    key = new_call(house, house.person(Role.VOLUNTEER, house.gz))
    place = Place("intake_call", "sealed_summary", new_id())
    envelope = vault.seal_text(key, place, "来电内容")
    assert vault.open_text(vault.open_key(key.id, actor=house.again(supervisor)), place, envelope) == "来电内容"
