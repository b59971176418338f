"""Writes of the programme: load it, describe its sub-projects, open and close lines. Each leaves one audit event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.exc import StaleDataError

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid
from casework.programme import queries
from casework.programme.models import Hotline, Programme, Subproject
from casework.programme.rules import read_file
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from flask_babel import LazyString

    from casework.programme.types import ProgrammeFile
    from casework.security.actor import Actor

BUNDLED: Final = Path(__file__).parent / "data" / "programme.json"
EDITABLE: Final = (
    "name", "fund", "partner", "region", "division", "targets", "responsible", "authorised_by", "authorised_on",
)  # fmt: skip


def load(source: Path | str | dict[str, Any], *, actor: Actor, is_demo: bool = False) -> bool:
    """Load a programme with its sub-projects and lines; return False when this very programme is already there.

    ``source`` is a file (see ``rules``) or its content. Nothing that was edited since is touched by a second load.
    Refused (Invalid) with every problem of the file at once, (Conflict) when another programme is already there.
    """
    file = _read(source)
    existing = queries.find_programme()
    if existing is not None:
        if (existing.name, existing.owner) == (file.programme.name, file.programme.owner):
            return False
        raise Conflict(_l("系统里已有另一个项目，没有覆盖。每个项目使用自己的数据库。"))
    programme = _store(file, is_demo=is_demo)
    trail.record(
        Action.PROGRAMME_LOADED,
        actor=actor,
        subject_kind="programme",
        subject_id=programme.id,
        details={"subprojects": len(file.subprojects)},
    )
    return True


def change_subproject(
    subproject: Subproject, *, seen_version: int, values: dict[str, Any], actor: Actor
) -> frozenset[str]:
    """Write new values (of ``EDITABLE``) and return the names of those that changed.

    Refused (Conflict) when somebody changed it since version ``seen_version``; (Invalid) when only one of authority
    and date of the authorisation is given (R20), or no target group is left.
    """
    _require_edit(actor)
    if subproject.row_version != seen_version:
        raise Conflict(_l("在你编辑期间，这个子项目已由他人更新。没有覆盖任何内容。"))
    if bool(values.get("authorised_by", subproject.authorised_by)) != bool(
        values.get("authorised_on", subproject.authorised_on)
    ):
        raise Invalid(_l("批准单位和批准日期须同时填写，或同时留空。"), field="authorised_by", rule="R20")
    if not values.get("targets", subproject.targets):
        raise Invalid(_l("请至少填写一类服务对象。"), field="targets")
    changed = frozenset(name for name in EDITABLE if name in values and getattr(subproject, name) != values[name])
    for name in changed:
        setattr(subproject, name, values[name])
    if changed:
        _write(_l("在你编辑期间，这个子项目已由他人更新。没有覆盖任何内容。"))
        trail.record(
            Action.SUBPROJECT_CHANGED,
            actor=actor,
            subject_kind="subproject",
            subject_id=subproject.id,
            details={"fields": _codes(changed)},
        )
    return changed


def open_line(
    subproject_id: UUID,
    name: str,
    *,
    numbers: Sequence[str] = (),
    seats: int = 2,
    hours: str = "",
    opened_on: date | None = None,
    actor: Actor,
) -> Hotline:
    """Open a line of a sub-project, from today unless a day is given.

    Refused (Invalid) when the sub-project already has or had a line of that name: a closed line is never reopened or
    overwritten, so that old figures keep their meaning.
    """
    _require_edit(actor)
    subproject = queries.get_subproject(actor, subproject_id)
    taken = sa.select(Hotline.id).where(Hotline.subproject_id == subproject.id, Hotline.name == name)
    if session().scalar(taken) is not None:
        raise Invalid(_l("这个子项目已有或曾有同名热线。请换一个名称，以便历史数字含义不变。"), field="name")
    line = Hotline(
        subproject_id=subproject.id,
        name=name,
        numbers=list(numbers),
        seats=seats,
        hours=hours,
        opened_on=opened_on or clock.today(),
        closed_on=None,
    )
    session().add(line)
    session().flush()
    _record_line(line, "opened", actor)
    return line


def close_line(line: Hotline, *, seen_version: int, closed_on: date | None = None, actor: Actor) -> None:
    """Close a line; the day given (today, unless given) is its last. Its calls and figures stay.

    Refused (Conflict) when it is closed already or was changed meanwhile, (Invalid) for a day before it was opened.
    """
    _require_edit(actor)
    if line.closed_on is not None or line.row_version != seen_version:
        raise Conflict(_l("这条热线已由他人更新。没有覆盖任何内容。"))
    day = closed_on or clock.today()
    if day < line.opened_on:
        raise Invalid(_l("关闭日期不能早于开通日期。"), field="closed_on")
    line.closed_on = day
    _write(_l("这条热线已由他人更新。没有覆盖任何内容。"))
    _record_line(line, "closed", actor)


def _read(source: Path | str | dict[str, Any]) -> ProgrammeFile:
    data: Any = source
    if not isinstance(source, dict):
        try:
            data = json.loads(Path(source).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise Invalid(_l("项目文件不能读取，或不是 UTF-8 编码的 JSON。")) from None
    file, problems = read_file(data)
    if file is None:
        found = "; ".join(f"{problem.where}: {problem.what}" for problem in problems)
        raise Invalid(_l("项目文件有 %(count)s 处问题：%(found)s", count=len(problems), found=found))
    return file


def _store(file: ProgrammeFile, *, is_demo: bool) -> Programme:
    facts = file.programme
    programme = Programme(
        name=facts.name,
        owner=facts.owner,
        guided_by=facts.guided_by,
        steering=facts.steering,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        budget_fen=facts.budget_fen,
        outputs=list(facts.outputs),
        is_demo=is_demo,
    )
    session().add(programme)
    session().flush()
    ids: dict[str, UUID] = {}
    for position, entry in enumerate(file.subprojects):
        subproject = Subproject(
            programme_id=programme.id,
            code=entry.code,
            kind=entry.kind,
            position=position,
            name=entry.name,
            fund=entry.fund,
            partner=entry.partner,
            region=entry.region,
            division=entry.division,
            targets=list(entry.targets),
            responsible=entry.responsible,
            authorised_by=entry.authorised_by,
            authorised_on=entry.authorised_on,
        )
        session().add(subproject)
        session().flush()
        ids[entry.code] = subproject.id
    _store_lines(file, ids)
    return programme


def _store_lines(file: ProgrammeFile, ids: dict[str, UUID]) -> None:
    for entry in file.hotlines:
        session().add(
            Hotline(
                subproject_id=ids[entry.subproject],
                name=entry.name,
                numbers=list(entry.numbers),
                seats=entry.seats,
                hours=entry.hours,
                opened_on=entry.opened_on,
                closed_on=entry.closed_on,
            )
        )
    session().flush()


def _require_edit(actor: Actor) -> None:
    # A command on the machine acts as the system, which holds no permission and needs none for this.
    if actor.role is not Role.SYSTEM:
        require(actor, Permission.PROGRAMME_SUBPROJECT_EDIT)


def _write(too_late: LazyString) -> None:
    try:
        session().flush()
    except StaleDataError:
        raise Conflict(too_late) from None


def _record_line(line: Hotline, fields: str, actor: Actor) -> None:
    trail.record(
        Action.HOTLINE_CHANGED, actor=actor, subject_kind="hotline", subject_id=line.id, details={"fields": fields}
    )


def _codes(names: frozenset[str]) -> str:
    # Details of events are short codes; longer lists are cut at the vocabulary's limit.
    return "/".join(name for name in EDITABLE if name in names)[:80]
