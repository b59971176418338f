"""Shift handovers: what is open now, who gave the desk to whom, and the note opened for whoever it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import NotFound
from casework.intake.models import Call, Followup, Handover
from casework.intake.queries.calls import list_unfinished
from casework.intake.queries.codes import codes_of
from casework.intake.rules import is_incomplete
from casework.intake.rules.risk import HIGH_RISK
from casework.intake.types import MOST_ITEMS, PENDING, CallStatus, FollowupState, OpenItems, TriageState
from casework.security.permissions import Permission
from casework.security.reach import reach_clause
from casework.vault import queries as vault_queries
from casework.vault import service as vault
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from casework.security.actor import Actor

# A shift has fewer calls than this.
LOOKED_THROUGH: Final = 200


@dataclass(frozen=True, slots=True)
class ItemsNow:
    """What a handover names, as it stands when it is read. Nothing of it says what somebody told.

    ``drafts`` and ``incomplete``: of those that were open, how many still are.
    """

    calls: Sequence[Call]
    followups: Sequence[Followup]
    drafts: int
    incomplete: int


def open_items(actor: Actor) -> OpenItems:
    """Return what is open in the actor's sub-project at the end of their shift.

    High-risk calls of the shift that wait for a decision, call-backs that are overdue or were not reached, the
    actor's own drafts, and their own records with questions left open.
    """
    own = [call for call in _own_finished(actor) if is_incomplete(codes_of(call))]
    return OpenItems(
        calls=_ids(_waiting_calls(actor)),
        followups=(*_ids(_late_followups(actor)), *_ids(_lost_today(actor)))[:MOST_ITEMS],
        drafts=tuple(call.id for call in list_unfinished(actor))[:MOST_ITEMS],
        incomplete=tuple(call.id for call in own)[:MOST_ITEMS],
    )


def items_now(items: OpenItems) -> ItemsNow:
    """Return what these ids stand for now; the handover they belong to was obtained within reach."""
    calls = sa.select(Call).where(Call.id.in_(items.calls)).order_by(Call.started_at, Call.id)
    late = sa.select(Followup).where(Followup.id.in_(items.followups)).order_by(Followup.due_at, Followup.id)
    unsaved = sa.select(sa.func.count()).where(Call.id.in_(items.drafts), Call.sealed_draft.is_not(None))
    short = session().scalars(sa.select(Call).where(Call.id.in_(items.incomplete), Call.call_type.is_not(None)))
    return ItemsNow(
        calls=session().scalars(calls).all(),
        followups=session().scalars(late).all(),
        drafts=session().scalar(unsaved) or 0,
        incomplete=sum(is_incomplete(codes_of(call)) for call in short),
    )


def get_handover(actor: Actor, handover_id: UUID) -> Handover:
    """Return a handover; refused (NotFound) unless the actor gave or takes it, or supervises the sub-project."""
    found = session().scalar(sa.select(Handover).where(Handover.id == handover_id, _within(actor)))
    if found is None:
        raise NotFound(_l("找不到这次交接班，或它不在你的工作范围内。"))
    return found


def hold_handover(handover_id: UUID) -> Handover | None:
    """Return a handover as it is now and keep other writers from it until the transaction ends."""
    held = sa.select(Handover).where(Handover.id == handover_id).with_for_update()
    return session().scalar(held, execution_options={"populate_existing": True})


def list_handovers(actor: Actor, day: date) -> Sequence[Handover]:
    """Return the handovers within reach that were signed on a day, or wait to be confirmed since before it."""
    begin = datetime.combine(day, time(), clock.LOCAL_ZONE)
    signed = Handover.signed_at.between(begin, begin + timedelta(days=1))
    waiting = sa.and_(Handover.confirmed_at.is_(None), Handover.signed_at <= begin)
    found = sa.select(Handover).where(_within(actor), sa.or_(signed, waiting))
    return session().scalars(found.order_by(Handover.signed_at.desc(), Handover.id.desc()).limit(MOST_ITEMS)).all()


def list_to_confirm(actor: Actor) -> Sequence[Handover]:
    """Return the handovers that wait for the actor's signature, the earliest first."""
    found = sa.select(Handover).where(
        Handover.incoming_id == actor.account_id,
        Handover.subproject_id == actor.subproject_id,
        Handover.confirmed_at.is_(None),
    )
    return session().scalars(found.order_by(Handover.signed_at, Handover.id).limit(MOST_ITEMS)).all()


