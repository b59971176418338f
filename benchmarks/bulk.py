"""Fills tables with very many rows: one real row made by the services, copied by the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from casework.core.db import session, write_transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

BATCH = 100_000


def series(count: int) -> str:
    """Return a FROM clause with the numbers 1 to ``count`` in a column ``n``, for the engine of the session."""
    if session().get_bind().dialect.name == "postgresql":
        return f"generate_series(1, {count}) AS numbers(n)"
    return (
        f"(WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {count}) SELECT n FROM r) numbers"
    )


def ordered_id(beginning: int) -> str:
    """Return an expression for new ids that grow with ``n``, as ours grow with time; each ``beginning`` its own."""
    if session().get_bind().dialect.name == "postgresql":
        return f"('{beginning:08x}' || lpad(to_hex(n), 24, '0'))::uuid"
    return f"'{beginning:08x}' || printf('%024x', n)"


def copy_row(table: sa.Table, row_id: object, count: int, changed: Mapping[str, str]) -> None:
    """Insert ``count`` copies of a row, with expressions (over ``n``) for the columns that differ."""
    names = [column.name for column in table.columns]
    values = [changed.get(name, f"source.{name}") for name in names]
    key = next(iter(table.primary_key.columns))
    listed = ", ".join(names)
    statement = f"INSERT INTO {table.name} ({listed}) SELECT {', '.join(values)} FROM {table.name} AS source, "
    with write_transaction() as writing:
        if writing.get_bind().dialect.name == "postgresql":
            # A copy of a row that stands needs no look at its parents, and a benchmark survives no power cut.
            writing.execute(sa.text("SET LOCAL session_replication_role = replica"))
            writing.execute(sa.text("SET LOCAL synchronous_commit = off"))
        writing.execute(
            sa.text(statement + series(count) + f" WHERE source.{key.name} = :row").bindparams(
                sa.bindparam("row", row_id, type_=key.type)
            )
        )


def analyse() -> None:
    """Let the engine know what the tables hold now, as it would after a day of work."""
    with session().get_bind().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _plain(connection).execute("ANALYZE")


def _plain(connection: sa.Connection) -> Any:  # noqa: ANN401 - the driver's own connection
    return connection.connection.dbapi_connection
