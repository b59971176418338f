"""Giving the desk to somebody else: the outgoing person signs, the incoming one confirms, both with the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import Handover
from casework.intake.service.places import author_until, require_open_desk
from casework.intake.types import LONGEST_NOTE, OpenItems
from casework.people import queries as people
from casework.security.roles import Role
from casework.vault import service as vault
from casework.vault.types import GrantReason, KeyPurpose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from casework.security.actor import Actor

_INCOMING = (Role.SUPERVISOR, Role.VOLUNTEER, Role.COUNSELOR)


def sign_handover(incoming_id: UUID, note: str, *, actor: Actor) -> Handover:
    """Give what is open to whoever comes next and return the handover; its event is handover.signed.

    What is open is kept by id. A note is sealed to the incoming person, the supervisors, and for the rest of the shift
    the actor. Refused: a role that takes no calls (Refused), somebody who does not work here or oneself, too long a
    note (Invalid).
    """
    require_open_desk(actor, begun=True)
    if incoming_id not in {account_id for account_id, _name in may_come_in(actor)}:
        raise Invalid(_l("请选择接班的同事或督导。"), field="incoming")
    if len(note) > LONGEST_NOTE:
        raise Invalid(_l("交班说明最多 %(most)s 个字。", most=LONGEST_NOTE), field="note")
    items = queries.open_items(actor)
    row = Handover(
        id=new_id(),
        subproject_id=actor.subproject_id,
        outgoing_id=actor.account_id,
        incoming_id=incoming_id,
        items={name: [str(each) for each in getattr(items, name)] for name in OpenItems.__slots__},
        signed_at=clock.now(),
    )
    if note.strip():
        _seal(row, note.strip(), actor)
    session().add(row)
    details = {"incoming": incoming_id, "items": items.count}
    _record(Action.HANDOVER_SIGNED, row, actor, details)
    return row


def confirm_handover(handover: Handover, *, actor: Actor) -> Handover:
    """Take the desk over; its event is handover.confirmed.

    Refused: somebody else than the one it was given to (NotFound), confirmed already (Conflict, saying when).
    """
    row = queries.hold_handover(handover.id)
    if row is None or row.incoming_id != actor.account_id:
        raise NotFound(_l("找不到这次交接班，或它不是交给你的。"))
    if row.confirmed_at is not None:
        raise Conflict(_l("这次交接班已于 %(at)s 确认。", at=f"{clock.local(row.confirmed_at):%H:%M}"))
    row.confirmed_at = clock.now()
    _record(Action.HANDOVER_CONFIRMED, row, actor, {})
    return row


def may_come_in(actor: Actor) -> list[tuple[UUID, str]]:
    """Return to whom the desk may be given: the supervisors of the sub-project first, then who takes calls, by name."""
    if actor.subproject_id is None:
        return []
    listed: dict[UUID, None] = {}
    for role in _INCOMING:
        listed |= dict.fromkeys(people.holders_of_role(role, actor.subproject_id))
    listed.pop(actor.account_id, None)
    names = people.names_of(listed)
    return [(account_id, names[account_id]) for account_id in listed]


def _seal(row: Handover, note: str, actor: Actor) -> None:
    until = author_until(row.signed_at)
    key = vault.create_key(
        KeyPurpose.HANDOVER, row.id, subproject_id=row.subproject_id, actor=actor, author_until=until
    )
    vault.grant(key, to=row.incoming_id, reason=GrantReason.HANDOVER, actor=actor, expires_at=until)
    row.data_key_id = key.id
    row.sealed_note = vault.seal_text(key, queries.note_place(row.id), note)


def _record(action: Action, row: Handover, actor: Actor, details: Mapping[str, object]) -> None:
    session().flush()
    digest = None if row.sealed_note is None else trail.content_digest(row.sealed_note)
    trail.record(action, actor=actor, subject_kind="handover", subject_id=row.id, details=details, digest=digest)
