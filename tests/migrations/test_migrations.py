"""Migrations: numbered, one head, equal to the models, and reversible with data in the tables, on both databases."""

from __future__ import annotations

import shutil
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade

from casework.core.db import db, write_transaction
from tests.support.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.engine import Connection

SCRIPTS = ROOT / "migrations"
VERSIONS = sorted((SCRIPTS / "versions").glob("*.py"))
HEAD = int(VERSIONS[-1].name[:4])
# Rows that a migration brings with it, not a user.
BOOKKEEPING = "alembic_version"


def wrong_numbers(names: list[str]) -> list[str]:
    """Return the files that do not follow on each other: 0001, 0002 and so on."""
    return [name for number, name in enumerate(sorted(names), 1) if not name.startswith(f"{number:04d}_")]


def drift(connection: Connection, metadata: sa.MetaData) -> list[Any]:
    """Return what differs between the tables in the database and those of the models."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
    with warnings.catch_warnings():
        # Indexes that SQLite cannot reflect are compared by name, and on PostgreSQL in full.
        warnings.filterwarnings("ignore", message="autogenerate skipping metadata-specified expression-based index")
        found = list(compare_metadata(context, metadata))
    if connection.dialect.name != "sqlite":
        return found
    # A descending index is reflected as a plain one; whether it is there is asked by name.
    named = {str(index.name) for table in metadata.tables.values() for index in table.indexes if _has_expression(index)}
    return [each for each in found if not (isinstance(each[-1], sa.Index) and str(each[-1].name) in named)]


def _has_expression(index: sa.Index) -> bool:
    return not all(isinstance(each, sa.Column) for each in index.expressions)


def missing_indexes(connection: Connection, metadata: sa.MetaData) -> list[str]:
    """Return indexes of the models that the database lacks, by name.

    What Alembic cannot reflect (an index over an expression) it neither creates nor misses.
    """
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
        "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    }
    known = set(connection.scalars(sa.text(catalogue[connection.dialect.name])))
    wanted = {str(index.name) for table in metadata.tables.values() for index in table.indexes}
    return sorted(wanted - known)


def counts(connection: Connection) -> dict[str, int]:
    """Return how many rows each table holds."""
    names = set(sa.inspect(connection).get_table_names()) - {BOOKKEEPING}
    return {name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in names}


def down_and_up(scripts: Path, number: int) -> None:
    """Go down to a number and up to the head again; what has no way back fails here."""
    downgrade(directory=str(scripts), revision=f"{number:04d}")
    upgrade(directory=str(scripts))


def planted(folder: Path, body: str) -> Path:
    """Return a copy of the migrations with one more that follows the last."""
    scripts = folder / "migrations"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    number = HEAD + 1
    head = f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '{number:04d}'\n"
    (scripts / "versions" / f"{number:04d}_planted.py").write_text(
        f"{head}down_revision = '{HEAD:04d}'\n{body}", encoding="utf-8"
    )
    return scripts


def test_migrations_are_numbered_and_have_one_head() -> None:
    assert VERSIONS, "there is no migration"
    assert not wrong_numbers([path.name for path in VERSIONS])
    script = ScriptDirectory(str(SCRIPTS))
    assert len(script.get_heads()) == 1
    assert [revision.revision for revision in reversed(list(script.walk_revisions()))] == [
        path.name[:4] for path in VERSIONS
    ]


def test_a_number_out_of_order_is_found() -> None:
    assert wrong_numbers(["0001_initial.py", "0003_later.py"]) == ["0003_later.py"]
    assert wrong_numbers(["a1b2c3_initial.py"]) == ["a1b2c3_initial.py"]


def test_migrations_lead_to_exactly_the_tables_of_the_models(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        assert not drift(connection, db.metadata)
        assert not missing_indexes(connection, db.metadata)


def test_an_index_over_an_expression_that_no_migration_knows_is_found(app: Flask) -> None:
    planted = sa.MetaData()
    extra = sa.Table("people_account", planted, sa.Column("login", sa.String))
    sa.Index("ix_people_account_backwards", extra.c.login.desc())
    with app.app_context(), db.engine.connect() as connection:
        assert missing_indexes(connection, planted) == ["ix_people_account_backwards"]


@pytest.mark.parametrize("change", ["table", "column", "index", "nullable"])
def test_a_model_that_no_migration_knows_is_found(app: Flask, change: str) -> None:
    planted = sa.MetaData(naming_convention=db.metadata.naming_convention)
    for table in db.metadata.sorted_tables:
        table.to_metadata(planted)
    account = planted.tables["people_account"]
    if change == "table":
        sa.Table("people_extra", planted, sa.Column("id", sa.Integer, primary_key=True))
    elif change == "column":
        account.append_column(sa.Column("shoe_size", sa.Integer))
    elif change == "index":
        sa.Index("ix_people_account_display_name", account.c.display_name)
    else:
        account.c.display_name.nullable = True
    with app.app_context(), db.engine.connect() as connection:
        assert drift(connection, planted)


def test_every_migration_goes_down_and_up_again_with_data_in_the_tables(app: Flask) -> None:
    with app.app_context():
        with db.engine.connect() as connection:
            before = counts(connection)
        assert before["people_account"]
        db.session.remove()
        for number in range(len(VERSIONS) - 1, 0, -1):
            down_and_up(SCRIPTS, number)
        with db.engine.connect() as connection:
            assert counts(connection).keys() == before.keys()
        downgrade(revision="base")
        with db.engine.connect() as connection:
            assert counts(connection) == {}
        upgrade()
        with db.engine.connect() as connection:
            assert not drift(connection, db.metadata)


@pytest.mark.parametrize("back", ["raise NotImplementedError", "pass"])
def test_a_migration_with_no_way_back_is_found(app: Flask, tmp_path: Path, back: str) -> None:
    scripts = planted(
        tmp_path,
        "def upgrade():\n"
        "    op.create_table('half_way', sa.Column('id', sa.Integer(), primary_key=True))\n"
        f"def downgrade():\n    {back}\n",
    )
    with app.app_context():
        upgrade(directory=str(scripts))
        with pytest.raises((SystemExit, sa.exc.DBAPIError)):
            down_and_up(scripts, HEAD)


def test_migrating_twice_changes_nothing(app: Flask) -> None:
    with app.app_context():
        with db.engine.connect() as connection:
            before = counts(connection)
        upgrade()
        with db.engine.connect() as connection:
            assert counts(connection) == before


def test_a_role_of_the_programme_that_was_given_twice_is_held_once_after_the_migration(app: Flask) -> None:
    (ground,) = (path.name[:4] for path in VERSIONS if path.name.endswith("_ground.py"))
    before = ScriptDirectory(str(SCRIPTS)).get_revision(ground)
    grants = db.metadata.tables["people_role_grant"]
    role = sa.select(grants).where(grants.c.role == "office")
    with app.app_context():
        db.session.remove()
        assert before is not None
        downgrade(revision=str(before.down_revision))
        with write_transaction() as session:
            (first,) = session.execute(role).mappings().all()
            again = dict(first) | {"id": uuid4(), "granted_at": first["granted_at"] + timedelta(days=1)}
            session.execute(sa.insert(grants).values(again))
        upgrade()
        with db.engine.connect() as connection:
            found = connection.execute(role.where(grants.c.ended_at.is_(None))).mappings().all()
            assert [each["id"] for each in found] == [first["id"]]
            assert connection.scalar(sa.select(sa.func.count()).select_from(role.subquery())) == 2


@pytest.mark.sqlite_only
def test_foreign_keys_hold_again_after_a_migration(app: Flask) -> None:
    with app.app_context():
        upgrade()
        with pytest.raises(sa.exc.IntegrityError), write_transaction() as session:
            session.execute(
                sa.text("INSERT INTO people_recovery_code (id, account_id, code_mac) VALUES ('a', 'nobody', x'00')")
            )


def test_a_migration_that_fails_leaves_nothing_behind(app: Flask, tmp_path: Path) -> None:
    broken = planted(
        tmp_path,
        "def upgrade():\n"
        "    op.create_table('half_done', sa.Column('id', sa.Integer(), primary_key=True))\n"
        "    raise RuntimeError('power cut')\n",
    )
    with app.app_context():
        with pytest.raises(SystemExit):
            upgrade(directory=str(broken))
        with db.engine.connect() as connection:
            assert "half_done" not in sa.inspect(connection).get_table_names()
            assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == f"{HEAD:04d}"
