"""A call that is being typed, and everything that can happen to it meanwhile."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from casework.core.keyring import Keyring
from casework.people.service.cookie import SEEN

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from tests.browser.support.server import Server

SAVED = re.compile(r"已自动保存 \d\d:\d\d:\d\d")
OFFLINE = "网络中断，已存本机，恢复后自动上传"
ENDED = "登录已过期，已填写的内容没有丢失"
COOKIE = "casework_session"
COPIES = """() => new Promise((done, failed) => {
  const asked = indexedDB.open("casework", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("copies");
  asked.onerror = () => failed(asked.error);
  asked.onsuccess = () => {
    const all = asked.result.transaction("copies").objectStore("copies").getAllKeys();
    all.onsuccess = () => { asked.result.close(); done(all.result); };
  };
})"""


def start(page: Page) -> None:
    """Open an empty call."""
    page.goto("/calls/new")
    page.wait_for_function("document.activeElement.name === 'call_type'")


def choose(page: Page, name: str, value: str) -> None:
    """Choose one answer of a group."""
    page.locator(f"[name={name}][value='{value}']").check(force=True)


def on_duty(page: Page) -> None:
    """Say that one can be called on."""
    page.locator(".duty-menu summary").click()
    page.get_by_role("button", name="在线").click()
    page.locator("[data-duty-label]").get_by_text("在线").wait_for()


def saved(page: Page, timeout: float = 4000) -> None:
    """Wait until the page says that all is on the server."""
    page.locator("#save-state").get_by_text(SAVED).wait_for(timeout=timeout)


def says(page: Page, words: str, timeout: float = 15_000) -> None:
    """Wait until the state of saving is said in these words."""
    page.locator("#save-state").get_by_text(words).wait_for(timeout=timeout)


def summary(page: Page) -> str:
    """Return the summary as it stands on the page."""
    return page.locator("#summary").input_value()


def draft_address(page: Page) -> str:
    """Return the address of the draft that the page writes."""
    return str(page.locator("[data-call]").get_attribute("data-draft-url"))


def copies(page: Page) -> list[str]:
    """Return the slots of the copies that this browser keeps."""
    found: list[str] = page.evaluate(COPIES)
    return found


def no_copy(page: Page) -> None:
    """Wait until the browser keeps no copy: it is deleted a moment after the server has the words."""
    for _ in range(50):
        if not copies(page):
            return
        page.wait_for_timeout(100)
    msg = "a copy is still there"
    raise AssertionError(msg)


def kept(page: Page) -> None:
    """Wait until the browser keeps a copy."""
    for _ in range(50):
        if copies(page):
            return
        page.wait_for_timeout(100)
    msg = "no copy was kept"
    raise AssertionError(msg)


def end_sessions(server: Server) -> None:
    """End everybody's session in the database, as an administrator or a limit does."""
    with closing(sqlite3.connect(server.folder / "casework.sqlite", timeout=20)) as database, database:
        database.execute("DELETE FROM people_session")


def grow_older(context: BrowserContext, folder: Path, minutes: float) -> None:
    """Let the session be last used that much longer ago: what the server sees when time passes without a request."""
    (cookie,) = [each for each in context.cookies() if each.get("name") == COOKIE]
    serializer = _serializer(folder)
    held: dict[str, Any] = serializer.loads(cookie.get("value", ""))
    held[SEEN] -= int(minutes * 60)
    changed: Any = {**cookie, "value": serializer.dumps(held)}
    context.add_cookies([changed])


def _serializer(folder: Path) -> Any:  # noqa: ANN401 - itsdangerous' own type
    app = Flask("cookie")
    app.secret_key = Keyring.load(folder / "keyring.json").secret("cookie", "flask")
    return SecureCookieSessionInterface().get_signing_serializer(app)
