"""The key pair behind a circle: opened by a member, sealed to one, replaced by a new generation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.core import clock, crypto
from casework.core.crypto import CryptoError
from casework.core.db import session
from casework.core.ids import new_id
from casework.people import queries as people
from casework.security.roles import Role
from casework.vault import queries
from casework.vault.models import Circle, CircleMember, RecoveryKey
from casework.vault.rules import may_use_circle
from casework.vault.service import contexts

if TYPE_CHECKING:
    from uuid import UUID

    from casework.people.types import PublicKey
    from casework.security.actor import Actor

_BATCH: Final = 500


def new_circle(subproject_id: UUID, recovery: RecoveryKey) -> Circle:
    """Return a circle whose private key is sealed to the recovery key and to nobody else yet."""
    pair = crypto.generate_key_pair()
    circle = Circle(
        id=new_id(), subproject_id=subproject_id, generation=1, public_key=pair.public, created_at=clock.now()
    )
    contexts.attest(circle)
    session().add(circle)
    session().flush()
    seal_to_recovery(circle, pair.private, recovery)
    return circle


def open_circle(circle: Circle, actor: Actor) -> bytes | None:
    """Return the circle's private key when the actor, a supervisor of its sub-project now, holds it."""
    if not may_use_circle(actor.role) or actor.subproject_id != circle.subproject_id:
        return None
    member = queries.membership(circle.id, actor.account_id)
    return None if member is None or member.generation != circle.generation else open_member(member, actor)


def open_member(member: CircleMember, actor: Actor) -> bytes | None:
    """Return the private key that a membership seals; None when the actor's key does not open it.

    Opened once a request.
    """
    cached = actor.opened.get((member.circle_id, member.generation))
    if isinstance(cached, bytes) or actor.private_key is None:
        return cached
    try:
        private = crypto.open_sealed(actor.private_key, member.sealed_private_key, contexts.of_member(member))
    except CryptoError:
        return None
    actor.opened[member.circle_id, member.generation] = private
    return private


def seal_to_account(circle: Circle, private: bytes, pair: PublicKey) -> None:
    """Make somebody a member with the key pair they have now, instead of what they held before."""
    member = queries.membership(circle.id, pair.account_id)
    if member is None:
        member = CircleMember(
            id=new_id(), circle_id=circle.id, account_id=pair.account_id, created_at=clock.now(), sealed_private_key=b""
        )
    member.generation, member.key_pair_id = circle.generation, pair.key_pair_id
    member.sealed_private_key = crypto.seal_to(pair.public_key, private, contexts.of_member(member))
    session().add(member)
    session().flush()


def seal_to_recovery(circle: Circle, private: bytes, recovery: RecoveryKey) -> None:
    """Make the recovery key a member."""
    contexts.require_attested(recovery)
    member = CircleMember(
        id=new_id(),
        circle_id=circle.id,
        generation=circle.generation,
        recovery_key_id=recovery.id,
        created_at=clock.now(),
    )
    member.sealed_private_key = crypto.seal_to(recovery.public_key, private, contexts.of_member(member))
    session().add(member)
    session().flush()


def admit_if_supervisor(pair: PublicKey, actor: Actor) -> bool:
    """Give a supervisor of the acting supervisor's sub-project its circle, and make the new generation that is due.

    Returns whether the colleague became a member, or is one again after losing a key pair.
    """
    circle = None if actor.subproject_id is None else queries.circle_of(actor.subproject_id)
    private = None if circle is None else open_circle(circle, actor)
    if circle is None or private is None:
        return False
    if circle.rotation_due_at is not None:
        renew(circle, private)
        private = open_circle(circle, actor) or private
    member = queries.membership(circle.id, pair.account_id)
    if member is not None and member.key_pair_id == pair.key_pair_id:
        return False
    if pair.account_id not in people.holders_of_role(Role.SUPERVISOR, circle.subproject_id):
        return False
    seal_to_account(circle, private, pair)
    return True


def renew(circle: Circle, private: bytes) -> int:
    """Start a new generation and return how many keys were sealed to it again, all those sealed to the circle.

    A member whose own key pair is lost drops out and waits for a re-grant.
    """
    next_generation(circle)
    return _reseal_grants(circle, private)


def start_anew(circle: Circle) -> bytes | None:
    """Give a circle to which nothing is sealed, and that nobody holds, a new key pair; None when it is in use."""
    session().refresh(circle, with_for_update=True)
    return next_generation(circle) if queries.is_unused(circle.id) else None


def next_generation(circle: Circle) -> bytes:
    """Replace the key pair, seal it to the members and to recovery, and return the new private key."""
    session().refresh(circle, with_for_update=True)
    pair, former = crypto.generate_key_pair(), queries.members_of(circle.id)
    circle.generation, circle.public_key, circle.rotation_due_at = circle.generation + 1, pair.public, None
    contexts.attest(circle)
    for member in former:
        session().delete(member)
    session().flush()
    for member in former:
        _carry_over(circle, pair.private, member)
    return pair.private


def _carry_over(circle: Circle, private: bytes, member: CircleMember) -> None:
    if member.account_id is None:
        seal_to_recovery(circle, private, session().get_one(RecoveryKey, member.recovery_key_id))
        return
    # A role may have ended while nobody could make a new generation: whoever is no supervisor now drops out.
    if member.account_id not in people.holders_of_role(Role.SUPERVISOR, circle.subproject_id):
        return
    current = people.public_key_of(member.account_id)
    if current is not None and current.key_pair_id == member.key_pair_id:
        seal_to_account(circle, private, current)


def _reseal_grants(circle: Circle, private: bytes) -> int:
    count = 0
    while batch := queries.grants_of_older_generations(circle, _BATCH):
        for grant, purpose in batch:
            secret = crypto.open_sealed(private, grant.sealed_key, contexts.of_grant(grant, purpose))
            grant.circle_generation = circle.generation
            grant.sealed_key = crypto.seal_to(circle.public_key, secret, contexts.of_grant(grant, purpose))
        session().flush()
        count += len(batch)
    return count
