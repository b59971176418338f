"""The database: typed base, naming convention, one transaction a request, and reads that cannot write.

SQLite runs with WAL and ``synchronous=FULL``, so an answered save survives a power cut, with ``secure_delete``, so a
destroyed key leaves no bytes, and opens write transactions with ``BEGIN IMMEDIATE``: a deferred one fails under
parallel writers when it upgrades. Reading requests are physically read-only on both engines.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.orm import Session

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLITE_BUSY_SECONDS = 15


class Access(StrEnum):
    """What the current transaction may do."""

    READ = "read"
    WRITE = "write"


_access: ContextVar[Access] = ContextVar("database_access", default=Access.WRITE)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC time on both engines; a naive one is refused before it can be stored."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Say what the values are; a page cursor is read back by it."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - signature is SQLAlchemy's
        """Store in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a stored time needs a zone"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - signature is SQLAlchemy's
        """Return aware UTC, also from SQLite, which forgets the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        date: sa.Date(),
        bytes: sa.LargeBinary(),
        UUID: sa.Uuid(),
        list[str]: Json,
        dict[str, Any]: Json,
    }


class Versioned:
    """Optimistic locking: an update with an old ``row_version`` raises StaleDataError instead of overwriting."""

    row_version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy passes the class
        return {"version_id_col": cls.row_version}


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def id_param(name: str) -> sa.BindParameter[UUID]:
    """Return the place of an id in a statement that is built once and run often.

    Building a statement costs more than running it. The type is said here because a foreign key does not know its own
    before all tables are there.
    """
    return sa.bindparam(name, type_=sa.Uuid())


def session() -> Session:
    """Return the session of this request or command."""
    return db.session()


def access() -> Access:
    """Return what the current transaction may do."""
    return _access.get()


@contextmanager
def using(mode: Access) -> Iterator[None]:
    """Let transactions that begin inside the block read only, or write."""
    token = _access.set(mode)
    try:
        yield
    finally:
        _access.reset(token)


def set_access(mode: Access) -> None:
    """Choose the access of this context for the transactions that begin from now on."""
    _access.set(mode)


@contextmanager
def write_transaction() -> Iterator[Session]:
    """Run a short write transaction of its own and commit it; anything unfinished before it is rolled back."""
    session().rollback()
    with using(Access.WRITE):
        try:
            yield session()
            session().commit()
        except BaseException:
            session().rollback()
            raise


@contextmanager
def read_transaction() -> Iterator[Session]:
    """Read in a transaction of its own and end it, so that no lock is held while something slow follows."""
    session().rollback()
    with using(Access.READ):
        try:
            yield session()
        finally:
            session().rollback()


def install(app: Flask) -> None:
    """Bind the engine to the application and hold it to its rules."""
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        sa.event.listen(engine, "begin", _begin_postgresql)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
    # The driver would open transactions by itself, deferred; ours are explicit.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={SQLITE_BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = access() is Access.READ
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if access() is Access.READ:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
