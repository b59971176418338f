"""Values of the audit trail: what an event is, where it stands in its chain, and what verification can find."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

MAC_BYTES = 32
# What the first entry of a chain names as the entry before it.
NO_MAC = bytes(MAC_BYTES)
# Digest of an event after which the sealed content is gone for good; SHA-256 of nothing we store.
GONE = bytes(32)

Value = str | int | bool


class Outcome(StrEnum):
    """How what was attempted ended. What did not happen is recorded even though its transaction is rolled back."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, before it has a place in a chain. Ids and codes only, never a name, number or text."""

    at: datetime
    actor_id: UUID
    role: str
    session_id: UUID | None
    action: str
    subject_kind: str
    subject_id: UUID | None
    details: Mapping[str, Value]
    outcome: str
    rule: str | None
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class Link:
    """An event in its place: chain, sequence from 1, the MAC before it, the key that made its own, and that MAC."""

    chain: int
    seq: int
    event: Event
    previous_mac: bytes
    kid: str
    mac: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain; ``seq`` 0 and ``NO_MAC`` for a chain without entries."""

    chain: int
    seq: int
    mac: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """All heads at one moment, signed, and kept outside the database."""

    at: datetime
    count: int
    heads: tuple[Head, ...]
    previous: str
    kid: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries a reader asks for; None does not narrow. Moments are aware, ``until`` is not included."""

    action: str | None = None
    actor_id: UUID | None = None
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """How much of the trail is under a signed checkpoint, and when the last one was made; not verified."""

    entries: int
    sealed: int
    sealed_at: datetime | None

    @property
    def tail(self) -> int:
        """How many entries came after the last checkpoint."""
        return max(0, self.entries - self.sealed)


class Flaw(StrEnum):
    """What verification can find wrong."""

    ALTERED = "altered"
    BEHIND_CHECKPOINT = "behind_checkpoint"
    BROKEN_LINK = "broken_link"
    CHECKPOINT_BROKEN_CHAIN = "checkpoint_broken_chain"
    CHECKPOINT_FORGED = "checkpoint_forged"
    CHECKPOINT_MISMATCH = "checkpoint_mismatch"
    CHECKPOINT_UNREADABLE = "checkpoint_unreadable"
    CHECKPOINTS_MISSING = "checkpoints_missing"
    CONTENT_CHANGED = "content_changed"
    CONTENT_MISSING = "content_missing"
    CONTENT_RETURNED = "content_returned"
    HEAD_MISMATCH = "head_mismatch"
    HEAD_MISSING = "head_missing"
    MISSING_ENTRIES = "missing_entries"
    OLDER_DATABASE = "older_database"
    UNKNOWN_KEY = "unknown_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and where. ``note`` holds ids and numbers only."""

    flaw: Flaw
    chain: int | None = None
    seq: int | None = None
    note: str = ""
