"""Move everything sealed under an older key of a class to the active one, in batches, each a transaction of its own.

Stopped at any point, nothing is lost: the older key stays until no row needs it, and starting again goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import sqlalchemy as sa

from casework.core.db import session, write_transaction
from casework.core.keyring import PREFIX_SIZE, KeyClass, KeyringError, KeyState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import InstrumentedAttribute

    from casework.core.keyring import Keyring

# Classes whose values lie in rows; without a re-wrapper, retiring the older key would leave them behind.
_WITH_ROWS: Final = frozenset({KeyClass.PEPPER, KeyClass.TOTP, KeyClass.BIDX})

# What the last key signed is accepted until the next rotation, because the other side changes later.
_OVERLAPPING: Final = frozenset({KeyClass.COOKIE, KeyClass.TELEPHONY})


Rewrapper: TypeAlias = "Callable[[Keyring, int], Iterator[int]]"
_rewrappers: dict[KeyClass, dict[str, Rewrapper]] = {each: {} for each in KeyClass}


def register_rewrapper(cls: str, name: str, rewrapper: Rewrapper) -> None:
    """Say how values of a class stored under a name ("table.column") move to the active key.

    ``rewrapper(keyring, batch)`` changes at most ``batch`` rows, yields how many it changed, is committed by the
    caller, and goes on until none is left. Registering a name again replaces it.
    """
    _rewrappers[KeyClass(cls)][name] = rewrapper


def rewrappers_of(cls: str) -> dict[str, Rewrapper]:
    """Return the registered re-wrappers of a class by name."""
    return dict(sorted(_rewrappers[KeyClass(cls)].items()))


def rewrapper_of(cls: str, column: InstrumentedAttribute[Any], transform: Callable[[Keyring, Any], bytes]) -> Rewrapper:
    """Return the re-wrapper of one column: ``transform(keyring, row)`` is its value under the active key.

    Rows are locked while they are changed, so that a password changed at the same moment is not overwritten.
    """
    model, name = column.class_, column.key
    mapper = sa.inspect(model)
    keys = [getattr(model, mapper.get_property_by_column(each).key) for each in mapper.primary_key]

    def batches(keyring: Keyring, size: int) -> Iterator[int]:
        after: tuple[Any, ...] | None = None
        while True:
            older = sa.func.substr(column, 1, PREFIX_SIZE) != keyring.current_prefix(cls)
            found = sa.select(model).where(column.is_not(None), older).order_by(*keys).limit(size)
            if after is not None:
                found = found.where(sa.tuple_(*keys) > sa.tuple_(*(sa.literal(each) for each in after)))
            rows = session().scalars(found.with_for_update()).all()
            if not rows:
                return
            for row in rows:
                setattr(row, name, transform(keyring, row))
            after = tuple(getattr(rows[-1], key.key) for key in keys)
            session().flush()
            yield len(rows)

    return batches


def move_rows(keyring: Keyring, cls: str, size: int) -> Iterator[tuple[str, int]]:
    """Move every row of a class to the active key; yield where and how many after each commit.

    Passes are repeated until one finds nothing, because other processes keep writing meanwhile.
    """
    moved = True
    while moved:
        moved = False
        for name, rewrapper in rewrappers_of(cls).items():
            for count in _committed(rewrapper(keyring, size)):
                moved = True
                yield name, count


def begin(keyring: Keyring, cls: str) -> str:
    """Return the id of the key to move to: a new one, or the active one when a rotation was interrupted.

    Refused (KeyringError): a class with rows whose packages have not said how they move.
    """
    kind = KeyClass(cls)
    if kind in _WITH_ROWS and not rewrappers_of(kind):
        msg = f"nothing is registered that moves {kind} values; nothing was changed"
        raise KeyringError(msg)
    retiring = any(key.state is KeyState.RETIRING for key in keyring.keys_of(kind))
    if kind in _OVERLAPPING:
        # The key before the last one goes; what the last one signed is accepted until the next rotation.
        keyring.retire(kind)
        return keyring.add_key(kind)
    return keyring.active_kid(kind) if retiring else keyring.add_key(kind)


def finish(keyring: Keyring, cls: str) -> list[str]:
    """Retire the older keys of a class and return their ids; one that signs stays until the next rotation."""
    return [] if KeyClass(cls) in _OVERLAPPING else keyring.retire(cls)


def _committed(batches: Iterator[int]) -> Iterator[int]:
    while True:
        with write_transaction():
            count = next(batches, 0)
        if not count:
            return
        yield count
