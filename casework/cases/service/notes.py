"""Writing notes: sealed before they are stored, corrected and never overwritten, saved while they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.audit.verify.contents import register_digest_source
from casework.cases.models import Case, CaseNote, CaseNoteDraft
from casework.cases.queries import (
    counselor_of,
    draft_place,
    fields_of,
    find_draft,
    hold_case,
    may,
    note_place,
    sealed_content,
)
from casework.cases.rules import holds_id_number, is_open, may_provide, needs_channel
from casework.cases.service import tallies
from casework.cases.types import LONGEST_SESSION, LONGEST_TEXT, NO_REV, NoteFields
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.vault import service as vault

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor

register_digest_source("note", sealed_content)


def write_note(case: Case, text: str, fields: NoteFields, *, actor: Actor) -> CaseNote:
    """Store a note of the case's own counselor, sealed under the key of the case; their draft is gone.

    Refused: anybody else, or services their role does not give (Refused, R5, R6, R23); a case that has ended
    (Conflict); no text or more than 20,000 characters, an identity number in it, a time to come, a session without
    channel (Invalid, R16).
    """
    case = _held(case, actor)
    _check(text, fields, actor)
    is_first = needs_channel(fields.kind) and not tallies.has_sessions(case)
    note = _stored(case, text, fields, actor, None)
    tallies.count_note(case, note)
    if is_first:
        tallies.count_client(case, note.occurred_at)
    _touch(case, note)
    _delete_draft(case.id, actor)
    _record(Action.NOTE_WRITTEN, note, actor, {"case": case.id, "channel": note.channel or str(note.kind)})
    return note


def correct_note(
    note: CaseNote, text: str, *, version: int, actor: Actor, fields: NoteFields | None = None
) -> CaseNote:
    """Store a correction and return it; the old text stays and is shown beside it. Counts follow the correction.

    ``fields`` default to those of the note; its kind stays. Refused as in ``write_note``, and (Conflict) when the
    note was corrected since the version that the author saw: nothing is overwritten.
    """
    case = _held(session().get_one(Case, note.case_id), actor)
    session().refresh(note)
    if note.corrected_at is not None or note.row_version != version:
        raise Conflict(_l("这条记录刚刚已被更正。两个版本都在下面，你的文字没有丢失。"))
    fields = fields or fields_of(note)
    _check(text, fields, actor)
    if fields.kind != note.kind:
        raise Invalid(_l("更正不能改变记录类型，请另记一条。"), field="kind")
    note.corrected_at = clock.now()
    session().flush()
    corrected = _stored(case, text, fields, actor, note.id)
    tallies.count_note(case, note, sign=-1)
    tallies.count_note(case, corrected)
    _touch(case, corrected)
    _record(Action.NOTE_CORRECTED, corrected, actor, {"case": case.id, "corrects": note.id})
    return corrected


def save_note_draft(case: Case, content: dict[str, Any], *, rev: int, actor: Actor) -> CaseNoteDraft:
    """Store what the author has typed so far and return the draft with its new revision.

    ``rev`` is the revision the author's page has (0: none). Refused: as in ``write_note`` for persons; (Conflict) a
    newer revision exists, from another window; more than twice the length of a note (Invalid).
    """
    case = _held(case, actor)
    if len(str(content.get("text", ""))) > 2 * LONGEST_TEXT:
        raise Invalid(_l("文字太长，无法自动保存。最多 %(n)s 个字。", n=LONGEST_TEXT), field="text")
    draft = find_draft(actor, case.id)
    if (draft.rev if draft else NO_REV) != rev:
        raise Conflict(_l("这份草稿在另一个窗口中有更新的内容。"))
    key = vault.open_key(case.data_key_id, actor=actor)
    if draft is None:
        draft = CaseNoteDraft(id=new_id(), case_id=case.id, author_id=actor.account_id, data_key_id=key.id, rev=NO_REV)
        session().add(draft)
    draft.rev += 1
    draft.sealed_draft = vault.seal_json(key, draft_place(draft.id, draft.rev), content)
    draft.updated_at = clock.now()
    session().flush()
    trail.record(
        Action.NOTE_DRAFT_SAVED,
        actor=actor,
        subject_kind="note_draft",
        subject_id=draft.id,
        details={"case": case.id, "rev": draft.rev},
    )
    return draft


def discard_note_draft(case: Case, *, actor: Actor) -> None:
    """Delete the actor's own unsaved note of a case, if there is one."""
    draft = find_draft(actor, case.id)
    if draft is None:
        return
    _delete_draft(case.id, actor)
    trail.record(
        Action.NOTE_DRAFT_DISCARDED,
        actor=actor,
        subject_kind="note_draft",
        subject_id=draft.id,
        details={"case": case.id},
    )


