"""The limit of a write: bare Flask and one Core insert, on the same server and the same kind of database."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask

ADDRESS = "BENCH_DATABASE_URL"
metadata = sa.MetaData()
line = sa.Table(
    "bench_line",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)


def engine_of(url: str) -> sa.Engine:
    """Return an engine that is as durable as ours: nothing is answered before it is on the disk."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def create_app() -> Flask:
    """Return an application of one view that inserts one row into a table that stands."""
    app = Flask(__name__)
    engine = engine_of(os.environ[ADDRESS])

    def save() -> str:
        with engine.begin() as connection:
            connection.execute(sa.insert(line).values(id=uuid4(), at=datetime.now(UTC), text="x" * 200))
        return "ok"

    app.add_url_rule("/", view_func=save, methods=["POST"])
    app.add_url_rule("/healthz", endpoint="healthz", view_func=lambda: "ok")
    return app


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
    connection.isolation_level = None
    for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
