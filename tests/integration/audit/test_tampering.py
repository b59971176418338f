"""One attack for each kind of tampering, by somebody who owns the database; each must be found, and nothing else."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from casework.audit import trail
from casework.audit.events import Action
from casework.audit.models import ENTRY, AuditEntry, AuditHead
from casework.audit.rules import encode_entry
from casework.audit.trail import checkpoints, keys
from casework.audit.types import NO_MAC, Event, Flaw
from casework.audit.verify import Report, run
from casework.core.db import write_transaction
from tests.integration.audit.ledger import ACTOR, SEALED, Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENTRIES = 12


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Give a ledger with entries of which all but the last two are under a checkpoint."""
    ledger.write(ENTRIES - 2)
    trail.write_checkpoint()
    ledger.write(2)
    return ledger


def _flaws(report: Report) -> set[Flaw]:
    return {finding.flaw for finding in report.findings}


def test_an_honest_trail_is_sound(filled: Ledger) -> None:
    filled.seal(b"content")
    report = run()
    assert report.findings == []
    assert report.total == ENTRIES + 1
    assert report.tail == 3
    assert report.contents == {"thing": 1}


def test_an_edited_entry_is_found(filled: Ledger) -> None:
    filled.execute("UPDATE audit_entry SET action = 'case.opened' WHERE seq = 3")
    assert _flaws(run()) == {Flaw.ALTERED}


@pytest.mark.parametrize("column", ["at", "actor_id", "role", "subject_id", "details", "outcome", "rule", "digest"])
def test_every_column_is_covered(filled: Ledger, column: str) -> None:
    changed = {
        "at": sa.text("'2020-04-05 00:00:00'"),
        "actor_id": uuid4(),
        "role": "lead",
        "subject_id": uuid4(),
        "details": {"added": 1},
        "outcome": "refused",
        "rule": "R1",
        "digest": b"\x01" * 32,
    }[column]
    with filled.attack() as connection:
        connection.execute(sa.update(AuditEntry).where(AuditEntry.seq == 2).values({column: changed}))
    assert _flaws(run()) == {Flaw.ALTERED}


@pytest.mark.sqlite_only
def test_a_value_that_cannot_even_be_read_is_found(filled: Ledger) -> None:
    # PostgreSQL would not store a value of another type.
    filled.execute("UPDATE audit_entry SET at = 'yesterday' WHERE seq = 4")
    assert Flaw.ALTERED in _flaws(run())


def test_a_deleted_entry_is_found(filled: Ledger) -> None:
    filled.execute("DELETE FROM audit_entry WHERE seq = 2")
    assert _flaws(run()) == {Flaw.MISSING_ENTRIES}


def test_an_inserted_entry_is_found(filled: Ledger) -> None:
    last = filled.entries()[-1]
    with filled.attack() as connection:
        values = {column.key: getattr(last, column.key) for column in ENTRY.columns}
        forged = {**values, "seq": last.seq + 1, "previous_mac": last.mac, "mac": b"\x05" * 32}
        connection.execute(sa.insert(AuditEntry).values(forged))
        _set_head(connection, last.chain, last.seq + 1, b"\x05" * 32)
    assert _flaws(run()) == {Flaw.ALTERED}


def test_an_inserted_entry_that_the_head_does_not_know_is_found(filled: Ledger) -> None:
    last = filled.entries()[-1]
    with filled.attack() as connection:
        for link in _chained(filled, last.chain, last.seq, last.mac, 1):
            connection.execute(sa.insert(AuditEntry).values(link))
    assert _flaws(run()) == {Flaw.HEAD_MISMATCH}


def test_a_chain_out_of_nothing_is_found(filled: Ledger) -> None:
    filled.execute("UPDATE audit_entry SET chain = 77 WHERE seq = 1")
    assert {Flaw.ALTERED, Flaw.HEAD_MISSING} <= _flaws(run())


def test_swapped_entries_are_found(filled: Ledger) -> None:
    first, second = _two_of_a_chain(filled)
    with filled.attack() as connection:
        for target, source in ((first, second), (second, first)):
            values = {
                column.key: getattr(source, column.key)
                for column in ENTRY.columns
                if column.key not in {"chain", "seq", "previous_mac"}
            }
            place = (AuditEntry.chain == target.chain, AuditEntry.seq == target.seq)
            connection.execute(sa.update(AuditEntry).where(*place).values(values))
    assert Flaw.ALTERED in _flaws(run())


def test_a_cut_end_is_found_by_its_head(filled: Ledger) -> None:
    chain = filled.entries()[-1].chain
    filled.execute("DELETE FROM audit_entry WHERE chain = :chain AND seq > 3", chain=chain)
    assert {Flaw.HEAD_MISMATCH, Flaw.BEHIND_CHECKPOINT} <= _flaws(run())


