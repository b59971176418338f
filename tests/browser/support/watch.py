"""A page under watch: nothing in the console, nothing against the policy, nothing asked of another host."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import config

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

CHROMIUM_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ARTIFACTS = config.ROOT / "tests" / ".artifacts"
AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
RUN_AXE = """tags => axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})
  .then(found => found.violations)"""
# A refused form (422), a refusal (403) or a stale draft (409) is an answer, not a fault of the page.
ANSWER = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
# What the browser says of a line that a test breaks on purpose.
BROKEN = re.compile(r"Failed to load resource: (net::ERR_|the server responded with a status of 503)")
REPORT = """document.addEventListener("securitypolicyviolation", (event) =>
  window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));"""


class Watch:
    """Everything wrong that pages of one browser context did. Ask ``check`` at the end of a test."""

    def __init__(self, context: BrowserContext, address: str, *, breaks: bool = False) -> None:
        """Begin to watch a context whose pages all belong to ``address``; ``breaks``: the test breaks the line."""
        self.host = urlsplit(address).netloc
        self.breaks = breaks
        self.faults: list[str] = []
        context.expose_binding("reportViolation", self._on_violation)
        context.add_init_script(REPORT)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        context.on("request", self._on_request)

    def check(self) -> None:
        """Raise AssertionError with everything that went wrong."""
        assert not self.faults, "\n".join(self.faults)

    def _on_console(self, message: ConsoleMessage) -> None:
        is_answer = ANSWER.match(message.text) or (self.breaks and BROKEN.match(message.text))
        if message.type in {"error", "warning"} and not is_answer:
            self.faults.append(f"console {message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self.host:
            self.faults.append(f"request to another host: {request.url}")

    def _on_violation(self, _source: Any, what: str) -> None:  # noqa: ANN401 - the library's own mapping
        self.faults.append(f"against the content security policy: {what}")


def axe(page: Page, label: str = "") -> None:
    """Assert that axe-core finds nothing on the page as it is shown now (WCAG 2.2 A and AA, best practice)."""
    found = axe_faults(page)
    assert not found, f"axe on {label or page.url}:\n" + "\n".join(found)


def axe_faults(page: Page) -> list[str]:
    """Return what axe-core finds on the page as it is shown now, up to four places for each rule."""
    # Half a megabyte a page: handed over once, though a page may be looked at in several sizes.
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    # Only the faults come back: what axe finds in order is many times longer.
    found = page.evaluate(RUN_AXE, list(AXE_TAGS))
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]}\n    {node['failureSummary'][:300]}"
        for violation in found
        for node in violation["nodes"][:4]
    ]


def overflow(page: Page) -> list[str]:
    """Return what makes the page wider than its window; tables scroll in their own regions and do not count."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
        [...document.body.querySelectorAll("*")]
          .filter((each) => !each.closest(".table-region, .visually-hidden"))
          .filter((each) => each.getBoundingClientRect().right > window.innerWidth + 1)
          .slice(0, 5).map((each) => each.outerHTML.slice(0, 120)).concat(["page is too wide"])"""
    )
    return found


def screenshot(page: Page, name: str, *, whole: bool = False, always: bool = False) -> None:
    """Keep a picture of the page under tests/.artifacts, ``always`` or when CASEWORK_PICTURES is set."""
    if always or os.environ.get("CASEWORK_PICTURES"):
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=whole)
