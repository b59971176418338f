"""Signing in: the password is right when it opens the private key, and an answer never tells whether a name exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.audit.trail import Outcome
from casework.core import clock
from casework.core.db import read_transaction, session, write_transaction
from casework.core.errors import Conflict, Invalid, Refused
from casework.core.ids import new_id
from casework.people import queries, rules
from casework.people.models import Account, KeyPair
from casework.people.service import passwords, sessions, throttle
from casework.people.service.accounts import store
from casework.people.types import Factor, Failure, Opened, SealedPair, SealedPrivateKey, Seat, SignedIn, Subject
from casework.security.actor import Actor

if TYPE_CHECKING:
    from uuid import UUID

    from casework.people.types import Holding
    from casework.security.roles import Role

_SENTENCE = _l("登录名或口令不正确。")


def sign_in(login: str, password: str, *, address: str, seat: Seat | None = None) -> SignedIn:
    """Begin a session and return what its cookie is to carry; the caller's transaction commits it.

    With a ``seat`` only its holder comes in, in the role of the seat while it is still held. Slow, and as slow for an
    unknown name. Refused: a wrong name or password or a disabled account (Invalid, the same sentence for all), a
    password that was replaced while it was tried (the same), too many attempts (TooMany), an account without any role,
    or somebody else's seat (Refused).
    """
    subjects = throttle.attempt(login, address)
    opened, failure, account_id = _try(login, password)
    if opened is None:
        _record_failure(failure, account_id)
        raise Invalid(_SENTENCE)
    if seat is not None and seat.account_id != opened.account_id:
        _record_failure(Failure.OTHER_PERSON, opened.account_id)
        raise Refused(_l("这一页是另一位同事填写的，只有本人可以在这里登录。"), rule="R23")
    upgraded = _sealed_again(opened, password)
    throttle.forgive(subjects)
    throttle.remember(login, address)
    return _begin(opened, upgraded, seat)


def open_private_key(login: str, password: str) -> Opened:
    """Return the opened key of an account, for commands and tests; refused (Invalid) when the password is wrong."""
    opened, _, _ = _try(login, password)
    if opened is None:
        raise Invalid(_SENTENCE)
    return opened


def actor_of(login: str, password: str, role: Role | None = None) -> Actor:
    """Return somebody as an actor with an open private key, in their first role or the one named; without a session.

    Refused (Invalid): a wrong password, a role the account does not hold. The pledge is taken as it is.
    """
    opened = open_private_key(login, password)
    with read_transaction():
        held = queries.holdings_of([opened.account_id])[opened.account_id]
        wanted = next((each for each in held if role is None or each.role is role), None)
        if wanted is None:
            raise Invalid(_l("该账户没有此角色。"))
        return Actor(
            account_id=opened.account_id,
            role=wanted.role,
            subproject_id=wanted.subproject_id,
            private_key=opened.private_key,
            pledge_current=queries.pledge_is_current(opened.account_id, wanted.role),
            second_factor_ok=True,
            display_name=queries.names_of([opened.account_id])[opened.account_id],
        )


def prepare_new_password(actor: Actor, current: str, new: str) -> SealedPair:
    """Return one's private key sealed under a new password. Slow; call it before the transaction that stores it.

    Refused: a wrong present password (Invalid at its field, counted), a weak or unchanged one (Invalid).
    """
    with read_transaction():
        account = session().get_one(Account, actor.account_id)
        login, pair = account.login, queries.public_key_of(account.id)
    passwords.check(new, login, field="new")
    if rules.fold(new) == rules.fold(current):
        raise Invalid(_l("新口令与当前口令相同。请换一个。"), field="new")
    subjects = {Subject.PASSWORD: str(actor.account_id)}
    throttle.claim(subjects)
    opened, _, _ = _try(login, current)
    if opened is None or pair is None:
        raise Invalid(_l("当前口令不正确。"), field="current")
    sealed = passwords.seal(opened.private_key, new, actor.account_id, opened.key_pair_id)
    with write_transaction():
        throttle.forgive(subjects)
    return SealedPair(opened.key_pair_id, actor.account_id, pair.public_key, sealed)


def change_password(pair: SealedPair, *, actor: Actor) -> None:
    """Store the private key under its new password; every other session of the account ends.

    Refused (Conflict): the key pair was replaced meanwhile.
    """
    row = session().get(KeyPair, pair.id, with_for_update=True)
    if row is None or row.account_id != actor.account_id or row.retired_at is not None:
        raise Conflict(_l("密钥刚刚被更换，请重新登录。"))
    store(row, pair)
    session().get_one(Account, actor.account_id).must_change_password = False
    sessions.end_sessions(actor.account_id, keep=actor.session_id)
    trail.record(Action.ACCOUNT_PASSWORD_CHANGED, actor=actor, subject_kind="account", subject_id=actor.account_id)


def _try(login: str, password: str) -> tuple[Opened | None, Failure, UUID | None]:
    """Try a password with no transaction open; the work is the same whatever is found."""
    with read_transaction():
        account = queries.account_by_login(login.strip().lower())
        pair = None if account is None else queries.current_pair(account.id)
        known = None if pair is None else _sealed(pair)
        pair_id, public = (new_id(), b"") if pair is None else (pair.id, pair.public_key)
        account_id = None if account is None else account.id
        set_at = clock.now() if pair is None else pair.password_set_at
        disabled = account is not None and account.disabled_at is not None
    holder = account_id or new_id()
    sealed = known or passwords.decoy(holder, pair_id)
    private = passwords.unseal(sealed, password, holder, pair_id)
    if private is not None and not disabled and public:
        cheaper = passwords.is_cheaper_than_now(sealed)
        return Opened(holder, pair_id, private, sealed.salt, set_at, cheaper), Failure.PASSWORD, account_id
    if account_id is None:
        return None, Failure.UNKNOWN, None
    return None, Failure.DISABLED if disabled else Failure.PASSWORD, account_id


def _sealed(pair: KeyPair) -> SealedPrivateKey | None:
    if pair.sealed_private_key is None:
        return None
    return SealedPrivateKey(pair.sealed_private_key, pair.salt, pair.memory_kib, pair.passes, pair.lanes)


def _sealed_again(opened: Opened, password: str) -> SealedPrivateKey | None:
    """Return the key under today's cost when the settings were raised since the password was set."""
    if not opened.costs_less_than_now:
        return None
    return passwords.seal(opened.private_key, password, opened.account_id, opened.key_pair_id)


