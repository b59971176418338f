"""One line of a file as a call, or why it is none. Nothing of what stands in the line is ever repeated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from casework.intake.rules.line import LONGEST_CALL
from casework.intake.rules.records.mapping import ANSWERED, IGNORED
from casework.intake.types.telephony import LONGEST_ID, LONGEST_LINE, Ending, LegFacts, LegRecord, Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.intake.rules.records.mapping import Mapping, Place

YEARS: Final = range(1990, 2200)
HALF_A_DAY: Final = timedelta(hours=12)
# Clocks of switchboards run a little fast.
AHEAD: Final = timedelta(minutes=10)
LONGEST_NUMBER: Final = 60
LONGEST_FIELD: Final = 4000
_TIME: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d{1,6})?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_SECONDS: Final = re.compile(r"[+-]?\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Applications that talk to a caller without a person: Asterisk calls such a call answered.
_MACHINES: Final = frozenset({"voicemail", "voicemailmain"})
_WITHOUT_SEAT: Final = frozenset(
    {"queue", "playback", "background", "wait", "waitexten", "read", "hangup", "musiconhold", "busy", "congestion",
     "playtones", "goto", "answer"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ignored:
    """A line that the mapping leaves out on purpose."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of one file are, by name in small letters."""

    index: dict[str, int]
    width: int

    @classmethod
    def of(cls, names: Sequence[str], width: int | None = None) -> Columns:
        """Return the columns of a header; of two with one name the first counts."""
        index = {name.strip().casefold(): number for number, name in reversed(list(enumerate(names)))}
        return cls(index, len(names) if width is None else width)

    def missing(self, mapping: Mapping) -> list[str]:
        """Return the columns that the mapping names and the file lacks; only where no other place is filled."""
        lacking = []
        for name, places in mapping.columns.items():
            if not any(all(each.casefold() in self.index for each in place) for place in places):
                lacking.append(name)
        return sorted(lacking)

    def text(self, cells: Sequence[str], places: tuple[Place, ...], empty: frozenset[str]) -> str:
        """Return the first place that is filled in, its parts joined with a blank; empty when there is none."""
        for place in places:
            numbers = [self.index.get(name.casefold(), -1) for name in place]
            parts = [cells[number].strip() if 0 <= number < len(cells) else "" for number in numbers]
            if not any(part in empty for part in parts):
                return " ".join(parts)
        return ""


class _Bad(Exception):
    def __init__(self, trouble: Trouble, column: str = "") -> None:
        super().__init__(trouble)
        self.trouble, self.column = trouble, column


def read_row(
    cells: Sequence[str], columns: Columns, mapping: Mapping, now: datetime
) -> LegRecord | Ignored | tuple[Trouble, str]:
    """Return the call of a line, that it is left out on purpose, or what is wrong with it and in which column."""
    try:
        return _Row(cells, columns, mapping, now).record()
    except _Bad as bad:
        return bad.trouble, bad.column


