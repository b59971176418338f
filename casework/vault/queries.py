"""Who may open what, and who waits for a key: by grants alone, without opening anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from casework.core import clock
from casework.core.db import id_param, session
from casework.people import queries as people
from casework.people.models import KeyPair
from casework.security.roles import PROJECT_ROLES, Role
from casework.vault.models import Circle, CircleMember, DataKeyRecord, KeyGrant, RecoveryKey
from casework.vault.rules import may_hold_keys, may_not_be_emptied, may_start_anew, may_use_circle
from casework.vault.types import Awaiting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from uuid import UUID

    from casework.security.actor import Actor
    from casework.vault.types import KeyPurpose, Offer

# The lock that a foreign key takes anyway: it waits for a rotation, and a rotation waits for it. A generation that
# ended while we waited must not be taken from what this session read before.
_CIRCLE_TO_SEAL_TO: Final = (
    sa.select(Circle)
    .where(Circle.subproject_id == id_param("subproject"))
    .with_for_update(read=True, key_share=True)
    .execution_options(populate_existing=True)
)

# Filled by higher packages, which the vault does not know.
offer_sources: list[Callable[[Actor], Iterable[Offer]]] = []


@dataclass(frozen=True, slots=True)
class Candidate:
    """A live grant that the actor's private key, or a circle it opens, should be able to open."""

    grant: KeyGrant
    purpose: str
    membership: CircleMember | None


def can_open(actor: Actor, data_key_id: UUID) -> bool:
    """Return whether a live grant lets the actor open this key; decided by the rows alone."""
    return bool(session().scalar(sa.select(sa.literal(value=True)).where(openable(actor, data_key_id))))


