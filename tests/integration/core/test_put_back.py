"""One database for many tests: rows that one leaves are gone before the next, and what is more is thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.support import engines
from tests.support.engines import Copy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.engines import Prepared

pytestmark = pytest.mark.postgresql_only
COUNTED = "SELECT (SELECT count(*) FROM people_account), (SELECT count(*) FROM audit_entry)"
OFFENCES = (
    "ALTER TABLE people_account ADD COLUMN planted integer",
    "DROP INDEX ix_people_session_duty",
    "CREATE TABLE planted (id integer)",
    "ALTER TABLE audit_entry DISABLE TRIGGER USER",
)


@pytest.fixture
def copy(prepared: Prepared) -> Iterator[Copy]:
    """Give a copy of its own, which no other test uses."""
    made = Copy.of(prepared.database)
    yield made
    engines.drop_database(made.name)


def run(copy: Copy, statement: str) -> tuple[int, ...] | None:
    """Run a statement on the copy and return its first row, if it has any."""
    with psycopg.connect(engines.address_of(copy.name), autocommit=True) as connection:
        done = connection.execute("SET session_replication_role = replica").execute(statement)
        return None if done.description is None else done.fetchone()


def test_rows_are_put_back(copy: Copy) -> None:
    before = run(copy, COUNTED)
    run(copy, "DELETE FROM people_account")
    run(copy, "DELETE FROM audit_entry")
    assert run(copy, COUNTED) == (0, 0)
    assert copy.put_back()
    assert run(copy, COUNTED) == before


@pytest.mark.parametrize("offence", OFFENCES)
def test_another_shape_is_not_put_back(copy: Copy, offence: str) -> None:
    run(copy, offence)
    assert not copy.put_back()


def test_a_row_that_somebody_holds_is_not_put_back(copy: Copy) -> None:
    with psycopg.connect(engines.address_of(copy.name)) as other:
        other.execute("SELECT 1 FROM people_account FOR UPDATE")
        assert not copy.put_back()
