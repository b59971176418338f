"""Reads of option lists: one statement a request, whatever the page shows."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask import g, has_request_context

from casework.core import clock
from casework.core.db import session
from casework.options import rules
from casework.options.models import OptionEntry
from casework.options.types import BuiltIn, Catalogue, Entry, OptionList
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.web.i18n import current_code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casework.options.types import Names
    from casework.security.actor import Actor

# Filled by the packages whose codes these are; see ``declare``.
built_ins: Final[dict[OptionList, BuiltIn]] = {}
_KEPT: Final = "option_lists"


def declare(lists: Mapping[OptionList, BuiltIn]) -> None:
    """Tell which codes are built in, how they are called and which of them rules depend on."""
    built_ins.update(lists)


def catalogue() -> Catalogue:
    """Return all lists in the language of this request, read once a request: a change is seen by the next one."""
    if not has_request_context():
        return _read()
    if _KEPT not in g:
        setattr(g, _KEPT, _read())
    found: Catalogue = getattr(g, _KEPT)
    return found


def names(option_list: OptionList) -> Names:
    """Return the names of one list by code, also of retired options."""
    return catalogue().names[option_list]


def get_list(actor: Actor, option_list: OptionList) -> tuple[list[Entry], int]:
    """Return the entries of a list in order and its version, for whoever publishes it; refused (R23) otherwise."""
    require(actor, Permission.OPTIONS_LIST_PUBLISH)
    rows = list_rows(option_list)
    return [entry_of(row) for row in rows], version_of(rows)


def list_rows(option_list: OptionList, *, hold: bool = False) -> Sequence[OptionEntry]:
    """Return the rows of a list in order; ``hold`` keeps other writers from them. Only for services."""
    found = sa.select(OptionEntry).where(OptionEntry.option_list == option_list)
    found = found.order_by(OptionEntry.position, OptionEntry.id)
    return session().scalars(found.with_for_update() if hold else found).all()


def version_of(rows: Sequence[OptionEntry]) -> int:
    """Return a number that grows with every change of a list: rows are only added and changed, never removed."""
    return sum(row.row_version for row in rows)


def entry_of(row: OptionEntry) -> Entry:
    """Return a row as a value."""
    return Entry(
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        offered_from=row.offered_from,
        offered_until=row.offered_until,
        is_built_in=row.is_built_in,
        keywords=row.keywords,
        search=row.search,
    )


def _read() -> Catalogue:
    rows = session().scalars(sa.select(OptionEntry).order_by(OptionEntry.position, OptionEntry.id)).all()
    kept: dict[OptionList, list[Entry]] = defaultdict(list)
    for row in rows:
        kept[OptionList(row.option_list)].append(entry_of(row))
    return rules.catalogue(built_ins, kept, current_code(), clock.today())
