"""One volunteer types without end; tabs and servers die, lines break, sessions end, windows collide under their hands.

What stood on the page two seconds before a tab was killed must be there again afterwards; after every other fault all
of it must be.
"""

from __future__ import annotations

import itertools
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from playwright.sync_api import Error, expect

from tests.browser.support import desk
from tests.support.seed import PASSWORD

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

    from tests.browser.support.server import Server

LOGIN: Final = "zhiyuan"
# What may be lost when a tab dies, in seconds.
ALLOWED: Final = 2.0
PATIENCE: Final = 20_000
FAULTS_A_DRAFT: Final = 8
MEASURED_EVERY: Final = 3
# Milliseconds between two keys.
KEY: Final = 30
LETTERS: Final = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
# Times each key until an answer says that a save which contained it was taken.
STOPWATCH: Final = """() => {
  const waiting = [];
  window.latencies = [];
  document.addEventListener("input", () => waiting.push(performance.now()), true);
  const genuine = window.fetch;
  window.fetch = async (...sent) => {
    const held = waiting.length;
    const answer = await genuine(...sent);
    if (answer.ok && String(sent[0]).includes("/drafts/")) {
      const at = performance.now();
      window.latencies.push(...waiting.splice(0, held).map((key) => at - key));
    }
    return answer;
  };
}"""


