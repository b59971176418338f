"""Reading lists of calls that were kept on paper: what is taken over, and what is wrong with the rest.

A line counts as it stands or not at all. An answer that the paper does not give stays unknown; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Final

from casework.cases.types import Population
from casework.clients.rules import holds_id_number, normalise
from casework.intake.rules.asking import Problem, adjusted, is_brief_type, problems
from casework.intake.rules.texts import clean_line, clean_text
from casework.intake.types import (
    LONGEST_NAME,
    LONGEST_SUMMARY,
    AgeBand,
    CallType,
    Codes,
    Outcome,
    Risk,
    Sex,
    Words,
    divisions,
    written,
)
from casework.intake.types.paper import (
    EARLIEST_YEAR,
    MOST_CALLS,
    REQUIRED,
    Column,
    Flaw,
    Found,
    PaperCall,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casework.intake.types import Approximate

_LONGEST_CELL: Final = 200
_HOURS: Final = 24
_MINUTES: Final = 60
_LONGEST_CALL: Final = _HOURS * _MINUTES
# Asked during a call; a paper list cannot answer them any more.
_NOT_ON_PAPER: Final = frozenset({"for_whom", "risk_reason", "distress_before", "summary", "followup_on"})
_FLAWS: Final = {Problem.MISSING: Flaw.MISSING, Problem.TOO_MANY: Flaw.TOO_MANY}


@dataclass(frozen=True, slots=True)
class Header:
    """Which column stands where in a file. ``missing`` names required ones that are not there, ``unknown`` others."""

    places: Mapping[Column, int]
    missing: tuple[Column, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """What is needed to read lines: today, by column which code is written how, and how columns are headed."""

    today: date
    spellings: Mapping[Column, Mapping[str, str]]
    titles: Mapping[str, Column]


def header_of(cells: Sequence[str], titles: Mapping[str, Column]) -> Header:
    """Return where the columns of a file are, by their titles (lower case) or the names of ``Column``, in any order."""
    names = {**titles, **{str(column): column for column in Column}}
    places: dict[Column, int] = {}
    unknown = []
    for position, cell in enumerate(cells):
        name = clean_line(cell).rstrip("*").strip()
        column = names.get(name.casefold())
        if column is not None and column not in places:
            places[column] = position
        elif name:
            unknown.append(name[:40])
    missing = tuple(column for column in REQUIRED if column not in places)
    return Header(places, missing, tuple(unknown))


def read_row(row: int, cells: Sequence[str], header: Header, reader: Reader) -> tuple[PaperCall | None, list[Found]]:
    """Return the call or calls of a line, or everything that is wrong with it; neither for an empty line."""
    texts = {column: cells[at].strip() if at < len(cells) else "" for column, at in header.places.items()}
    if not any(texts.values()):
        return None, []
    return _Row(row, texts, reader).read()


class _Row:
    """One line while it is read; every flaw is noted, and nothing that was written is kept with it."""

    def __init__(self, row: int, texts: Mapping[Column, str], reader: Reader) -> None:
        self.row, self.texts, self.today, self.spellings = row, texts, reader.today, reader.spellings
        self.found: list[Found] = []

    def read(self) -> tuple[PaperCall | None, list[Found]]:
        day, at = self._day(), self._time()
        count, approximate = self._count()
        minutes = self._minutes()
        codes = self._codes()
        words = self._words(is_single=count == 1 and approximate is None)
        if codes is not None:
            self._check(codes, words)
        if self.found or day is None or codes is None:
            return None, self.found
        call = PaperCall(
            row=self.row,
            day=day,
            at=at,
            minutes=minutes,
            line=clean_line(self._text(Column.LINE)),
            count=count,
            approximate=approximate,
            codes=adjusted(codes),
            words=words,
        )
        return call, []

    def _text(self, column: Column) -> str:
        return self.texts.get(column, "")

    def _note(self, column: Column, flaw: Flaw) -> None:
        self.found.append(Found(self.row, column, flaw))

    def _day(self) -> date | None:
        text = self._text(Column.DAY)
        if not text:
            self._note(Column.DAY, Flaw.MISSING)
            return None
        match = written.DAY.fullmatch(text)
        try:
            day = date(*(int(part) for part in match.groups())) if match else None
        except ValueError:
            day = None
        if day is None:
            self._note(Column.DAY, Flaw.NO_DATE)
        elif day > self.today:
            self._note(Column.DAY, Flaw.FUTURE)
        elif day.year < EARLIEST_YEAR:
            self._note(Column.DAY, Flaw.TOO_OLD)
        return day

    def _time(self) -> time | None:
        text = self._text(Column.TIME)
        if not text:
            return None
        match = written.TIME.fullmatch(text)
        if match and int(match[1]) < _HOURS and int(match[2] or 0) < _MINUTES:
            return time(int(match[1]), int(match[2] or 0))
        self._note(Column.TIME, Flaw.NO_TIME)
        return None

    def _count(self) -> tuple[int, Approximate | None]:
        text = self._text(Column.COUNT)
        if not text:
            return 1, None
        match = written.COUNT.fullmatch(text.replace(" ", ""))
        marks = [mark for mark in (match[1], match[3], match[4]) if mark] if match else []
        if match is None or int(match[2]) < 1 or len(marks) > 1:
            self._note(Column.COUNT, Flaw.NO_NUMBER)
            return 1, None
        if int(match[2]) > MOST_CALLS:
            self._note(Column.COUNT, Flaw.TOO_LARGE)
        return int(match[2]), written.MARKS[marks[0]] if marks else None

    def _minutes(self) -> int | None:
        text = self._text(Column.MINUTES)
        if not text:
            return None
        match = written.MINUTES.fullmatch(text.replace(" ", ""))
        if match is None or int(match[1]) > _LONGEST_CALL:
            self._note(Column.MINUTES, Flaw.NO_NUMBER)
            return None
        return int(match[1])

    def _codes(self) -> Codes | None:
        call_type = self._one(Column.CALL_TYPE)
        if call_type is None:
            if not self._text(Column.CALL_TYPE):
                self._note(Column.CALL_TYPE, Flaw.MISSING)
            return None
        sex, age, risk = self._one(Column.SEX), self._one(Column.AGE_BAND), self._one(Column.RISK)
        outcome = self._one(Column.OUTCOME)
        groups = self._several(Column.POPULATION)
        # What the paper leaves out stays unknown, without claiming anything.
        return Codes(
            call_type=CallType(call_type),
            sex=Sex(sex or Sex.UNKNOWN),
            age_band=AgeBand(age or AgeBand.UNKNOWN),
            division=self._place() or divisions.UNKNOWN,
            population=groups or (Population.UNKNOWN,),
            topics=self._several(Column.TOPICS),
            risk=Risk(risk or Risk.NOT_ASSESSED),
            outcome=Outcome(outcome) if outcome else None,
        )

    def _one(self, column: Column) -> str | None:
        text = clean_line(self._text(column))
        code = self.spellings[column].get(text.casefold())
        if text and code is None:
            self._note(column, Flaw.UNKNOWN_VALUE)
        return code

    def _several(self, column: Column) -> tuple[str, ...]:
        known = self.spellings[column]
        parts = [part for each in written.BETWEEN.split(self._text(column)) if (part := clean_line(each).casefold())]
        if any(part not in known for part in parts):
            self._note(column, Flaw.UNKNOWN_VALUE)
        return tuple(dict.fromkeys(known[part] for part in parts if part in known))

    def _place(self) -> str | None:
        text = clean_line(self._text(Column.DIVISION)).removesuffix(".0")
        if not text:
            return None
        code = text if divisions.is_division(text) else divisions.code_of(text)
        if code is None:
            self._note(Column.DIVISION, Flaw.UNKNOWN_VALUE)
        return code

    def _words(self, *, is_single: bool) -> Words:
        name, phone = clean_line(self._text(Column.CALLER_NAME)), clean_line(self._text(Column.CALLER_PHONE))
        phone, summary = phone.removesuffix(".0"), clean_text(self._text(Column.SUMMARY)).strip()
        for column, text, most in (
            (Column.CALLER_NAME, name, LONGEST_NAME),
            (Column.CALLER_PHONE, phone, _LONGEST_CELL),
            (Column.SUMMARY, summary, LONGEST_SUMMARY),
        ):
            if len(text) > most:
                self._note(column, Flaw.TOO_LONG)
            if text and not is_single:
                self._note(column, Flaw.WORDS_OF_MANY)
        if phone and len(phone) <= _LONGEST_CELL and normalise(phone) is None:
            self._note(Column.CALLER_PHONE, Flaw.NOT_A_PHONE)
        if holds_id_number(summary) or holds_id_number(name):
            self._note(Column.SUMMARY, Flaw.ID_NUMBER)
        return Words(caller_name=name, caller_phone=phone, summary=summary)

    def _check(self, codes: Codes, words: Words) -> None:
        """Ask what every call is asked, except what only the one who took it could still answer."""
        if is_brief_type(codes.call_type):
            return
        noted = {each.column for each in self.found}
        for name, problem in problems(codes, words.summary, self.today):
            column = Column(name) if name in set(Column) else None
            if name not in _NOT_ON_PAPER and column is not None and column not in noted:
                self._note(column, _FLAWS.get(problem, Flaw.CONTRADICTION))
