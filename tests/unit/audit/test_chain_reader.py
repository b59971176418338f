"""Reading one chain, without database or keys: what is found for each way in which it can be wrong."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from casework.audit.rules import ChainReader, encode_entry
from casework.audit.types import NO_MAC, Event, Flaw, Head, Link

EVENT = Event(
    at=datetime(2020, 4, 5, tzinfo=UTC),
    actor_id=UUID(int=1),
    role="counselor",
    session_id=None,
    action="note.read",
    subject_kind="note",
    subject_id=UUID(int=2),
    details={"case": "x"},
    outcome="done",
    rule=None,
    digest=None,
)


def _mac(data: bytes) -> bytes:
    return hashlib.sha256(b"secret" + data).digest()


def _authentic(kid: str, data: bytes, mac: bytes) -> bool | None:
    return _mac(data) == mac if kid == "k" else None


def _chain(length: int) -> list[Link]:
    links, before = [], NO_MAC
    for seq in range(1, length + 1):
        mac = _mac(encode_entry(3, seq, before, EVENT))
        links.append(Link(3, seq, EVENT, before, "k", mac))
        before = mac
    return links


def _found(links: list[Link], head: Head | None, marks: list[tuple[int, bytes]] | None = None) -> list[Flaw]:
    reader = ChainReader(3, _authentic, iter(marks or []))
    findings = [finding for link in links for finding in reader.read(link)]
    return [finding.flaw for finding in [*findings, *reader.finish(head)]]


def test_an_honest_chain_has_no_finding() -> None:
    links = _chain(4)
    marks = [(2, links[1].mac), (4, links[3].mac)]
    assert _found(links, Head(3, 4, links[3].mac), marks) == []


def test_an_empty_chain_with_an_empty_head_has_no_finding() -> None:
    assert _found([], Head(3, 0, NO_MAC)) == []


def test_a_changed_entry_is_altered() -> None:
    links = _chain(3)
    links[1] = replace(links[1], event=replace(EVENT, action="note.written"))
    assert _found(links, Head(3, 3, links[2].mac)) == [Flaw.ALTERED]


def test_a_removed_entry_is_missing() -> None:
    first, _, third = _chain(3)
    assert _found([first, third], Head(3, 3, third.mac)) == [Flaw.MISSING_ENTRIES]


def test_a_removed_beginning_is_missing() -> None:
    _, second = _chain(2)
    assert _found([second], Head(3, 2, second.mac)) == [Flaw.MISSING_ENTRIES]


def test_an_entry_that_names_another_predecessor_is_a_broken_link() -> None:
    first, second = _chain(2)
    mac = _mac(encode_entry(3, 2, b"\x01" * 32, EVENT))
    forged = replace(second, previous_mac=b"\x01" * 32, mac=mac)
    assert _found([first, forged], Head(3, 2, mac)) == [Flaw.BROKEN_LINK]


def test_a_cut_end_differs_from_its_head() -> None:
    links = _chain(3)
    assert _found(links[:2], Head(3, 3, links[2].mac)) == [Flaw.HEAD_MISMATCH]


def test_a_cut_end_with_its_head_set_back_is_behind_the_checkpoint() -> None:
    links = _chain(3)
    assert _found(links[:2], Head(3, 2, links[1].mac), [(1, links[0].mac), (3, links[2].mac)]) == [
        Flaw.BEHIND_CHECKPOINT
    ]


def test_a_checkpoint_behind_several_others_is_told_by_the_last() -> None:
    reader = ChainReader(3, _authentic, iter([(2, b""), (5, b""), (9, b"")]))
    (finding,) = reader.finish(Head(3, 0, NO_MAC))
    assert finding.note == "9"


def test_a_rewritten_chain_differs_from_the_checkpoint() -> None:
    links = _chain(2)
    assert _found(links, Head(3, 2, links[1].mac), [(2, b"\x07" * 32)]) == [Flaw.CHECKPOINT_MISMATCH]


def test_entries_without_a_head_are_found() -> None:
    assert _found(_chain(1), None) == [Flaw.HEAD_MISSING]


def test_an_unknown_key_is_told_apart_from_a_wrong_mac() -> None:
    (link,) = _chain(1)
    assert _found([replace(link, kid="other")], Head(3, 1, link.mac)) == [Flaw.UNKNOWN_KEY]


def test_a_value_of_an_impossible_kind_is_altered() -> None:
    (link,) = _chain(1)
    strange = replace(link, event=replace(EVENT, details={"case": [1]}))  # type: ignore[dict-item]  # the attack
    assert _found([strange], Head(3, 1, link.mac)) == [Flaw.ALTERED]
