"""A short form of ``python -m benchmarks.faults``: every kind of fault once, and the proof that it can see a loss."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from benchmarks.faults.run import Typist
from tests.browser.support import server as servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.support.server import Server

# On a busy machine two seconds may be too short; how fast it is, the benchmark says.
ALLOWED = 10.0


@pytest.fixture(scope="module")
def server(_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that may be killed."""
    with servers.controlled(_instance, tmp_path_factory.mktemp("faults") / "instance") as running:
        yield running


@pytest.mark.long
def test_no_character_is_lost_beyond_the_last_two_seconds(server: Server, open_page: Callable[..., Page]) -> None:
    context = open_page(server.address, breaks=True).context
    result = Typist(server, context, random.Random(1), allowed=ALLOWED).run(8)  # noqa: S311 - no secret
    assert result.tried == len(result.faults) == 8
    assert result.lost_in_all == 0, result.lost
    assert len(result.latencies) >= 20


@pytest.mark.long
def test_without_saving_the_same_faults_lose(server: Server, open_page: Callable[..., Page]) -> None:
    context = open_page(server.address, breaks=True).context
    context.route("**/save.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    typist = Typist(server, context, random.Random(1))  # noqa: S311 - no secret
    typist.type(8)
    typist.page.wait_for_timeout(2500)
    typist.suffer("tab killed")
    typist.type(8)
    typist.suffer("back")
    assert typist.result.lost["tab killed"] == 8
    assert typist.result.lost["back"] == 8
