"""Circles: the key pair that the supervisors of a sub-project share, and who holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock, crypto
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, Refused
from casework.core.ids import new_id
from casework.people import queries as people
from casework.security.roles import Role
from casework.vault import queries
from casework.vault.models import Circle, CircleMember, RecoveryKey
from casework.vault.service import contexts, generations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from casework.people.types import PublicKey
    from casework.security.actor import Actor


def has_recovery_key() -> bool:
    """Return whether circles can be healed after the last supervisor's loss."""
    return queries.recovery_key() is not None


def set_recovery_key(public_key: bytes, *, actor: Actor) -> RecoveryKey:
    """Keep the public half of the recovery key; circles made from now on are sealed to it."""
    row = _recovery_row(public_key)
    details = {"fingerprint": row.fingerprint}
    trail.record(Action.RECOVERY_KEY_SET, actor=actor, subject_kind="recovery_key", subject_id=row.id, details=details)
    return row


def create_circle(subproject_id: UUID, *, recovery_public_key: bytes, actor: Actor) -> Circle:
    """Make the key pair of a sub-project, sealed to the recovery key alone; supervisors are added afterwards.

    Refused (Conflict) when the sub-project has one.
    """
    if queries.circle_of(subproject_id) is not None:
        raise Conflict(_l("该子项目已有督导密钥。"))
    circle = generations.new_circle(subproject_id, _recovery_row(recovery_public_key))
    _record(Action.CIRCLE_CREATED, circle, actor, {"subproject": subproject_id})
    return circle


def circle_for_sealing(subproject_id: UUID) -> Circle:
    """Return the circle to which new keys of a sub-project are sealed, made on first use.

    Without a supervisor it can be opened by the recovery key only: a call is not turned away because nobody was
    appointed yet. Refused: no recovery key either (Conflict), a public key that somebody else wrote (Refused, R23).
    """
    circle = queries.circle_to_seal_to(subproject_id)
    if circle is not None:
        contexts.require_attested(circle)
        return circle
    recovery = queries.recovery_key()
    if recovery is None:
        raise Conflict(_l("系统尚未设置恢复密钥，无法保存加密内容。请联系系统管理员。"))
    return generations.new_circle(subproject_id, recovery)


def add_circle_member(subproject_id: UUID, account_id: UUID, *, actor: Actor) -> bool:
    """Let a supervisor open what is sealed to the circle, and return whether it happened.

    It happens when the acting supervisor holds the circle's key, or when nobody holds it and nothing is sealed to it
    yet. Otherwise False: the colleague waits for a re-grant or for the recovery key. Giving a role gives no key.
    """
    circle = queries.circle_of(subproject_id) or circle_for_sealing(subproject_id)
    pair = people.public_key_of(account_id)
    if pair is None:
        return False
    private = generations.open_circle(circle, actor)
    if private is None and queries.is_unused(circle.id):
        private = generations.start_anew(circle)
    if private is None:
        return False
    generations.seal_to_account(circle, private, pair)
    _record(Action.CIRCLE_MEMBER_ADDED, circle, actor, {"account": account_id})
    return True


def remove_circle_member(subproject_id: UUID, account_id: UUID, *, actor: Actor) -> None:
    """Take a circle's key from somebody; a new generation replaces it at once when the acting person can make one.

    Otherwise (an administrator ended the role, or it is one's own) the next supervisor's re-grant makes it. What the
    last member holds is kept until a successor holds the circle: it opens nothing outside the role, and without it
    a mistaken click would leave only the recovery key. Without effect when the account is no member.
    """
    circle = queries.circle_of(subproject_id)
    member = None if circle is None else queries.membership(circle.id, account_id)
    if circle is None or member is None:
        return
    circle.rotation_due_at = clock.now()
    private = None if account_id == actor.account_id else generations.open_circle(circle, actor)
    if private is None and queries.is_last_holder(circle.id):
        return
    actor.opened.pop((circle.id, circle.generation), None)
    session().delete(member)
    session().flush()
    if private is not None:
        generations.renew(circle, private)
    _record(Action.CIRCLE_MEMBER_REMOVED, circle, actor, {"account": account_id})


def rotate_circle(subproject_id: UUID, *, actor: Actor) -> int:
    """Start a new generation of the circle and return how many keys were sealed to it again.

    Refused (Refused, R23) unless the actor is a supervisor who holds the circle's key.
    """
    circle = queries.circle_of(subproject_id)
    private = None if circle is None else generations.open_circle(circle, actor)
    if circle is None or private is None:
        raise Refused(_l("你没有本子项目的督导密钥，请由其他督导操作。"), rule="R23")
    keys = generations.renew(circle, private)
    _record(Action.CIRCLE_ROTATED, circle, actor, {"generation": circle.generation, "keys": keys})
    return keys


def renew_membership(account_id: UUID, *, actor: Actor) -> None:
    """Forget the memberships of a lost key pair, which open nothing any more.

    A circle to which nothing was ever sealed starts anew at once; any other waits for a re-grant or for recovery.
    """
    for circle, member in queries.memberships_of(account_id):
        session().delete(member)
        session().flush()
        if queries.is_unused(circle.id):
            add_circle_member(circle.subproject_id, account_id, actor=actor)


def recover(recovery_private_key: bytes, account_id: UUID, *, actor: Actor) -> int:
    """Give a supervisor the circles of their sub-projects back by the printed recovery key; return how many.

    Refused (Invalid): a key that is not the recovery key of this system, an account without a key pair.
    """
    recovery = queries.recovery_key_by_fingerprint(_fingerprint_of_private(recovery_private_key))
    pair = people.public_key_of(account_id)
    if recovery is None:
        raise Invalid(_l("这不是本系统的恢复密钥。"))
    if pair is None:
        raise Invalid(_l("该账户还没有密钥，请先由管理员重设密码。"))
    healed = [circle for circle in queries.circles() if _heal(circle, recovery_private_key, recovery, pair)]
    details = {"circles": len(healed)}
    trail.record(Action.RECOVERY_USED, actor=actor, subject_kind="account", subject_id=account_id, details=details)
    return len(healed)


def _heal(circle: Circle, recovery_private_key: bytes, recovery: RecoveryKey, pair: PublicKey) -> bool:
    if pair.account_id not in people.holders_of_role(Role.SUPERVISOR, circle.subproject_id):
        return False
    member = _recovery_member(circle, recovery)
    if member is None:
        return False
    private = crypto.open_sealed(recovery_private_key, member.sealed_private_key, contexts.of_member(member))
    generations.seal_to_account(circle, private, pair)
    return True


def _recovery_member(circle: Circle, recovery: RecoveryKey) -> CircleMember | None:
    members = queries.members_of(circle.id)
    return next((member for member in members if member.recovery_key_id == recovery.id), None)


def _recovery_row(public_key: bytes) -> RecoveryKey:
    fingerprint = crypto.sha256(public_key).hex()
    row = queries.recovery_key_by_fingerprint(fingerprint)
    if row is None:
        row = RecoveryKey(id=new_id(), public_key=public_key, fingerprint=fingerprint, created_at=clock.now())
        contexts.attest(row)
        session().add(row)
        session().flush()
    return row


def _fingerprint_of_private(private: bytes) -> str:
    try:
        return crypto.sha256(crypto.public_half(private)).hex()
    except crypto.CryptoError:
        return ""


def _record(action: Action, circle: Circle, actor: Actor, details: Mapping[str, Any]) -> None:
    trail.record(action, actor=actor, subject_kind="circle", subject_id=circle.id, details=details)
