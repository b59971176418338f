"""Verification of the whole trail: every chain, every checkpoint, and the sealed content the entries speak of.

Reads one snapshot of the database in a stream; nothing is held but a place in each chain. What it can find is listed
in ``types.Flaw``. What it cannot: entries after the last checkpoint that were cut off together with their head row
(the unprotected tail, whose width it reports), and anything done by somebody who also rewrote every copy of the
checkpoint file with the signing key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from casework.audit.models import ENTRY, AuditEntry, AuditHead
from casework.audit.rules import ChainReader
from casework.audit.trail import keys
from casework.audit.trail.checkpoints import checkpoint_path
from casework.audit.types import Event, Finding, Flaw, Head, Link
from casework.audit.verify.contents import check_contents, register_digest_source
from casework.audit.verify.seals import SealReport, check_seals, marks_of
from casework.core.db import Access, session, using

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

__all__ = ("Report", "register_digest_source", "run")

BATCH: Final = 1000
_FIELDS: Final = tuple(Event.__slots__)
_COLUMNS: Final = tuple(ENTRY.columns)


@dataclass(slots=True)
class Report:
    """What was checked and what was found. ``entries`` counts per chain; ``contents`` per kind of subject."""

    entries: dict[int, int] = field(default_factory=dict)
    contents: dict[str, int] = field(default_factory=dict)
    seals: SealReport = field(default_factory=SealReport)
    findings: list[Finding] = field(default_factory=list)
    # Findings beyond the ones that are kept: a trail rewritten throughout must not fill the memory.
    more: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def total(self) -> int:
        """How many entries were read."""
        return sum(self.entries.values())

    @property
    def tail(self) -> int:
        """How many entries no checkpoint covers yet."""
        return max(0, self.total - self.seals.count)

    def add(self, findings: Iterator[Finding]) -> None:
        """Take findings, the first thousand as they are and the rest as a number."""
        for finding in findings:
            if len(self.findings) < BATCH:
                self.findings.append(finding)
            else:
                self.more += 1


def run(checkpoints: Path | None = None) -> Report:
    """Check everything against one snapshot, with the given copy of the checkpoint file or the application's own.

    Ends the transaction that is open. Writes nothing.
    """
    path = checkpoints or checkpoint_path()
    report = Report()
    # The file first: a checkpoint written after this moment may be ahead of the snapshot.
    report.add(check_seals(path, report.seals))
    session().rollback()
    with using(Access.READ):
        current = session()
        try:
            _hold_snapshot(current)
            _check_chains(current, path, report)
            report.add(check_contents(current, report.contents))
        finally:
            current.rollback()
    if report.total and not report.seals.checked:
        report.add(iter([Finding(flaw=Flaw.CHECKPOINTS_MISSING)]))
    return report


def _hold_snapshot(current: Session) -> None:
    # SQLite keeps one snapshot for a whole transaction by itself.
    if current.get_bind().dialect.name == "postgresql":
        current.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _check_chains(current: Session, path: Path, report: Report) -> None:
    heads = {
        row.chain: Head(row.chain, row.seq, bytes(row.mac))
        for row in current.execute(sa.select(AuditHead.chain, AuditHead.seq, AuditHead.mac))
    }
    chains = set(current.scalars(sa.select(AuditEntry.chain).distinct()))
    ends: dict[int, int] = {}
    for chain in sorted(chains | heads.keys() | report.seals.chains):
        reader = ChainReader(chain, keys.is_authentic, marks_of(path, chain, report.seals.size))
        report.entries[chain] = 0
        report.add(_read_chain(current, reader, report))
        report.add(reader.finish(heads.get(chain)))
        ends[chain] = reader.head.seq
    if any(finding.flaw is Flaw.BEHIND_CHECKPOINT for finding in report.findings):
        report.add(_older_database(path, report.seals, ends))


def _read_chain(current: Session, reader: ChainReader, report: Report) -> Iterator[Finding]:
    chain = reader.head.chain
    statement = sa.select(*_COLUMNS).where(AuditEntry.chain == chain).order_by(AuditEntry.seq)
    try:
        for row in current.execute(statement, execution_options={"yield_per": BATCH}):
            report.entries[chain] += 1
            yield from reader.read(_link(row))
    except (ValueError, TypeError, ArithmeticError):
        # A stored value that the column's own type cannot read: nothing of ours wrote it.
        yield Finding(flaw=Flaw.ALTERED, chain=chain, seq=reader.head.seq + 1)


def _link(row: sa.Row[tuple[object, ...]]) -> Link:
    stored = row._mapping  # noqa: SLF001 - the documented view of a row by name
    event = Event(**{name: stored[name] for name in _FIELDS})
    return Link(stored["chain"], stored["seq"], event, stored["previous_mac"], stored["kid"], stored["mac"])


def _older_database(path: Path, seals: SealReport, ends: dict[int, int]) -> Iterator[Finding]:
    """Tell a whole database that went back from one chain that was cut: its ends fit between two checkpoints."""
    fitting = seals.moment_of(path, ends)
    if fitting is not None:
        yield Finding(flaw=Flaw.OLDER_DATABASE, note=fitting)
