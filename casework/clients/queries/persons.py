"""Which numbers are one person: the joins of a sub-project that hold, and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.clients.models import ClientNumber, NumberJoin
from casework.clients.rules import together
from casework.core.db import id_param, session
from casework.core.errors import NotFound
from casework.core.keyring import current_keyring
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from casework.security.actor import Actor

_EDGE: Final[sa.BindParameter[list[bytes]]] = sa.bindparam("edge", expanding=True)
_JOINED: Final = sa.select(NumberJoin.first_index, NumberJoin.second_index).where(
    NumberJoin.subproject_id == id_param("subproject"),
    NumberJoin.parted_at.is_(None),
    sa.or_(NumberJoin.first_index.in_(_EDGE), NumberJoin.second_index.in_(_EDGE)),
)


def person_of(subproject_id: UUID, indexes: Collection[bytes]) -> frozenset[bytes]:
    """Return the blind indexes of all numbers that are one person with these in a sub-project, these included."""
    return together(indexes, _around(subproject_id, indexes))


def persons_of(subproject_id: UUID, indexes: Collection[bytes]) -> dict[bytes, frozenset[bytes]]:
    """Return the same for each of many numbers by itself."""
    joins = _around(subproject_id, indexes)
    return {index: together([index], joins) for index in indexes}


def others_of(subproject_id: UUID, indexes: Collection[bytes]) -> frozenset[bytes]:
    """Return the blind indexes of the other numbers of a person, without any of the number itself."""
    own = {like for index in indexes for like in current_keyring().indexes_like(index)}
    return person_of(subproject_id, indexes) - own


def clients_of_person(subproject_id: UUID, indexes: Collection[bytes]) -> list[UUID]:
    """Return the clients who are the person of a number, the number's own first; more than one after a join."""
    numbers = person_of(subproject_id, indexes)
    return [*dict.fromkeys([*_clients(subproject_id, indexes), *_clients(subproject_id, numbers)])]


def joins_of(actor: Actor, indexes: Collection[bytes]) -> Sequence[NumberJoin]:
    """Return the joins that hold around a number of the acting supervisor's sub-project, the oldest first."""
    reach = require(actor, Permission.CLIENTS_NUMBER_JOIN)
    if actor.subproject_id is None or not indexes:
        return []
    numbers = person_of(actor.subproject_id, indexes)
    found = sa.select(NumberJoin).where(
        reach_clause(actor, reach, project=NumberJoin.subproject_id),
        NumberJoin.parted_at.is_(None),
        sa.or_(NumberJoin.first_index.in_(numbers), NumberJoin.second_index.in_(numbers)),
    )
    return session().scalars(found.order_by(NumberJoin.joined_at, NumberJoin.id)).all()


def get_join(actor: Actor, join_id: UUID) -> NumberJoin:
    """Return a join that holds; refused (NotFound) when it is out of reach or was parted."""
    reach = require(actor, Permission.CLIENTS_NUMBER_JOIN)
    found = sa.select(NumberJoin).where(
        NumberJoin.id == join_id,
        NumberJoin.parted_at.is_(None),
        reach_clause(actor, reach, project=NumberJoin.subproject_id),
    )
    join = session().scalar(found.with_for_update(), execution_options={"populate_existing": True})
    if join is None:
        raise NotFound(_l("找不到这次合并，可能已由其他督导拆分。"))
    return join


def _clients(subproject_id: UUID, indexes: Collection[bytes]) -> Sequence[UUID]:
    found = sa.select(ClientNumber.client_id).where(
        ClientNumber.subproject_id == subproject_id, ClientNumber.number_index.in_(indexes)
    )
    return session().scalars(found.order_by(ClientNumber.created_at, ClientNumber.id)).all()


def _around(subproject_id: UUID, indexes: Collection[bytes]) -> list[tuple[bytes, bytes]]:
    """Return the joins in reach of these numbers, and what is one number under several live keys of the index.

    Nearly every number was never joined, which costs one query.
    """
    ring = current_keyring()
    joins: set[tuple[bytes, bytes]] = set()
    seen: set[bytes] = set()
    edge = {like for index in indexes for like in ring.indexes_like(index)}
    joins.update((index, like) for index in indexes for like in ring.indexes_like(index) if like != index)
    while edge:
        seen |= edge
        found = session().execute(_JOINED, {"subproject": subproject_id, "edge": list(edge)})
        pairs = {(bytes(first), bytes(second)) for first, second in found}
        alike = {(end, like) for pair in pairs for end in pair for like in ring.indexes_like(end) if like != end}
        joins |= pairs | alike
        edge = {end for pair in pairs | alike for end in pair} - seen
    return list(joins)
