"""Attempts are counted before they are tried, in the database: parallel guesses and several servers gain nothing.

A login name is kept as a MAC, so that a mistyped password in the name field leaves no readable trace, and unknown
names are counted like known ones. Growing delays, never a lock for ever.

Who guesses at a colleague's name makes that name wait at every address but those from which it signed in lately: there
it is counted apart, so that only somebody at the same address can delay it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql, sqlite

from casework.core import clock, crypto
from casework.core.db import read_transaction, session, write_transaction
from casework.core.errors import TooMany
from casework.core.keyring import current_keyring
from casework.people import rules
from casework.people.models import SignInThrottle
from casework.people.types import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta


def attempt(login: str, address: str) -> dict[Subject, str]:
    """Claim an attempt to sign in (see ``claim``) and return what a success is to forgive."""
    with read_transaction():
        is_known = _is_known(login, address)
    # The count of the address stays out of it: a colleague's success would take a stranger's delay away.
    known, others = {Subject.KNOWN: _pair(login, address)}, {Subject.LOGIN: login, Subject.ADDRESS: address}
    subjects = known if is_known else subjects_of(others.items())
    claim(subjects)
    return subjects


def claim(subjects: dict[Subject, str]) -> None:
    """Count an attempt for each subject, in a transaction of its own; refused (TooMany) while one of them waits.

    A success takes its own back by ``forgive``. What was refused is not counted again.
    """
    with write_transaction():
        rows = [_row(kind, name) for kind, name in subjects.items()]
        now = clock.now()
        waiting = [row.blocked_until for row in rows if rules.is_blocked(row.blocked_until, now)]
        if not waiting:
            for row, kind in zip(rows, subjects, strict=True):
                _count(row, kind, now)
    if waiting:
        raise refusal(max(filter(None, waiting)))


def forgive(subjects: dict[Subject, str]) -> None:
    """Take a counted attempt back after a success: the login begins anew, the address loses one failure."""
    for kind, name in subjects.items():
        # Locked in the order of ``claim``: by itself the flush would lock in the order of the keys.
        row = session().get(SignInThrottle, _key(kind, name), with_for_update=True)
        if row is None:
            continue
        row.failures = max(0, row.failures - 1) if kind is Subject.ADDRESS else 0
        row.blocked_until = None


def remember(login: str, address: str) -> None:
    """Know a login name at the address from which it has just signed in."""
    row = _row(Subject.KNOWN, _pair(login, address))
    row.known_until = clock.now() + rules.KNOWN_FOR


def refusal(until: datetime) -> TooMany:
    """Return the error that says when to try again."""
    return TooMany(_l("尝试次数过多。请在 %(time)s 之后再试。", time=f"{clock.local(until):%H:%M:%S}"))


def purge() -> int:
    """Delete what no longer counts and return how many rows that were."""
    now = clock.now()
    old = SignInThrottle.updated_at <= now - rules.FORGOTTEN_AFTER
    unknown = sa.or_(SignInThrottle.known_until.is_(None), SignInThrottle.known_until <= now)
    return len(session().scalars(sa.delete(SignInThrottle).where(old, unknown).returning(SignInThrottle.subject)).all())


def _row(kind: Subject, name: str) -> SignInThrottle:
    key = _key(kind, name)
    insert = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(SignInThrottle).values(subject=key, failures=0, updated_at=clock.now())
    # Two attempts may meet at a name's first failure: the second finds the row of the first.
    session().execute(fresh.on_conflict_do_nothing())
    return session().get_one(SignInThrottle, key, with_for_update=True)


def _count(row: SignInThrottle, kind: Subject, now: datetime) -> None:
    row.failures = 1 if rules.is_forgotten(row.updated_at, now) else row.failures + 1
    delay: timedelta = rules.delay_after(kind, row.failures)
    row.blocked_until, row.updated_at = (now + delay if delay else None), now


def _is_known(login: str, address: str) -> bool:
    row = session().get(SignInThrottle, _key(Subject.KNOWN, _pair(login, address)))
    return row is not None and row.known_until is not None and clock.now() < row.known_until


def _pair(login: str, address: str) -> str:
    # No address holds a blank, so that no two pairs read alike.
    return f"{login.strip()} {address}"


def _key(kind: Subject, name: str) -> bytes:
    # Under the pepper rather than a class of its own: the counts are forgotten in a day, whatever is rotated.
    secret = current_keyring().secret("pepper", f"throttle/{kind}")
    return crypto.mac(secret, rules.fold(name).encode())


def subjects_of(pairs: Iterable[tuple[Subject, str]]) -> dict[Subject, str]:
    """Return subjects in the one order in which rows are locked, so that two attempts never wait for each other."""
    return dict(sorted(pairs))
