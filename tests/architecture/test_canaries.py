"""The search for leaked texts finds them in every place and in every clothes it claims to look through."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.support import canaries

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("canary", sorted(canaries.WORDS))
def test_a_canary_is_found_in_every_disguise(canary: str) -> None:
    word = canaries.WORDS[canary]
    for form, needle in canaries.disguises(word).items():
        found = list(canaries.search_bytes(b"before " + needle + b" after", "place"))
        assert canary in {leak.canary for leak in found}, form


@pytest.mark.parametrize("write_ahead", [True, False])
def test_a_canary_in_a_database_file_or_its_journal_is_found(tmp_path: Path, write_ahead: bool) -> None:
    with closing(sqlite3.connect(tmp_path / "casework.sqlite")) as connection:
        if write_ahead:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE note (text TEXT)")
        connection.execute("INSERT INTO note VALUES (?)", (canaries.NOTE,))
        connection.commit()
        places = {leak.place for leak in canaries.search_files([tmp_path])}
    assert ("casework.sqlite-wal" if write_ahead else "casework.sqlite") in places


@pytest.mark.parametrize("kind", [sa.Text(), sa.LargeBinary(), sa.JSON()])
def test_a_canary_in_any_kind_of_column_is_found(tmp_path: Path, kind: sa.types.TypeEngine[object]) -> None:
    table = sa.Table("note", sa.MetaData(), sa.Column("content", kind))
    value = {"LargeBinary": canaries.NAME.encode(), "JSON": {"said": canaries.NAME}}.get(
        type(kind).__name__, canaries.NAME
    )
    with sa.create_engine(f"sqlite:///{tmp_path / 'rows.sqlite'}").begin() as connection:
        table.create(connection)
        connection.execute(table.insert().values(content=value))
        assert {(leak.place, leak.canary) for leak in canaries.search_rows(connection)} == {("note.content", "name")}
        connection.engine.dispose()


def test_a_canary_in_a_log_is_found(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("casework").warning("saved %s", canaries.NAME)
    assert canaries.search_text(caplog.text, "log")


def test_nothing_is_found_where_nothing_leaks(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("id 0193 outcome done 来电已保存 13800000000", encoding="utf-8")
    assert not canaries.search_files([tmp_path])
