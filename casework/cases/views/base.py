"""What all pages of cases share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, make_response, request

from casework.core.db import read_transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

blueprint: Final = Blueprint("cases", __name__)


def answer_again(render: Callable[[], str], status: int) -> Response:
    """Return a page after something was refused; nothing of the attempt is kept.

    A refused form is rolled back, and the read events of a page that shows sealed texts must not go with it: the page
    is made in a reading transaction, whose events are queued and written before the answer leaves.
    """
    with read_transaction():
        return make_response(render(), status)


def page_number() -> int:
    """Return the page asked for; 1 for anything that is no number."""
    return request.args.get("page", 1, type=int)
