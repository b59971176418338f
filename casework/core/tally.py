"""Daily counters kept in the same transaction as what they count, so that no screen ever scans all records.

A busy counter row would be a lock that every save waits for. Writers spread over slots and readers sum them.
"""

from __future__ import annotations

import secrets
from datetime import date  # noqa: TC003 - SQLAlchemy reads the annotations of the mixin
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from casework.core.db import Base, session

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SLOTS = 16


class DailyTally:
    """Columns of a rollup table: how many on one day of one value of one dimension. A table adds its own keys."""

    day: Mapped[date] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, default=0)
    count: Mapped[int] = mapped_column(default=0)


def add(table: type[Base], changes: Iterable[Mapping[str, Any]]) -> None:
    """Add each change's ``count`` (may be negative) to its counter, creating the counter when it is new.

    Changes are keyed by the table's other primary-key columns and applied in key order, so that two writers
    never wait for each other in a circle.
    """
    engine = session().get_bind().dialect.name
    slot = secrets.randbelow(SLOTS) if engine == "postgresql" else 0
    rows = _merged(changes, slot)
    if not rows:
        return
    session().connection().execute(_upsert(table, engine), rows)


@cache
def _upsert(table: type[Base], engine: str) -> Any:  # noqa: ANN401 - an insert of either dialect
    # One row a statement, executed for all rows: it is made and compiled once for the life of the process.
    rows: Any = table.__table__
    insert: Any = (postgresql.insert if engine == "postgresql" else sqlite.insert)(rows)
    keys = [column.name for column in sa.inspect(table).primary_key]
    return insert.on_conflict_do_update(
        index_elements=keys, set_={"count": insert.table.c.count + insert.excluded.count}
    )


def monthly(table: type[Base], *keys: Any, where: Iterable[sa.ColumnElement[bool]] = ()) -> list[Any]:  # noqa: ANN401 - mapped columns
    """Return (month as ``2020-04``, the keys, count) summed over days and slots; sums of zero are left out.

    What it costs grows with days, places and values, and not with how many events were counted.
    """
    columns = sa.inspect(table).columns
    year, month = sa.extract("year", columns["day"]), sa.extract("month", columns["day"])
    total = sa.func.sum(columns["count"])
    statement = sa.select(year, month, *keys, total).where(*where).group_by(year, month, *keys).having(total != 0)
    return [(f"{int(row[0]):04d}-{int(row[1]):02d}", *row[2:]) for row in session().execute(statement)]


def _merged(changes: Iterable[Mapping[str, Any]], slot: int) -> list[dict[str, Any]]:
    sums: dict[tuple[tuple[str, Any], ...], int] = {}
    for change in changes:
        key = tuple(sorted((name, value) for name, value in change.items() if name != "count"))
        sums[key] = sums.get(key, 0) + int(change["count"])
    ordered = sorted(sums.items(), key=lambda item: [str(value) for _, value in item[0]])
    return [{**dict(key), "slot": slot, "count": count} for key, count in ordered if count]
