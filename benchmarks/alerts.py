"""``python -m benchmarks.alerts [--count N]``: from the dangerous answer to the supervisor's screen, asked and pushed.

Returns 1 when one took longer than two seconds.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

from tests.browser.support import server as servers
from tests.browser.support.desk import choose, on_duty, saved, start
from tests.browser.support.watch import CHROMIUM_ARGUMENTS
from tests.support import engines, seed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COUNT: Final = 20
PROMISED: Final = 2.0
LONGEST_WAIT: Final = 3000
# How the board learns of it, and how many streams one process holds for that.
WAYS: Final = (("asked", 0), ("pushed", 4))


def main(arguments: list[str]) -> int:
    """Run on a fresh system, once for each way, and print how long it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alerts")
    parser.add_argument("--count", type=int, default=COUNT, help="how many calls each way")
    chosen = parser.parse_args(arguments)
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        prepared = seed.prepare(engines.Engine.SQLITE, Path(folder) / "prepared").folder
        browser = playwright.chromium.launch(executable_path=engines.chromium(), args=list(CHROMIUM_ARGUMENTS))
        for way, streams in WAYS:
            with servers.controlled(prepared, Path(folder) / way, push_streams=str(streams)) as server:
                took = _measure(browser, server.address, chosen.count)
            slowest = max(slowest, *took)
            print(f"{way:8} median {statistics.median(took):.2f} s, longest {max(took):.2f} s, {len(took)} calls")
        browser.close()
    return int(slowest > PROMISED)


def _measure(browser: Browser, address: str, count: int) -> list[float]:
    board, call = _signed_in(browser, address, "dudao"), _signed_in(browser, address, "zhiyuan")
    board.goto("/triage")
    on_duty(board)
    took = []
    for _ in range(count):
        board.goto("/triage")
        start(call)
        choose(call, "call_type", "self")
        saved(call)
        # The board asks every so often: the answer falls anywhere between two of its questions.
        call.wait_for_timeout(random.uniform(0, LONGEST_WAIT))  # noqa: S311 - no secret
        begun = time.monotonic()
        choose(call, "risk", "plan_72h")
        board.locator(".alert-card.is-open").wait_for()
        took.append(time.monotonic() - begun)
        board.get_by_role("button", name="我来处理").click()
        board.locator(".alert-card.is-open").wait_for(state="detached")
    return took


def _signed_in(browser: Browser, address: str, login: str) -> Page:
    page = browser.new_context(base_url=address, locale="zh-CN").new_page()
    page.goto("/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", seed.PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda found: "/login" not in found)
    return page


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