def _begin(opened: Opened, upgraded: SealedPrivateKey | None, seat: Seat | None) -> SignedIn:
    account = session().get_one(Account, opened.account_id)
    if not _is_still_right(opened):
        _record_failure(Failure.PASSWORD, account.id)
        raise Invalid(_SENTENCE)
    held = queries.holdings_of([account.id])[account.id]
    if not held:
        _record_failure(Failure.NO_ROLE, account.id)
        raise Refused(_l("你的账户目前没有角色，请联系系统管理员。"))
    if upgraded is not None:
        _store_upgrade(opened, upgraded)
    holding = next((each for each in held if seat is not None and _is_at(each, seat)), held[0])
    row, token = sessions.begin(opened, holding)
    factor = Factor.PENDING if queries.second_factor_of(account.id) is not None else Factor.NONE
    _record_success(row.id, holding, factor)
    return SignedIn(token, account.id, account.must_change_password)


def _is_still_right(opened: Opened) -> bool:
    """Return whether the password was not replaced while it was tried.

    Locks the key pair: whoever replaces it afterwards waits, finds the session that begins here and ends it. Sealing
    the same password at today's cost is no replacement.
    """
    pair = session().get(KeyPair, opened.key_pair_id, with_for_update=True)
    return pair is not None and pair.retired_at is None and pair.password_set_at == opened.password_set_at


def _is_at(holding: Holding, seat: Seat) -> bool:
    return holding.role == seat.role and holding.subproject_id == seat.subproject_id


def _store_upgrade(opened: Opened, upgraded: SealedPrivateKey) -> None:
    """Replace the sealed key unless somebody has changed the password since it was tried."""
    session().execute(
        sa.update(KeyPair)
        .where(KeyPair.id == opened.key_pair_id, KeyPair.retired_at.is_(None), KeyPair.salt == opened.salt)
        .values(
            sealed_private_key=upgraded.envelope,
            salt=upgraded.salt,
            memory_kib=upgraded.memory_kib,
            passes=upgraded.passes,
            lanes=upgraded.lanes,
        )
    )


def _record_success(session_id: UUID, held: Holding, factor: Factor) -> None:
    actor = Actor(account_id=held.account_id, role=held.role, subproject_id=held.subproject_id, session_id=session_id)
    trail.record(
        Action.ACCOUNT_SIGNED_IN,
        actor=actor,
        subject_kind="account",
        subject_id=held.account_id,
        details={"second_factor": str(factor)},
    )


def _record_failure(reason: Failure, account_id: UUID | None) -> None:
    with write_transaction():
        trail.record(
            Action.ACCOUNT_SIGN_IN_FAILED,
            actor=Actor.system(),
            subject_kind="account",
            subject_id=account_id,
            details={"reason": str(reason)},
            outcome=Outcome.FAILED,
        )
