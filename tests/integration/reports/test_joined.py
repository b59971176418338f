"""Tables of different measures are published side by side: joined, they must not tell what each of them hides."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from casework.core.db import read_transaction
from casework.programme import queries as programme
from casework.reports.disclosure import SMALLEST, Mark
from casework.reports.queries.book import Book, node
from casework.reports.rules import BRIEF as BRIEF_KIND
from casework.reports.rules import NOT_ASKED, ROOT, TALK, measure, time_tree
from casework.reports.rules.periods import WHOLE_KEY, quarter_of
from casework.security.actor import Actor
from tests.integration.reports.conftest import AGES, BRIEF, CATEGORIES, ELSEWHERE, OUTCOMES, SEXES, TYPES, History
from tests.support.attacker import BEYOND, Sum, narrowed

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import date

    from flask import Flask

    from casework.reports.types import Figure

VALUES: Final[dict[str, list[str]]] = {
    "kind": ["talk", "brief"],
    "call_type": [each for each in TYPES if each not in BRIEF],
    "brief": sorted(BRIEF),
    "sex": list(SEXES),
    "age_band": list(AGES),
    "level": ["0", "1", "2", "high", "not_assessed"],
    "outcome": list(OUTCOMES),
    "category": sorted({*ELSEWHERE, *(each for several in CATEGORIES.values() for each in several)}),
    "repeat": ["first", "repeat", "unknown"],
}
BASES: Final = {each: ("kind", measure(each).part) if measure(each).part else ("total", "all") for each in VALUES}
assert set(BASES.values()) == {("total", "all"), ("kind", TALK), ("kind", BRIEF_KIND)}


def true_numbers(history: History) -> Counter[tuple[str, str, str, str]]:
    """Recount every number of the joined tables: period, place, measure, value."""
    places = {each.code: node(each.id) for each in programme.list_subprojects(Actor.system())}
    found: Counter[tuple[str, str, str, str]] = Counter()
    for day, code, _, answers in history.calls:
        for period in _periods(day):
            for place in (ROOT, places[code]):
                found[period, place, "total", "all"] += 1
                for name, value in _facts(answers):
                    found[period, place, name, value] += 1
    return found


def _periods(day: date) -> tuple[str, ...]:
    month = day.isoformat()[:7]
    return (month, quarter_of(month), month[:4], WHOLE_KEY)


def _facts(answers: dict[str, str]) -> list[tuple[str, str]]:
    kind = answers["call_type"]
    repeat = ("repeat", answers["repeat"])
    if kind in BRIEF:
        return [("kind", "brief"), ("brief", kind), repeat]
    level = "high" if answers["level"] in {"3", "4"} else answers["level"]
    plain = [(name, answers[name]) for name in ("sex", "age_band", "outcome", "category")]
    return [("kind", "talk"), ("call_type", kind), ("level", level), repeat, *plain]


def bounds_of(figure: Figure) -> tuple[int, int]:
    """Return what a reader knows of a number."""
    if figure.mark is Mark.SHOWN:
        return figure.count or 0, figure.count or 0
    return (1, SMALLEST - 1) if figure.mark is Mark.SMALL else (0, BEYOND)


def told(book: Book, periods: dict[str, str | None], places: list[str]) -> dict[Hashable, tuple[int, int]]:
    """Return what the published tables tell of every number."""
    found: dict[Hashable, tuple[int, int]] = {}
    for period in periods:
        for place in places:
            found[period, place, "total", "all"] = bounds_of(book.total(measure("total"), period, place))
            for name, values in VALUES.items():
                table = book.table(measure(name), period, place)
                assert table.find(NOT_ASKED).count in {0, None}
                for value in values:
                    found[period, place, name, value] = bounds_of(table.find(value))
    return found


def sums(periods: dict[str, str | None], places: list[str]) -> list[Sum]:
    """Return every published fact: values add up to their base, places to the programme, periods to longer ones."""
    found = [
        Sum((t, p, *BASES[name]), tuple((t, p, name, value) for value in values))
        for t in periods
        for p in places
        for name, values in VALUES.items()
    ]
    cells = [("total", "all"), *((name, value) for name, values in VALUES.items() for value in values)]
    for cell in cells:
        found += [Sum((t, ROOT, *cell), tuple((t, p, *cell) for p in places if p != ROOT)) for t in periods]
        for longer in set(periods.values()) - {None}:
            shorter = [each for each, above in periods.items() if above == longer]
            found += [Sum((longer, p, *cell), tuple((t, p, *cell) for t in shorter)) for p in places]
    return found


def recovered(history: History, *, protected: bool = True) -> set[Hashable]:
    """Return the numbers of 1–4 that a reader of all tables can work out."""
    true = true_numbers(history)
    periods = time_tree(sorted({day.isoformat()[:7] for day, *_ in history.calls}))
    places = [ROOT, *(node(each.id) for each in programme.list_subprojects(Actor.system()))]
    known = told(Book(), periods, places)
    if not protected:
        known = {key: (1, 4) if 0 < true[key] < SMALLEST else (true[key], true[key]) for key in known}  # type: ignore[index]  # keys of the same shape
    found = narrowed(known, sums(periods, places))
    small = {key for key in known if 0 < true[key] < SMALLEST}  # type: ignore[index]  # keys of the same shape
    return {key for key in small if found[key][0] == found[key][1]}


@pytest.mark.sqlite_only
def test_T9_joined_tables_tell_no_small_number(app: Flask, history: History) -> None:
    with app.app_context(), read_transaction():
        assert recovered(history) == set()


@pytest.mark.sqlite_only
def test_T9_joined_tables_would_tell_them_if_only_they_were_hidden(app: Flask, history: History) -> None:
    with app.app_context(), read_transaction():
        assert len(recovered(history, protected=False)) > 20
