"""``make bench``: measure, print the table, write ``benchmarks/results.json``.

``python -m benchmarks people reads`` measures some parts only and writes nothing.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import dashboard, people, reads, writes
from benchmarks.system import chosen_engine, prepared_system

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness import Row
    from benchmarks.system import System
    from tests.support.engines import Engine

RESULTS: Final = Path(__file__).parent / "results.json"
PARTS: Final[dict[str, Callable[[System], list[Row]]]] = {
    "writes": writes.rows,
    "people": people.rows,
    "reads": reads.rows,
    "dashboard": dashboard.rows,
}


def main(arguments: list[str]) -> int:
    """Measure the parts named, or all; return 1 when a goal was missed."""
    unknown = set(arguments) - PARTS.keys()
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
        return 2
    engine = chosen_engine()
    print(f"{machine(engine)}\n{'goal':62} {'value':>10} {'limit':>10} {'ratio':>7}  {'wanted':20}")
    rows: list[Row] = []
    for name in arguments or PARTS:
        with prepared_system(engine) as system:
            for row in PARTS[name](system):
                rows.append(row)
                print(as_line(row), flush=True)
    if not arguments:
        found = {"machine": machine(engine), "commit": commit(), "rows": [row.as_json() for row in rows]}
        RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        print(f"written to benchmarks/{RESULTS.name}")
    return int(not all(row.met for row in rows))


def as_line(row: Row) -> str:
    """Return a row as a line of the table."""
    mark = "met" if row.met else "MISSED"
    return f"{row.name:62} {row.value:10.4g} {row.limit:10.4g} {row.ratio:7.2f}  {row.goal:20} {mark}"


def machine(engine: Engine) -> str:
    """Return on what was measured, and when: figures of a busy machine are worth less."""
    cores, load = os.cpu_count(), os.getloadavg()[0]
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return f"{platform.machine()}, {cores} cores, load {load:.1f}, Python {platform.python_version()}, {engine}, {day}"


def commit() -> str:
    """Return the commit that was measured."""
    command = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"  # noqa: S603 - a fixed command


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
