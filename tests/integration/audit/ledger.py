"""A bare application with nothing but the audit trail and one table of sealed content, on either engine."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask
from flask_babel import Babel

import config
from casework.audit import trail
from casework.audit.events import Action
from casework.audit.models import ENTRY, HEAD, AuditEntry
from casework.core import db as database
from casework.core.db import db, read_transaction, session, write_transaction
from casework.core.keyring import Keyring
from casework.security.actor import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEALED = sa.table("sealed_thing", sa.column("id", sa.Uuid()), sa.column("sealed_text", sa.LargeBinary()))
ACTOR = Actor.system()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The application, where its database is, and what a test does with it."""

    app: Flask
    url: str
    directory: Path

    def write(self, count: int = 1, *, action: Action = Action.CASE_READ) -> None:
        """Commit that many events, each in a transaction of its own."""
        for _ in range(count):
            with write_transaction():
                trail.record(action, actor=ACTOR, subject_kind="case", subject_id=uuid4())

    def execute(self, sql: str, **values: object) -> None:
        """Do what an attacker does who owns the database: statements beside the application, triggers off."""
        with self.attack() as connection:
            connection.execute(sa.text(sql), values)

    @contextmanager
    def attack(self) -> Iterator[sa.Connection]:
        """Open the database as its owner, with the append-only triggers switched off."""
        engine = sa.create_engine(config.Settings(database_url=self.url).database)
        try:
            with engine.begin() as connection:
                _switch_triggers_off(connection)
                yield connection
        finally:
            engine.dispose()

    def entries(self) -> list[AuditEntry]:
        """Return all entries in order; no transaction stays open behind them."""
        with read_transaction() as current:
            found = list(current.scalars(sa.select(AuditEntry).order_by(AuditEntry.chain, AuditEntry.seq)))
            current.expunge_all()
        return found

    def seal(self, content: bytes) -> UUID:
        """Store sealed content with its event and return its id."""
        thing = uuid4()
        with write_transaction() as current:
            current.execute(sa.insert(SEALED).values(id=thing, sealed_text=content))
            self.record_seal(thing, trail.content_digest(content))
        return thing

    @staticmethod
    def record_seal(thing: UUID, digest: bytes) -> None:
        """Record that the content of a thing now has this digest."""
        details = {"case": thing, "channel": "phone"}
        trail.record(
            Action.NOTE_WRITTEN, actor=ACTOR, subject_kind="thing", subject_id=thing, details=details, digest=digest
        )


def read_sealed(thing: UUID) -> bytes | None:
    """Return the stored content of a thing."""
    return session().scalar(sa.select(SEALED.c.sealed_text).where(SEALED.c.id == thing))


def make_app(url: str, directory: Path, chains: int = 8) -> Flask:
    """Return an application whose only tables are those of the trail; the keyring is created once a directory."""
    settings = config.Settings(mode=config.Mode.TESTING, instance_path=directory, database_url=url, audit_chains=chains)
    app = Flask("ledger")
    app.config.update(TESTING=True, SQLALCHEMY_DATABASE_URI=settings.database)
    ring = Keyring.load(settings.keyring) if settings.keyring.exists() else Keyring.create(settings.keyring)
    app.extensions["casework.settings"] = settings
    app.extensions["casework.keyring"] = ring
    database.install(app)
    trail.install(app)
    Babel(app)
    return app


def create_tables() -> None:
    """Create the tables of the trail and of the sealed content."""
    binary = "BYTEA" if db.engine.dialect.name == "postgresql" else "BLOB"
    kind = "UUID" if db.engine.dialect.name == "postgresql" else "CHAR(32)"
    with db.engine.begin() as connection:
        AuditEntry.metadata.create_all(connection, tables=[ENTRY, HEAD])
        connection.exec_driver_sql(f"CREATE TABLE sealed_thing (id {kind} PRIMARY KEY, sealed_text {binary})")


def _switch_triggers_off(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
        return
    for verb in ("update", "delete"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS audit_entry_no_{verb}")
