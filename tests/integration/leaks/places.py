"""Where to look for what the story left behind: the dump of a database, and every page somebody can ask for."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from tests.support.canaries import Leak, search_bytes, search_zip
from tests.support.routes import IMPLIED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from tests.integration.leaks.witness import Evidence, Witness


def dump(address: str) -> bytes:
    """Return a PostgreSQL database as a backup would hold it: by pg_dump, or every table in text form."""
    program = shutil.which("pg_dump")
    if program is not None:
        done = subprocess.run(  # noqa: S603 - our own test database
            [program, "--dbname", address], capture_output=True, check=False, timeout=120
        )
        if done.returncode == 0:
            return done.stdout
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return b"".join(_copied(connection, name) for (name,) in tables)


def _copied(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
        return b"".join(bytes(each) for each in rows)


def leaks_of(evidence: Evidence, client: Witness, *, least: int = 40) -> Iterator[Leak]:
    """Ask for every page there is about the canaries' calls and cases, and yield what is found in the answers."""
    client.inspecting, before = False, len(evidence.traffic)
    addresses = list(addresses_of(evidence.app, evidence.known))
    for address in addresses:
        client.get(address)
    answers = evidence.traffic[before:]
    assert len(answers) == len(addresses) > least
    for each in answers:
        packed = each.body.startswith(b"PK")
        yield from search_zip(each.body, each.place) if packed else search_bytes(each.body, each.place)


def addresses_of(app: Flask, known: dict[str, list[str]]) -> Iterator[str]:
    """Yield every address that can be fetched and whose variables are known, for every combination of the story."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or "GET" not in (rule.methods or set()) - IMPLIED:
            continue
        combinations: list[dict[str, str]] = [{}]
        for name in rule.arguments:
            combinations = [{**each, name: value} for each in combinations for value in known.get(name, [])]
        for values in combinations:
            built = rule.build(dict(values))
            assert built is not None
            yield built[1]
