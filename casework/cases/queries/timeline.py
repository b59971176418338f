"""The timeline of a case: everything that happened, newest first, opened only as far as it is shown.

Packages above tell their part through two lists that ``app.py`` fills once: ``timeline_sources`` (what they add to
the timeline of a case) and ``linked_key_sources`` (data keys that follow the case to its counselor, such as those of
its calls).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.assessments import queries as assessments
from casework.assessments.types import SCALES
from casework.cases.models import CaseStageChange
from casework.cases.queries.cases import list_assignments
from casework.cases.queries.notes import list_notes, open_note
from casework.cases.rules import is_open
from casework.cases.types import (
    CHANNEL_NAMES,
    KIND_NAMES,
    STAGE_NAMES,
    Channel,
    ItemKind,
    NoteKind,
    Opened,
    Stage,
    Superseded,
    TimelineItem,
)
from casework.core.db import session
from casework.options import queries as options
from casework.options.types import OptionList
from casework.people import queries as people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from flask_babel import LazyString

    from casework.cases.models import Case, CaseNote
    from casework.security.actor import Actor

    TimelineSource = Callable[[Actor, Case], Sequence[TimelineItem]]
    KeySource = Callable[[Case], Iterable[UUID]]

SHOWN: Final = 20
timeline_sources: Final[list[TimelineSource]] = []
linked_key_sources: Final[list[KeySource]] = []


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """One page of a timeline. ``counts``: how many items of each kind the case has in all."""

    items: list[TimelineItem]
    page: int
    pages: int
    counts: Mapping[ItemKind, int]


def timeline(actor: Actor, case: Case, *, kind: ItemKind | None = None, page: int = 1) -> TimelinePage:
    """Return one page of a case's timeline, newest first, its texts opened: one read event for each text.

    The case must have been obtained through ``get_case``. Refused (R23) when a text is to be opened without its key.
    """
    everything = [*_own_items(actor, case), *(item for source in timeline_sources for item in source(actor, case))]
    counts = {each: sum(1 for item in everything if item.kind is each) for each in ItemKind}
    wanted = [item for item in everything if kind is None or item.kind is kind]
    wanted.sort(key=lambda item: (item.at, item.id), reverse=True)
    pages = max(1, -(-len(wanted) // SHOWN))
    page = min(max(page, 1), pages)
    shown = wanted[(page - 1) * SHOWN : page * SHOWN]
    return TimelinePage([_revealed(item) for item in shown], page, pages, counts)


def linked_keys(case: Case) -> list[UUID]:
    """Return the data keys that follow a case to whoever works on it, beside its own and the client's."""
    return list(dict.fromkeys(key for source in linked_key_sources for key in source(case)))


def _revealed(item: TimelineItem) -> TimelineItem:
    return item if item.reveal is None else replace(item, opened=item.reveal(), reveal=None)


def _own_items(actor: Actor, case: Case) -> list[TimelineItem]:
    notes = list_notes(case.id)
    assignments = list_assignments(case.id)
    steps = session().scalars(sa.select(CaseStageChange).where(CaseStageChange.case_id == case.id)).all()
    taken = assessments.list_taken(case.id)
    involved = {note.author_id for note in notes} | {each.account_id for each in assignments}
    involved |= {each.assigned_by for each in assignments} | {each.account_id for each in steps}
    names = people.names_of(involved | {each.recorded_by for each in taken})
    items = _note_items(actor, case, notes, names)
    items += [
        TimelineItem(
            at=each.at,
            kind=ItemKind.STAGE,
            id=each.id,
            title=_step_title(each),
            byline=names.get(each.account_id, ""),
        )
        for each in steps
    ]
    for each in assignments:
        who, by = names.get(each.account_id, ""), names.get(each.assigned_by, "")
        items.append(
            TimelineItem(
                at=each.from_at, kind=ItemKind.ASSIGNMENT, id=each.id, title=_l("指派给%(who)s", who=who), byline=by
            )
        )
    items += [
        TimelineItem(
            at=each.taken_at,
            kind=ItemKind.MEASURE,
            id=each.id,
            title=SCALES[each.scale].name,
            byline=names.get(each.recorded_by, ""),
        )
        for each in taken
    ]
    return items


def _step_title(step: CaseStageChange) -> str | LazyString:
    if step.before is None:
        return _l("开案")
    if not is_open(Stage(step.after)):
        return STAGE_NAMES[Stage(step.after)]
    return _l("%(before)s → %(after)s", before=STAGE_NAMES[Stage(step.before)], after=STAGE_NAMES[Stage(step.after)])


def _note_items(actor: Actor, case: Case, notes: Sequence[CaseNote], names: Mapping[UUID, str]) -> list[TimelineItem]:
    by_id = {note.id: note for note in notes}
    services = options.names(OptionList.SERVICE)

    def reveal(note: CaseNote) -> Callable[[], Opened]:
        return lambda: _open_chain(actor, note, by_id, names)

    return [
        TimelineItem(
            at=note.occurred_at,
            kind=ItemKind.NOTE,
            id=note.id,
            title=_note_title(note),
            byline=names.get(note.author_id, ""),
            tags=tuple(services[each] for each in note.services),
            reveal=reveal(note),
            is_corrected=note.corrects_id is not None,
            corrects=note.row_version if is_open(case.stage) else None,
            minutes=note.minutes,
        )
        for note in notes
        if note.corrected_at is None
    ]


def _note_title(note: CaseNote) -> LazyString:
    if note.channel is None:
        return KIND_NAMES[NoteKind(note.kind)]
    return CHANNEL_NAMES[Channel(note.channel)]


def _open_chain(actor: Actor, note: CaseNote, by_id: Mapping[UUID, CaseNote], names: Mapping[UUID, str]) -> Opened:
    """Open a note and what it corrects, newest first."""
    text = open_note(actor, note).text
    before = []
    while note.corrects_id is not None:
        note = by_id[note.corrects_id]
        old = open_note(actor, note)
        before.append(Superseded(id=note.id, at=note.written_at, byline=names.get(note.author_id, ""), text=old.text))
    return Opened(text, tuple(before))
