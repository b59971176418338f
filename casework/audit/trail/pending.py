"""Events between ``record`` and the commit: they follow the fate of the transaction and of its savepoints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.audit.trail import checkpoints
from casework.audit.trail.chains import append
from casework.audit.types import Event, Outcome
from casework.core.db import Access, access, db, session, write_transaction

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session, SessionTransaction

_SLOT = "audit_events"


@dataclass(slots=True)
class _Events:
    """What one session has collected and not yet written."""

    # Written by the commit of the current transaction.
    pending: list[Event] = field(default_factory=list)
    # Reads, and refusals whose transaction is gone: written by ``flush_reads``.
    queued: list[Event] = field(default_factory=list)
    # How many were pending when each savepoint of the current transaction began.
    marks: dict[SessionTransaction, int] = field(default_factory=dict)
    # Entries written by the current transaction, and whether it has committed them.
    written: int = 0
    committed: bool = False

    def keep_refusals(self, start: int) -> list[Event]:
        """Take away what was collected since ``start``; return the part that a rollback does not undo."""
        kept = [event for event in self.pending[start:] if event.outcome != Outcome.DONE]
        del self.pending[start:]
        return kept


def collect(event: Event) -> None:
    """Put the event into the current transaction, or into the queue when the transaction only reads."""
    current = session()
    events = _events(current)
    if access() is Access.READ:
        events.queued.append(event)
        return
    if not current.in_transaction():
        # Without a transaction there would be no rollback to drop the event.
        current.begin()
    events.pending.append(event)


def has_queued() -> bool:
    """Whether reads or refusals of this request still have to be written before the answer leaves."""
    return bool(_events(session()).queued)


def flush_queue() -> int:
    """Write the queue in a short transaction of its own; return how many events it held.

    Ends the transaction that is open. When the write fails, the error goes to the caller, whose answer must fail with
    it: nothing sealed is shown unrecorded.
    """
    if not has_queued():
        return 0
    with write_transaction():
        return flush_reads()


def flush_reads() -> int:
    """Put the queue into the current write transaction, whose commit writes it; return how many events it held."""
    events = _events(session())
    queued, events.queued = events.queued, []
    if queued and not session().in_transaction():
        session().begin()
    events.pending.extend(queued)
    return len(queued)


def install(app: Flask) -> None:
    """Write what is still queued when a context ends: commands have no hook around a view."""
    app.teardown_appcontext(_flush_rest)


def _events(current: Session) -> _Events:
    events: _Events = current.info.setdefault(_SLOT, _Events())
    return events


def _before_commit(current: Session) -> None:
    events = _events(current)
    if current.in_nested_transaction() or not events.pending:
        return
    # Everything else first: the chain is locked last and for the shortest time.
    current.flush()
    append(current, events.pending)
    events.written += len(events.pending)
    events.pending.clear()


def _after_commit(current: Session) -> None:
    if not current.in_nested_transaction():
        _events(current).committed = True


def _after_soft_rollback(current: Session, previous: SessionTransaction) -> None:
    events = _events(current)
    if previous.nested:
        start = events.marks.pop(previous, len(events.pending))
        events.pending.extend(events.keep_refusals(start))


def _after_transaction_create(current: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        events = _events(current)
        events.marks[transaction] = len(events.pending)


def _after_transaction_end(current: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    events = _events(current)
    # After a commit nothing is left; whatever ended otherwise takes its events with it.
    events.queued.extend(events.keep_refusals(0))
    written = events.written if events.committed else 0
    events.written, events.committed = 0, False
    events.marks.clear()
    if written:
        # Not before the connection was given back: a checkpoint needs one of its own.
        checkpoints.keep_pace(written)


def _flush_rest(_error: BaseException | None) -> None:
    flush_queue()


sa.event.listen(db.session, "before_commit", _before_commit)
sa.event.listen(db.session, "after_commit", _after_commit)
sa.event.listen(db.session, "after_soft_rollback", _after_soft_rollback)
sa.event.listen(db.session, "after_transaction_create", _after_transaction_create)
sa.event.listen(db.session, "after_transaction_end", _after_transaction_end)
