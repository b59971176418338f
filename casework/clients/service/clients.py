"""Writes of clients: recognise or register a person, show an identity in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from casework.audit import trail
from casework.audit.events import Action
from casework.clients import queries
from casework.clients.models import Client, ClientNumber
from casework.clients.types import Identity
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, NotFound
from casework.core.ids import new_id
from casework.vault import service as vault
from casework.vault.types import KeyPurpose

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor


def identify(subproject_id: UUID, *, name: str, phone: str, actor: Actor) -> Client:
    """Return the client of a sub-project with this number, or a new one; ``phone`` is canonical, or empty.

    Without a number nobody is recognised: a new client each time. What was known of a recognised client stays as it
    is. Its event is client.identified. Refused (Conflict): somebody registered the number this very moment.
    """
    indexes = queries.number_indexes(phone) if phone else []
    known = queries.find_by_indexes(subproject_id, indexes) if indexes else None
    client = known or _register(subproject_id, Identity(name=name, phone=phone), indexes[:1], actor)
    trail.record(
        Action.CLIENT_IDENTIFIED,
        actor=actor,
        subject_kind="client",
        subject_id=client.id,
        details={"new": known is None},
        digest=trail.content_digest(client.sealed_identity),
    )
    return client


def unmask(client_id: UUID, *, case_id: UUID, actor: Actor) -> Identity:
    """Return name and number in full; its event is identity.unmasked.

    The caller has made sure that the case is within reach. Refused (NotFound): no such client; (Refused, R23): no key.
    """
    client = session().get(Client, client_id)
    if client is None:
        raise NotFound(_l("找不到这位服务对象。"))
    identity = queries.open_identity(client, vault.open_key(client.data_key_id, actor=actor))
    trail.record(
        Action.IDENTITY_UNMASKED,
        actor=actor,
        subject_kind="client",
        subject_id=client.id,
        details={"case": case_id},
        digest=trail.content_digest(client.sealed_identity),
    )
    return identity


def _register(subproject_id: UUID, identity: Identity, indexes: list[bytes], actor: Actor) -> Client:
    client_id = new_id()
    key = vault.create_key(KeyPurpose.CLIENT, client_id, subproject_id=subproject_id, actor=actor)
    sealed = vault.seal_json(key, queries.identity_place(client_id), {"name": identity.name, "phone": identity.phone})
    client = Client(
        id=client_id,
        subproject_id=subproject_id,
        data_key_id=key.id,
        sealed_identity=sealed,
        created_at=clock.now(),
    )
    session().add(client)
    session().flush()
    for index in indexes:
        _add_number(client, index)
    return client


def _add_number(client: Client, index: bytes) -> None:
    number = ClientNumber(
        client_id=client.id, subproject_id=client.subproject_id, number_index=index, created_at=clock.now()
    )
    try:
        with session().begin_nested():
            session().add(number)
            session().flush()
    except IntegrityError as error:
        raise Conflict(_l("此号码刚刚由他人登记，请再试一次。")) from error
