"""A rotation may be stopped anywhere: everything opens meanwhile, and it is finished by starting again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core import rotation
from casework.core.db import Base, session, write_transaction
from casework.core.keyring import KeyClass, Keyring, KeyringError, KeyState
from casework.security.actor import Actor
from casework.vault import service as vault
from tests.integration.vault.probe import ROWS, Kept, context_of, made, rewrap_totp, stretched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.vault.types import RotationStep

BATCH = 5
CLASSES = [KeyClass.TOTP, KeyClass.BIDX]


def everything_works(ring: Keyring) -> None:
    """Read every row by its context, and find every row by its number, as other processes would now."""
    session().rollback()
    session().expire_all()
    rows = session().scalars(sa.select(Kept)).all()
    for row in rows:
        assert row.totp is None or ring.unwrap("totp", row.totp, context_of(row)) == b"seed %d" % row.number
        indexes = ring.blind_indexes(stretched(row.number))
        assert session().scalars(sa.select(Kept.number).where(Kept.bidx.in_(indexes))).all() == [row.number]
    session().rollback()


def left_behind(ring: Keyring, cls: KeyClass) -> int:
    column = Kept.totp if cls is KeyClass.TOTP else Kept.bidx
    values = session().scalars(sa.select(column).where(column.is_not(None))).all()
    session().rollback()
    return sum(not (value or b"").startswith(ring.current_prefix(cls)) for value in values)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("stop_after", [0, 1, 2, 3, 4])
def test_a_rotation_stopped_after_any_batch_goes_on_where_it_was(ring: Keyring, cls: KeyClass, stop_after: int) -> None:
    steps = vault.rotate_keyring(cls, actor=Actor.system(), batch=BATCH)
    for _ in range(stop_after + 1):
        next(steps)
    del steps
    session().rollback()
    everything_works(ring)
    if left_behind(ring, cls):
        assert [key.state for key in ring.keys_of(cls)] == [KeyState.RETIRING, KeyState.ACTIVE]
    moved = sum(step.rows for step in vault.rotate_keyring(cls, actor=Actor.system(), batch=BATCH))
    total = ROWS if cls is KeyClass.BIDX else ROWS - ROWS // 7
    assert moved == total - min(stop_after * BATCH, total)
    assert [key.state for key in ring.keys_of(cls)] == [KeyState.RETIRED, KeyState.ACTIVE]
    assert left_behind(ring, cls) == 0
    everything_works(ring)


@pytest.mark.parametrize("cls", CLASSES)
def test_everything_works_between_any_two_batches(ring: Keyring, cls: KeyClass) -> None:
    batches = [step.rows for step in steps_with_reads(ring, cls)]
    assert max(batches) == BATCH
    assert batches[0] == batches[-1] == 0


def steps_with_reads(ring: Keyring, cls: KeyClass) -> Iterator[RotationStep]:
    for step in vault.rotate_keyring(cls, actor=Actor.system(), batch=BATCH):
        everything_works(ring)
        yield step


def test_a_batch_that_fails_is_undone_whole(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def failing(used: Keyring, row: Kept) -> bytes:
        seen.append(row.number)
        if len(seen) == BATCH + 3:
            raise KeyboardInterrupt
        return rewrap_totp(used, row)

    monkeypatch.setitem(
        rotation._rewrappers[KeyClass.TOTP], "probe_kept.totp", rotation.rewrapper_of("totp", Kept.totp, failing)
    )
    with pytest.raises(KeyboardInterrupt):
        list(vault.rotate_keyring("totp", actor=Actor.system(), batch=BATCH))
    everything_works(ring)
    assert left_behind(ring, KeyClass.TOTP) == ROWS - ROWS // 7 - BATCH
    assert [key.state for key in ring.keys_of("totp")] == [KeyState.RETIRING, KeyState.ACTIVE]


def test_a_row_written_under_the_older_key_meanwhile_is_found_before_it_retires(ring: Keyring) -> None:
    late = made(ring, 0)
    late.group, late.number = 0, 1000
    late.bidx = ring.blind_index(stretched(1000))
    late.totp = ring.wrap("totp", b"seed 1000", context_of(late))
    for step in vault.rotate_keyring("totp", actor=Actor.system(), batch=ROWS):
        if step.place and session().get(Kept, (0, 1000)) is None:
            with write_transaction():
                session().add(late)
    assert left_behind(ring, KeyClass.TOTP) == 0


def test_a_rotation_leaves_one_event_with_its_count(ring: Keyring) -> None:
    last = list(vault.rotate_keyring("bidx", actor=Actor.system()))[-1]
    assert last.done
    assert last.kid == ring.active_kid("bidx")
    assert len(last.retired) == 1


def test_a_class_with_rows_is_not_rotated_while_nothing_moves_them(ring: Keyring) -> None:
    with pytest.raises(KeyringError, match="nothing was changed"):
        list(vault.rotate_keyring("pepper", actor=Actor.system()))
    assert len(ring.keys_of("pepper")) == 1


def test_audit_and_cookie_keys_rotate_without_rows(ring: Keyring) -> None:
    kid, tag = ring.mac("audit", b"entry")
    list(vault.rotate_keyring("audit", actor=Actor.system()))
    assert ring.verify_mac("audit", kid, b"entry", tag)
    first = ring.secret("cookie", "flask")
    list(vault.rotate_keyring("cookie", actor=Actor.system()))
    assert ring.older_secrets("cookie", "flask") == [first]
    list(vault.rotate_keyring("cookie", actor=Actor.system()))
    assert len(ring.older_secrets("cookie", "flask")) == 1
    assert first not in ring.older_secrets("cookie", "flask")


def test_the_tables_of_this_test_are_not_the_applications() -> None:
    assert "probe_kept" not in Base.metadata.tables
    assert AuditEntry.__tablename__ in Base.metadata.tables