def _held(case: Case, actor: Actor) -> Case:
    """Return the case locked and as it is now; refused unless the actor is its counselor and it is open."""
    require(actor, Permission.CASES_NOTE_WRITE)
    case = hold_case(case.id)
    if not may(actor, Permission.CASES_NOTE_WRITE, case):
        if counselor_of(case.id) == actor.account_id:
            raise Refused(_l("请先切换到这个个案所在的子项目。"), rule="R23")
        raise NotFound(_l("找不到这个个案，或它不在你的工作范围内。"))
    if not is_open(case.stage):
        raise Conflict(_l("这个个案已经结束，不能再记录。"))
    return case


def _check(text: str, fields: NoteFields, actor: Actor) -> None:
    if not text.strip():
        raise Invalid(_l("请写下记录内容。"), field="text")
    if len(text) > LONGEST_TEXT:
        raise Invalid(_l("记录最多 %(n)s 个字，现在有 %(have)s 个字。", n=LONGEST_TEXT, have=len(text)), field="text")
    if holds_id_number(text):
        raise Invalid(_l("记录里有身份证号。请删去：个案记录不收集身份证号。"), field="text", rule="R23")
    if fields.occurred_at > clock.now():
        raise Invalid(_l("发生时间不能晚于现在。"), field="occurred_at")
    _check_session(fields)
    if not may_provide(actor.role, fields.services):
        raise Refused(_l("所选服务需要相应资质，你当前的角色不能提供。"), field="services", rule="R5")


def _check_session(fields: NoteFields) -> None:
    if not needs_channel(fields.kind):
        if fields.channel is not None or fields.services or fields.minutes is not None:
            raise Invalid(_l("只有服务记录填写服务方式、服务内容和时长。"), field="kind")
        return
    if fields.channel is None:
        raise Invalid(_l("请选择服务方式（线上或线下）。"), field="channel", rule="R16")
    if fields.minutes is not None and not 1 <= fields.minutes <= LONGEST_SESSION:
        raise Invalid(_l("时长请填写 1 到 %(n)s 分钟。", n=LONGEST_SESSION), field="minutes")


def _stored(case: Case, text: str, fields: NoteFields, actor: Actor, corrects_id: UUID | None) -> CaseNote:
    key = vault.open_key(case.data_key_id, actor=actor)
    note_id = new_id()
    note = CaseNote(
        id=note_id,
        case_id=case.id,
        data_key_id=key.id,
        author_id=actor.account_id,
        kind=fields.kind,
        channel=fields.channel,
        services=[str(each) for each in dict.fromkeys(fields.services)],
        occurred_at=fields.occurred_at,
        minutes=fields.minutes,
        sealed_text=vault.seal_text(key, note_place(note_id), text),
        written_at=clock.now(),
        corrects_id=corrects_id,
    )
    session().add(note)
    session().flush()
    return note


def _touch(case: Case, note: CaseNote) -> None:
    """Move the case up in lists. Not a change of the case itself: its version stays, open pages stay good."""
    values: dict[str, Any] = {"updated_at": clock.now()}
    if needs_channel(note.kind) and (case.last_contact_at is None or case.last_contact_at < note.occurred_at):
        values["last_contact_at"] = note.occurred_at
    session().execute(sa.update(Case).where(Case.id == case.id).values(**values))


def _delete_draft(case_id: UUID, actor: Actor) -> None:
    session().execute(
        sa.delete(CaseNoteDraft).where(CaseNoteDraft.case_id == case_id, CaseNoteDraft.author_id == actor.account_id)
    )


def _record(action: Action, note: CaseNote, actor: Actor, details: dict[str, object]) -> None:
    trail.record(
        action,
        actor=actor,
        subject_kind="note",
        subject_id=note.id,
        details=details,
        digest=trail.content_digest(note.sealed_text),
    )
