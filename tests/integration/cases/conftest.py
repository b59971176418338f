"""Two sub-projects with their people and clients, on tables that are otherwise empty."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from casework.cases import queries, service
from casework.cases.types import Channel, NoteFields, NoteKind, ServiceType
from casework.clients import service as clients
from casework.core import clock, crypto
from casework.core.db import session
from casework.core.ids import new_id
from casework.core.keyring import current_keyring
from casework.people.models import Account, KeyPair, RoleGrant
from casework.programme.models import Programme, Subproject
from casework.programme.types import SubprojectKind
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import service as vault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from flask import Flask

    from casework.cases.models import Case

BEGIN = datetime(2020, 2, 1, tzinfo=UTC)
NOW = datetime(2020, 4, 5, 6, 5, tzinfo=UTC)
TEXT = "谈到夜里醒来的时候手会发抖，约好下周再通话。"


@dataclass
class House:
    """The people of a test; each is ``<role>`` of GZ, or of SZ with a 2 behind it."""

    places: dict[str, UUID]
    private: dict[UUID, bytes] = field(default_factory=dict, repr=False)
    people: dict[str, Actor] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Return somebody as in a new request: nothing is opened yet."""
        known = self.people[name]
        return Actor(
            account_id=known.account_id,
            role=known.role,
            subproject_id=known.subproject_id,
            private_key=self.private[known.account_id],
        )

    def add(self, name: str, role: Role, place: str | None) -> Actor:
        """Add a person with a key pair; a supervisor joins the circle."""
        account = Account(id=new_id(), login=name, display_name=f"测试{name}", created_at=BEGIN)
        session().add(account)
        session().flush()
        subproject_id = self.places[place] if place else None
        session().add(RoleGrant(account_id=account.id, role=role, subproject_id=subproject_id, granted_at=BEGIN))
        pair = crypto.generate_key_pair()
        self.private[account.id] = pair.private
        row = KeyPair(id=new_id(), account_id=account.id, public_key=pair.public, created_at=BEGIN)
        row.sealed_private_key = row.salt = b""
        row.attest(current_keyring())
        row.memory_kib = row.passes = row.lanes = 1
        session().add(row)
        session().flush()
        self.people[name] = Actor(account_id=account.id, role=role, subproject_id=subproject_id)
        if role is Role.SUPERVISOR and subproject_id:
            vault.add_circle_member(subproject_id, account.id, actor=Actor.system())
        return self.actor(name)

    def client(self, place: str = "GZ", name: str = "测试来电者", phone: str = "") -> UUID:
        """Return a new client of a sub-project."""
        supervisor = self.actor("dudao" if place == "GZ" else "dudao2")
        return clients.identify(self.places[place], name=name, phone=phone, actor=supervisor).id

    def open(
        self,
        populations: Sequence[str] = ("none",),
        *,
        risk: int | None = 1,
        counselor: str | None = "zixun",
        place: str = "GZ",
    ) -> Case:
        """Return a new case, with a counselor unless None is given."""
        supervisor = self.actor("dudao" if place == "GZ" else "dudao2")
        case = service.open_case(self.places[place], self.client(place), populations, risk, actor=supervisor)
        if counselor is not None:
            service.assign(case, self.people[counselor].account_id, actor=supervisor)
        return case


def session_fields(**changes: object) -> NoteFields:
    """Return what a routine session says beside its text."""
    given: dict[str, object] = {
        "kind": NoteKind.SESSION,
        "occurred_at": clock.now(),
        "channel": Channel.PHONE,
        "services": (ServiceType.EMOTIONAL_SUPPORT,),
        "minutes": 50,
        **changes,
    }
    return NoteFields(**given)  # type: ignore[arg-type]  # the values are those of the table above


def _subproject(programme_id: UUID, code: str) -> UUID:
    row = Subproject(id=new_id(), programme_id=programme_id, code=code, kind=SubprojectKind.SIX, position=1, name=code)
    row.targets = []
    session().add(row)
    session().flush()
    return row.id


def furnish() -> House:
    """Make the people and places in the current write transaction."""
    programme = Programme(id=new_id(), name="测试", owner="测试", budget_fen=0, outputs=[])
    programme.starts_on, programme.ends_on = date(2020, 1, 1), date(2020, 12, 31)
    session().add(programme)
    session().flush()
    vault.set_recovery_key(crypto.generate_key_pair().public, actor=Actor.system())
    house = House({code: _subproject(programme.id, code) for code in ("GZ", "SZ")})
    house.add("dudao", Role.SUPERVISOR, "GZ")
    house.add("dudao2", Role.SUPERVISOR, "SZ")
    house.add("zixun", Role.COUNSELOR, "GZ")
    house.add("zixun3", Role.COUNSELOR, "GZ")
    house.add("zixun2", Role.COUNSELOR, "SZ")
    house.add("zhiyuan", Role.VOLUNTEER, "GZ")
    house.add("fuze", Role.LEAD, "GZ")
    house.add("yishi", Role.CONSULTANT, None)
    house.add("bangong", Role.OFFICE, None)
    return house


@pytest.fixture
def house(bare_app: Flask) -> Iterator[House]:
    """Give the house in an application context in write mode, the clock held at 2020-04-05 14:05."""
    with bare_app.app_context(), clock.frozen(NOW):
        made = furnish()
        session().commit()
        yield made
        session().rollback()


__all__ = ("BEGIN", "NOW", "TEXT", "House", "furnish", "queries", "session_fields")
