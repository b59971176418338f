"""Signing in over a page that is still open: where the session stands, and the two steps back into it (JSON).

The page stays as it is, with what was typed on it. Only the person who opened it comes back in.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import g, jsonify, request
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict

from casework.core.db import session
from casework.core.errors import Invalid, NotFound
from casework.people import queries
from casework.people import service as people
from casework.people.forms import CodeForm, SignInForm
from casework.people.service import cookie, second_factor
from casework.people.types import Seat
from casework.people.views.base import blueprint
from casework.security.guard import current_actor, public, signed_in
from casework.security.roles import Role
from casework.web.bodies import sent_json

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from casework.people.forms import EntryForm
    from casework.security.actor import Actor


@blueprint.get("/session", endpoint="session_state")
@public
def state() -> Response:
    """Tell a page who is signed in here, which step is missing, how long it lasts, and the token of its forms.

    Asked with X-Casework-Background it renews nothing: a page that asks by itself keeps no empty desk signed in.
    """
    actor: Actor | None = g.get("actor")
    return jsonify(
        account=None if actor is None else str(actor.account_id),
        step="" if actor is None else _missing_step(actor),
        seconds=cookie.seconds_left() if actor is not None else 0,
        csrf_token=generate_csrf(),
    )


@blueprint.post("/session", endpoint="sign_in_again")
@public
def sign_in_again() -> ResponseReturnValue:
    """Sign in the person whose page it is, counted and delayed exactly as at the door."""
    sent = sent_json()
    form = SignInForm(formdata=_typed(sent, "login", "password"), meta={"csrf": False})
    _check(form)
    address = request.remote_addr or ""
    # What this browser's former session had open must not stay open while the password is tried.
    session().rollback()
    cookie.begin(people.sign_in(form.login.data or "", form.password.data or "", address=address, seat=_seat(sent)))
    return jsonify(done=True)


@blueprint.post("/session/code", endpoint="prove_again")
@signed_in
def prove_again() -> ResponseReturnValue:
    """Take a code of the second factor for a session that was begun over a page."""
    actor = current_actor()
    form = CodeForm(formdata=_typed(sent_json(), "code"), meta={"csrf": False})
    _check(form)
    if queries.second_factor_of(actor.account_id) is None:
        raise NotFound(_("此账户没有第二重验证。"))
    session().rollback()
    second_factor.claim(actor)
    second_factor.verify(form.code.data or "", actor=actor)
    return jsonify(done=True)


def _missing_step(actor: Actor) -> str:
    if not actor.second_factor_ok:
        return "code" if queries.second_factor_of(actor.account_id) is not None else "elsewhere"
    return "" if actor.password_current and actor.pledge_current else "elsewhere"


def _typed(sent: dict[str, Any], *names: str) -> MultiDict[str, str]:
    return MultiDict([(name, str(sent.get(name) or "")) for name in names])


def _check(form: EntryForm) -> None:
    if not form.validate():
        _target, message = form.first_errors()[0]
        raise Invalid(message)


def _seat(sent: dict[str, Any]) -> Seat:
    account_id = _parsed(sent.get("account"))
    if account_id is None:
        raise Invalid(_("提交的内容不完整。"))
    role = str(sent.get("role") or "")
    return Seat(account_id, Role(role) if role in set(Role) else None, _parsed(sent.get("subproject")))


def _parsed(value: object) -> UUID | None:
    with suppress(ValueError):
        return UUID(str(value or ""))
    return None
