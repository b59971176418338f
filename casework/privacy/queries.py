"""What the auditor reads, with the names of staff. Every look leaves an event of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask_babel import gettext as _

from casework.audit import queries as audit
from casework.audit import trail
from casework.audit.events import Action
from casework.audit.types import Outcome
from casework.core.paging import Page
from casework.people.queries import names_of
from casework.privacy.types import ACTION_NAMES, OUTCOME_NAMES, EntryLine, EntrySheet
from casework.security.actor import SYSTEM_ID
from casework.security.roles import ROLE_NAMES, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casework.audit.models import AuditEntry
    from casework.audit.types import Wanted
    from casework.security.actor import Actor


def list_entries(actor: Actor, wanted: Wanted, cursor: str | None) -> Page[EntryLine]:
    """Return one page of entries, newest first, and leave the event that the actor looked."""
    page = audit.list_entries(actor, wanted, cursor)
    names = _names(entry.actor_id for entry in page.items)
    _leave_trace(actor, "list")
    lines = [_line(entry, names) for entry in page.items]
    return Page(lines, page.next_cursor, page.previous_cursor)


def get_entry(actor: Actor, chain: int, seq: int) -> EntrySheet:
    """Return one entry with all it holds, and leave the event that the actor looked; NotFound when there is none."""
    entry = audit.get_entry(actor, chain, seq)
    found = {key: _account_id(value) for key, value in entry.details.items()}
    names = _names([entry.actor_id, *(each for each in found.values() if each is not None)])
    _leave_trace(actor, f"entry:{chain}/{seq}")
    return EntrySheet(
        line=_line(entry, names),
        action=entry.action,
        session_id=entry.session_id,
        details=tuple(
            (key, _shown(value), names.get(found[key] or SYSTEM_ID, "") if found[key] else "")
            for key, value in sorted(entry.details.items())
        ),
        digest=entry.digest.hex() if entry.digest else "",
        previous_mac=entry.previous_mac.hex(),
        kid=entry.kid,
        mac=entry.mac.hex(),
    )


def list_actors(actor: Actor) -> list[tuple[UUID, str]]:
    """Return everybody who appears in the trail, by name."""
    ids = audit.list_actor_ids(actor)
    names = _names(ids)
    return sorted(((each, names.get(each, str(each))) for each in ids), key=lambda pair: (pair[1], pair[0]))


def _names(ids: Iterable[UUID]) -> Mapping[UUID, str]:
    return {**names_of(set(ids) - {SYSTEM_ID}), SYSTEM_ID: _("系统任务")}


def _line(entry: AuditEntry, names: Mapping[UUID, str]) -> EntryLine:
    # A code of the past that the vocabulary no longer knows is shown as it is.
    action = Action(entry.action) if entry.action in set(Action) else None
    return EntryLine(
        chain=entry.chain,
        seq=entry.seq,
        at=entry.at,
        actor_id=entry.actor_id,
        actor_name=names.get(entry.actor_id, str(entry.actor_id)),
        role_name=str(ROLE_NAMES[Role(entry.role)]) if entry.role in set(Role) else entry.role,
        action_name=str(ACTION_NAMES.get(action, entry.action)) if action else entry.action,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        outcome=entry.outcome,
        outcome_name=str(OUTCOME_NAMES[Outcome(entry.outcome)]) if entry.outcome in set(Outcome) else entry.outcome,
        rule=entry.rule,
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(value)


def _account_id(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _leave_trace(actor: Actor, view: str) -> None:
    trail.record(Action.AUDIT_READ, actor=actor, subject_kind="audit", subject_id=None, details={"view": view})