def openable(actor: Actor, data_key_id: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - an id or a column of ids
    """Return the filter that keeps the rows whose data key the actor could open. For lists and counts."""
    pair = people.public_key_of(actor.account_id)
    if pair is None or not may_hold_keys(actor.role):
        return sa.false()
    mine = sa.and_(KeyGrant.account_id == actor.account_id, KeyGrant.key_pair_id == pair.key_pair_id)
    if may_use_circle(actor.role):
        circles = (
            sa.select(CircleMember.circle_id)
            .join(Circle, Circle.id == CircleMember.circle_id)
            .where(
                CircleMember.account_id == actor.account_id,
                CircleMember.key_pair_id == pair.key_pair_id,
                Circle.subproject_id == actor.subproject_id,
            )
        )
        mine = sa.or_(mine, KeyGrant.circle_id.in_(circles))
    grants = sa.select(sa.literal(1)).select_from(KeyGrant)
    return sa.exists(grants.where(KeyGrant.data_key_id == data_key_id, _live(), mine))


def candidates(actor: Actor, data_key_ids: Collection[UUID]) -> list[Candidate]:
    """Return the live grants to try for these keys, the actor's own before the circle's."""
    if not may_hold_keys(actor.role):
        return []
    found = sa.select(KeyGrant, DataKeyRecord.purpose).join(DataKeyRecord, DataKeyRecord.id == KeyGrant.data_key_id)
    found = found.where(KeyGrant.data_key_id.in_(data_key_ids), _live(), DataKeyRecord.destroyed_at.is_(None))
    own = session().execute(found.where(KeyGrant.account_id == actor.account_id))
    listed = [Candidate(grant, purpose, None) for grant, purpose in own]
    missing = set(data_key_ids) - {each.grant.data_key_id for each in listed}
    if not may_use_circle(actor.role) or not missing:
        return listed
    shared = (
        found.add_columns(CircleMember)
        .join(
            CircleMember,
            sa.and_(
                CircleMember.circle_id == KeyGrant.circle_id,
                CircleMember.generation == KeyGrant.circle_generation,
                CircleMember.account_id == actor.account_id,
            ),
        )
        .join(Circle, sa.and_(Circle.id == KeyGrant.circle_id, Circle.subproject_id == actor.subproject_id))
    )
    rows = session().execute(shared.where(KeyGrant.data_key_id.in_(missing)))
    return listed + [Candidate(grant, purpose, member) for grant, purpose, member in rows]


def holders_of(data_key_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Return (data key, account) for every live grant that is sealed to the key pair its account has now."""
    found = (
        sa.select(KeyGrant.data_key_id, KeyGrant.account_id)
        .join(KeyPair, KeyPair.id == KeyGrant.key_pair_id)
        .where(KeyGrant.data_key_id.in_(data_key_ids), _live(), KeyPair.retired_at.is_(None))
    )
    return {(key, account) for key, account in session().execute(found) if account is not None}


def offers(actor: Actor) -> list[Offer]:
    """Return what higher packages let the acting supervisor give to colleagues."""
    return [offer for source in offer_sources for offer in source(actor)]


def is_destroyed(data_key_id: UUID) -> bool:
    """Return whether only the tombstone of this key is left."""
    destroyed = sa.select(DataKeyRecord.id).where(
        DataKeyRecord.id == data_key_id, DataKeyRecord.destroyed_at.is_not(None)
    )
    return session().scalar(destroyed) is not None


def data_key_record(data_key_id: UUID) -> DataKeyRecord | None:
    """Return the row of a data key, which opens nothing."""
    return session().get(DataKeyRecord, data_key_id)


def circle_of(subproject_id: UUID) -> Circle | None:
    """Return the circle of a sub-project."""
    return session().scalar(sa.select(Circle).where(Circle.subproject_id == subproject_id))


def circle_to_seal_to(subproject_id: UUID) -> Circle | None:
    """Return the circle while keeping others from starting a new generation until this transaction ends."""
    return session().scalar(_CIRCLE_TO_SEAL_TO, {"subproject": subproject_id})


def circles() -> Sequence[Circle]:
    """Return all circles."""
    return session().scalars(sa.select(Circle).order_by(Circle.created_at, Circle.id)).all()


def members_of(circle_id: UUID) -> Sequence[CircleMember]:
    """Return who holds the key of a circle, the recovery key included."""
    found = sa.select(CircleMember).where(CircleMember.circle_id == circle_id)
    return session().scalars(found.order_by(CircleMember.created_at, CircleMember.id)).all()


def membership(circle_id: UUID, account_id: UUID) -> CircleMember | None:
    """Return how an account holds the key of a circle."""
    found = sa.select(CircleMember).where(CircleMember.circle_id == circle_id, CircleMember.account_id == account_id)
    return session().scalar(found)


def memberships_of(account_id: UUID) -> Sequence[tuple[Circle, CircleMember]]:
    """Return the circles of which an account is a member."""
    found = sa.select(Circle, CircleMember).join(CircleMember, CircleMember.circle_id == Circle.id)
    found = found.where(CircleMember.account_id == account_id).order_by(Circle.created_at, Circle.id)
    return [(circle, member) for circle, member in session().execute(found)]


def holds_keys_in(account_id: UUID, subproject_id: UUID) -> bool:
    """Return whether an account works in a sub-project in a role that may hold keys."""
    roles = [role for role in Role if may_hold_keys(role)]
    return any(account_id in people.holders_of_role(role, subproject_id) for role in roles)


def count_members(circle_id: UUID) -> int:
    """Return how many accounts hold the key of a circle."""
    held = sa.select(sa.func.count()).where(CircleMember.circle_id == circle_id, CircleMember.account_id.is_not(None))
    return session().scalar(held) or 0


def is_unused(circle_id: UUID) -> bool:
    """Return whether no account holds the key of a circle and nothing is sealed to it."""
    return may_start_anew(count_members(circle_id), _count_grants(circle_id))


def is_last_holder(circle_id: UUID) -> bool:
    """Return whether something is sealed to a circle whose key only one account holds."""
    return may_not_be_emptied(count_members(circle_id), _count_grants(circle_id))


def _count_grants(circle_id: UUID) -> int:
    return session().scalar(sa.select(sa.func.count()).where(KeyGrant.circle_id == circle_id)) or 0


def grants_of_older_generations(circle: Circle, limit: int) -> Sequence[tuple[KeyGrant, KeyPurpose]]:
    """Return some of the grants that are still sealed to a former key pair of a circle, with their purposes."""
    found = sa.select(KeyGrant, DataKeyRecord.purpose).join(DataKeyRecord, DataKeyRecord.id == KeyGrant.data_key_id)
    found = found.where(KeyGrant.circle_id == circle.id, KeyGrant.circle_generation != circle.generation)
    return session().execute(found.order_by(KeyGrant.id).limit(limit)).all()


def recovery_key() -> RecoveryKey | None:
    """Return the newest recovery key's public half."""
    newest = sa.select(RecoveryKey).order_by(RecoveryKey.created_at.desc(), RecoveryKey.id.desc()).limit(1)
    return session().scalar(newest)


def recovery_key_by_fingerprint(fingerprint: str) -> RecoveryKey | None:
    """Return the recovery key with this fingerprint."""
    return session().scalar(sa.select(RecoveryKey).where(RecoveryKey.fingerprint == fingerprint))


def stale_grants(account_id: UUID, key_pair_id: UUID) -> Sequence[KeyGrant]:
    """Return the live grants of an account that are sealed to a key pair it no longer has."""
    found = sa.select(KeyGrant).where(KeyGrant.account_id == account_id, KeyGrant.key_pair_id != key_pair_id, _live())
    return session().scalars(found.order_by(KeyGrant.id)).all()


def holds_circle(actor: Actor) -> bool:
    """Return whether the acting supervisor is a member of the sub-project's circle with the key pair of now."""
    pair = people.public_key_of(actor.account_id)
    if pair is None or actor.subproject_id is None or not may_use_circle(actor.role):
        return False
    return actor.account_id in _members(actor.subproject_id, {actor.account_id: pair.key_pair_id})


def rotation_is_due(actor: Actor) -> bool:
    """Return whether somebody left the circle of the acting supervisor and no new generation was made yet."""
    circle = None if actor.subproject_id is None else circle_of(actor.subproject_id)
    return circle is not None and circle.rotation_due_at is not None


def awaiting(actor: Actor) -> list[Awaiting]:
    """Return the colleagues of the acting supervisor's sub-project who wait for a key, in order of their ids."""
    if not may_use_circle(actor.role) or actor.subproject_id is None:
        return []
    holders = {role: set(people.holders_of_role(role, actor.subproject_id)) for role in PROJECT_ROLES}
    pairs = {account: people.public_key_of(account) for account in set().union(*holders.values())}
    current = {account: pair.key_pair_id for account, pair in pairs.items() if pair is not None}
    keys = _count_stale(current)
    outside = (holders[Role.SUPERVISOR] & set(current)) - _members(actor.subproject_id, current)
    return [Awaiting(each, keys.get(each, 0), each in outside) for each in sorted(outside | set(keys))]


def _count_stale(current: dict[UUID, UUID]) -> dict[UUID, int]:
    """Return how many live grants of each account are sealed to a key pair it no longer has."""
    counted = sa.select(KeyGrant.account_id, sa.func.count()).where(
        KeyGrant.account_id.in_(current), KeyGrant.key_pair_id.not_in(current.values()), _live()
    )
    rows = session().execute(counted.group_by(KeyGrant.account_id))
    return {account_id: count for account_id, count in rows if account_id is not None}


def _members(subproject_id: UUID, current: dict[UUID, UUID]) -> set[UUID]:
    """Return the accounts that can open the circle of a sub-project with the key pair they have now."""
    found = sa.select(CircleMember.account_id).join(Circle, Circle.id == CircleMember.circle_id)
    found = found.where(Circle.subproject_id == subproject_id, CircleMember.key_pair_id.in_(current.values()))
    return {account_id for account_id in session().scalars(found) if account_id is not None}


def _live() -> sa.ColumnElement[bool]:
    return sa.or_(KeyGrant.expires_at.is_(None), KeyGrant.expires_at > clock.now())
