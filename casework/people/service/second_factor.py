"""The second factor: a TOTP seed wrapped by the keyring, codes that work once, and ten codes for a lost telephone."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Final

import pyotp
import segno
import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.audit.trail import Outcome
from casework.core import clock, crypto
from casework.core.crypto import CryptoError
from casework.core.db import session, write_transaction
from casework.core.errors import Invalid, Refused
from casework.core.ids import new_id
from casework.core.keyring import current_keyring
from casework.people import queries
from casework.people.models import Account, RecoveryCode, SecondFactor, SignInSession
from casework.people.service import sessions, throttle
from casework.people.types import Factor, Failure, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from casework.core.keyring import Keyring
    from casework.security.actor import Actor

SEED_SIZE: Final = 20
STEP_SECONDS: Final = 30
# A step before and after ours: clocks of telephones differ (RFC 6238 §5.2).
WINDOW: Final = 1
CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstvwxyz0123456789"
_CODE_SIZE: Final = 16
_WRONG: Final = _l("验证码不正确或已过期。请输入验证器上现在显示的 6 位数字。")


def offer_seed(actor: Actor) -> str:
    """Return a new seed, wrapped for one session, to be carried by the form that sets it up. Nothing is stored yet."""
    wrapped = current_keyring().wrap("totp", crypto.random_bytes(SEED_SIZE), _offer_context(actor))
    return base64.urlsafe_b64encode(wrapped).decode()


def key_of(offer: str, actor: Actor) -> str:
    """Return the offered seed in base32, in groups of four, to be typed by hand; refused (Invalid) if not ours."""
    key = base64.b32encode(_offered(offer, actor)).decode()
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


def picture_of(offer: str, actor: Actor) -> str:
    """Return the offered seed as a QR code: the address of a drawing within the page, which no other host sees."""
    login = session().get_one(Account, actor.account_id).login
    key = base64.b32encode(_offered(offer, actor)).decode()
    address = pyotp.TOTP(key).provisioning_uri(name=login, issuer_name=_("暖心守护"))
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#16292d", light="#ffffff"))


def set_up(offer: str, code: str, *, actor: Actor) -> list[str]:
    """Make an offered seed the second factor, when its code is right, and return the recovery codes, once.

    Replaces an earlier factor and its codes; other sessions end. Refused: a wrong code (Invalid), an earlier factor
    that this session has not proven (Refused, R23), or a password alone could replace it.
    """
    if queries.second_factor_of(actor.account_id) is not None and not actor.second_factor_ok:
        raise Refused(_l("请先完成第二重验证。"), rule="R23")
    seed = _offered(offer, actor)
    step = _matching_step(seed, code)
    if step is None:
        raise Invalid(_WRONG, field="code")
    row = session().get(SecondFactor, actor.account_id) or SecondFactor(account_id=actor.account_id)
    row.wrapped_seed = current_keyring().wrap("totp", seed, _context(actor.account_id))
    row.confirmed_at, row.last_step = clock.now(), step
    session().add(row)
    codes = _new_codes(actor.account_id)
    sessions.end_sessions(actor.account_id, keep=actor.session_id)
    _prove(actor)
    _record(Action.ACCOUNT_SECOND_FACTOR_SET, actor)
    return codes


def claim(actor: Actor) -> None:
    """Count an attempt, in a transaction of its own, before the code is looked at; refused (TooMany) after too many."""
    throttle.claim(_subjects(actor))


def verify(code: str, *, actor: Actor) -> Factor:
    """Take the code of the authenticator, or a recovery code, for the session of the actor; return which it was.

    The attempt has been claimed. Every code works once. Refused (Invalid): a wrong or used code; that is recorded.
    """
    cleaned = "".join(code.split()).replace("-", "").lower()
    used = _use_totp(cleaned, actor) or _use_recovery_code(cleaned, actor)
    if used is None:
        _record_failure(actor)
        raise Invalid(_WRONG, field="code")
    throttle.forgive(_subjects(actor))
    _prove(actor)
    _record(Action.ACCOUNT_SIGNED_IN, actor, {"second_factor": str(used)})
    return used


def rewrapped(keyring: Keyring, row: SecondFactor) -> bytes:
    """Return a seed under the active key of its class."""
    return keyring.rewrap("totp", row.wrapped_seed, _context(row.account_id))


def _use_totp(code: str, actor: Actor) -> Factor | None:
    row = session().get(SecondFactor, actor.account_id)
    if row is None or not code.isdigit():
        return None
    step = _matching_step(current_keyring().unwrap("totp", row.wrapped_seed, _context(actor.account_id)), code)
    if step is None:
        return None
    # One statement decides, so that the same code sent twice at once is taken once.
    taken = (
        sa.update(SecondFactor)
        .where(SecondFactor.account_id == actor.account_id, SecondFactor.last_step < step)
        .values(last_step=step)
    )
    return Factor.TOTP if session().scalars(taken.returning(SecondFactor.account_id)).all() else None


def _use_recovery_code(code: str, actor: Actor) -> Factor | None:
    ring, data = current_keyring(), _code_context(actor.account_id, code)
    for row in queries.unused_codes(actor.account_id):
        kid, tag = row.code_mac[:4].hex(), row.code_mac[4:]
        if ring.verify_mac("totp", kid, data, tag):
            taken = sa.update(RecoveryCode).where(RecoveryCode.id == row.id, RecoveryCode.used_at.is_(None))
            taken = taken.values(used_at=clock.now())
            return Factor.RECOVERY if session().scalars(taken.returning(RecoveryCode.id)).all() else None
    return None


def _new_codes(account_id: UUID) -> list[str]:
    session().execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_CODE_SIZE)) for _ in range(CODES)]
    for code in codes:
        kid, tag = current_keyring().mac("totp", _code_context(account_id, code))
        session().add(RecoveryCode(id=new_id(), account_id=account_id, code_mac=bytes.fromhex(kid) + tag))
    return ["-".join(code[start : start + 4] for start in range(0, _CODE_SIZE, 4)) for code in codes]


def _matching_step(seed: bytes, code: str) -> int | None:
    """Return the time step whose code this is, within the window, or None."""
    totp = pyotp.TOTP(base64.b32encode(seed).decode(), interval=STEP_SECONDS)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    typed = "".join(code.split()).encode()
    steps = [now + shift for shift in range(-WINDOW, WINDOW + 1)]
    return next((step for step in steps if crypto.same(totp.generate_otp(step).encode(), typed)), None)


def _subjects(actor: Actor) -> dict[Subject, str]:
    return {Subject.CODE: str(actor.account_id)}


def _prove(actor: Actor) -> None:
    session().get_one(SignInSession, actor.session_id).second_factor_at = clock.now()


def _offered(offer: str, actor: Actor) -> bytes:
    try:
        return current_keyring().unwrap("totp", base64.urlsafe_b64decode(offer), _offer_context(actor))
    except (CryptoError, ValueError):
        raise Invalid(_l("页面已过期。请刷新后重新扫描。")) from None


def _offer_context(actor: Actor) -> bytes:
    return crypto.bind("people/second-factor-offer", actor.account_id, actor.session_id)


def _context(account_id: UUID) -> bytes:
    return crypto.bind("people_second_factor.wrapped_seed", account_id)


def _code_context(account_id: UUID, code: str) -> bytes:
    return crypto.bind("people_recovery_code", account_id, code)


def _record(action: Action, actor: Actor, details: Mapping[str, object] | None = None) -> None:
    trail.record(action, actor=actor, subject_kind="account", subject_id=actor.account_id, details=details)


def _record_failure(actor: Actor) -> None:
    with write_transaction():
        trail.record(
            Action.ACCOUNT_SIGN_IN_FAILED,
            actor=actor,
            subject_kind="account",
            subject_id=actor.account_id,
            details={"reason": str(Failure.CODE)},
            outcome=Outcome.FAILED,
        )
