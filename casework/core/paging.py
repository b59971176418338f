"""Keyset paging: page 10,000 costs what page 1 costs, and rows that arrive meanwhile shift nothing."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.core.db import session
from casework.core.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import InstrumentedAttribute

PAGE_SIZE = 20
# The size of an integer column in bits; the first of them is the sign.
_BITS = {sa.SmallInteger: 16, sa.Integer: 32, sa.BigInteger: 64}
_BACKWARD = {"n": False, "p": True}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key:
    """One column of a list's order; the last column of an order must be unique."""

    column: InstrumentedAttribute[Any]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page, and the cursors to the pages beside it (None at either end)."""

    items: Sequence[T]
    next_cursor: str | None
    previous_cursor: str | None


def keyset(statement: sa.Select[T], order: Sequence[Key], cursor: str | None, size: int = PAGE_SIZE) -> Page[T]:
    """Return the page behind (or, for a backward cursor, before) the row a cursor names.

    Refused (Invalid) for a cursor that was tampered with. Costs one index range scan whatever the page.
    """
    backward, values = _decode(cursor, order)
    keys = [Key(key.column, key.descending != backward) for key in order]
    if values is not None:
        statement = statement.where(_beyond(keys, values))
    ordering = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    rows = list(session().scalars(statement.order_by(*ordering).limit(size + 1)))
    more = len(rows) > size
    rows = rows[:size]
    if backward:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    has_next = more if not backward else True
    has_previous = more if backward else values is not None
    return Page(
        rows,
        _encode("n", rows[-1], order) if has_next else None,
        _encode("p", rows[0], order) if has_previous else None,
    )


def _beyond(keys: Sequence[Key], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    if len({key.descending for key in keys}) == 1:
        # One comparison of rows, which both databases answer by a seek in the index of the order.
        row = sa.tuple_(*(key.column for key in keys))
        bound = sa.tuple_(*(sa.literal(value, key.column.type) for key, value in zip(keys, values, strict=True)))
        return row < bound if keys[0].descending else row > bound
    alternatives = []
    for index, key in enumerate(keys):
        equal = [keys[i].column == values[i] for i in range(index)]
        step = key.column < values[index] if key.descending else key.column > values[index]
        alternatives.append(sa.and_(*equal, step))
    # Implied by the alternatives, but an index scan can begin at it; without it a deep page reads all before it.
    first = keys[0].column <= values[0] if keys[0].descending else keys[0].column >= values[0]
    return sa.and_(first, sa.or_(*alternatives))


def _encode(direction: str, row: object, order: Sequence[Key]) -> str:
    values = [_plain(getattr(row, key.column.key)) for key in order]
    return base64.urlsafe_b64encode(json.dumps([direction, *values]).encode()).decode().rstrip("=")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _decode(cursor: str | None, order: Sequence[Key]) -> tuple[bool, list[Any] | None]:
    if not cursor:
        return False, None
    try:
        direction, *raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [_typed(key.column, value) for key, value in zip(order, raw, strict=True)]
        backward = _BACKWARD[direction]
    except (LookupError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise Invalid(_l("页码无效，请从第一页重新开始。")) from error
    return backward, values


def _typed(column: InstrumentedAttribute[Any], value: Any) -> Any:  # noqa: ANN401 - the column's type decides
    """Return a value that the database can compare with the column; anything else fails here and not there."""
    kind = column.type.python_type
    if kind is datetime:
        # A time without a zone is refused by the column, one beyond the calendar by the conversion.
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else _refuse(value)
    if kind is UUID:
        return UUID(_exactly(str, value))
    known = _exactly(kind, value)
    if kind is str:
        return _refuse(value) if "\0" in known.encode().decode() else known
    if kind is int and known.bit_length() >= _BITS[type(column.type)]:
        return _refuse(value)
    return known


def _exactly(kind: type[T], value: object) -> T:
    # Not isinstance: a truth value is an integer to Python, and none to PostgreSQL.
    return value if type(value) is kind else _refuse(value)


def _refuse(value: object) -> NoReturn:
    raise ValueError(type(value).__name__)
