"""How migrations run: numbered, in one transaction, the same files on SQLite and PostgreSQL."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from alembic import context
from flask import current_app

from casework.core.db import UtcDateTime, db

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.operations import MigrationScript
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy.engine import Connection

# What SQLite cannot reflect would be left out of the new file in silence: such a migration is made on PostgreSQL.
warnings.filterwarnings("error", message="autogenerate skipping metadata-specified expression-based index")
VERSIONS = Path(__file__).parent / "versions"


def number_revision(_context: MigrationContext, _revision: object, directives: list[MigrationScript]) -> None:
    """Name the new file by the next number; write none when nothing has changed."""
    script = directives[0]
    if script.upgrade_ops is not None and script.upgrade_ops.is_empty():
        directives.clear()
        return
    numbers = [int(path.name[:4]) for path in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py")]
    script.rev_id = f"{max(numbers, default=0) + 1:04d}"


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - Alembic passes any schema item
    """Write our own types as what they are in the database: a migration must outlive the code of today."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def run(connection: Connection) -> None:
    """Bring the database to the wanted revision, all or nothing."""
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
        transactional_ddl=True,
        process_revision_directives=number_revision,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on_sqlite(connection: Connection) -> None:
    """Rebuild tables with foreign keys off, since dropping one would delete its children; then check every key."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        run(connection)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        connection.rollback()
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        msg = f"the migration left rows without their parents in: {tables}"
        raise RuntimeError(msg)


def main() -> None:
    """Run on the application's engine."""
    with current_app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            run_on_sqlite(connection)
        else:
            run(connection)


main()
