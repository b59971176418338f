"""Cases for tests of pages: opened, assigned and worked on by the demo accounts, through the services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework.cases import service
from casework.cases.types import Channel, NoteFields, NoteKind, ServiceType
from casework.cli.demo import accounts
from casework.cli.demo.accounts import Person
from casework.clients import service as clients
from casework.core import clock
from casework.core.db import write_transaction
from casework.security.actor import Actor
from casework.security.roles import Role
from tests.support import seed
from tests.support.canaries import NAME, NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from flask import Flask

COLLEAGUE = Person("zixun-gz", "林咨询师", Role.COUNSELOR, "GZ")
SECOND_SUPERVISOR = Person("dudao-gz", "钱督导", Role.SUPERVISOR, "GZ")


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that is there: its number and ids."""

    number: str
    id: UUID
    client_id: UUID
    data_key_id: UUID


def routine(channel: Channel = Channel.PHONE) -> NoteFields:
    """Return what a routine session of now says beside its text."""
    return NoteFields(
        kind=NoteKind.SESSION,
        occurred_at=clock.now(),
        channel=channel,
        services=(ServiceType.EMOTIONAL_SUPPORT,),
        minutes=50,
    )


def open_case(
    app: Flask,
    populations: Sequence[str] = ("none",),
    *,
    risk: int | None = 1,
    counselor: str | None = "zixun",
    notes: Sequence[str] = (),
    name: str = NAME,
    phone: str = f"+86{NUMBER}",
) -> Opened:
    """Open a case of GZ for a canary, assign it unless ``counselor`` is None, and write notes; commit."""
    with app.app_context():
        # Signing in ends whatever transaction is open: everybody is there before the first write.
        supervisor = seed.actor("dudao")
        worker = seed.actor(counselor) if counselor else None
        with write_transaction():
            assert supervisor.subproject_id is not None
            client = clients.identify(supervisor.subproject_id, name=name, phone=phone, actor=supervisor)
            case = service.open_case(supervisor.subproject_id, client.id, populations, risk, actor=supervisor)
            if worker is not None:
                service.assign(case, worker.account_id, actor=supervisor)
                for text in notes:
                    service.write_note(case, text, routine(), actor=worker)
            return Opened(case.number, case.id, case.client_id, case.data_key_id)


def hire(app: Flask, person: Person) -> UUID:
    """Add a colleague who shares the demo password."""
    with app.app_context(), write_transaction():
        return accounts.create((person,), actor=Actor.system())[person.login]


def account_of(login: str) -> UUID:
    """Return the account id of a demo login."""
    return seed.actor(login).account_id
