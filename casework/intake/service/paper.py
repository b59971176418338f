"""Taking over calls that were kept on paper: looked through first, imported whole or not at all, taken back whole."""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock, tally
from casework.core.db import session
from casework.core.errors import Conflict, Invalid
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import Call, CallDay, PaperBatch, PaperLine
from casework.intake.rules import contributions, paper, tables
from casework.intake.service import writing
from casework.intake.service.finishing import recognise
from casework.intake.service.places import require_authorised
from casework.intake.types import (
    BUILT_IN,
    NO_LINE,
    BatchState,
    CallStatus,
    CallType,
    Counted,
    Outcome,
    PaperKind,
    Repeat,
    Topic,
    TriageState,
    divisions,
)
from casework.intake.types.paper import COLUMN_TITLES, MOST_ROWS, Column, Flaw, Found, PaperList
from casework.options import queries as options
from casework.options.types import OptionList
from casework.programme import queries as programme
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.vault import service as vault
from casework.vault.types import KeyPurpose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from casework.intake.types.paper import PaperCall
    from casework.programme.models import Hotline, Subproject
    from casework.security.actor import Actor

# A file that nobody imports is destroyed.
KEPT: Final = timedelta(days=1)
_LISTS: Final[Mapping[Column, OptionList]] = {
    Column.CALL_TYPE: OptionList.CALL_TYPE,
    Column.SEX: OptionList.SEX,
    Column.AGE_BAND: OptionList.AGE_BAND,
    Column.POPULATION: OptionList.POPULATION,
    Column.TOPICS: OptionList.TOPIC,
    Column.RISK: OptionList.RISK,
    Column.OUTCOME: OptionList.OUTCOME,
}
_NOON: Final = time(12)


def check(content: bytes, *, actor: Actor) -> tuple[PaperBatch | None, PaperList]:
    """Look a file through. Without a flaw it is kept, sealed, until it is imported or a day is over.

    Its event is paper.checked. Refused: a role that imports nothing (Refused, R23), a file that is no table, empty, too
    long or without the columns for day and kind of call (Invalid), one that was imported before (Conflict).
    """
    rows = _rows(content)
    found = _look(content, rows, actor)
    if found.found:
        return None, found
    batch = _new_batch(content, found, actor)
    key = vault.create_key(
        KeyPurpose.PAPER, batch.id, subproject_id=batch.subproject_id, actor=actor, author_until=clock.now() + KEPT
    )
    batch.data_key_id = key.id
    batch.sealed_file = vault.seal_json(key, queries.paper.file_place(batch), {"rows": rows})
    session().add(batch)
    session().flush()
    _record(Action.PAPER_CHECKED, batch, actor, {"lines": batch.lines})
    return batch, found


def look(content: bytes, *, actor: Actor) -> PaperList:
    """Return what a file would bring and what is wrong with it, and keep nothing. Refused as ``check`` refuses."""
    return _look(content, _rows(content), actor)


def take_over(content: bytes, *, actor: Actor) -> tuple[PaperBatch | None, PaperList]:
    """Import a file at once when nothing is wrong with it; its event is paper.imported. Refused as ``check`` is."""
    found = look(content, actor=actor)
    if found.found:
        return None, found
    batch = _new_batch(content, found, actor)
    session().add(batch)
    return _import(batch, found, actor), found


def preview(batch: PaperBatch, *, actor: Actor) -> PaperList:
    """Return what a list would bring, opened for its reader. Refused (Conflict) once it was imported or withdrawn."""
    if batch.state != BatchState.CHECKED or batch.sealed_file is None or batch.data_key_id is None:
        raise Conflict(_l("这份台账已经处理过，请回到列表查看。"))
    key = vault.open_key(batch.data_key_id, actor=actor)
    rows = vault.open_json(key, queries.paper.file_place(batch), batch.sealed_file)["rows"]
    return _read(rows, actor, _place(actor))


