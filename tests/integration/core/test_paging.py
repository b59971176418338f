"""Walking the pages of a list shows every row once and in order, forwards and back, whatever the order."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core.db import session, write_transaction
from casework.core.errors import Invalid
from casework.core.idempotency import IdempotencyKey
from casework.core.paging import Key, keyset
from casework.intake.models import Call
from casework.people.models import Account

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import CheckedClient

BEGINNING = datetime(2020, 3, 27, tzinfo=UTC)
ROWS = 57


@pytest.fixture(autouse=True)
def _rows(app: Flask) -> None:
    """Store rows of which many share the leading column."""
    random = Random(5)  # noqa: S311 - repeatable rows
    with app.app_context(), write_transaction():
        for _ in range(ROWS):
            session().add(
                IdempotencyKey(
                    account_id=UUID(int=1),
                    key=UUID(int=random.getrandbits(128)),
                    body_mac=b"",
                    created_at=BEGINNING + timedelta(hours=random.randrange(9)),
                )
            )


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("key_descending", [True, False])
@pytest.mark.parametrize("size", [1, 7, ROWS - 1, ROWS, ROWS + 1])
def test_every_row_is_shown_once(app: Flask, size: int, *, newest_first: bool, key_descending: bool) -> None:
    order = (Key(IdempotencyKey.created_at, newest_first), Key(IdempotencyKey.key, key_descending))
    statement = sa.select(IdempotencyKey)
    with app.app_context():
        ordering = [key.column.desc() if key.descending else key.column.asc() for key in order]
        wanted = [row.key for row in session().scalars(statement.order_by(*ordering))]
        page = keyset(statement, order, None, size)
        forwards = [row.key for row in page.items]
        while page.next_cursor:
            page = keyset(statement, order, page.next_cursor, size)
            forwards += [row.key for row in page.items]
        backwards = [row.key for row in page.items]
        while page.previous_cursor:
            page = keyset(statement, order, page.previous_cursor, size)
            backwards = [row.key for row in page.items] + backwards
    assert forwards == wanted
    assert backwards == wanted


@pytest.mark.parametrize("cursor", ["x", "bm9wZQ", "WyJuIiwxXQ", "\x00", "-" * 500])
def test_a_forged_cursor_is_refused(app: Flask, cursor: str) -> None:
    with app.app_context(), pytest.raises(Invalid):
        keyset(sa.select(IdempotencyKey), (Key(IdempotencyKey.created_at, descending=True),), cursor)


def forged(*values: str, direction: str = '"n"') -> str:
    """Return a cursor of values that are written in JSON."""
    return base64.urlsafe_b64encode(f"[{', '.join((direction, *values))}]".encode()).decode().rstrip("=")


ORDERS = {
    "time": (Key(IdempotencyKey.created_at, descending=True),),
    "id": (Key(IdempotencyKey.key),),
    "short integer": (Key(Call.triage_rank),),
    "integer": (Key(Account.row_version),),
    "long integer": (Key(AuditEntry.seq, descending=True),),
    "text": (Key(Account.login),),
}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("time", '"2020-04-01T00:00:00"'),
        ("time", '"2020-04-01"'),
        ("time", '"0001-01-01T00:00:00+23:00"'),
        ("time", '"9999-12-31T23:00:00-23:00"'),
        ("time", "7"),
        ("id", "7"),
        ("id", '"7"'),
        ("id", "null"),
        ("integer", "Infinity"),
        ("integer", "NaN"),
        ("integer", "1e400"),
        ("integer", "1.5"),
        ("integer", "true"),
        ("integer", '"1"'),
        ("short integer", str(2**15)),
        ("integer", str(2**31)),
        ("integer", str(-(2**31) - 1)),
        ("long integer", str(2**63)),
        ("long integer", "1" * 5000),
        ("text", r'"\u0000"'),
        ("text", r'"\ud800"'),
        ("text", "{}"),
        ("text", "[" * 3000 + "]" * 3000),
        ("text", "[" * 200_000),
    ],
    ids=lambda text: text[:30],
)
def test_a_forged_value_is_refused_before_the_database_sees_it(app: Flask, kind: str, value: str) -> None:
    order = ORDERS[kind]
    with app.app_context(), pytest.raises(Invalid):
        keyset(sa.select(order[0].column.class_), order, forged(value))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("time", '"0001-01-01T00:00:00+00:00"'),
        ("time", '"9999-12-31T23:59:59+00:00"'),
        ("id", f'"{UUID(int=2**128 - 1)}"'),
        ("short integer", str(2**15 - 1)),
        ("integer", str(2**31 - 1)),
        ("long integer", str(1 - 2**63)),
        ("text", '"咨询"'),
    ],
)
def test_a_value_at_the_edge_is_answered(app: Flask, kind: str, value: str) -> None:
    order = ORDERS[kind]
    with app.app_context():
        assert keyset(sa.select(order[0].column.class_), order, forged(value)) is not None


@pytest.mark.parametrize("direction", ['"x"', "null", "[]", "{}"])
def test_a_direction_that_is_none_is_refused(app: Flask, direction: str) -> None:
    with app.app_context(), pytest.raises(Invalid):
        keyset(sa.select(Account), ORDERS["text"], forged('"a"', direction=direction))


@pytest.mark.parametrize("values", [("Infinity",) * 3, ('"2020-04-01"', "0", "0"), ("[" * 3000 + "]" * 3000,)])
def test_a_page_with_a_forged_cursor_says_so(sign_in: Callable[[str], CheckedClient], values: tuple[str, ...]) -> None:
    answer = sign_in("shenji").get(f"/audit?cursor={forged(*values)}")
    assert answer.status_code == 422
    assert "页码无效" in answer.text
