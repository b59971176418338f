"""Servers to measure, pairs of measurements, and rows of the table."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 5
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Row:
    """A goal: what was measured, its limit in the same run, and what the ratio has to be."""

    name: str
    value: float
    limit: float
    ratio: float
    goal: str
    met: bool

    def as_json(self) -> dict[str, str | float | bool]:
        """Return the row as written to results.json, with four significant digits."""
        plain = asdict(self)
        return plain | {name: float(f"{plain[name]:.4g}") for name in ("value", "limit", "ratio")}


def at_least(name: str, pairs: list[tuple[float, float]], goal: float) -> Row:
    """Return a row whose value should be at least ``goal`` of its limit."""
    value, limit, ratio = _medians(pairs)
    return Row(name, value, limit, ratio, f">= {goal}", ratio >= goal)


def at_most(name: str, pairs: list[tuple[float, float]], goal: float, *, most: float | None = None) -> Row:
    """Return a row whose value should be at most ``goal`` of its limit, and at most ``most`` by itself."""
    value, limit, ratio = _medians(pairs)
    said = f"<= {goal}" if most is None else f"<= {goal} and <= {most:g}"
    return Row(name, value, limit, ratio, said, ratio <= goal and (most is None or value <= most))


def pairs_of(
    measure: Callable[[], float], limit: Callable[[], float], rounds: int = ROUNDS
) -> list[tuple[float, float]]:
    """Return pairs measured turn by turn, so that a slow minute of the machine slows both."""
    measure()
    limit()
    return [(measure(), limit()) for _ in range(rounds)]


def seconds_of(work: Callable[[], object], times: int) -> Callable[[], float]:
    """Return a measurement: the seconds that one of ``times`` repetitions takes."""

    def measure() -> float:
        before = time.perf_counter()
        for _ in range(times):
            work()
        return (time.perf_counter() - before) / times

    return measure


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    pid: int


@contextmanager
def serving(target: str, environment: dict[str, str], *, factory: bool = False, workers: int = 2) -> Iterator[Server]:
    """Run the server of ``make run`` on a free port until the block ends."""
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", "1", "--no-ws", "--respawn-failed-workers"]
    command += ["--log-level", "error", *(["--factory"] if factory else []), target]
    process = subprocess.Popen(command, cwd=config.ROOT, env=os.environ | environment)  # noqa: S603 - a fixed command
    try:
        _wait(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def memory_of(pid: int) -> int:
    """Return the resident memory of the workers below a process, in KiB: what they do not share."""
    names = [entry.name for entry in Path("/proc").iterdir()]
    children = [name for name in names if name.isdigit() and _parent_of(int(name)) == pid]
    return sum(_kilobytes(int(child), "RssAnon") for child in children)


def _kilobytes(pid: int, field: str) -> int:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123 - a file of the kernel
        return next((int(line.split()[1]) for line in status if line.startswith(f"{field}:")), 0)


def _parent_of(pid: int) -> int:
    try:
        return _kilobytes(pid, "PPid")
    except OSError:
        return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    msg = f"the server did not start on port {port}"
    raise RuntimeError(msg)


def _medians(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    value = statistics.median(pair[0] for pair in pairs)
    limit = statistics.median(pair[1] for pair in pairs)
    return value, limit, statistics.median(pair[0] / pair[1] for pair in pairs)
