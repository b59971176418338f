"""The SQLite of the application keeps what it answered, forgets what was deleted, and begins writes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.core.db import Access, db, read_transaction, session, using, write_transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import CheckedClient

pytestmark = pytest.mark.sqlite_only

WANTED = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: an answered save survives a power cut
    "secure_delete": 1,
    "foreign_keys": 1,
    "temp_store": 2,  # MEMORY: no sorted copy of rows on the disk
    "busy_timeout": 15_000,
}


def pragmas(connection: sa.Connection) -> dict[str, object]:
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in WANTED}


def test_every_connection_of_the_application_is_held_to_its_rules(app: Flask) -> None:
    with app.app_context(), using(Access.READ), db.engine.connect() as first, db.engine.connect() as second:
        assert pragmas(first) == WANTED
        assert pragmas(second) == WANTED


def test_a_connection_that_nobody_prepared_breaks_them(app: Flask) -> None:
    plain = sa.create_engine(app.extensions["casework.settings"].database)
    with plain.connect() as connection:
        found = pragmas(connection)
    plain.dispose()
    assert {name for name, value in found.items() if value != WANTED[name]} >= {"foreign_keys", "busy_timeout"}


@pytest.fixture
def begun(app: Flask) -> list[str]:
    """Give a list that grows by every statement with which a transaction begins."""
    seen: list[str] = []

    def listen(_connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            seen.append(statement)

    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", listen)
    return seen


def test_a_write_transaction_takes_the_lock_when_it_begins_and_a_reading_one_never(
    app: Flask, begun: list[str]
) -> None:
    with app.app_context():
        with write_transaction():
            session().execute(sa.text("SELECT 1"))
        assert begun == ["BEGIN IMMEDIATE"]
        begun.clear()
        with read_transaction():
            session().execute(sa.text("SELECT 1"))
        assert begun == ["BEGIN"]


def test_a_reading_request_never_takes_the_lock_of_writers(
    sign_in: Callable[[str], CheckedClient], begun: list[str]
) -> None:
    client = sign_in("fuze")
    assert "BEGIN IMMEDIATE" in begun
    begun.clear()
    assert client.get("/help").status_code == 200
    assert set(begun) == {"BEGIN"}
