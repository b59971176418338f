"""What the tests of people share: other settings, codes of an authenticator, a count of slow computations."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core import crypto
from casework.core.db import read_transaction
from casework.people import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from flask import Flask

    from casework.people.models import Account


@pytest.fixture
def choose(app: Flask) -> Callable[..., None]:
    """Give a function that changes settings of the application."""

    def change(**changes: Any) -> None:  # noqa: ANN401 - the settings' own types
        app.extensions["casework.settings"] = replace(app.extensions["casework.settings"], **changes)

    return change


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give a list that grows by the memory of every Argon2id computation for a password."""
    costs: list[int] = []
    genuine = crypto.derive_password_key

    def counted(password: str, salt: bytes, params: crypto.PasswordParams) -> bytes:
        costs.append(params.memory_kib)
        return genuine(password, salt, params)

    monkeypatch.setattr(crypto, "derive_password_key", counted)
    return costs


@pytest.fixture
def inside(app: Flask) -> Callable[[], Any]:
    """Give a context in which the test reads what requests have committed."""

    @contextmanager
    def reading() -> Iterator[None]:
        with app.app_context(), read_transaction():
            yield

    return reading


def account_of(login: str) -> Account:
    """Return an account by its login."""
    account = queries.account_by_login(login)
    assert account is not None
    return account


def events(action: str, subject_id: UUID | None = None) -> list[AuditEntry]:
    """Return the entries of an action, the oldest first."""
    from casework.core.db import session  # noqa: PLC0415 - beside its only use

    found = sa.select(AuditEntry).where(AuditEntry.action == action)
    if subject_id is not None:
        found = found.where(AuditEntry.subject_id == subject_id)
    return list(session().scalars(found.order_by(AuditEntry.at)))
