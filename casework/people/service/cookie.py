"""What the browser carries: the token and when it was last used, in Flask's signed cookie, through flask-login.

A page that is only read must not write, so the idle limit lives in the cookie: the server signs the time of the last
use and refuses a cookie whose time is too old. The absolute limit and every kind of ending live in the row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import flask
import flask_login
from flask import current_app, request

from casework.core import clock
from casework.core.crypto import CryptoError
from casework.people import queries, rules
from casework.people.service import sessions
from casework.security.actor import Actor
from casework.security.roles import Role

if TYPE_CHECKING:
    from flask import Flask

    from casework.people.queries import SessionFacts
    from casework.people.types import SignedIn
    from config import Settings

SEEN: Final = "seen"
ACCOUNT: Final = "account"
CSRF: Final = "csrf_token"
# A cookie is not sent back with every answer: once a minute is exact enough for half an hour.
REFRESH: Final = timedelta(minutes=1)
# A page that asks by itself for news says so; it must not keep an empty desk signed in.
BACKGROUND: Final = "X-Casework-Background"


@dataclass(frozen=True, slots=True)
class _User:
    """What flask-login wants to know of a user; ``get_id`` is the token, so the cookie holds nothing else."""

    token: str = field(repr=False)
    actor: Actor | None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token


def install(app: Flask) -> None:
    """Let flask-login keep the token in the signed session cookie. Remembering beyond the browser does not exist."""
    manager = flask_login.LoginManager()
    # Its own protection compares addresses, which change on a mobile network; ours are the two limits.
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app, add_context_processor=False)


def begin(signed: SignedIn) -> None:
    """Give the browser a new session; nothing of an earlier one is kept (no fixation).

    But for the form token, when the same person signs in again: pages that were open before must be able to send what
    was typed there.
    """
    kept = flask.session.get(CSRF) if flask.session.get(ACCOUNT) == str(signed.account_id) else None
    flask.session.clear()
    if kept is not None:
        flask.session[CSRF] = kept
    flask.session[SEEN] = int(clock.now().timestamp())
    flask.session[ACCOUNT] = str(signed.account_id)
    flask_login.login_user(_User(signed.token))


def end() -> None:
    """Take everything from the browser."""
    flask_login.logout_user()
    flask.session.clear()


def last_account() -> UUID | None:
    """Return who was signed in in this browser, though the session may have ended; None for nobody."""
    known = flask.session.get(ACCOUNT)
    return UUID(known) if isinstance(known, str) else None


def seconds_left() -> int:
    """Return how long the session of this request still lasts if nobody touches it: up to the nearer limit, 0 for none.

    Asked by the page itself (``BACKGROUND``) this renews nothing.
    """
    settings: Settings = current_app.extensions["casework.settings"]
    seen, ends_at = _seen(), flask.g.get("session_ends_at")
    if seen is None or ends_at is None:
        return 0
    nearer = min(ends_at, seen + timedelta(minutes=settings.session_idle_minutes))
    return max(0, int((nearer - clock.now()).total_seconds()))


def load_actor() -> Actor | None:
    """Return who is signed in, with one query, and note that they are still there; None when a limit has passed.

    The private key is open only when password and second factor are both proven.
    """
    if _is_idle():
        return None
    actor: Actor | None = getattr(flask_login.current_user, "actor", None)
    if actor is not None and not _asks_by_itself():
        _touch()
    return actor


def locale_of(actor: Actor) -> str | None:
    """Return the language the acting person chose, as read with the session."""
    known = flask.g.get("account_locale")
    return known if isinstance(known, str) and actor is not None else None


def _load(token: str) -> _User | None:
    facts = queries.session_facts(sessions.digest_of(token))
    if facts is None:
        return None
    try:
        return _User(token, _actor(facts, token))
    except CryptoError:
        # The row was changed by hand; whoever did it gains nothing.
        return None


def _actor(facts: SessionFacts, token: str) -> Actor:
    settings: Settings = current_app.extensions["casework.settings"]
    flask.g.account_locale = facts.account.locale
    flask.g.session_ends_at = facts.row.expires_at
    wanted = settings.second_factor_required or facts.has_factor
    factor_ok = facts.row.second_factor_at is not None or not wanted
    set_at = facts.password_set_at
    expired = set_at is None or rules.is_expired(set_at, clock.now(), mlps=settings.mlps)
    return Actor(
        account_id=facts.account.id,
        role=Role(facts.grant.role),
        subproject_id=facts.grant.subproject_id,
        session_id=facts.row.id,
        private_key=sessions.open_private_key(facts.row, token) if factor_ok else None,
        pledge_current=facts.pledge_current,
        second_factor_ok=factor_ok,
        password_current=not facts.account.must_change_password and not expired,
        display_name=facts.account.display_name,
    )


def _asks_by_itself() -> bool:
    # A stream of events is opened by a script, which cannot add a header to it.
    return BACKGROUND in request.headers or request.headers.get("Accept") == "text/event-stream"


def _is_idle() -> bool:
    settings: Settings = current_app.extensions["casework.settings"]
    seen = _seen()
    return seen is None or clock.now() - seen > timedelta(minutes=settings.session_idle_minutes)


def _touch() -> None:
    seen, now = _seen(), clock.now()
    if seen is None or now - seen >= REFRESH:
        flask.session[SEEN] = int(now.timestamp())


def _seen() -> datetime | None:
    seen = flask.session.get(SEEN)
    return datetime.fromtimestamp(seen, UTC) if isinstance(seen, int) else None
