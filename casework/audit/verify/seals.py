"""Reading the checkpoint file: signatures, their own chain, and where they say each audit chain stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casework.audit.rules import NO_CHECKPOINT, Malformed, from_line, line_hash, signed_part
from casework.audit.trail import keys
from casework.audit.types import Checkpoint, Finding, Flaw
from casework.core import crypto

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path


@dataclass(slots=True)
class SealReport:
    """What the checkpoint file holds: how many, the last one, which chains; ``size`` is as far as it was read."""

    checked: int = 0
    count: int = 0
    last_at: datetime | None = None
    chains: set[int] = field(default_factory=set)
    public_keys: dict[str, str] = field(default_factory=dict)
    size: int = 0

    def moment_of(self, path: Path, ends: Mapping[int, int]) -> str | None:
        """Return the time of the last checkpoint that these ends reach in every chain, if they pass no later one."""
        reached: Checkpoint | None = None
        for checkpoint in _checkpoints(path, self.size):
            behind = [ends.get(head.chain, 0) < head.seq for head in checkpoint.heads]
            if not any(behind):
                reached = checkpoint
                continue
            known = {head.chain: head.seq for head in checkpoint.heads}
            fits = all(end <= known.get(chain, 0) for chain, end in ends.items())
            started = "-" if reached is None else reached.at.isoformat()
            return started if fits else None
        return None


def check_seals(path: Path, report: SealReport) -> Iterator[Finding]:
    """Check every checkpoint of the file and fill the report; yield what is wrong, by line number."""
    report.size = path.stat().st_size if path.exists() else 0
    previous = NO_CHECKPOINT
    last: Checkpoint | None = None
    for number, line in _lines(path, report.size):
        try:
            checkpoint = from_line(line)
        except Malformed:
            yield Finding(flaw=Flaw.CHECKPOINT_UNREADABLE, note=str(number))
            previous = line_hash(line)
            continue
        report.checked += 1
        report.chains.update(head.chain for head in checkpoint.heads)
        if checkpoint.previous != previous or _goes_back(last, checkpoint):
            yield Finding(flaw=Flaw.CHECKPOINT_BROKEN_CHAIN, note=str(number))
        if not _is_genuine(checkpoint, report.public_keys):
            yield Finding(flaw=Flaw.CHECKPOINT_FORGED, note=str(number))
        previous, last = line_hash(line), checkpoint
    if last is not None:
        report.count, report.last_at = last.count, last.at


def marks_of(path: Path, chain: int, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield where each checkpoint says a chain stood: (sequence, MAC), ascending, without repetition."""
    before = 0
    for checkpoint in _checkpoints(path, size):
        for head in checkpoint.heads:
            if head.chain == chain and head.seq > before:
                before = head.seq
                yield head.seq, head.mac


def _goes_back(last: Checkpoint | None, checkpoint: Checkpoint) -> bool:
    if last is None:
        return False
    now = {head.chain: head.seq for head in checkpoint.heads}
    return any(now.get(head.chain, 0) < head.seq for head in last.heads)


def _is_genuine(checkpoint: Checkpoint, known: dict[str, str]) -> bool:
    try:
        public = keys.public_key(checkpoint.kid)
    except crypto.CryptoError:
        return False
    known[checkpoint.kid] = public.hex()
    consistent = checkpoint.count == sum(head.seq for head in checkpoint.heads)
    return consistent and crypto.verify(public, signed_part(checkpoint), checkpoint.signature)


def _checkpoints(path: Path, size: int) -> Iterator[Checkpoint]:
    for _, line in _lines(path, size):
        try:
            yield from_line(line)
        except Malformed:
            continue


def _lines(path: Path, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of the first ``size`` bytes with their numbers from 1; what came later is not looked at."""
    if not size:
        return
    left = size
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if left < len(line):
                return
            left -= len(line)
            yield number, line