def count_unconfirmed(actor: Actor) -> int:
    """Return how many handovers within reach nobody has confirmed."""
    counted = sa.select(sa.func.count()).where(_within(actor), Handover.confirmed_at.is_(None))
    return session().scalar(counted) or 0


def items_of(handover: Handover) -> OpenItems:
    """Return what was open when a handover was signed."""
    kept: Mapping[str, Any] = handover.items
    return OpenItems(**{name: tuple(UUID(each) for each in kept.get(name, [])) for name in OpenItems.__slots__})


def open_note(actor: Actor, handover: Handover) -> str | None:
    """Return the note of a handover and leave one read event; None when there is none that the actor could open."""
    if handover.sealed_note is None or handover.data_key_id is None:
        return None
    if not vault_queries.can_open(actor, handover.data_key_id):
        return None
    key = vault.open_key(handover.data_key_id, actor=actor)
    note = vault.open_text(key, note_place(handover.id), handover.sealed_note)
    trail.record(
        Action.HANDOVER_READ,
        actor=actor,
        subject_kind="handover",
        subject_id=handover.id,
        details={},
        digest=trail.content_digest(handover.sealed_note),
    )
    return note


def note_place(handover_id: UUID) -> Place:
    """Return where the note of a handover belongs."""
    return Place("intake_handover", "sealed_note", handover_id)


def sealed_note(handover_id: UUID) -> bytes | None:
    """Return the sealed note of a handover, to be compared with its recorded digest."""
    return session().scalar(sa.select(Handover.sealed_note).where(Handover.id == handover_id))


def _within(actor: Actor) -> sa.ColumnElement[bool]:
    here = Handover.subproject_id == actor.subproject_id
    own = sa.and_(here, sa.or_(Handover.outgoing_id == actor.account_id, Handover.incoming_id == actor.account_id))
    supervising = reach_clause(actor, actor.reach(Permission.CALLS_CALL_ASSIGN), project=Handover.subproject_id)
    return sa.or_(own, supervising)


def _shift_begin() -> datetime:
    hours = current_app.extensions["casework.settings"].shift_hours
    return clock.now() - timedelta(hours=hours)


def _waiting_calls(actor: Actor) -> sa.Select[UUID]:
    return (
        sa.select(Call.id)
        .where(
            Call.subproject_id == actor.subproject_id,
            Call.status == CallStatus.FINISHED,
            Call.triage_state == TriageState.WAITING,
            Call.risk_level >= HIGH_RISK,
            Call.finished_at >= _shift_begin(),
        )
        .order_by(Call.triage_rank.desc(), Call.finished_at, Call.id)
    )


def _late_followups(actor: Actor) -> sa.Select[UUID]:
    late = sa.or_(Followup.due_at < clock.now(), Followup.last_try_on == clock.today())
    return _followups(actor).where(Followup.state.in_(sorted(PENDING)), late)


def _lost_today(actor: Actor) -> sa.Select[UUID]:
    return _followups(actor).where(Followup.state == FollowupState.LOST, Followup.last_try_on == clock.today())


def _followups(actor: Actor) -> sa.Select[UUID]:
    found = sa.select(Followup.id).where(Followup.subproject_id == actor.subproject_id)
    return found.order_by(Followup.due_at, Followup.id)


def _own_finished(actor: Actor) -> Sequence[Call]:
    found = sa.select(Call).where(
        Call.author_id == actor.account_id,
        Call.subproject_id == actor.subproject_id,
        Call.status == CallStatus.FINISHED,
        Call.reopen_until > clock.now(),
    )
    return session().scalars(found.order_by(Call.started_at.desc(), Call.id).limit(LOOKED_THROUGH)).all()


def _ids(found: sa.Select[UUID]) -> tuple[UUID, ...]:
    return tuple(session().scalars(found.limit(MOST_ITEMS)))