@dataclass
class Result:
    """What came of it: faults by kind, characters lost, milliseconds from key to acknowledgement."""

    faults: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    typed: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many faults there were."""
        return sum(self.faults.values())

    @property
    def lost_in_all(self) -> int:
        """How many characters are gone that should not be."""
        return sum(self.lost.values())

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds below which this share of the keys lies."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def common_beginning(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    alike = (mine == theirs for mine, theirs in zip(one, other, strict=False))
    return sum(1 for _ in itertools.takewhile(bool, alike))


class Typist:
    """Somebody at a call, and what they have typed so far."""

    def __init__(
        self, server: Server, context: BrowserContext, chance: random.Random, *, allowed: float = ALLOWED
    ) -> None:
        """Sign in and open a call. ``allowed``: what may be lost when a tab dies, in seconds."""
        self.server = server
        self.context = context
        self.chance = chance
        self.allowed = allowed
        self.result = Result()
        self.log: list[tuple[float, str]] = []
        self.fault_at = 0.0
        self.page = context.new_page()
        self.page.goto("/login")
        self.page.fill("[name=login]", LOGIN)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda address: "/login" not in address)
        self.kinds: dict[str, Callable[[], None]] = {
            "tab killed": self.kill_tab,
            "tab killed offline": self.kill_tab_offline,
            "server killed": self.kill_server,
            "offline": self.lose_network,
            "session ended (401)": self.end_session,
            "other window (409)": self.collide,
            "double submit": self.submit_twice,
            "back": self.go_back,
        }
        self.begin()

    def run(self, count: int, *, only: str | None = None) -> Result:
        """Let so many faults happen, of all kinds in random order, and return what was lost."""
        names = [only] if only else list(self.kinds)
        order: list[str] = []
        for number in range(count):
            if not order:
                order = self.chance.sample(names, len(names))
            if number and number % FAULTS_A_DRAFT == 0:
                self.begin()
            if number % MEASURED_EVERY == 0:
                self.measure()
            self.type(self.chance.randint(5, 15))
            self.suffer(order.pop())
        return self.result

    def suffer(self, kind: str) -> None:
        """Let one fault happen and count what is gone afterwards."""
        with suppress(Error, AssertionError):
            # A page that never recovers has lost what it does not show.
            self.kinds[kind]()
        wanted = self.expected(self.allowed if "killed" in kind and "server" not in kind else 0.0)
        found = self.shown()
        gone = 0 if wanted in found else len(wanted) - common_beginning(wanted, found)
        self.result.faults[kind] = self.result.faults.get(kind, 0) + 1
        self.result.lost[kind] = self.result.lost.get(kind, 0) + gone
        self.log = [(0.0, found)]
        if gone or not self.page.locator("#summary").count():
            self.begin()

    def begin(self) -> None:
        """Open an empty call."""
        self.page.close()
        self.page = self.context.new_page()
        desk.start(self.page)
        self.page.evaluate(STOPWATCH)
        self.log = [(0.0, "")]

    def type(self, letters: int) -> None:
        """Type so many letters at the end, one key after the other."""
        self.page.locator("#summary").focus()
        self.page.locator("#summary").evaluate("each => each.setSelectionRange(each.value.length, each.value.length)")
        for _ in range(letters):
            letter = self.chance.choice(LETTERS)
            self.page.keyboard.insert_text(letter)
            self.log.append((time.monotonic(), self.log[-1][1] + letter))
            self.page.wait_for_timeout(KEY)
        self.result.typed += letters

    def measure(self) -> None:
        """Type undisturbed, and keep how long each key took."""
        if not self.page.evaluate("() => 'latencies' in window"):
            self.page.evaluate(STOPWATCH)
        self.page.evaluate("() => { window.latencies.length = 0; }")
        self.type(10)
        with suppress(Error):
            desk.saved(self.page)
            self.page.wait_for_timeout(100)
        self.result.latencies += self.page.evaluate("() => window.latencies")

    def expected(self, grace: float) -> str:
        """Return what must be there: all, or what stood there this many seconds before the last fault."""
        return next((text for at, text in reversed(self.log) if at <= self.fault_at - grace), "")

    def shown(self) -> str:
        """Return the summary on the page; nothing when the page is gone."""
        with suppress(Error):
            return self.page.locator("#summary").input_value(timeout=3000)
        return ""

    def recovered(self) -> None:
        """Wait until everything is on the server, then look at what the server has."""
        address = desk.draft_address(self.page)
        desk.saved(self.page, PATIENCE)
        self.page.goto(address)

    def kill_tab(self) -> None:
        """Kill the tab at any moment after a key."""
        address = self.page.url
        self.page.wait_for_timeout(self.chance.uniform(0, 2600))
        self._crash()
        self._open(address)

    def kill_tab_offline(self) -> None:
        """Kill the tab while the network is gone."""
        self.context.set_offline(True)
        self.type(6)
        address = self.page.url
        self.page.wait_for_timeout(self.chance.uniform(1500, 2600))
        self._crash()
        self.context.set_offline(False)
        self._open(address)
        if self.expected(self.allowed):
            expect(self.page.locator("#summary")).to_have_value(re.compile(re.escape(self.expected(self.allowed))))

    def kill_server(self) -> None:
        """Kill every process of the server between two keys; it comes back on the same port."""
        self.server.kill()
        self.type(6)
        self.server.start()
        self._now()
        self.recovered()

    def lose_network(self) -> None:
        """Take the network away for a while, and type on."""
        self.context.set_offline(True)
        self.type(6)
        self.page.wait_for_timeout(self.chance.uniform(200, 2500))
        self.context.set_offline(False)
        self._now()
        self.recovered()

    def end_session(self) -> None:
        """End the session in the middle, type on until the page says so, and sign in over it."""
        desk.end_sessions(self.server)
        self.type(4)
        self._now()
        self.page.locator("[data-again][open]").wait_for(timeout=PATIENCE)
        self.page.locator("#again-login").fill(LOGIN)
        self.page.locator("#again-secret").fill(PASSWORD)
        self.page.locator("[data-again]").get_by_role("button", name="登录").click()
        self.recovered()

    def collide(self) -> None:
        """Let another window write the same draft, and keep both."""
        desk.saved(self.page, PATIENCE)
        other = self.context.new_page()
        other.goto(desk.draft_address(self.page))
        other.locator("#summary").fill("另一个窗口写的。")
        desk.saved(other, PATIENCE)
        other.close()
        self.type(4)
        self._now()
        self.page.locator("[data-merge]").wait_for(timeout=PATIENCE)
        self.page.locator("[data-merge-apply]").click()
        self.recovered()

    def submit_twice(self) -> None:
        """Press a button twice."""
        self._now()
        # The words may still stand there from the last time: only a new page says that they are of this one.
        with self.page.expect_navigation(timeout=PATIENCE):
            self.page.get_by_role("button", name="存草稿").dblclick()
        self.page.get_by_text("草稿已保存").wait_for(timeout=PATIENCE)

    def go_back(self) -> None:
        """Leave at once and come back."""
        self._now()
        self.page.goto("/help")
        self.page.go_back()
        self.page.wait_for_url("**/calls/drafts/*", timeout=PATIENCE)

    def _crash(self) -> None:
        self._now()
        with suppress(Error):
            self.page.goto("chrome://crash", timeout=3000)
        self.page.close()

    def _open(self, address: str) -> None:
        self.page = self.context.new_page()
        self.page.goto(address)

    def _now(self) -> None:
        self.fault_at = time.monotonic()
