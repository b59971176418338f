"""Sixteen writers at once on PostgreSQL: for the test that no chain forks, and to measure what parallel chains bring.

``python -m tests.integration.audit.writers`` prints appends a second with one chain and with eight, alternating.
Processes are spawned, never forked: a forked one would share connections.
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from casework.audit import trail
from casework.audit.events import Action
from casework.audit.verify import run
from casework.core.db import db, write_transaction
from tests.integration.audit.ledger import ACTOR, create_tables, make_app
from tests.support import engines
from tests.support.engines import Engine

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier

    from flask import Flask

PROCESSES = 4
THREADS = 4
ROUNDS = 5


def write_all(url: str, directory: Path, chains: int, commits: int) -> float:
    """Let 16 writers commit that many events each, two events a commit now and then; return appends a second."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(PROCESSES)
    spans: Queue[tuple[float, float]] = context.Queue()
    task = Task(url, directory, chains, commits)
    processes = [context.Process(target=_process, args=(task, barrier, spans)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    measured = [spans.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(timeout=30)
    took = max(end for _, end in measured) - min(start for start, _ in measured)
    return PROCESSES * THREADS * commits / took


@dataclass(frozen=True, slots=True)
class Task:
    """What one process is to do."""

    url: str
    directory: Path
    chains: int
    commits: int


def _process(task: Task, barrier: Barrier, spans: Queue[tuple[float, float]]) -> None:
    app = make_app(task.url, task.directory, task.chains)
    threads = [threading.Thread(target=_thread, args=(app, task.commits)) for _ in range(THREADS)]
    with app.app_context():
        db.engine.connect().close()
    barrier.wait(timeout=60)
    start = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spans.put((start, time.time()))
    with app.app_context():
        db.engine.dispose()


def _thread(app: Flask, commits: int) -> None:
    with app.app_context():
        for _ in range(commits):
            with write_transaction():
                trail.record(Action.CASE_READ, actor=ACTOR, subject_kind="case", subject_id=uuid4())


def _measure(chains: int, commits: int = 150) -> float:
    with tempfile.TemporaryDirectory() as directory, engines.new_database(Engine.POSTGRESQL, "writers") as name:
        url = engines.address_of(name)
        app = make_app(url, Path(directory), chains)
        with app.app_context():
            create_tables()
            speed = write_all(url, Path(directory), chains, commits)
            report = run()
            if not report.is_sound or report.total != PROCESSES * THREADS * commits:
                raise SystemExit(str(report.findings))
            db.engine.dispose()
    return speed


def _main() -> None:
    speeds: dict[int, list[float]] = {1: [], 8: []}
    for _ in range(ROUNDS):
        for chains, found in speeds.items():
            found.append(_measure(chains))
    for chains, found in speeds.items():
        shown = ", ".join(f"{speed:.0f}" for speed in sorted(found))
        print(f"{chains} chain(s): median {statistics.median(found):.0f} appends/s ({shown}), 0 forks")  # noqa: T201 - the measurement is printed


if __name__ == "__main__":
    _main()