def import_batch(batch: PaperBatch, *, actor: Actor) -> PaperBatch:
    """Take a list over: every line becomes a call or a number of calls, in one transaction; the file is destroyed.

    Its event is paper.imported. Refused (Conflict): a list that was imported or withdrawn, or that does not fit any
    more (a line was closed, an answer retired since it was looked through).
    """
    found = preview(batch, actor=actor)
    if found.found:
        raise Conflict(_l("核对之后热线或选项有变动，请重新上传核对。"))
    key_id = batch.data_key_id
    _import(batch, found, actor)
    if key_id is not None:
        vault.shred(key_id, actor=actor)
    return batch


def withdraw(batch: PaperBatch, *, actor: Actor) -> PaperBatch:
    """Take an imported list back: its calls count nowhere any more, and what they said is destroyed.

    Its event is paper.withdrawn. Refused (Conflict): a list that is not imported, or of which a call belongs to a case.
    """
    if batch.state != BatchState.IMPORTED:
        raise Conflict(_l("这份台账已经处理过，请回到列表查看。"))
    calls = queries.paper.calls_of_batch(batch.id)
    if any(call.case_id is not None for call in calls):
        raise Conflict(_l("其中有来电已转为个案，不能整份撤回。"))
    for call in calls:
        writing.count(queries.counted_of(call), None)
        call.status = CallStatus.DISCARDED
        if call.data_key_id is not None:
            vault.shred(call.data_key_id, actor=actor)
            call.sealed_caller = call.sealed_summary = call.number_index = None
    for row in queries.paper.counted_lines(batch.id):
        _add(batch, row, -row.count)
    batch.state, batch.withdrawn_at = BatchState.WITHDRAWN, clock.now()
    session().flush()
    _record(Action.PAPER_WITHDRAWN, batch, actor, {"calls": batch.calls})
    return batch


def purge_forgotten(*, actor: Actor) -> int:
    """Destroy files that were looked through and not imported within a day; return how many."""
    found = queries.paper.forgotten_batches(clock.now() - KEPT)
    for batch in found:
        if batch.data_key_id is not None:
            vault.shred(batch.data_key_id, actor=actor)
        session().delete(batch)
    session().flush()
    return len(found)


def template_rows() -> list[list[str]]:
    """Return the head of an empty list and two lines that show how it is filled in, in the language of the reader."""
    offered = options.catalogue().names
    one: dict[Column, object] = {
        Column.DAY: "2020-04-05", Column.TIME: "14:05", Column.COUNT: 1, Column.MINUTES: 25,
        Column.DIVISION: divisions.name_of("440100"),
        **{column: next(iter(offered[option_list].values())) for column, option_list in _LISTS.items()},
    }  # fmt: skip
    several: dict[Column, object] = {
        Column.DAY: "2020-04-06", Column.COUNT: "30+",
        Column.CALL_TYPE: offered[OptionList.CALL_TYPE][CallType.INFORMATION],
        Column.TOPICS: offered[OptionList.TOPIC][Topic.INFORMATION],
        Column.OUTCOME: offered[OptionList.OUTCOME][Outcome.SUPPORTED],
    }  # fmt: skip
    examples = [[str(row.get(column, "")) for column in COLUMN_TITLES] for row in (one, several)]
    return [[str(title) for title in COLUMN_TITLES.values()], *examples]


def _look(content: bytes, rows: list[list[str]], actor: Actor) -> PaperList:
    subproject = _place(actor)
    before = queries.paper.imported_before(subproject.id, _digest(content))
    if before is not None:
        at = f"{clock.local(before.imported_at or before.created_at):%Y-%m-%d %H:%M}"
        raise Conflict(_l("这份台账已于 %(at)s 导入，不会重复计入。", at=at), field="file")
    return _read(rows, actor, subproject)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _new_batch(content: bytes, found: PaperList, actor: Actor) -> PaperBatch:
    return PaperBatch(
        id=new_id(),
        subproject_id=actor.subproject_id,
        account_id=actor.account_id,
        state=BatchState.CHECKED,
        digest=_digest(content),
        lines=len(found.calls),
        calls=sum(call.count for call in found.calls),
        approximate=sum(call.count for call in found.calls if call.approximate is not None),
        created_at=clock.now(),
    )


