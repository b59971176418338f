"""Everything sealed in the tables is in the inventory, and everything in the inventory is in the tables."""

from __future__ import annotations

import importlib

import sqlalchemy as sa

import config
from casework.core.db import Base
from casework.vault.rules import inventory_findings
from casework.vault.types import SEALED_COLUMNS, SEALED_KEYS

LISTED = [*SEALED_COLUMNS, *SEALED_KEYS]


def all_metadata() -> sa.MetaData:
    for path in sorted((config.ROOT / "casework").glob("*/models*")):
        importlib.import_module(f"casework.{path.parent.name}.models")
    return Base.metadata


def sealed_columns(metadata: sa.MetaData) -> set[str]:
    """Return every column that is named as sealed or holds bytes beside a data key."""
    return {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.startswith("sealed_") and isinstance(column.type, sa.LargeBinary)
    }


def unprotected(metadata: sa.MetaData) -> list[str]:
    """Return sealed columns that cannot hold a ciphertext, and content beside which no data key is named."""
    found = []
    for table in metadata.tables.values():
        for column in table.columns:
            if not column.name.startswith("sealed_"):
                continue
            name = f"{table.name}.{column.name}"
            if not isinstance(column.type, sa.LargeBinary):
                found.append(f"{name} does not hold bytes")
            elif name not in SEALED_KEYS and "data_key_id" not in table.columns:
                found.append(f"{name} has no data_key_id beside it")
    return found


def test_the_inventory_equals_the_tables() -> None:
    assert inventory_findings(sealed_columns(all_metadata()), LISTED) == []


def test_sealed_columns_hold_bytes_and_name_their_data_key() -> None:
    assert unprotected(all_metadata()) == []


def test_the_two_lists_of_the_inventory_share_nothing() -> None:
    assert len(set(LISTED)) == len(LISTED)


def test_a_planted_column_that_is_not_listed_is_found() -> None:
    planted = sa.MetaData()
    sa.Table("planted", planted, sa.Column("sealed_words", sa.LargeBinary))
    assert "planted.sealed_words is sealed and not in the inventory" in inventory_findings(
        sealed_columns(planted), LISTED
    )
    assert unprotected(planted) == ["planted.sealed_words has no data_key_id beside it"]


def test_a_planted_column_of_text_that_calls_itself_sealed_is_found() -> None:
    planted = sa.MetaData()
    sa.Table("planted", planted, sa.Column("sealed_words", sa.Text), sa.Column("data_key_id", sa.Uuid))
    assert unprotected(planted) == ["planted.sealed_words does not hold bytes"]


def test_a_planted_entry_without_a_column_is_found() -> None:
    found = inventory_findings(sealed_columns(all_metadata()), [*LISTED, "planted.sealed_words"])
    assert "planted.sealed_words is in the inventory and not in the tables" in found
