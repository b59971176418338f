"""Every verb of the vault leaves exactly one event, with ids and codes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.audit.events import Action
from casework.audit.models import AuditEntry
from casework.core import clock, crypto
from casework.core.db import session, write_transaction
from casework.core.ids import new_id
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import service as vault
from casework.vault.types import DataKey, GrantReason, KeyPurpose
from tests.integration.vault.conftest import BEGIN
from tests.integration.vault.test_keys import new_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.vault.conftest import House

SYSTEM = Actor.system()


@dataclass
class Scene:
    """A house with a supervisor and one call, all committed."""

    house: House
    supervisor: Actor
    key: DataKey

    def acting(self) -> Actor:
        """Return the supervisor in a new request."""
        return self.house.again(self.supervisor)


def create(scene: Scene) -> None:
    author = scene.house.person(Role.VOLUNTEER, scene.house.gz)
    vault.create_key(KeyPurpose.CALL, new_id(), subproject_id=scene.house.gz, actor=author, author_until=BEGIN)


def grant(scene: Scene) -> None:
    counselor = scene.house.person(Role.COUNSELOR, scene.house.gz)
    vault.grant(scene.key, to=counselor.account_id, reason=GrantReason.ASSIGNED, actor=SYSTEM)


def add_member(scene: Scene) -> None:
    second = scene.house.person(Role.SUPERVISOR, scene.house.gz)
    assert vault.add_circle_member(scene.house.gz, second.account_id, actor=scene.acting())


def purge(_scene: Scene) -> None:
    with clock.frozen(BEGIN + timedelta(days=9)):
        vault.purge_expired(actor=SYSTEM)


def rotate_keyring(_scene: Scene) -> None:
    list(vault.rotate_keyring("audit", actor=SYSTEM))


VERBS: dict[Action, Callable[[Scene], object]] = {
    Action.KEY_CREATED: create,
    Action.KEY_GRANTED: grant,
    Action.KEY_REVOKED: lambda scene: vault.revoke(scene.key.id, holder=scene.supervisor.account_id, actor=SYSTEM),
    Action.KEY_SHREDDED: lambda scene: vault.shred(scene.key.id, actor=SYSTEM),
    Action.KEY_EXPIRED: purge,
    Action.KEY_REGRANTED: lambda scene: vault.regrant(scene.supervisor.account_id, actor=scene.acting()),
    Action.CIRCLE_CREATED: lambda scene: vault.create_circle(
        scene.house.sz, recovery_public_key=scene.house.recovery.public, actor=SYSTEM
    ),
    Action.CIRCLE_MEMBER_ADDED: add_member,
    Action.CIRCLE_MEMBER_REMOVED: lambda scene: vault.remove_circle_member(
        scene.house.gz, scene.supervisor.account_id, actor=SYSTEM
    ),
    Action.CIRCLE_ROTATED: lambda scene: vault.rotate_circle(scene.house.gz, actor=scene.acting()),
    Action.RECOVERY_KEY_SET: lambda _: vault.set_recovery_key(crypto.generate_key_pair().public, actor=SYSTEM),
    Action.RECOVERY_USED: lambda scene: vault.recover(
        scene.house.recovery.private, scene.supervisor.account_id, actor=SYSTEM
    ),
    Action.KEYRING_ROTATED: rotate_keyring,
}


@pytest.fixture
def scene(house: House) -> Scene:
    supervisor = house.supervisor()
    house.supervisor(by=supervisor)
    key = new_call(house, house.person(Role.VOLUNTEER, house.gz))
    session().commit()
    return Scene(house, supervisor, key)


def entries() -> list[AuditEntry]:
    return list(session().scalars(sa.select(AuditEntry).order_by(AuditEntry.at, AuditEntry.chain, AuditEntry.seq)))


@pytest.mark.parametrize("action", VERBS)
def test_a_verb_leaves_one_event_of_its_own(scene: Scene, action: Action) -> None:
    before = {(entry.chain, entry.seq) for entry in entries()}
    with write_transaction():
        VERBS[action](scene)
    left = [entry for entry in entries() if (entry.chain, entry.seq) not in before]
    assert [entry.action for entry in left] == [action]
    assert left[0].subject_kind in {"data_key", "circle", "account", "recovery_key", "keyring.audit"}


def test_the_table_of_verbs_is_complete() -> None:
    words = ("key.", "circle.", "recovery.", "keyring.")
    assert set(VERBS) == {action for action in Action if action.startswith(words)}


def test_what_is_rolled_back_leaves_no_event(scene: Scene) -> None:
    before = len(entries())
    vault.shred(scene.key.id, actor=SYSTEM)
    session().rollback()
    assert len(entries()) == before
