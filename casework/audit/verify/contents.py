"""Comparing sealed content with the digest that was recorded when it was last touched."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from casework.audit.events import READS
from casework.audit.models import AuditEntry
from casework.audit.rules import content_digest
from casework.audit.types import GONE, Finding, Flaw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    Source = Callable[[UUID], bytes | None]

_sources: Final[dict[str, Source]] = {}
_BATCH: Final = 1000


def register_digest_source(kind: str, read: Source) -> None:
    """Say where the sealed content of a kind of subject lies.

    ``read(subject_id)`` returns the stored ciphertext as it was given to ``trail.content_digest`` (several columns:
    ``trail.together(...)``), or None when there is no such row. It reads through ``core.db.session()``.
    """
    _sources[kind] = read


def check_contents(current: Session, counts: dict[str, int]) -> Iterator[Finding]:
    """Compare the content of every subject that has a digest with its latest one; fill the counts by kind."""
    for kind, read in sorted(_sources.items()):
        counts[kind] = 0
        for subject_id, digests in _latest(current, kind):
            counts[kind] += 1
            flaw = _flaw(digests, read(subject_id))
            if flaw is not None:
                yield Finding(flaw=flaw, note=f"{kind}:{subject_id}")


def _flaw(digests: Sequence[bytes], content: bytes | None) -> Flaw | None:
    if content is None:
        return None if GONE in digests else Flaw.CONTENT_MISSING
    if content_digest(content) in digests:
        return None
    return Flaw.CONTENT_RETURNED if GONE in digests else Flaw.CONTENT_CHANGED


def _latest(current: Session, kind: str) -> Iterator[tuple[UUID, list[bytes]]]:
    """Yield each subject with the digest of its latest change; of all its latest, where chains share one moment.

    Two entries of one chain at the same moment have an order, so only the later counts. Reads do not count: one that
    began before a change is recorded after it.
    """
    columns = (AuditEntry.subject_id, AuditEntry.at, AuditEntry.chain, AuditEntry.seq, AuditEntry.digest)
    statement = (
        sa.select(*columns)
        .where(AuditEntry.subject_kind == kind, AuditEntry.digest.is_not(None), AuditEntry.subject_id.is_not(None))
        .where(AuditEntry.action.not_in(READS))
        .order_by(AuditEntry.subject_id, AuditEntry.at.desc(), AuditEntry.chain, AuditEntry.seq.desc())
    )
    rows = current.execute(statement, execution_options={"yield_per": _BATCH})
    for subject_id, entries in groupby(rows, key=lambda row: row.subject_id):
        latest: dict[int, bytes] = {}
        moment = None
        for row in entries:
            moment = row.at if moment is None else moment
            if row.at == moment:
                latest.setdefault(row.chain, bytes(row.digest))
        yield subject_id, list(latest.values())
