"""Notes: rows within a case, and their texts opened for display. Every opened text leaves exactly one event (T4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.cases.models import Case, CaseNote, CaseNoteDraft
from casework.cases.queries.reach import within
from casework.cases.types import Channel, NoteFields, NoteKind, OpenedNote, ServiceType
from casework.core.db import session
from casework.core.errors import NotFound
from casework.security.permissions import Permission
from casework.vault import service as vault
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from casework.security.actor import Actor


def get_note(case: Case, note_id: UUID) -> CaseNote:
    """Return a note of a case within reach, unopened; refused (NotFound) when the case has no such note."""
    note = session().scalar(sa.select(CaseNote).where(CaseNote.id == note_id, CaseNote.case_id == case.id))
    if note is None:
        raise NotFound(_l("找不到这条记录。"))
    return note


def list_notes(case_id: UUID) -> Sequence[CaseNote]:
    """Return all notes of a case, corrected ones too, oldest first."""
    found = sa.select(CaseNote).where(CaseNote.case_id == case_id)
    return session().scalars(found.order_by(CaseNote.written_at, CaseNote.id)).all()


def latest_of(note: CaseNote) -> CaseNote:
    """Return the note that stands now: the last correction of this one, or itself."""
    while (later := session().scalar(sa.select(CaseNote).where(CaseNote.corrects_id == note.id))) is not None:
        note = later
    return note


def open_note(actor: Actor, note: CaseNote) -> OpenedNote:
    """Open a note for display and leave one read event. Refused (R23) without the key of the case."""
    key = vault.open_key(note.data_key_id, actor=actor)
    text = vault.open_text(key, note_place(note.id), note.sealed_text)
    trail.record(
        Action.NOTE_READ,
        actor=actor,
        subject_kind="note",
        subject_id=note.id,
        details={"case": note.case_id},
        digest=trail.content_digest(note.sealed_text),
    )
    return OpenedNote(
        id=note.id,
        author_id=note.author_id,
        fields=fields_of(note),
        text=text,
        written_at=note.written_at,
        version=note.row_version,
        corrects_id=note.corrects_id,
    )


def fields_of(note: CaseNote) -> NoteFields:
    """Return what a note says beside its text."""
    return NoteFields(
        kind=NoteKind(note.kind),
        occurred_at=note.occurred_at,
        channel=Channel(note.channel) if note.channel else None,
        services=tuple(ServiceType(each) for each in note.services),
        minutes=note.minutes,
    )


def find_draft(actor: Actor, case_id: UUID) -> CaseNoteDraft | None:
    """Return the actor's own unsaved note of a case, unopened."""
    statement = sa.select(CaseNoteDraft).where(
        CaseNoteDraft.case_id == case_id, CaseNoteDraft.author_id == actor.account_id
    )
    return session().scalar(statement)


def list_drafts(actor: Actor) -> Sequence[tuple[str, CaseNoteDraft]]:
    """Return the actor's unsaved notes with the numbers of their cases, unopened, the latest first."""
    statement = (
        sa.select(Case.number, CaseNoteDraft)
        .join(Case, Case.id == CaseNoteDraft.case_id)
        .where(CaseNoteDraft.author_id == actor.account_id, within(actor, Permission.CASES_NOTE_WRITE))
        .order_by(CaseNoteDraft.updated_at.desc(), CaseNoteDraft.id)
    )
    return session().execute(statement).all()


def count_sessions(case_id: UUID) -> int:
    """Return how many sessions a case has had; corrections do not add to them."""
    statement = sa.select(sa.func.count()).where(
        CaseNote.case_id == case_id, CaseNote.kind == NoteKind.SESSION, CaseNote.corrected_at.is_(None)
    )
    return session().scalar(statement) or 0


def open_draft(actor: Actor, draft: CaseNoteDraft) -> dict[str, Any]:
    """Open the actor's own unsaved note and leave one event."""
    key = vault.open_key(draft.data_key_id, actor=actor)
    content = vault.open_json(key, draft_place(draft.id, draft.rev), draft.sealed_draft)
    trail.record(
        Action.NOTE_DRAFT_READ,
        actor=actor,
        subject_kind="note_draft",
        subject_id=draft.id,
        details={"case": draft.case_id, "rev": draft.rev},
    )
    return content


def note_place(note_id: UUID) -> Place:
    """Return where the sealed text of a note belongs."""
    return Place("cases_note", "sealed_text", note_id)


def draft_place(draft_id: UUID, rev: int) -> Place:
    """Return where a sealed draft belongs; each revision has a place of its own, so an older one does not open."""
    return Place("cases_note_draft", "sealed_draft", draft_id, rev)


def sealed_content(note_id: UUID) -> bytes | None:
    """Return the sealed text of a note, to be compared with its recorded digest."""
    return session().scalar(sa.select(CaseNote.sealed_text).where(CaseNote.id == note_id))
