"""Reads of clients. Identities are shown masked; only ``service.unmask`` shows more."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import g

from casework.clients.models import Client, ClientNumber
from casework.clients.queries.persons import others_of
from casework.clients.rules import mask_identity
from casework.clients.types import Identity, MaskedIdentity
from casework.core import crypto
from casework.core.db import session
from casework.core.keyring import current_keyring
from casework.vault import service as vault
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from casework.security.actor import Actor
    from casework.vault.types import DataKey

CLOSED = MaskedIdentity(name="**", phone="****")


def number_index(canonical: str) -> bytes:
    """Return the blind index under which a number is stored. Costs one stretch, 10–20 ms."""
    return current_keyring().blind_index(_indexed(canonical))


def number_indexes(canonical: str) -> list[bytes]:
    """Return every index under which a number may be stored, the active first: several during a rotation only.

    Costs one stretch for each number and request, however often it is asked for.
    """
    known = known_indexes()
    if canonical not in known:
        known[canonical] = current_keyring().blind_indexes(_indexed(canonical))
    return known[canonical]


def indexes_like(index: bytes) -> list[bytes]:
    """Return every index under which the number of a stored one may be found, the active first, without knowing it."""
    return current_keyring().indexes_like(index)


def known_indexes() -> dict[str, list[bytes]]:
    """Return what was computed for this request, by number; it ends with the request."""
    known: dict[str, list[bytes]] = g.setdefault("number_indexes", {})
    return known


def look_ahead(canonicals: Iterable[str]) -> Thread:
    """Compute the indexes of many numbers beside other work, for a command that asks for them; return the thread."""
    keyring, known = current_keyring(), known_indexes()

    def compute() -> None:
        for canonical in canonicals:
            known.setdefault(canonical, keyring.blind_indexes(_indexed(canonical)))

    thread = Thread(target=compute, daemon=True)
    thread.start()
    return thread


def find_by_number(subproject_id: UUID, canonical: str) -> Client | None:
    """Return the client of a sub-project with this number, or None."""
    return find_by_indexes(subproject_id, number_indexes(canonical))


def find_by_indexes(subproject_id: UUID, indexes: Collection[bytes]) -> Client | None:
    """Return the client of a sub-project with one of these blind indexes, or None.

    A number that belongs to nobody yet and was joined with another is the other's person.
    """
    return _with_number(subproject_id, indexes) or _with_number(subproject_id, others_of(subproject_id, indexes))


def get_client(client_id: UUID) -> Client:
    """Return a client. Only for services: the caller has made sure that what leads to it is within reach."""
    return session().get_one(Client, client_id)


def _with_number(subproject_id: UUID, indexes: Collection[bytes]) -> Client | None:
    if not indexes:
        return None
    found = (
        sa.select(Client)
        .join(ClientNumber, ClientNumber.client_id == Client.id)
        .where(ClientNumber.subproject_id == subproject_id, ClientNumber.number_index.in_(indexes))
        .order_by(Client.id)
        .limit(1)
    )
    return session().scalar(found)


def clients_by_index(subproject_id: UUID, indexes: Collection[bytes]) -> dict[bytes, UUID]:
    """Return which client each of these blind indexes belongs to in a sub-project; unknown ones are left out."""
    found = sa.select(ClientNumber.number_index, ClientNumber.client_id).where(
        ClientNumber.subproject_id == subproject_id, ClientNumber.number_index.in_(indexes)
    )
    return {bytes(index): client_id for index, client_id in session().execute(found)}


def data_key_of(client_id: UUID) -> UUID:
    """Return the id of the key that opens a client's identity."""
    return session().scalars(sa.select(Client.data_key_id).where(Client.id == client_id)).one()


def masked_identities(actor: Actor, client_ids: Collection[UUID]) -> dict[UUID, MaskedIdentity]:
    """Return what a page shows of these clients, in one query; stars alone where the actor holds no key.

    The page they are shown on leaves its own read event.
    """
    clients = session().scalars(sa.select(Client).where(Client.id.in_(client_ids))).all()
    keys = vault.open_keys({client.data_key_id for client in clients}, actor=actor)
    return {client.id: _masked(client, keys.get(client.data_key_id)) for client in clients}


def identity_place(client_id: UUID) -> Place:
    """Return where a sealed identity belongs."""
    return Place("clients_client", "sealed_identity", client_id)


def open_identity(client: Client, key: DataKey) -> Identity:
    """Return the identity under an opened key; the caller answers for the event."""
    return Identity(**vault.open_json(key, identity_place(client.id), client.sealed_identity))


def sealed_content(client_id: UUID) -> bytes | None:
    """Return the sealed identity of a client, to be compared with its recorded digest."""
    return session().scalar(sa.select(Client.sealed_identity).where(Client.id == client_id))


def _masked(client: Client, key: DataKey | None) -> MaskedIdentity:
    if key is None:
        return CLOSED
    identity = open_identity(client, key)
    return mask_identity(identity.name, identity.phone)


def _indexed(canonical: str) -> bytes:
    return crypto.bind("phone", canonical)
