"""The canonical encoding that is signed, and the pure reading of a chain: what is wrong with it, and where.

Encoding (version 1): the fields in a fixed order, each as one tag byte, eight bytes of length (big-endian) and that
many bytes. The tag tells the kind, so no two different entries have the same encoding: ``1`` and ``True`` and ``"1"``
differ, an absent field differs from an empty one, and nothing can move from one field into the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from casework.audit.types import NO_MAC, Checkpoint, Event, Finding, Flaw, Head, Link

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRY_DOMAIN: Final = b"casework audit entry 1"
CHECKPOINT_VERSION: Final = 1
NO_CHECKPOINT: Final = "0" * 64
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Malformed(ValueError):
    """A stored value is of a kind that was never recorded."""


def encode_entry(chain: int, seq: int, previous_mac: bytes, event: Event) -> bytes:
    """Return the bytes that the MAC of an entry covers: its place, the MAC before it and all that it says.

    Different entries never have the same encoding. Refused (Malformed): a value of a kind that is never recorded.
    """
    fields = (
        chain,
        seq,
        previous_mac,
        event.at,
        event.actor_id,
        event.role,
        event.session_id,
        event.action,
        event.subject_kind,
        event.subject_id,
        event.details,
        event.outcome,
        event.rule,
        event.digest,
    )
    return _framed(b"E", ENTRY_DOMAIN) + b"".join(_encoded(field) for field in fields)


def content_digest(*parts: bytes | None) -> bytes:
    """Return the SHA-256 of sealed content; of several columns, over their length-prefixed row."""
    return hashlib.sha256(together(*parts)).digest()


def together(*parts: bytes | None) -> bytes:
    """Return one ciphertext as it is, and several as one value that keeps them apart, an empty column included."""
    if len(parts) == 1 and parts[0] is not None:
        return parts[0]
    return b"".join(_encoded(part) for part in parts)


def _framed(tag: bytes, payload: bytes) -> bytes:
    return tag + len(payload).to_bytes(8, "big") + payload


def _encoded(value: object) -> bytes:
    for kind, tag, payload in _KINDS:
        if isinstance(value, kind):
            return _framed(tag, payload(value))
    msg = f"an entry never holds a {type(value).__name__}"
    raise Malformed(msg)


def _pairs(value: Mapping[str, object]) -> bytes:
    return b"".join(_encoded(str(key)) + _encoded(value[key]) for key in sorted(value))


# In this order: a bool is also an int.
_KINDS: Final[tuple[tuple[type, bytes, Callable[[Any], bytes]], ...]] = (
    (type(None), b"N", lambda _: b""),
    (bool, b"L", lambda value: b"1" if value else b"0"),
    (int, b"I", lambda value: str(value).encode()),
    (str, b"S", lambda value: value.encode("utf-8", "surrogatepass")),
    (bytes, b"B", lambda value: value),
    (UUID, b"U", lambda value: value.bytes),
    (datetime, b"T", lambda value: str((value - _EPOCH) // _MICROSECOND).encode()),
    (Mapping, b"D", _pairs),
)


class ChainReader:
    """Reads one chain entry by entry, in order of sequence, and tells what is wrong. Holds nothing but its place.

    ``authentic`` answers whether a MAC was made by the named key over the given bytes, or None for an unknown key.
    ``marks`` are the (sequence, MAC) pairs of this chain in the checkpoints, ascending.
    """

    def __init__(
        self,
        chain: int,
        authentic: Callable[[str, bytes, bytes], bool | None],
        marks: Iterator[tuple[int, bytes]],
    ) -> None:
        """Stand before the first entry."""
        self.head = Head(chain, 0, NO_MAC)
        self._authentic = authentic
        self._marks = marks
        self._mark = next(marks, None)

    def read(self, link: Link) -> Iterator[Finding]:
        """Take the next entry and yield what is wrong with it or with the step to it."""
        expected = self.head.seq + 1
        if link.seq != expected:
            gap = f"{expected}-{link.seq - 1}"
            yield Finding(flaw=Flaw.MISSING_ENTRIES, chain=link.chain, seq=expected, note=gap)
            # The gap is the finding; the entry behind it is judged by its own MAC and continues the chain.
        elif link.previous_mac != self.head.mac:
            yield Finding(flaw=Flaw.BROKEN_LINK, chain=link.chain, seq=link.seq)
        yield from self._judge(link)
        self.head = Head(link.chain, link.seq, link.mac)
        yield from self._compare(link)

    def finish(self, stored: Head | None) -> Iterator[Finding]:
        """Compare the end that was read with the stored head and with the checkpoints that reach further."""
        chain = self.head.chain
        if stored is None:
            yield Finding(flaw=Flaw.HEAD_MISSING, chain=chain, seq=self.head.seq)
        elif stored != self.head:
            yield Finding(flaw=Flaw.HEAD_MISMATCH, chain=chain, seq=self.head.seq, note=str(stored.seq))
        beyond = self._mark
        for mark in self._marks:
            beyond = mark
        if beyond is not None:
            yield Finding(flaw=Flaw.BEHIND_CHECKPOINT, chain=chain, seq=self.head.seq, note=str(beyond[0]))

    def _judge(self, link: Link) -> Iterator[Finding]:
        try:
            data = encode_entry(link.chain, link.seq, link.previous_mac, link.event)
        except Malformed:
            yield Finding(flaw=Flaw.ALTERED, chain=link.chain, seq=link.seq)
            return
        verdict = self._authentic(link.kid, data, link.mac)
        if verdict is None:
            yield Finding(flaw=Flaw.UNKNOWN_KEY, chain=link.chain, seq=link.seq)
        elif not verdict:
            yield Finding(flaw=Flaw.ALTERED, chain=link.chain, seq=link.seq)

    def _compare(self, link: Link) -> Iterator[Finding]:
        while self._mark is not None and self._mark[0] <= link.seq:
            seq, mac = self._mark
            if seq == link.seq and mac != link.mac:
                yield Finding(flaw=Flaw.CHECKPOINT_MISMATCH, chain=link.chain, seq=seq)
            self._mark = next(self._marks, None)


def signed_part(checkpoint: Checkpoint) -> bytes:
    """Return the bytes that the signature of a checkpoint covers: canonical JSON of everything but the signature."""
    return _canonical_json(_plain(checkpoint))


def to_line(checkpoint: Checkpoint) -> bytes:
    """Return the checkpoint as one line of its file, newline included."""
    return _canonical_json({**_plain(checkpoint), "signature": checkpoint.signature.hex()}) + b"\n"


def from_line(line: bytes) -> Checkpoint:
    """Read one line of the checkpoint file. Refused (Malformed): anything that ``to_line`` would not have written."""
    try:
        plain = json.loads(line)
        checkpoint = Checkpoint(
            at=datetime.fromisoformat(plain["at"]),
            count=int(plain["count"]),
            heads=tuple(Head(int(chain), int(seq), bytes.fromhex(mac)) for chain, seq, mac in plain["heads"]),
            previous=str(plain["previous"]),
            kid=str(plain["kid"]),
            signature=bytes.fromhex(plain["signature"]),
        )
        exact = to_line(checkpoint) == line
    except (ValueError, TypeError, KeyError) as error:
        msg = "not a checkpoint"
        raise Malformed(msg) from error
    if not exact:
        msg = "not the canonical form of a checkpoint"
        raise Malformed(msg)
    return checkpoint


def line_hash(line: bytes) -> str:
    """Return what the next checkpoint names as the one before it."""
    return hashlib.sha256(line).hexdigest()


def _plain(checkpoint: Checkpoint) -> dict[str, object]:
    return {
        "version": CHECKPOINT_VERSION,
        "at": checkpoint.at.isoformat(),
        "count": checkpoint.count,
        "heads": [[head.chain, head.seq, head.mac.hex()] for head in checkpoint.heads],
        "previous": checkpoint.previous,
        "kid": checkpoint.kid,
    }


def _canonical_json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
