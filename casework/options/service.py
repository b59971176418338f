"""Writes of option lists. A list is published as a whole: who publishes has seen all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.exc import StaleDataError

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid
from casework.core.ids import new_id
from casework.options import queries, rules
from casework.options.models import OptionEntry
from casework.options.types import BuiltIn, Entry, Problem
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.web.spelling import spellings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask_babel import LazyString

    from casework.options.types import OptionList
    from casework.security.actor import Actor

SENTENCES: Final[Mapping[Problem, LazyString]] = {
    Problem.NAME_MISSING: _l("请填写中文和英文名称。"),
    Problem.NAME_TOO_LONG: _l("名称最多 60 个字，关键词最多 200 个字。"),
    Problem.NAME_TAKEN: _l("本列表里已有同名选项，请换一个名称。"),
    Problem.CODE_WRONG: _l("代码用小写英文字母开头，只含小写字母、数字和下划线，2 到 24 个字符。"),
    Problem.CODE_TAKEN: _l("这个代码已被使用。代码不能重复，也不能改变。"),
    Problem.DAYS_REVERSED: _l("停用日期不能早于启用日期。"),
    Problem.PROTECTED: _l("系统规则依据这个选项判断，可以改名和排序，不能停用。"),
    Problem.CLOSED_LIST: _l("这个列表不能增加选项，因为系统规则要认识其中的每一项。"),
    Problem.NOTHING_OFFERED: _l("至少保留一个可选的选项。"),
}
_STALE: Final = _l("在你编辑期间，这个列表已由他人发布。没有覆盖任何内容。")
_FIELDS: Final = ("name_zh", "name_en", "position", "offered_from", "offered_until", "keywords", "search")


def seed(*, actor: Actor) -> int:
    """Store every built-in option that is not stored yet and return how many were; nothing that exists is touched.

    Its event is options.seeded, left when anything was added.
    """
    added = 0
    for option_list, built_in in queries.built_ins.items():
        rows = queries.list_rows(option_list)
        known = {row.code for row in rows}
        missing = [code for code in built_in.names if str(code) not in known]
        for position, code in enumerate(missing, len(rows)):
            session().add(_row(option_list, position, _built_in_entry(built_in, code)))
        added += len(missing)
    session().flush()
    if added:
        trail.record(
            Action.OPTIONS_SEEDED, actor=actor, subject_kind="options", subject_id=None, details={"added": added}
        )
    return added


def publish(option_list: OptionList, entries: Sequence[Entry], *, seen_version: int, actor: Actor) -> int:
    """Make the entries, in this order, the list from now on, and return how many were added or changed.

    Its event is options.published. Refused (Conflict) when somebody published it since version ``seen_version``;
    (Invalid) when something is missing or impossible, a rule depends on what would be retired, an option was left out,
    or a new one would be added to a closed list.
    """
    require(actor, Permission.OPTIONS_LIST_PUBLISH)
    rows = queries.list_rows(option_list, hold=True)
    if queries.version_of(rows) != seen_version:
        raise Conflict(_STALE)
    _require_right(option_list, entries, rows)
    by_code = {row.code: row for row in rows}
    changed = added = 0
    for position, entry in enumerate(entries):
        row = by_code.get(entry.code)
        if row is None:
            session().add(_row(option_list, position, entry))
            added += 1
        else:
            changed += _change(row, position, entry)
    if not changed and not added:
        return 0
    try:
        session().flush()
    except StaleDataError:
        raise Conflict(_STALE) from None
    details = {"list": str(option_list), "added": added, "changed": changed}
    trail.record(Action.OPTIONS_PUBLISHED, actor=actor, subject_kind="options", subject_id=None, details=details)
    return added + changed


def _require_right(option_list: OptionList, entries: Sequence[Entry], rows: Sequence[OptionEntry]) -> None:
    missing = {row.code for row in rows} - {entry.code for entry in entries}
    if missing:
        raise Invalid(_l("选项不能删除，只能停用。请刷新页面后再试。"))
    built_in = queries.built_ins.get(option_list, BuiltIn(names={}))
    own = {row.code for row in rows if not row.is_built_in}
    found = rules.problems(built_in, entries, clock.today())
    for code, field, problem in found:
        if problem is Problem.CLOSED_LIST and code in own:
            continue
        raise Invalid(SENTENCES[problem], field=f"{field}-{code}" if code else None)


def _built_in_entry(built_in: BuiltIn, code: str) -> Entry:
    name = built_in.names[code]
    with force_locale("zh"):
        chinese = str(name)
    with force_locale("en"):
        english = str(name)
    return Entry(code=str(code), name_zh=chinese, name_en=english)


def _row(option_list: OptionList, position: int, entry: Entry) -> OptionEntry:
    return OptionEntry(
        id=new_id(),
        option_list=option_list,
        code=entry.code,
        is_built_in=entry.is_built_in,
        **_values(position, entry),
    )


def _values(position: int, entry: Entry) -> dict[str, Any]:
    return {
        "name_zh": entry.name_zh.strip(),
        "name_en": entry.name_en.strip(),
        "position": position,
        "offered_from": entry.offered_from,
        "offered_until": entry.offered_until,
        "keywords": entry.keywords.strip(),
        "search": spellings(entry.name_zh, entry.name_en, entry.keywords, entry.code),
    }


def _change(row: OptionEntry, position: int, entry: Entry) -> bool:
    values = _values(position, entry)
    changed = [name for name in _FIELDS if getattr(row, name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    return bool(changed)
