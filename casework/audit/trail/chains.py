"""Appending to a chain: several independent chains, so that parallel writers need not wait for one another.

A writer takes any chain that nobody holds (``FOR UPDATE SKIP LOCKED``) and waits only when all are held. Whatever
it takes stays locked until its commit, so a chain never forks and a committed change is never without its entry.
SQLite has one writer at a time (``BEGIN IMMEDIATE``) and therefore one chain.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from casework.audit.models import ENTRY, HEAD
from casework.audit.rules import encode_entry
from casework.audit.trail import keys
from casework.audit.types import NO_MAC, Event, Head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

# Written once and without the object mapper: every save of a call waits for these statements.
_FIELDS: Final = tuple(name for name in Event.__slots__ if name != "details")
_ONE: Final = sa.select(HEAD).where(HEAD.c.chain == sa.bindparam("chain")).with_for_update()
_FREE: Final = sa.select(HEAD).where(HEAD.c.chain < sa.bindparam("chains")).limit(1).with_for_update(skip_locked=True)
_MOVE: Final = (
    sa.update(HEAD)
    .where(HEAD.c.chain == sa.bindparam("head_chain"))
    .values(seq=sa.bindparam("head_seq"), mac=sa.bindparam("head_mac"))
)
_ADD: Final = sa.insert(ENTRY).values(
    {column: sa.bindparam(f"entry_{column.key}", type_=column.type) for column in ENTRY.columns}
)
# One round trip instead of two.
_ADD_AND_MOVE: Final = _ADD.add_cte(_MOVE.cte("moved"))


def append(current: Session, events: Sequence[Event]) -> None:
    """Add the events to one chain, in order. The chain stays locked until the transaction ends."""
    connection = current.connection()
    head = _take_head(connection)
    rows = []
    for event in events:
        row, head = _next_row(head, event)
        rows.append(row)
    if connection.dialect.name == "postgresql":
        moves = [_move(Head(head.chain, row["entry_seq"], row["entry_mac"])) for row in rows]
        connection.execute(_ADD_AND_MOVE, [row | move for row, move in zip(rows, moves, strict=True)])
        return
    connection.execute(_ADD, rows)
    connection.execute(_MOVE, _move(head))


def _next_row(head: Head, event: Event) -> tuple[dict[str, Any], Head]:
    seq = head.seq + 1
    kid, mac = keys.mac(encode_entry(head.chain, seq, head.mac, event))
    row = {f"entry_{name}": getattr(event, name) for name in _FIELDS}
    row |= {
        "entry_chain": head.chain,
        "entry_seq": seq,
        "entry_details": dict(event.details),
        "entry_previous_mac": head.mac,
        "entry_kid": kid,
        "entry_mac": mac,
    }
    return row, Head(head.chain, seq, mac)


def _move(head: Head) -> dict[str, Any]:
    return {"head_chain": head.chain, "head_seq": head.seq, "head_mac": head.mac}


def _take_head(connection: Connection) -> Head:
    if connection.dialect.name == "sqlite":
        return _locked(connection, _ONE, chain=0) or _created(connection, 0)
    chains = current_app.extensions["casework.settings"].audit_chains
    free = _locked(connection, _FREE, chains=chains)
    if free is not None:
        return free
    # Every chain is held, or none exists yet: choose blindly, so that those who wait spread evenly.
    chain = secrets.randbelow(chains)
    return _locked(connection, _ONE, chain=chain) or _created(connection, chain)


def _created(connection: Connection, chain: int) -> Head:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    # A parallel creator of the same chain is waited for here; then the row is there and has its head.
    connection.execute(insert(HEAD).values(chain=chain, seq=0, mac=NO_MAC).on_conflict_do_nothing())
    head = _locked(connection, _ONE, chain=chain)
    if head is None:
        msg = f"audit chain {chain} has no head row"
        raise RuntimeError(msg)
    return head


def _locked(connection: Connection, statement: sa.Select[Any], **where: int) -> Head | None:
    row = connection.execute(statement, where).one_or_none()
    return None if row is None else Head(row.chain, row.seq, bytes(row.mac))
