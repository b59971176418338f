"""The databases and the browser the tests run on: which are there, and fresh databases copied from a prepared one."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

import config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SQLITE_FILE = "casework.sqlite"
_numbers = count(1)
# A database is a thousand files: making one for each test took longer than the tests. The one copy a process has is put
# back to its beginnings instead, row by row, and thrown away when a test changed more than rows.
_copies: dict[str, Copy] = {}
_KEEP: Final = """DO $$ DECLARE name text; BEGIN
  CREATE SCHEMA kept;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', name);
  END LOOP;
END $$"""
_PUT_BACK: Final = """DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;
  SET LOCAL lock_timeout = '5s';
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
    EXECUTE format('DELETE FROM public.%I', name);
    EXECUTE format('INSERT INTO public.%1$I TABLE kept.%1$I', name);
  END LOOP;
END $$"""
_SHAPE: Final = """SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
  SELECT format('%s.%s %s %s', attrelid::regclass, attname, atttypid, attnotnull) FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
  UNION ALL SELECT format('%s %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT format('%s %s', oid, pg_get_constraintdef(oid)) FROM pg_constraint
  UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT format('%s %s', oid, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS parts (part)"""


class Engine(StrEnum):
    """A database the system runs on."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def server_address() -> str:
    """Return the address of the PostgreSQL server in which test databases are made."""
    return os.environ.get("CASEWORK_TEST_DATABASE_URL", LOCAL)


@cache
def postgresql_missing() -> str | None:
    """Return why PostgreSQL takes no part, or None when it is reachable."""
    try:
        with psycopg.connect(server_address(), connect_timeout=3):
            return None
    except psycopg.Error as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return f"not reachable at {make_url(server_address()).render_as_string()}: {reason}"


@cache
def chromium() -> str | None:
    """Return the browser's program, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def browser_missing() -> str | None:
    """Return why the browser takes no part, or None when there is one."""
    return None if chromium() else "no Chromium found; on Debian: apt-get install chromium-headless-shell"


def required() -> frozenset[str]:
    """Return what must not be missing: CASEWORK_REQUIRE, for example ``browser,postgres``."""
    return frozenset(filter(None, os.environ.get("CASEWORK_REQUIRE", "").replace(" ", "").split(",")))


def unmet() -> list[str]:
    """Return what is required and not there, with the reason."""
    reasons: dict[str, Callable[[], str | None]] = {"postgres": postgresql_missing, "browser": browser_missing}
    unknown = sorted(required() - reasons.keys())
    found = [f"CASEWORK_REQUIRE names {name!r}, which is none of {', '.join(sorted(reasons))}" for name in unknown]
    for name in sorted(required() & reasons.keys()):
        reason = reasons[name]()
        if reason is not None:
            found.append(f"{name} is required: {reason}")
    return found


def settings_of(folder: Path, url: str = "") -> config.Settings:
    """Return settings with key derivation as cheap as it can be; everything else is as in production."""
    return config.Settings(
        mode=config.Mode.TESTING,
        instance_path=folder,
        database_url=url,
        argon2_memory_kib=64,
        argon2_passes=1,
        argon2_lanes=1,
        second_factor=False,
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database with everything a test begins with, to be copied and never used itself."""

    engine: Engine
    folder: Path
    database: str = ""

    @property
    def url(self) -> str:
        """Return the address of the prepared database; empty for the SQLite file in the folder."""
        return address_of(self.database) if self.database else ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a prepared PostgreSQL database that tests use one after the other."""

    name: str
    shape: str

    @classmethod
    def of(cls, template: str) -> Copy:
        """Return a new copy, which remembers its rows and its shape."""
        name = fresh_name("test")
        create_database(name, template)
        with psycopg.connect(address_of(name), autocommit=True) as connection:
            connection.execute(_KEEP)
            return cls(name, _shape_of(connection))

    def put_back(self) -> bool:
        """Let every table hold what it held at first; False when it cannot be: another shape, or a lock."""
        try:
            with psycopg.connect(address_of(self.name), autocommit=True) as connection:
                if _shape_of(connection) != self.shape:
                    return False
                connection.execute(_PUT_BACK)
        except psycopg.Error:
            return False
        return True


def _shape_of(connection: psycopg.Connection) -> str:
    row = connection.execute(_SHAPE).fetchone()
    assert row is not None
    return str(row[0])


def address_of(database: str) -> str:
    """Return the address of a database on the test server."""
    return make_url(server_address()).set(database=database).render_as_string(hide_password=False)


def fresh_name(label: str) -> str:
    """Return a database name that no other process of this run uses."""
    return f"casework_{label}_{os.getpid()}_{next(_numbers)}"


def create_database(name: str, template: str = "template1") -> None:
    """Create a database, as a copy when a template is named."""
    _execute("CREATE DATABASE {} TEMPLATE {}", name, template)


def drop_database(name: str) -> None:
    """Drop a database, whoever is still connected."""
    _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def drop_copies() -> None:
    """Drop the copies of this process."""
    while _copies:
        drop_database(_copies.popitem()[1].name)


@contextmanager
def new_database(engine: Engine, label: str = "test") -> Iterator[str]:
    """Give the name of an empty database, which is dropped afterwards; empty for SQLite, which needs none."""
    if engine is Engine.SQLITE:
        yield ""
        return
    name = fresh_name(label)
    create_database(name)
    try:
        yield name
    finally:
        drop_database(name)


@contextmanager
def copied(prepared: Prepared, folder: Path) -> Iterator[config.Settings]:
    """Give the settings of a copy of the prepared system in ``folder``, which must not exist yet."""
    shutil.copytree(prepared.folder, folder)
    if prepared.engine is Engine.SQLITE:
        yield settings_of(folder)
        return
    copy = _copies.pop(prepared.database, None) or Copy.of(prepared.database)
    try:
        yield settings_of(folder, address_of(copy.name))
    finally:
        if copy.put_back():
            _copies[prepared.database] = copy
        else:
            drop_database(copy.name)


def _execute(statement: str, *names: str) -> None:
    with psycopg.connect(server_address(), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
