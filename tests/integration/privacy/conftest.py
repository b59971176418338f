from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from casework.audit import trail
from casework.core import clock, idempotency
from casework.core.db import Access, set_access, write_transaction
from casework.core.ids import new_id
from casework.people.models import Account
from casework.privacy.views import blueprint
from casework.security import guard, headers
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.web import filters, pages
from tests.support.client import CheckedClient

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue


@dataclass(slots=True)
class Room:
    """The pages of this package alone, with staff of every role; whoever ``reader`` is comes in."""

    app: Flask
    staff: dict[Role, Actor]
    reader: Actor

    @property
    def client(self) -> CheckedClient:
        """Return a client of whoever reads."""
        return self.app.test_client()  # type: ignore[return-value]  # the class set on the application

    def as_(self, role: Role) -> Room:
        """Let somebody of another role read."""
        self.reader = self.staff[role]
        return self


@pytest.fixture
def room(bare_app: Flask) -> Room:
    bare_app.config.update(DEMO=False, SESSION_COOKIE_SECURE=False)
    bare_app.jinja_env.undefined = StrictUndefined
    bare_app.jinja_env.globals["new_form_key"] = idempotency.new_form_key
    bare_app.test_client_class = CheckedClient
    # As in the whole application: what only reads cannot write, and its event waits for a transaction of its own.
    bare_app.before_request(lambda: set_access(Access.READ))
    for part in (filters, pages, headers):
        part.install(bare_app)
    CSRFProtect(bare_app)
    staff: dict[Role, Actor] = {role: _employ(bare_app, role) for role in Role if role is not Role.SYSTEM}
    made = Room(bare_app, staff, staff[Role.AUDITOR])
    guard.install(bare_app, lambda: made.reader)
    bare_app.register_blueprint(blueprint)
    bare_app.after_request(_flush)
    return made


def _employ(app: Flask, role: Role) -> Actor:
    account_id = new_id()
    with app.app_context(), write_transaction() as current:
        account = Account(id=account_id, login=str(role), display_name=f"某{role}", created_at=clock.now())
        current.add(account)
    actor = Actor(account_id=account_id, role=role, pledge_current=True, second_factor_ok=True)
    return replace(actor, display_name=f"某{role}")


def _flush(response: ResponseReturnValue) -> ResponseReturnValue:
    trail.flush_queue()
    return response
