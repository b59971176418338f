"""Signing in, beside the one derivation it cannot do without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness import Row, at_most, pairs_of, seconds_of
from casework.core import crypto
from casework.core.db import session, write_transaction
from casework.people import service as people
from tests.support.seed import PASSWORD

if TYPE_CHECKING:
    from benchmarks.system import System

LOGIN = "zhiyuan"
TIMES = 5


def rows(system: System) -> list[Row]:
    """Return the row of signing in."""
    settings = system.settings
    params = crypto.PasswordParams(settings.argon2_memory_kib, settings.argon2_passes, settings.argon2_lanes)
    salt = crypto.random_bytes(16)

    def sign_in() -> None:
        with write_transaction():
            people.sign_in(LOGIN, PASSWORD, address="127.0.0.1")
        session().close()

    with system.app.test_request_context():
        pairs = pairs_of(
            seconds_of(sign_in, TIMES), seconds_of(lambda: crypto.derive_password_key(PASSWORD, salt, params), TIMES)
        )
    return [at_most("sign-in / one Argon2id (s)", pairs, 1.3)]
