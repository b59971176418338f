"""The call page is light: a volunteer on a slow line can begin while the telephone is still ringing."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Response

FIRST_LOAD = 80 * 1024
REQUESTS = 10


def test_the_first_load_of_a_call_is_at_most_80_kb_in_ten_requests(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    signed = open_page(live)
    sign_in(signed, "zhiyuan")
    page = open_page(live, storage_state=signed.context.storage_state())
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - a method of a list takes no mark
    page.goto("/calls/new")
    page.wait_for_load_state("networkidle")
    sizes = {answer.url: len(gzip.compress(answer.body())) for answer in answers}
    assert any("save.js" in url for url in sizes)
    assert len(sizes) <= REQUESTS, sizes
    assert sum(sizes.values()) <= FIRST_LOAD, sizes