def test_a_cut_end_with_its_head_set_back_is_found_by_the_checkpoint(filled: Ledger) -> None:
    with filled.attack() as connection:
        _cut(filled, connection, filled.entries()[-1].chain, 3)
    assert Flaw.BEHIND_CHECKPOINT in _flaws(run())


def test_the_unprotected_tail_is_what_the_report_says_it_is(filled: Ledger) -> None:
    last = filled.entries()[-1]
    assert run().tail == 2
    with filled.attack() as connection:
        _cut(filled, connection, last.chain, last.seq - 1)
    report = run()
    # The one attack that nothing shows yet; the next checkpoint closes it, and the report states its width.
    assert report.findings == []
    assert report.tail == 1


def test_everything_deleted_is_found(filled: Ledger) -> None:
    filled.execute("DELETE FROM audit_entry")
    filled.execute("DELETE FROM audit_head")
    assert Flaw.BEHIND_CHECKPOINT in _flaws(run())


def test_rechaining_without_the_key_is_found(filled: Ledger) -> None:
    entry = filled.entries()[1]
    filled.execute(
        "UPDATE audit_entry SET action = 'case.opened', mac = :mac WHERE chain = :chain AND seq = :seq",
        mac=b"\x09" * 32,
        chain=entry.chain,
        seq=entry.seq,
    )
    filled.execute(
        "UPDATE audit_entry SET previous_mac = :mac WHERE chain = :chain AND seq = :seq",
        mac=b"\x09" * 32,
        chain=entry.chain,
        seq=entry.seq + 1,
    )
    assert _flaws(run()) >= {Flaw.ALTERED}


def test_rechaining_with_the_key_is_found_by_the_checkpoint(filled: Ledger) -> None:
    chain = filled.entries()[0].chain
    length = sum(entry.chain == chain for entry in filled.entries())
    with filled.attack() as connection:
        connection.execute(sa.delete(AuditEntry).where(AuditEntry.chain == chain))
        mac = NO_MAC
        for link in _chained(filled, chain, 0, NO_MAC, length):
            connection.execute(sa.insert(AuditEntry).values(link))
            mac = link["mac"]
        _set_head(connection, chain, length, mac)
    assert _flaws(run()) == {Flaw.CHECKPOINT_MISMATCH}


def test_an_older_backup_is_found(filled: Ledger) -> None:
    backup = [_values(entry) for entry in filled.entries()]
    heads = checkpoints.read_heads()
    filled.write(5)
    trail.write_checkpoint()
    with filled.attack() as connection:
        connection.execute(sa.delete(AuditEntry))
        connection.execute(sa.insert(AuditEntry), backup)
        for head in heads:
            _set_head(connection, head.chain, head.seq, head.mac)
    assert _flaws(run()) == {Flaw.BEHIND_CHECKPOINT, Flaw.OLDER_DATABASE}


def test_an_older_backup_is_found_after_work_went_on(filled: Ledger) -> None:
    last = filled.entries()[-1]
    trail.write_checkpoint()
    with filled.attack() as connection:
        _cut(filled, connection, last.chain, last.seq - 1)
    filled.write(10)
    assert Flaw.CHECKPOINT_MISMATCH in _flaws(run())


@pytest.mark.usefixtures("filled")
def test_a_forged_checkpoint_is_found() -> None:
    path = checkpoints.checkpoint_path()
    path.write_bytes(path.read_bytes().replace(b'"count":1', b'"count":2'))
    assert Flaw.CHECKPOINT_FORGED in _flaws(run())


@pytest.mark.usefixtures("filled")
def test_a_line_that_is_no_checkpoint_is_found() -> None:
    path = checkpoints.checkpoint_path()
    path.write_bytes(path.read_bytes() + b"{}\n")
    assert _flaws(run()) == {Flaw.CHECKPOINT_UNREADABLE}


@pytest.mark.usefixtures("filled")
def test_a_removed_checkpoint_is_found() -> None:
    trail.write_checkpoint()
    path = checkpoints.checkpoint_path()
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    assert _flaws(run()) == {Flaw.CHECKPOINT_BROKEN_CHAIN}


@pytest.mark.usefixtures("filled")
def test_a_removed_checkpoint_file_is_found() -> None:
    checkpoints.checkpoint_path().unlink()
    assert _flaws(run()) == {Flaw.CHECKPOINTS_MISSING}


