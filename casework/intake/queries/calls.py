"""Calls: one by its id, a person's own, those of a case; and their words opened for display."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import id_param, session
from casework.core.errors import NotFound
from casework.core.paging import Key, Page, keyset
from casework.intake.models import Call, CallRevision
from casework.intake.queries.places import (
    caller_place,
    digest_of,
    draft_place,
    plan_place,
    revision_places,
    summary_place,
)
from casework.intake.queries.reach import within
from casework.intake.types import CallStatus, Words
from casework.vault import service as vault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from casework.security.actor import Actor
    from casework.vault.types import DataKey

SHOWN: Final = 20
_NOT_FOUND: Final = _l("找不到这通来电，或它不在你的工作范围内。")
_HELD: Final = (
    sa.select(Call).where(Call.id == id_param("call")).with_for_update().execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class OpenedCall:
    """A call whose words were opened for display; its read event is recorded."""

    call: Call
    words: Words = field(repr=False)


def find_call(call_id: UUID) -> Call | None:
    """Return a call whoever it belongs to. Only for services, which decide themselves."""
    return session().get(Call, call_id)


def hold_call(call_id: UUID) -> Call | None:
    """Return a call as it is now and keep other writers from it until the transaction ends."""
    return session().scalar(_HELD, {"call": call_id})


def get_call(actor: Actor, call_id: UUID) -> Call:
    """Return a finished call; refused (NotFound) when it is out of reach or does not exist."""
    call = session().scalar(sa.select(Call).where(Call.id == call_id, within(actor)))
    if call is None:
        raise NotFound(_NOT_FOUND)
    return call


def get_own(actor: Actor, call_id: UUID) -> Call:
    """Return a call of one's own that may still be written to, draft or finished; refused (NotFound) otherwise."""
    call = find_own(actor, call_id)
    if call is None:
        raise NotFound(_NOT_FOUND)
    return call


def find_own(actor: Actor, call_id: UUID) -> Call | None:
    """Return a call of one's own that may still be written to, or None when nothing of it was stored yet."""
    return session().scalar(sa.select(Call).where(Call.id == call_id, *_own(actor)))


def list_unfinished(actor: Actor) -> Sequence[Call]:
    """Return one's own calls with something typed and not saved, the newest first."""
    found = sa.select(Call).where(*_own(actor), Call.sealed_draft.is_not(None))
    return session().scalars(found.order_by(Call.started_at.desc(), Call.id.desc()).limit(SHOWN)).all()


def list_shift(actor: Actor, cursor: str | None = None) -> Page[Call]:
    """Return one page of one's own finished calls that may still be re-opened, the newest first."""
    found = sa.select(Call).where(*_own(actor), Call.status == CallStatus.FINISHED)
    return keyset(found, [Key(Call.started_at, descending=True), Key(Call.id, descending=True)], cursor, SHOWN)


def count_mine(actor: Actor) -> int:
    """Return how many calls the actor has finished in this sub-project: the number is all that remains of old ones."""
    counted = sa.select(sa.func.count()).where(
        Call.author_id == actor.account_id,
        Call.subproject_id == actor.subproject_id,
        Call.status == CallStatus.FINISHED,
        Call.is_outgoing.is_(False),
    )
    return session().scalar(counted) or 0


def calls_of_case(case_id: UUID) -> Sequence[Call]:
    """Return the calls of a case, unopened, oldest first; the case was obtained within reach."""
    found = sa.select(Call).where(Call.case_id == case_id, Call.status == CallStatus.FINISHED)
    return session().scalars(found.order_by(Call.started_at, Call.id)).all()


def key_ids_of_case(case_id: UUID) -> list[UUID]:
    """Return the data keys of a case's calls: they follow the case to whoever works on it."""
    found = sa.select(Call.data_key_id).where(Call.case_id == case_id, Call.data_key_id.is_not(None))
    return [key for key in session().scalars(found.order_by(Call.started_at, Call.id)) if key is not None]


