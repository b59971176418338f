"""Sessions: a row that opens nothing by itself, and a token that only the cookie carries.

The row holds the token's digest and the private key sealed under a key derived from the token. A stolen database
therefore signs nobody in and opens nothing; a stolen cookie ends with the row.
"""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock, crypto
from casework.core.db import session
from casework.core.errors import NotFound, Refused
from casework.core.ids import new_id
from casework.people import queries, rules
from casework.people.models import SignInSession
from casework.security.roles import Role

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from casework.people.types import Duty, Holding, Opened
    from casework.security.actor import Actor
    from config import Settings

TOKEN_SIZE: Final = 32


def begin(opened: Opened, holding: Holding, *, second_factor_at: datetime | None = None) -> tuple[SignInSession, str]:
    """Return a new session in a role and the token that its cookie is to carry; the row does not contain it."""
    settings: Settings = current_app.extensions["casework.settings"]
    token, now = crypto.random_bytes(TOKEN_SIZE), clock.now()
    row = SignInSession(id=new_id(), account_id=opened.account_id, role_grant_id=holding.grant_id, created_at=now)
    row.token_digest = crypto.sha256(token)
    row.sealed_private_key = _seal(row, token, opened.private_key)
    row.second_factor_at = second_factor_at
    row.expires_at = now + timedelta(hours=settings.session_absolute_hours)
    session().add(row)
    session().flush()
    return row, base64.urlsafe_b64encode(token).decode().rstrip("=")


def digest_of(token: str) -> bytes:
    """Return the digest under which a token's session is stored; of nothing, for a malformed token."""
    return crypto.sha256(_bytes_of(token))


def open_private_key(row: SignInSession, token: str) -> bytes:
    """Return the private key that the session seals; refused (CryptoError) for any token but its own."""
    key = crypto.derive(_bytes_of(token).rjust(TOKEN_SIZE, b"\0"), "casework/session/private-key")
    return crypto.decrypt(key, row.sealed_private_key, _context(row))


def end_sessions(account_id: UUID, *, keep: UUID | None = None) -> int:
    """End the sessions of an account, but for the one to keep, and return how many."""
    gone = sa.delete(SignInSession).where(SignInSession.account_id == account_id)
    if keep is not None:
        gone = gone.where(SignInSession.id != keep)
    return len(session().scalars(gone.returning(SignInSession.id)).all())


def end_own_session(session_id: UUID, *, actor: Actor) -> None:
    """End one of one's own sessions, for example on a computer that was left; refused (NotFound) for others."""
    gone = sa.delete(SignInSession).where(SignInSession.id == session_id, SignInSession.account_id == actor.account_id)
    if not session().scalars(gone.returning(SignInSession.id)).all():
        raise NotFound(_l("该登录已经结束。请刷新页面。"))
    details = {"reason": "chosen"}
    trail.record(Action.ACCOUNT_SIGNED_OUT, actor=actor, subject_kind="session", subject_id=session_id, details=details)


def sign_out(*, actor: Actor) -> None:
    """End the session in which this is done."""
    session().execute(sa.delete(SignInSession).where(SignInSession.id == actor.session_id))
    trail.record(
        Action.ACCOUNT_SIGNED_OUT,
        actor=actor,
        subject_kind="session",
        subject_id=actor.session_id,
        details={"reason": "signed_out"},
    )


def switch_role(grant_id: UUID, *, actor: Actor) -> Role:
    """Work in another role from the next request on, and return it; refused (NotFound): a role not held."""
    grant = queries.get_grant(actor.account_id, grant_id)
    row = session().get_one(SignInSession, actor.session_id)
    # Being on duty is said anew in each role.
    row.role_grant_id, row.duty, row.duty_since = grant.id, None, None
    details = {"role": str(grant.role), "subproject": grant.subproject_id or ""}
    trail.record(
        Action.ACCOUNT_ROLE_SWITCHED,
        actor=actor,
        subject_kind="account",
        subject_id=actor.account_id,
        details=details,
    )
    return Role(grant.role)


def set_duty(state: Duty, *, actor: Actor) -> None:
    """Say whether one can be called on, until this session ends; its event is duty.changed.

    Refused (Refused, R23): a role that nobody calls on. Saying the same again keeps the time of the first.
    """
    if not rules.keeps_duty(actor.role):
        raise Refused(_l("你当前的角色没有值班状态。"), rule="R23")
    row = session().get(SignInSession, actor.session_id)
    if row is None:
        raise NotFound(_l("该登录已经结束。请刷新页面。"))
    if row.duty != state:
        row.duty, row.duty_since = state, clock.now()
    details = {"state": str(state)}
    trail.record(Action.DUTY_CHANGED, actor=actor, subject_kind="account", subject_id=actor.account_id, details=details)


def purge_sessions() -> int:
    """Delete the sessions whose absolute limit is over and return how many there were."""
    gone = sa.delete(SignInSession).where(SignInSession.expires_at <= clock.now())
    return len(session().scalars(gone.returning(SignInSession.id)).all())


def _seal(row: SignInSession, token: bytes, private_key: bytes) -> bytes:
    key = crypto.derive(token, "casework/session/private-key")
    return crypto.encrypt(key, private_key, _context(row), padded=False)


def _context(row: SignInSession) -> bytes:
    return crypto.bind("people_session.sealed_private_key", row.id, row.account_id)


def _bytes_of(token: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return b""
