"""A call that rings appears on an open desk within two seconds, and one press leads to the form with its number."""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from casework.core.keyring import Keyring
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.support.watch import axe, overflow
from tests.support.canaries import NUMBER
from tests.support.switchboard import PATH, signed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

LINE = "和悦社工值班热线"
SOON = 2.0


@pytest.fixture
def ring(live: str, _instance: Path) -> Callable[[str, str], None]:
    """Give a function that reports an event of the switchboard, signed with the keyring the server has a copy of."""
    secret = Keyring.load(_instance / "keyring.json").secret("telephony", "webhook")

    def report(kind: str, call: str) -> None:
        now = datetime.now(UTC).isoformat()
        event = {"id": f"{call}-{kind}", "call": call, "event": kind, "line": LINE, "number": NUMBER, "at": now}
        body = json.dumps(event).encode()
        request = urllib.request.Request(live + PATH, body, signed(secret, body))  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - the same
            assert answer.status == 200

    return report


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_ringing_call_is_on_the_desk_within_two_seconds_and_goes_with_its_number_to_the_form(
    live: str,
    open_page: Callable[..., Page],
    sign_in: Callable[..., None],
    ring: Callable[[str, str], None],
    size: tuple[int, int],
) -> None:
    page = open_page(live, size)
    sign_in(page, "zhiyuan")
    page.goto("/calls")
    assert page.get_by_role("button", name="接听登记").count() == 0
    ring("ringing", f"call-{size[0]}")
    begun = time.monotonic()
    page.get_by_role("button", name="接听登记").wait_for(timeout=SOON * 1000)
    assert time.monotonic() - begun < SOON
    assert NUMBER not in page.content()
    axe(page)
    assert not overflow(page)
    page.get_by_role("button", name="接听登记").click()
    page.wait_for_url("**/calls/new?ringing=*")
    assert NUMBER not in page.url
    assert page.input_value("[name=caller_phone]").endswith(NUMBER)
    assert page.locator("[name=line] option:checked").inner_text() == LINE


def test_a_call_that_is_over_leaves_the_desk_by_itself(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], ring: Callable[[str, str], None]
) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    ring("ringing", "over")
    page.goto("/calls")
    page.get_by_role("button", name="接听登记").wait_for()
    ring("abandoned", "over")
    page.get_by_role("button", name="接听登记").wait_for(state="detached", timeout=SOON * 1000)
