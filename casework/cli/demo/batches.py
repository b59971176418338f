"""Many pieces of work in one transaction: what is the same for all of them is read once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from casework.core.db import write_transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH: Final = 100


@contextmanager
def batch() -> Iterator[None]:
    """Commit the block as one transaction and forget its rows.

    A session lets go of a row that nobody holds and would read the same sub-project for every call; until the batch
    ends, what was read is held.
    """
    with write_transaction() as session:
        held: list[object] = []

        def hold(_session: object, row: object) -> None:
            held.append(row)

        sa.event.listen(session, "loaded_as_persistent", hold)
        try:
            yield
        finally:
            sa.event.remove(session, "loaded_as_persistent", hold)
    session.expunge_all()