def list_revisions(call_id: UUID) -> Sequence[CallRevision]:
    """Return the former versions of a call, newest first."""
    found = sa.select(CallRevision).where(CallRevision.call_id == call_id)
    return session().scalars(found.order_by(CallRevision.revision.desc())).all()


def open_call(actor: Actor, call: Call, *, part: str = "summary") -> OpenedCall:
    """Open the words of a call for display and leave one read event. Refused (R23) without its key."""
    key = None if call.data_key_id is None else vault.open_key(call.data_key_id, actor=actor)
    words = Words() if key is None else _words(key, call)
    trail.record(
        Action.CALL_READ,
        actor=actor,
        subject_kind="call",
        subject_id=call.id,
        details={"part": part},
        digest=digest_of(call),
    )
    return OpenedCall(call, words)


def open_draft(actor: Actor, call: Call) -> dict[str, Any]:
    """Open what was typed and not saved, and leave one read event. Empty when nothing is unsaved."""
    if call.sealed_draft is None or call.data_key_id is None:
        return {}
    key = vault.open_key(call.data_key_id, actor=actor)
    content = vault.open_json(key, draft_place(call.id, call.rev), call.sealed_draft)
    trail.record(Action.CALL_READ, actor=actor, subject_kind="call", subject_id=call.id, details={"part": "draft"})
    return content


def open_revision(actor: Actor, revision: CallRevision) -> str:
    """Return the summary of a former version and leave one read event."""
    key = vault.open_key(revision.data_key_id, actor=actor)
    _, place, _ = revision_places(revision)
    trail.record(
        Action.CALL_READ, actor=actor, subject_kind="call", subject_id=revision.call_id, details={"part": "revision"}
    )
    return "" if revision.sealed_summary is None else vault.open_text(key, place, revision.sealed_summary)


def _words(key: DataKey, call: Call) -> Words:
    caller = {} if call.sealed_caller is None else vault.open_json(key, caller_place(call), call.sealed_caller)
    summary = "" if call.sealed_summary is None else vault.open_text(key, summary_place(call), call.sealed_summary)
    plan = {} if call.sealed_plan is None else vault.open_json(key, plan_place(call), call.sealed_plan)
    return Words(
        caller_name=caller.get("name", ""),
        caller_phone=caller.get("phone", ""),
        person_name=caller.get("person_name", ""),
        person_phone=caller.get("person_phone", ""),
        summary=summary,
        plan=plan,
    )


def _own(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Call.author_id == actor.account_id,
        Call.subproject_id == actor.subproject_id,
        Call.reopen_until > clock.now(),
        Call.status != CallStatus.DISCARDED,
    )


def last_line(actor: Actor) -> UUID | None:
    """Return the line of the actor's latest call, which is offered for the next one."""
    found = sa.select(Call.line_id).where(
        Call.author_id == actor.account_id, Call.subproject_id == actor.subproject_id, Call.line_id.is_not(None)
    )
    return session().scalar(found.order_by(Call.started_at.desc(), Call.id.desc()).limit(1))


def recent_topics(actor: Actor) -> list[str]:
    """Return the topics of the actor's latest calls, newest first, each once: what is likely to be needed again."""
    found = sa.select(Call.topics).where(
        Call.author_id == actor.account_id,
        Call.subproject_id == actor.subproject_id,
        Call.status == CallStatus.FINISHED,
    )
    lists = session().scalars(found.order_by(Call.started_at.desc(), Call.id.desc()).limit(SHOWN))
    return list(dict.fromkeys(topic for topics in lists for topic in topics))


def latest_brief(actor: Actor, since: datetime) -> Call | None:
    """Return the call that one press has just logged, if there is one since a moment: it can be taken back."""
    found = sa.select(Call).where(
        *_own(actor), Call.status == CallStatus.FINISHED, Call.brief.is_not(None), Call.finished_at > since
    )
    return session().scalar(found.order_by(Call.finished_at.desc(), Call.id.desc()).limit(1))