def _import(batch: PaperBatch, found: PaperList, actor: Actor) -> PaperBatch:
    batch.state, batch.imported_at, batch.sealed_file = BatchState.IMPORTED, clock.now(), None
    session().flush()
    lines = _lines(actor)
    for call in found.calls:
        line_id = _line_id(call, lines)
        if call.is_single:
            _store_call(batch, call, line_id, actor)
        else:
            _store_count(batch, call, line_id)
    _record(Action.PAPER_IMPORTED, batch, actor, {"calls": batch.calls, "lines": batch.lines})
    return batch


def _place(actor: Actor) -> Subproject:
    require(actor, Permission.CALLS_PAPER_IMPORT)
    if actor.subproject_id is None:
        raise Invalid(_l("请先切换到一个子项目的督导角色。"))
    return require_authorised(actor, actor.subproject_id)


def _rows(content: bytes) -> list[list[str]]:
    rows = []
    try:
        for row in tables.rows_of(content):
            rows.append(row)
            if len(rows) > MOST_ROWS + 1:
                raise Invalid(_l("一份台账最多 %(most)s 行，请分成几份。", most=MOST_ROWS), field="file")
    except tables.UnreadableError:
        raise Invalid(_l("读不出这个文件。请用模板填写，存为 .xlsx 或 .csv 后再上传。"), field="file") from None
    return rows


def _read(rows: list[list[str]], actor: Actor, subproject: Subproject) -> PaperList:
    reader = paper.Reader(clock.today(), _spellings(), _titles())
    header = paper.header_of(rows[0] if rows else [], reader.titles)
    if header.missing:
        titles = "、".join(str(COLUMN_TITLES[column]) for column in header.missing)
        raise Invalid(_l("第一行缺少列名：%(titles)s。请使用模板。", titles=titles), field="file")
    calls: list[PaperCall] = []
    flaws: list[Found] = []
    lines = _lines(actor)
    for number, cells in enumerate(rows[1:], start=2):
        call, wrong = paper.read_row(number, cells, header, reader)
        flaws += wrong
        if call is not None:
            flaws += _of_place(call, lines, subproject)
            calls.append(call)
    if not calls and not flaws:
        raise Invalid(_l("文件里没有来电。请从第二行开始填写。"), field="file")
    return PaperList(tuple(calls), tuple(flaws), header.unknown)


def _spellings() -> dict[Column, dict[str, str]]:
    """Return by column which code is written how: by its code, and by its first and its present names."""
    found: dict[Column, dict[str, str]] = {}
    for column, option_list in _LISTS.items():
        found[column] = {}
        for language in ("en", "zh"):
            with force_locale(language):
                names = BUILT_IN[option_list].names
                found[column] |= {str(name).casefold(): str(code) for code, name in names.items()}
        for row in options.list_rows(option_list):
            found[column] |= dict.fromkeys((row.name_en.casefold(), row.name_zh.casefold()), row.code)
        found[column] |= {code: code for code in {*found[column].values()}}
    return found


def _titles() -> dict[str, Column]:
    """Return by title, in both languages and in lower case, which column it heads."""
    found: dict[str, Column] = {}
    for language in ("en", "zh"):
        with force_locale(language):
            found |= {str(title).casefold(): column for column, title in COLUMN_TITLES.items()}
    return found


def _lines(actor: Actor) -> dict[str, Hotline]:
    return {line.name: line for line in programme.list_all_lines(actor, actor.subproject_id)}