class _Row:
    """One line with what is needed to read it."""

    def __init__(self, cells: Sequence[str], columns: Columns, mapping: Mapping, now: datetime) -> None:
        self.cells, self.columns, self.mapping, self.now = cells, columns, mapping, now

    def record(self) -> LegRecord | Ignored:
        """Return the call; refused (_Bad) when anything about it cannot be."""
        self._check_shape()
        outcome = self._outcome()
        if outcome == IGNORED:
            return Ignored()
        start = self._moment("start")
        if start is None:
            raise _Bad(Trouble.START_MISSING, "start")
        duration, talk = self._duration("duration"), self._duration("talk")
        if duration is not None and talk is not None and talk > duration:
            raise _Bad(Trouble.TALK_LONGER_THAN_CALL, "talk")
        for name in self.mapping.durations:
            self._seconds(self.columns.text(self.cells, ((name,),), self.mapping.empty), name)
        facts = self._facts(start, outcome, duration, talk)
        return LegRecord(
            facts=facts, line=self._line(), record_id=self._id(), number=self._text("number")[:LONGEST_NUMBER]
        )

    def _check_shape(self) -> None:
        if len(self.cells) != self.columns.width:
            raise _Bad(Trouble.WRONG_COLUMNS)
        for cell in self.cells:
            if len(cell) > LONGEST_FIELD:
                raise _Bad(Trouble.FIELD_TOO_LONG)
            if _FORBIDDEN.search(cell):
                raise _Bad(Trouble.CONTROL_CHARACTER)

    def _outcome(self) -> str:
        said = self._text("outcome")
        if "outcome" not in self.mapping.columns:
            return ANSWERED if self._text("answer") else str(Ending.ABANDONED)
        found = self.mapping.outcomes.get(said.upper())
        if found is None:
            raise _Bad(Trouble.OUTCOME_UNKNOWN, "outcome")
        if found == ANSWERED and self.mapping.is_asterisk and self._nobody_spoke():
            return str(Ending.ABANDONED)
        return found

    def _nobody_spoke(self) -> bool:
        """Return whether a switchboard counts as answered what only a recording took."""
        application = self._column("lastapp").casefold()
        return application in _MACHINES or (application in _WITHOUT_SEAT and not self._column("dstchannel"))

    def _facts(self, start: datetime, outcome: str, duration: int | None, talk: int | None) -> LegFacts:
        end = self._moment("end", start)
        if end is None and duration is not None:
            end = start + timedelta(seconds=duration)
        if end is not None and end < start:
            raise _Bad(Trouble.END_BEFORE_START, "end")
        answer = self._answer(start, end, talk) if outcome == ANSWERED else None
        if end is None and answer is not None and talk is not None:
            end = answer + timedelta(seconds=talk)
        for moment in (answer, end):
            if moment is not None and moment - start > LONGEST_CALL:
                raise _Bad(Trouble.TOO_LONG_A_CALL)
        if (end or answer or start) > self.now + AHEAD:
            raise _Bad(Trouble.IN_THE_FUTURE)
        ending = None if outcome == ANSWERED else Ending(outcome)
        return LegFacts(started_at=start, answered_at=answer, ended_at=end, ending=ending)

    def _answer(self, start: datetime, end: datetime | None, talk: int | None) -> datetime:
        answer = self._moment("answer", start)
        if answer is None and end is not None and talk is not None:
            answer = end - timedelta(seconds=talk)
        if answer is None:
            raise _Bad(Trouble.NO_ANSWER_TIME, "answer")
        if answer < start:
            raise _Bad(Trouble.ANSWER_BEFORE_START, "answer")
        if end is not None and end < answer:
            raise _Bad(Trouble.END_BEFORE_ANSWER, "end")
        return answer

    def _moment(self, name: str, start: datetime | None = None) -> datetime | None:
        text = self._text(name)
        if not text:
            return None
        moment = self._parsed(text, name)
        if moment.year not in YEARS:
            raise _Bad(Trouble.TIME_IMPOSSIBLE, name)
        if start is not None and self.mapping.over_midnight and moment < start - HALF_A_DAY:
            moment += timedelta(days=1)
        return moment.astimezone(UTC)

    def _parsed(self, text: str, name: str) -> datetime:
        try:
            form = self.mapping.time_format
            found = datetime.strptime(text, form) if form else _plain_time(text)  # noqa: DTZ007 - the zone is put on below
        except (ValueError, OverflowError):
            raise _Bad(Trouble.TIME_IMPOSSIBLE, name) from None
        return found if found.tzinfo is not None else found.replace(tzinfo=self.mapping.zone)

    def _duration(self, name: str) -> int | None:
        return self._seconds(self._text(name), name)

    def _seconds(self, text: str, name: str) -> int | None:
        if not text:
            return None
        if not _SECONDS.fullmatch(text):
            raise _Bad(Trouble.NOT_A_DURATION, name)
        seconds = int(float(text))
        if seconds < 0 or text.startswith("-"):
            raise _Bad(Trouble.NEGATIVE_DURATION, name)
        if seconds > LONGEST_CALL.total_seconds():
            raise _Bad(Trouble.TOO_LONG_A_CALL, name)
        return seconds

    def _line(self) -> str:
        if self.mapping.line:
            return self.mapping.line
        said = self._text("line")
        if not said:
            raise _Bad(Trouble.LINE_MISSING, "line")
        found = self.mapping.lines.get(said, said)
        if len(found) > LONGEST_LINE:
            raise _Bad(Trouble.LINE_UNKNOWN, "line")
        return found

    def _id(self) -> str:
        found = self._text("id")
        if len(found) > LONGEST_ID:
            raise _Bad(Trouble.FIELD_TOO_LONG, "id")
        return found

    def _text(self, name: str) -> str:
        places = self.mapping.columns.get(name)
        return "" if places is None else self.columns.text(self.cells, places, self.mapping.empty)

    def _column(self, name: str) -> str:
        return self.columns.text(self.cells, ((name,),), self.mapping.empty)


def _plain_time(text: str) -> datetime:
    """Return a time such as 2020-04-05 14:05:09, 2020/4/5 14:05 or 2020-04-05T14:05:09+08:00."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError
    year, month, day, hour, minute, second, zone = found.groups()
    moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0))  # noqa: DTZ001 - the zone follows
    if zone is None:
        return moment
    return moment.replace(
        tzinfo=datetime.fromisoformat(f"2000-01-01T00:00:00{'+00:00' if zone == 'Z' else zone}").tzinfo
    )
