"""Data keys and their grants: make, open, give, take back, destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock, crypto
from casework.core.crypto import CryptoError
from casework.core.db import session
from casework.core.errors import Conflict, NotFound, Refused
from casework.core.ids import new_id
from casework.people import queries as people
from casework.vault import queries
from casework.vault.models import DataKeyRecord, KeyGrant
from casework.vault.rules import is_live, may_hold_keys
from casework.vault.service import contexts, generations
from casework.vault.service.circles import circle_for_sealing
from casework.vault.types import DataKey, GrantReason, KeyPurpose, Regranted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from casework.people.types import PublicKey
    from casework.security.actor import Actor
    from casework.vault.queries import Candidate

_BATCH: Final = 500


def create_key(
    purpose: KeyPurpose, object_id: UUID, *, subproject_id: UUID, actor: Actor, author_until: datetime | None = None
) -> DataKey:
    """Return a new data key for an object, sealed to the circle and, until ``author_until``, to the actor.

    The actor needs no private key for it: a volunteer writes towards the supervisors.
    """
    circle = circle_for_sealing(subproject_id)
    key = DataKey(new_id(), purpose, crypto.new_key())
    shared = _grant_row(key, GrantReason.CIRCLE, actor)
    shared.circle_id, shared.circle_generation = circle.id, circle.generation
    _seal(shared, key, circle.public_key)
    grants = [shared]
    if author_until is not None:
        own = _grant_row(key, GrantReason.AUTHOR, actor)
        own.expires_at = author_until
        _seal_to_pair(own, key, _public_key_of(actor.account_id))
        grants.append(own)
    record = DataKeyRecord(
        id=key.id, purpose=purpose, object_id=object_id, subproject_id=subproject_id, created_at=shared.created_at
    )
    _insert([record])
    _insert(grants)
    actor.opened[key.id] = key
    _record(Action.KEY_CREATED, key.id, actor, {"object": object_id, "purpose": str(purpose)})
    return key


def open_key(data_key_id: UUID, *, actor: Actor) -> DataKey:
    """Return the opened data key; opened once a request.

    Refused (Refused, R23): no live grant that the actor's private key opens, by themselves or through their circle.
    Refused (NotFound): the key was destroyed.
    """
    key = open_keys((data_key_id,), actor=actor).get(data_key_id)
    if key is None:
        if queries.is_destroyed(data_key_id):
            raise NotFound(_l("此内容已按规定销毁，无法再打开。"))
        raise Refused(_l("你没有打开此内容的密钥。如工作需要，请联系本子项目督导。"), rule="R23")
    return key


def open_keys(data_key_ids: Collection[UUID], *, actor: Actor) -> dict[UUID, DataKey]:
    """Return those of the data keys that the actor can open, for a list in one query; the others are left out."""
    found = {each: actor.opened[each] for each in data_key_ids if each in actor.opened and may_hold_keys(actor.role)}
    missing = [each for each in data_key_ids if each not in found]
    if not missing or actor.private_key is None:
        return found
    for candidate in queries.candidates(actor, missing):
        key_id = candidate.grant.data_key_id
        key = None if key_id in found else _opened(candidate, actor)
        if key is not None:
            found[key_id] = actor.opened[key_id] = key
    return found


def grant(
    data_key: DataKey, *, to: UUID, reason: GrantReason, actor: Actor, expires_at: datetime | None = None
) -> None:
    """Seal an opened key to somebody, instead of what they held for the same reason.

    Whoever calls this decides whether the person may have it. Refused (Conflict): the account has no key pair yet.
    """
    pair = _public_key_of(to)
    session().execute(
        sa.delete(KeyGrant).where(
            KeyGrant.data_key_id == data_key.id, KeyGrant.account_id == to, KeyGrant.reason == reason
        )
    )
    row = _grant_row(data_key, reason, actor)
    row.expires_at = expires_at
    _seal_to_pair(row, data_key, pair)
    _insert([row])
    _record(Action.KEY_GRANTED, data_key.id, actor, {"holder": to, "reason": str(reason)})


def revoke(data_key_id: UUID, *, holder: UUID, actor: Actor, reason: GrantReason | None = None) -> None:
    """Delete every grant of a key that an account holds itself, or that of one reason. What a circle holds stays."""
    gone = sa.delete(KeyGrant).where(KeyGrant.data_key_id == data_key_id, KeyGrant.account_id == holder)
    session().execute(gone if reason is None else gone.where(KeyGrant.reason == reason))
    if holder == actor.account_id:
        actor.opened.pop(data_key_id, None)
    _record(Action.KEY_REVOKED, data_key_id, actor, {"holder": holder})


def revoke_all(account_id: UUID, subproject_id: UUID, *, actor: Actor) -> int:
    """Delete every grant that an account holds itself in a sub-project and return how many; what circles hold stays."""
    keys = sa.select(DataKeyRecord.id).where(DataKeyRecord.subproject_id == subproject_id)
    gone = session().scalars(
        sa.delete(KeyGrant)
        .where(KeyGrant.account_id == account_id, KeyGrant.data_key_id.in_(keys))
        .returning(KeyGrant.id)
        .execution_options(synchronize_session=False)
    )
    count = len(gone.all())
    if count:
        details = {"holder": account_id}
        trail.record(
            Action.KEY_REVOKED, actor=actor, subject_kind="subproject", subject_id=subproject_id, details=details
        )
    return count


def shred(data_key_id: UUID, *, actor: Actor) -> None:
    """Destroy a key: every grant is deleted, what was sealed under it can never be opened again, a tombstone stays.

    In backups it lives until their own end. Refused (NotFound): there is no such key, or it is destroyed already.
    """
    record = queries.data_key_record(data_key_id)
    if record is None or record.destroyed_at is not None:
        raise NotFound(_l("没有找到要销毁的密钥。"))
    session().execute(sa.delete(KeyGrant).where(KeyGrant.data_key_id == data_key_id))
    record.destroyed_at = clock.now()
    actor.opened.pop(data_key_id, None)
    details = {"object": record.object_id, "purpose": str(record.purpose)}
    _record(Action.KEY_SHREDDED, data_key_id, actor, details)


def purge_expired(*, actor: Actor) -> int:
    """Delete the grants whose time is over and return how many; they open nothing from their last moment on."""
    gone = session().scalars(sa.delete(KeyGrant).where(KeyGrant.expires_at <= clock.now()).returning(KeyGrant.id))
    count = len(gone.all())
    if count:
        _record(Action.KEY_EXPIRED, None, actor, {"keys": count})
    return count


def regrant(account_id: UUID, *, actor: Actor) -> Regranted:
    """Seal what an account still holds to the key pair it has now, and give a new supervisor the circle's key.

    The acting supervisor opens each key; what they cannot open is left and counted. A circle whose member has left
    gets its new generation here. Refused (Conflict): the account has no key pair.
    """
    pair = _public_key_of(account_id)
    circle = generations.admit_if_supervisor(pair, actor)
    stale = queries.stale_grants(account_id, pair.key_pair_id)
    done = sum(_reseal(stale[start : start + _BATCH], pair, actor) for start in range(0, len(stale), _BATCH))
    trail.record(
        Action.KEY_REGRANTED, actor=actor, subject_kind="account", subject_id=account_id, details={"keys": done}
    )
    return Regranted(keys=done, left=len(stale) - done, circle=circle)


def _reseal(grants: Sequence[KeyGrant], pair: PublicKey, actor: Actor) -> int:
    opened = open_keys([row.data_key_id for row in grants], actor=actor)
    healed = [(row, opened[row.data_key_id]) for row in grants if row.data_key_id in opened]
    for row, key in healed:
        _seal_to_pair(row, key, pair)
    session().flush()
    return len(healed)


def _opened(candidate: Candidate, actor: Actor) -> DataKey | None:
    """Return the key when the candidate really opens it; a grant to a lost key pair, or a changed one, does not."""
    row, private = candidate.grant, actor.private_key
    if candidate.membership is not None:
        private = generations.open_member(candidate.membership, actor)
    if private is None or not is_live(row.expires_at, clock.now()):
        return None
    try:
        secret = crypto.open_sealed(private, row.sealed_key, contexts.of_grant(row, candidate.purpose))
    except CryptoError:
        return None
    return DataKey(row.data_key_id, KeyPurpose(candidate.purpose), secret)


def _grant_row(key: DataKey, reason: GrantReason, actor: Actor) -> KeyGrant:
    return KeyGrant(id=new_id(), data_key_id=key.id, reason=reason, granted_by=actor.account_id, created_at=clock.now())


def _seal_to_pair(row: KeyGrant, key: DataKey, pair: PublicKey) -> None:
    row.account_id, row.key_pair_id = pair.account_id, pair.key_pair_id
    _seal(row, key, pair.public_key)


def _seal(row: KeyGrant, key: DataKey, public_key: bytes) -> None:
    row.sealed_key = crypto.seal_to(public_key, key.secret, contexts.of_grant(row, key.purpose))


def _insert(rows: Sequence[DataKeyRecord | KeyGrant]) -> None:
    # Straight into the table: every saved call makes a key, and bookkeeping of objects nobody reads costs half of it.
    model = type(rows[0])
    values = [{column.key: getattr(row, column.key) for column in model.__table__.columns} for row in rows]
    session().connection().execute(sa.insert(model), values)


def _public_key_of(account_id: UUID) -> PublicKey:
    pair = people.public_key_of(account_id)
    if pair is None:
        raise Conflict(_l("对方的账户还没有密钥，暂时无法接收。请管理员重设其密码。"))
    return pair


def _record(action: Action, key_id: UUID | None, actor: Actor, details: Mapping[str, Any]) -> None:
    trail.record(action, actor=actor, subject_kind="data_key", subject_id=key_id, details=details)