def test_a_copy_kept_elsewhere_finds_what_the_rewritten_file_hides(filled: Ledger, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    trail.write_checkpoint()
    shutil.copy(checkpoints.checkpoint_path(), copy)
    with filled.attack() as connection:
        _cut(filled, connection, filled.entries()[-1].chain, 2)
    checkpoints.checkpoint_path().unlink()
    trail.write_checkpoint()
    assert run().is_sound
    assert Flaw.BEHIND_CHECKPOINT in _flaws(run(copy))


def test_an_entry_under_an_unknown_key_is_found(filled: Ledger) -> None:
    filled.execute("UPDATE audit_entry SET kid = 'ffffffff' WHERE seq = 2")
    assert _flaws(run()) == {Flaw.UNKNOWN_KEY}


def test_a_rotated_key_changes_nothing(filled: Ledger) -> None:
    filled.app.extensions["casework.keyring"].add_key("audit")
    filled.write(3)
    trail.write_checkpoint()
    report = run()
    assert report.findings == []
    assert len(report.seals.public_keys) == 2


def test_changed_sealed_content_is_found(filled: Ledger) -> None:
    thing = filled.seal(b"content")
    with filled.attack() as connection:
        connection.execute(sa.update(SEALED).where(SEALED.c.id == thing).values(sealed_text=b"other"))
    assert _flaws(run()) == {Flaw.CONTENT_CHANGED}


def test_only_the_latest_digest_counts(filled: Ledger) -> None:
    thing = filled.seal(b"first")
    with write_transaction() as current:
        current.execute(sa.update(SEALED).where(SEALED.c.id == thing).values(sealed_text=b"second"))
        filled.record_seal(thing, trail.content_digest(b"second"))
    assert run().is_sound
    with filled.attack() as connection:
        connection.execute(sa.update(SEALED).where(SEALED.c.id == thing).values(sealed_text=b"first"))
    assert _flaws(run()) == {Flaw.CONTENT_CHANGED}


def test_a_read_that_began_before_a_change_is_no_finding(filled: Ledger) -> None:
    thing = filled.seal(b"first")
    with write_transaction() as current:
        current.execute(sa.update(SEALED).where(SEALED.c.id == thing).values(sealed_text=b"second"))
        filled.record_seal(thing, trail.content_digest(b"second"))
    with write_transaction():
        seen = trail.content_digest(b"first")
        details = {"case": thing}
        trail.record(
            Action.NOTE_READ, actor=ACTOR, subject_kind="thing", subject_id=thing, details=details, digest=seen
        )
    assert run().is_sound


def test_removed_sealed_content_is_found_unless_it_was_erased_lawfully(filled: Ledger) -> None:
    thing = filled.seal(b"content")
    with filled.attack() as connection:
        connection.execute(sa.delete(SEALED))
    assert _flaws(run()) == {Flaw.CONTENT_MISSING}
    with write_transaction():
        filled.record_seal(thing, trail.GONE)
    assert run().is_sound
    with filled.attack() as connection:
        connection.execute(sa.insert(SEALED).values(id=thing, sealed_text=b"content"))
    assert _flaws(run()) == {Flaw.CONTENT_RETURNED}


def _values(entry: AuditEntry) -> dict[str, object]:
    return {column.key: getattr(entry, column.key) for column in ENTRY.columns}


def _set_head(connection: sa.Connection, chain: int, seq: int, mac: bytes) -> None:
    connection.execute(sa.update(AuditHead).where(AuditHead.chain == chain).values(seq=seq, mac=mac))


def _cut(ledger: Ledger, connection: sa.Connection, chain: int, seq: int) -> None:
    """Cut a chain behind an entry and set its head back, as a careful attacker does."""
    mac = next(entry.mac for entry in ledger.entries() if (entry.chain, entry.seq) == (chain, seq))
    connection.execute(sa.delete(AuditEntry).where(AuditEntry.chain == chain, AuditEntry.seq > seq))
    _set_head(connection, chain, seq, mac)


def _two_of_a_chain(ledger: Ledger) -> tuple[AuditEntry, AuditEntry]:
    first, second = [entry for entry in ledger.entries() if entry.seq in {2, 3}][:2]
    return first, second


def _chained(ledger: Ledger, chain: int, seq: int, mac: bytes, count: int) -> Iterator[dict[str, Any]]:
    """Make entries of one's own with the true MAC key, as somebody with the keyring file can."""
    model = ledger.entries()[0]
    for number in range(seq + 1, seq + 1 + count):
        fields = {**{name: getattr(model, name) for name in Event.__slots__}, "action": str(Action.CASE_CLOSED)}
        event = Event(**fields)
        kid, own = keys.mac(encode_entry(chain, number, mac, event))
        yield {**fields, "chain": chain, "seq": number, "previous_mac": mac, "kid": kid, "mac": own}
        mac = own
