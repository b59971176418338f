"""Signed checkpoints: where all chains stood at a moment, in a file outside the database.

Without them a chain cannot see that its end was cut off, that the database went back to an older backup, or that it
was rewritten by somebody who holds the MAC key. The file is only ever appended to, under an exclusive lock, with one
write and an ``fsync``; each line names the hash of the line before it. Copy it to another machine to keep it safe
from whoever owns this one.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask import current_app

from casework.audit.models import AuditHead
from casework.audit.rules import NO_CHECKPOINT, Malformed, from_line, line_hash, signed_part, to_line
from casework.audit.trail import keys
from casework.audit.types import Checkpoint, Head
from casework.core import clock
from casework.core.db import Access, db, using

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXTENSION: Final = "casework.audit"
EVERY_ENTRIES: Final = 100
EVERY_SECONDS: Final = 60.0
# A process looks at the common state after this many entries of its own: several processes share one count.
LOOK_EVERY: Final = 25
_BLOCK: Final = 8192
_log = logging.getLogger(__name__)


class Pace:
    """When this process last looked whether a checkpoint is due, and how much it has written since."""

    def __init__(self) -> None:
        """Look at the first commit."""
        self._lock = threading.Lock()
        self._written = LOOK_EVERY
        self._looked = 0.0

    def is_time_to_look(self, written: int) -> bool:
        """Count entries just committed; return True once for every ``LOOK_EVERY`` of them or ``EVERY_SECONDS``."""
        with self._lock:
            self._written += written
            now = time.monotonic()
            if self._written < LOOK_EVERY and now - self._looked < EVERY_SECONDS:
                return False
            self._written, self._looked = 0, now
            return True


def keep_pace(written: int) -> None:
    """Write a checkpoint when one is due after ``written`` entries were committed by this process.

    A failure is logged and not raised: the work is already committed, and ``audit verify`` shows the unprotected tail.
    """
    pace: Pace = current_app.extensions.setdefault(EXTENSION, Pace())
    if not pace.is_time_to_look(written):
        return
    try:
        write_checkpoint(only_when_due=True)
    except (OSError, sa.exc.SQLAlchemyError):
        _log.exception("audit checkpoint could not be written")


def write_checkpoint(*, only_when_due: bool = False) -> Checkpoint | None:
    """Append a signed checkpoint of all chains and return it; None when nothing was written.

    Nothing is written when no entry was added since the last one, or, with ``only_when_due``, while fewer than 100
    entries and 60 seconds have passed. Heads are read under the file's lock, so checkpoints never go backwards.
    """
    with _locked_file(checkpoint_path()) as descriptor:
        last = _last_line(descriptor)
        heads = read_heads()
        count = sum(head.seq for head in heads)
        if not count or (last and not _is_due(last, count, only_when_due=only_when_due)):
            return None
        checkpoint = _signed(heads, count, line_hash(last) if last else NO_CHECKPOINT)
        _write_whole(descriptor, to_line(checkpoint))
        return checkpoint


def last_checkpoint() -> Checkpoint | None:
    """Return the last checkpoint of the file, unverified; None when there is none or it cannot be read."""
    try:
        with checkpoint_path().open("rb") as file:
            line = _last_line(file.fileno())
    except FileNotFoundError:
        return None
    try:
        return from_line(line) if line else None
    except Malformed:
        return None


def checkpoint_path() -> Path:
    """Return where this application keeps its checkpoints."""
    path: Path = current_app.extensions["casework.settings"].audit_checkpoints
    return path


def read_heads() -> tuple[Head, ...]:
    """Return the committed heads of all chains, read on a connection of its own."""
    statement = sa.select(AuditHead.chain, AuditHead.seq, AuditHead.mac).order_by(AuditHead.chain)
    with using(Access.READ), db.engine.connect() as connection:
        return tuple(Head(row.chain, row.seq, bytes(row.mac)) for row in connection.execute(statement))


def _is_due(last: bytes, count: int, *, only_when_due: bool) -> bool:
    try:
        before = from_line(last)
    except Malformed:
        # The finding is verification's to report; this line only has to be followed by a good one.
        return True
    if count == before.count:
        return False
    age = (clock.now() - before.at).total_seconds()
    return not only_when_due or count - before.count >= EVERY_ENTRIES or abs(age) >= EVERY_SECONDS


def _signed(heads: tuple[Head, ...], count: int, previous: str) -> Checkpoint:
    kid = keys.current_kid()
    facts = {"at": clock.now(), "count": count, "heads": heads, "previous": previous, "kid": kid}
    unsigned = Checkpoint(**facts, signature=b"")  # type: ignore[arg-type]  # the fields, named above
    return Checkpoint(**facts, signature=keys.sign(kid, signed_part(unsigned)))  # type: ignore[arg-type]  # the same


@contextmanager
def _locked_file(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _drop_torn_line(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def _drop_torn_line(descriptor: int) -> None:
    """Remove an unfinished last line: a crash in the middle of a write left it, and it never was a checkpoint."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.ftruncate(descriptor, _line_start(descriptor, size))


def _last_line(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    if not size:
        return b""
    start = _line_start(descriptor, size - 1)
    return os.pread(descriptor, size - start, start)


def _line_start(descriptor: int, end: int) -> int:
    """Return where the line begins that the byte before ``end`` belongs to."""
    while end > 0:
        start = max(0, end - _BLOCK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _write_whole(descriptor: int, line: bytes) -> None:
    if os.write(descriptor, line) != len(line):
        msg = "the audit checkpoint was written in part"
        raise OSError(msg)
    os.fsync(descriptor)
