"""``python -m benchmarks.faults [--count N] [--seed N]``: let faults happen while somebody types, and count the loss.

Returns 1 when a character is gone that should not be.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from benchmarks.faults.run import Typist
from tests.browser.support import server as servers
from tests.browser.support.watch import CHROMIUM_ARGUMENTS
from tests.support import engines, seed

COUNT: Final = 200
SLOWEST: Final = 15_000


def main(arguments: list[str]) -> int:
    """Run on a fresh system and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults")
    parser.add_argument("--count", type=int, default=COUNT, help="how many faults")
    parser.add_argument("--seed", type=int, default=0, help="the same order and moments again")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        prepared = seed.prepare(engines.Engine.SQLITE, Path(folder) / "prepared").folder
        browser = playwright.chromium.launch(executable_path=engines.chromium(), args=list(CHROMIUM_ARGUMENTS))
        with servers.controlled(prepared, Path(folder) / "instance") as server:
            context = browser.new_context(base_url=server.address, locale="zh-CN")
            context.set_default_timeout(SLOWEST)
            result = Typist(server, context, random.Random(chosen.seed)).run(chosen.count)  # noqa: S311 - no secret
        browser.close()
    for kind in sorted(result.faults):
        print(f"{kind:24} {result.faults[kind]:4} faults {result.lost[kind]:4} characters lost")
    print(f"{'in all':24} {result.tried:4} faults {result.lost_in_all:4} characters lost of {result.typed} typed")
    p50, p95 = result.percentile(0.5) / 1000, result.percentile(0.95) / 1000
    print(f"key to acknowledged: p50 {p50:.2f} s, p95 {p95:.2f} s, {len(result.latencies)} keys")
    print(f"took {time.monotonic() - began:.0f} s")
    return int(result.lost_in_all > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
