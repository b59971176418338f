"""Two sub-projects with people whose private keys are at hand, on tables that are otherwise empty."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.core import crypto, rotation
from casework.core.db import session, write_transaction
from casework.core.ids import new_id
from casework.core.keyring import KeyClass, Keyring, current_keyring
from casework.people.models import Account, KeyPair, RoleGrant
from casework.programme.models import Programme, Subproject
from casework.programme.types import SubprojectKind
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import service as vault
from casework.vault.service import listening
from tests.integration.vault.probe import ROWS, Kept, Probe, made, rewrap_totp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from flask import Flask

BEGIN = datetime(2020, 2, 1, tzinfo=UTC)


@dataclass
class House:
    """The people of a test, what they can open things with, and the printed recovery key."""

    gz: UUID
    sz: UUID
    recovery: crypto.KeyPair
    private: dict[UUID, bytes] = field(default_factory=dict, repr=False)

    def person(self, role: Role, subproject_id: UUID | None) -> Actor:
        """Return somebody new with a key pair and a role."""
        account = Account(id=new_id(), login=str(new_id()), display_name="测试", created_at=BEGIN)
        session().add(account)
        session().flush()
        session().add(RoleGrant(account_id=account.id, role=role, subproject_id=subproject_id, granted_at=BEGIN))
        self.new_pair(account.id)
        return self.actor(account.id, role, subproject_id)

    def new_pair(self, account_id: UUID) -> None:
        """Retire somebody's key pair and issue another, as after a lost password."""
        session().query(KeyPair).filter_by(account_id=account_id, retired_at=None).update({"retired_at": BEGIN})
        pair = crypto.generate_key_pair()
        self.private[account_id] = pair.private
        row = KeyPair(id=new_id(), account_id=account_id, public_key=pair.public, created_at=BEGIN)
        row.sealed_private_key = row.salt = b""
        row.attest(current_keyring())
        row.memory_kib = row.passes = row.lanes = 1
        session().add(row)
        session().flush()

    def actor(self, account_id: UUID, role: Role, subproject_id: UUID | None) -> Actor:
        """Return somebody in a request of its own: nothing is opened yet."""
        private = self.private[account_id]
        return Actor(account_id=account_id, role=role, subproject_id=subproject_id, private_key=private)

    def again(self, actor: Actor) -> Actor:
        """Return the same person in the next request, with the key pair they have now."""
        return self.actor(actor.account_id, actor.role, actor.subproject_id)

    def ends(self, actor: Actor) -> None:
        """End somebody's role, as an administrator does; the vault hears of it."""
        held = RoleGrant.account_id == actor.account_id
        session().execute(sa.update(RoleGrant).where(held).values(ended_at=BEGIN))
        listening.on_role(actor.account_id, actor.role, actor.subproject_id, granted=False, actor=Actor.system())

    def supervisor(self, by: Actor | None = None) -> Actor:
        """Return a supervisor of GZ who holds the circle's key."""
        found = self.person(Role.SUPERVISOR, self.gz)
        assert vault.add_circle_member(self.gz, found.account_id, actor=by or Actor.system())
        return found


def subproject(programme_id: UUID, code: str) -> UUID:
    row = Subproject(id=new_id(), programme_id=programme_id, code=code, kind=SubprojectKind.SIX, position=1, name=code)
    row.targets = []
    session().add(row)
    session().flush()
    return row.id


@pytest.fixture
def house(bare_app: Flask) -> Iterator[House]:
    """Give two sub-projects without a circle, in an application context in write mode."""
    with bare_app.app_context(), write_transaction():
        programme = Programme(id=new_id(), name="测试", owner="测试", budget_fen=0, outputs=[])
        programme.starts_on, programme.ends_on = date(2020, 1, 1), date(2020, 12, 31)
        session().add(programme)
        session().flush()
        recovery = crypto.generate_key_pair()
        made = House(subproject(programme.id, "GZ"), subproject(programme.id, "SZ"), recovery)
        vault.set_recovery_key(recovery.public, actor=Actor.system())
        yield made


@pytest.fixture
def ring(bare_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyring]:
    """Give the application's keyring, with rows sealed under its first keys and cheap stretching."""
    monkeypatch.setattr(crypto, "stretch", lambda value, _salt: crypto.sha256(value))
    monkeypatch.setattr(rotation, "_rewrappers", {each: {} for each in KeyClass})
    rotation.register_rewrapper("totp", "probe_kept.totp", rotation.rewrapper_of("totp", Kept.totp, rewrap_totp))
    rotation.register_rewrapper(
        "bidx", "probe_kept.bidx", rotation.rewrapper_of("bidx", Kept.bidx, lambda ring, row: ring.reindex(row.bidx))
    )
    with bare_app.app_context():
        found = current_keyring()
        with write_transaction():
            Probe.metadata.create_all(session().connection())
            session().add_all(made(found, number) for number in range(ROWS))
        yield found
        session().rollback()
