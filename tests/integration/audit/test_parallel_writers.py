"""Many writers at once: no chain forks, nothing is lost, and the checkpoint file stays one chain."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from casework.audit import trail
from casework.audit.events import Action
from casework.audit.models import HEAD, AuditHead
from casework.audit.trail import checkpoints
from casework.audit.types import NO_MAC
from casework.audit.verify import run
from casework.core.db import db, write_transaction
from tests.integration.audit.ledger import ACTOR, Ledger
from tests.integration.audit.writers import PROCESSES, THREADS, write_all

if TYPE_CHECKING:
    from collections.abc import Callable

COMMITS = 20


@pytest.mark.postgresql_only
def test_sixteen_writers_fork_no_chain(ledger: Ledger) -> None:
    write_all(ledger.url, ledger.directory, chains=8, commits=COMMITS)
    report = run()
    assert report.findings == []
    assert report.total == PROCESSES * THREADS * COMMITS
    assert report.seals.checked >= report.total // 300
    heads = {head.chain: head.seq for head in checkpoints.read_heads()}
    assert heads == report.entries
    assert set(heads) <= set(range(8))
    assert len(heads) > 1


@pytest.mark.postgresql_only
def test_sixteen_writers_on_one_chain_wait_for_one_another(ledger: Ledger) -> None:
    write_all(ledger.url, ledger.directory, chains=1, commits=COMMITS)
    report = run()
    assert report.findings == []
    assert report.entries == {0: PROCESSES * THREADS * COMMITS}


@pytest.mark.postgresql_only
def test_a_writer_takes_a_chain_that_nobody_holds(ledger: Ledger) -> None:
    ledger.write()
    (first,) = checkpoints.read_heads()
    with db.engine.connect() as other:
        other.execute(sa.select(AuditHead.seq).where(AuditHead.chain == first.chain).with_for_update())
        chains = {_write_beside(ledger, first.chain) for _ in range(3)}
    assert first.chain not in chains
    assert run().is_sound


def _write_beside(ledger: Ledger, held: int) -> int:
    with db.engine.begin() as connection:
        others = [{"chain": chain, "seq": 0, "mac": NO_MAC} for chain in range(8) if chain != held]
        connection.execute(postgresql.insert(HEAD).on_conflict_do_nothing(), others)
    before = {head.chain: head.seq for head in checkpoints.read_heads()}
    ledger.write()
    (moved,) = [head.chain for head in checkpoints.read_heads() if head.seq != before[head.chain]]
    return moved


def test_parallel_threads_on_either_engine_lose_nothing(ledger: Ledger) -> None:
    failures = _in_threads(8, lambda: _write_some(ledger, 10))
    assert failures == []
    report = run()
    assert report.findings == []
    assert report.total == 80


def test_parallel_checkpoints_form_one_chain(ledger: Ledger) -> None:
    def seal() -> None:
        for _ in range(5):
            _write_some(ledger, 1)
            with ledger.app.app_context():
                trail.write_checkpoint()

    assert _in_threads(4, seal) == []
    with ledger.app.app_context():
        trail.write_checkpoint()
    report = run()
    assert report.findings == []
    assert report.tail == 0


def test_an_unfinished_line_is_dropped_by_the_next_checkpoint(ledger: Ledger) -> None:
    ledger.write(3)
    trail.write_checkpoint()
    path = checkpoints.checkpoint_path()
    with path.open("ab") as file:
        file.write(b'{"at":"2020-')
    ledger.write(1)
    trail.write_checkpoint()
    assert run().findings == []


def test_a_checkpoint_is_written_after_a_hundred_entries_of_a_process(ledger: Ledger) -> None:
    ledger.write(150)
    report = run()
    assert report.seals.checked == 2
    assert report.tail <= checkpoints.EVERY_ENTRIES + checkpoints.LOOK_EVERY


def test_a_checkpoint_that_cannot_be_written_does_not_undo_the_work(ledger: Ledger) -> None:
    ledger.write()
    path = checkpoints.checkpoint_path()
    path.unlink()
    path.mkdir()
    ledger.write(60)
    path.rmdir()
    assert run().total == 61


def test_the_checkpoint_file_is_readable_by_its_owner_only(ledger: Ledger) -> None:
    ledger.write()
    assert checkpoints.checkpoint_path().stat().st_mode & 0o077 == 0
    assert os.access(checkpoints.checkpoint_path(), os.R_OK)


def _write_some(ledger: Ledger, count: int) -> None:
    with ledger.app.app_context():
        for _ in range(count):
            with write_transaction():
                trail.record(Action.CASE_READ, actor=ACTOR, subject_kind="case", subject_id=None)


def _in_threads(count: int, work: Callable[[], None]) -> list[BaseException]:
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures
