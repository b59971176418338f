"""A reading request cannot write: the database itself refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import sqlalchemy as sa

from casework.core import clock
from casework.core.db import Access, read_transaction, session, using, write_transaction
from casework.core.idempotency import IdempotencyKey
from casework.security.guard import signed_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import CheckedClient


def _row(number: int) -> IdempotencyKey:
    return IdempotencyKey(account_id=UUID(int=1), key=UUID(int=number), body_mac=b"", created_at=clock.now())


def _count() -> int:
    return session().scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) or 0


def test_a_read_transaction_refuses_to_write_and_a_write_transaction_does_not(app: Flask) -> None:
    with app.app_context():
        session().add(_row(1))
        with using(Access.READ), pytest.raises(sa.exc.DBAPIError):
            session().flush()
        session().rollback()
        with write_transaction():
            session().add(_row(2))
        with read_transaction():
            assert _count() == 1


def test_a_view_that_writes_on_get_fails_and_leaves_nothing(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("zhiyuan")
    before = app.view_functions["web.help_page"]

    def offence() -> str:
        session().add(_row(3))
        session().flush()
        return "written"

    app.view_functions["web.help_page"] = signed_in(offence)
    with pytest.raises(sa.exc.DBAPIError):
        client.get("/help")
    app.view_functions["web.help_page"] = before
    with app.app_context(), using(Access.READ):
        assert _count() == 0
