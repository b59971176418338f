"""A table of the rotation tests alone, which the application must not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from casework.core import crypto

if TYPE_CHECKING:
    from casework.core.keyring import Keyring

ROWS = 23


class Probe(DeclarativeBase):
    """Its own collection of tables."""


class Kept(Probe):
    """A row with a value of each kind that rotates, under a key of two columns."""

    __tablename__ = "probe_kept"

    group: Mapped[int] = mapped_column("grp", primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    totp: Mapped[bytes | None]
    bidx: Mapped[bytes]


def context_of(row: Kept) -> bytes:
    return crypto.bind("probe", row.group, row.number)


def rewrap_totp(ring: Keyring, row: Kept) -> bytes:
    assert row.totp is not None
    return ring.rewrap("totp", row.totp, context_of(row))


def stretched(value: int) -> bytes:
    return b"+86138%08d" % value


def made(ring: Keyring, number: int) -> Kept:
    row = Kept(group=number // 4, number=number, bidx=ring.blind_index(stretched(number)))
    row.totp = None if number % 7 == 6 else ring.wrap("totp", b"seed %d" % number, context_of(row))
    return row
