"""Pure decisions about option lists: what is wrong with a list before it is published, and how it is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from casework.options.types import (
    LONGEST_CODE,
    LONGEST_KEYWORDS,
    LONGEST_NAME,
    BuiltIn,
    Catalogue,
    Names,
    OptionList,
    Problem,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from casework.options.types import Entry

CODE: Final = re.compile(rf"[a-z][a-z0-9_]{{1,{LONGEST_CODE - 1}}}", re.ASCII)
_NOTHING: Final = BuiltIn(names={})


def problems(built_in: BuiltIn, entries: Sequence[Entry], today: date) -> list[tuple[str, str, Problem]]:
    """Return (code, field, problem) of everything that keeps a list from being published; none when it may be.

    The code is empty for what concerns the list as a whole.
    """
    found = [problem for entry in entries for problem in _of_row(built_in, entry)]
    found += _repeated(entries)
    if not any(entry.is_offered(today) for entry in entries):
        found.append(("", "", Problem.NOTHING_OFFERED))
    return found


def catalogue(
    built_ins: Mapping[OptionList, BuiltIn], kept: Mapping[OptionList, Sequence[Entry]], language: str, today: date
) -> Catalogue:
    """Return the lists for a language and a day. A built-in code without a row has its own name and is offered."""
    names: dict[OptionList, Names] = {}
    offered: dict[OptionList, list[str]] = {}
    for option_list in OptionList:
        entries = kept.get(option_list, ())
        own = built_ins.get(option_list, _NOTHING)
        known = {entry.code for entry in entries}
        names[option_list] = Names((str(code), str(name)) for code, name in own.names.items() if str(code) not in known)
        names[option_list].update((entry.code, name_in(entry, language)) for entry in entries)
        offered[option_list] = [entry.code for entry in entries if entry.is_offered(today)]
        offered[option_list] += [str(code) for code in own.names if str(code) not in known]
    search = {option_list: {entry.code: entry.search for entry in entries} for option_list, entries in kept.items()}
    return Catalogue(names, offered, search)


def name_in(entry: Entry, language: str) -> str:
    """Return the name of an option in a language; Chinese is the first."""
    return entry.name_en if language == "en" else entry.name_zh


def moved(codes: Sequence[str], code: str, by: int) -> list[str]:
    """Return the codes with one moved up (-1) or down (+1); unchanged at the ends and for an unknown code."""
    order = list(codes)
    if code in order:
        at = order.index(code)
        to = min(max(at + by, 0), len(order) - 1)
        order.insert(to, order.pop(at))
    return order


def _of_row(built_in: BuiltIn, entry: Entry) -> Iterator[tuple[str, str, Problem]]:
    yield from _of_names(entry)
    if not entry.is_built_in and not built_in.is_open:
        yield entry.code, "code", Problem.CLOSED_LIST
    if not entry.is_built_in and not CODE.fullmatch(entry.code):
        yield entry.code, "code", Problem.CODE_WRONG
    if entry.offered_from and entry.offered_until and entry.offered_until < entry.offered_from:
        yield entry.code, "offered_until", Problem.DAYS_REVERSED
    if entry.code in built_in.protected and (entry.offered_from or entry.offered_until):
        yield entry.code, "offered_until", Problem.PROTECTED


def _of_names(entry: Entry) -> Iterator[tuple[str, str, Problem]]:
    for name in ("name_zh", "name_en"):
        text = getattr(entry, name)
        if not text.strip():
            yield entry.code, name, Problem.NAME_MISSING
        elif len(text) > LONGEST_NAME:
            yield entry.code, name, Problem.NAME_TOO_LONG
    if len(entry.keywords) > LONGEST_KEYWORDS:
        yield entry.code, "keywords", Problem.NAME_TOO_LONG


def _repeated(entries: Sequence[Entry]) -> Iterator[tuple[str, str, Problem]]:
    for name, problem in (
        ("code", Problem.CODE_TAKEN),
        ("name_zh", Problem.NAME_TAKEN),
        ("name_en", Problem.NAME_TAKEN),
    ):
        seen: set[str] = set()
        for entry in entries:
            text = getattr(entry, name).strip().casefold()
            if text and text in seen:
                yield entry.code, name, problem
            seen.add(text)