def _of_place(call: PaperCall, lines: Mapping[str, Hotline], subproject: Subproject) -> list[Found]:
    """Return what is wrong with line and day of a call."""
    flaws = []
    line = lines.get(call.line) if call.line else next(iter(lines.values()), None)
    if not call.line and len(lines) > 1:
        flaws.append(Found(call.row, Column.LINE, Flaw.MISSING))
    elif call.line and line is None:
        flaws.append(Found(call.row, Column.LINE, Flaw.UNKNOWN_LINE))
    elif line is not None and not line.opened_on <= call.day <= (line.closed_on or call.day):
        flaws.append(Found(call.row, Column.LINE, Flaw.LINE_CLOSED))
    if subproject.authorised_on is None or call.day < subproject.authorised_on:
        flaws.append(Found(call.row, Column.DAY, Flaw.NOT_AUTHORISED))
    return flaws


def _line_id(call: PaperCall, lines: Mapping[str, Hotline]) -> UUID | None:
    line = lines.get(call.line) if call.line else next(iter(lines.values()), None)
    return None if line is None else line.id


def _store_call(batch: PaperBatch, call: PaperCall, line_id: UUID | None, actor: Actor) -> None:
    begun = datetime.combine(call.day, call.at or _NOON, clock.LOCAL_ZONE)
    stored = Call(
        id=new_id(),
        subproject_id=batch.subproject_id,
        line_id=line_id,
        author_id=batch.account_id,
        status=CallStatus.FINISHED,
        started_at=begun,
        finished_at=begun + timedelta(minutes=call.minutes or 0),
        saved_at=clock.now(),
        # Nobody re-opens it: a list is corrected by taking it back.
        reopen_until=begun,
        triage_state=TriageState.NONE,
        is_paper=True,
        time_known=call.at is not None,
    )
    writing.write_codes(stored, call.codes)
    session().add(stored)
    key = None
    if writing.has_words(call.codes, call.words):
        key = vault.create_key(KeyPurpose.CALL, stored.id, subproject_id=batch.subproject_id, actor=actor)
        stored.data_key_id = key.id
    recognise(stored, writing.write_words(stored, call.words, key))
    session().flush()
    session().add(_line_of(batch, call, line_id, call_id=stored.id))
    writing.count(None, stored)


def _store_count(batch: PaperBatch, call: PaperCall, line_id: UUID | None) -> None:
    kind = PaperKind.COUNTED if call.approximate is None else PaperKind.APPROXIMATE
    counted = Counted(
        day=call.day,
        weekday_hour=None,
        subproject_id=batch.subproject_id,
        line_id=line_id or NO_LINE,
        codes=call.codes,
        repeat=str(Repeat.UNKNOWN),
        minutes=None,
        paper=str(kind),
    )
    row = _line_of(batch, call, line_id)
    row.counted = [f"{dimension}/{value}" for dimension, value in contributions(counted)]
    session().add(row)
    session().flush()
    _add(batch, row, call.count)


def _line_of(batch: PaperBatch, call: PaperCall, line_id: UUID | None, *, call_id: UUID | None = None) -> PaperLine:
    return PaperLine(
        id=new_id(),
        batch_id=batch.id,
        call_id=call_id,
        row=call.row,
        day=call.day,
        line_id=line_id,
        count=call.count,
        approximate=call.approximate,
        counted=[],
    )


def _add(batch: PaperBatch, row: PaperLine, count: int) -> None:
    rows = []
    for each in row.counted:
        dimension, _, value = each.partition("/")
        rows.append(
            {
                "day": row.day,
                "subproject_id": batch.subproject_id,
                "line_id": row.line_id or NO_LINE,
                "dimension": dimension,
                "value": value,
                "count": count,
            }
        )
    tally.add(CallDay, rows)


def _record(action: Action, batch: PaperBatch, actor: Actor, details: dict[str, int]) -> None:
    trail.record(action, actor=actor, subject_kind="paper", subject_id=batch.id, details=dict(details))
