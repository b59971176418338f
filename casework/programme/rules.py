"""What a programme file must say, and when a sub-project and its lines may serve.

A programme file is JSON with three parts: ``programme`` (one object), ``subprojects`` and ``hotlines`` (lists of
objects). The keys are those of the tables below; ``programme.json`` in ``data/`` is the example. A key beginning
with ``_`` is a remark. An unknown key is refused, because a misspelt one would otherwise be lost in silence.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from casework.programme.types import (
    HotlineFacts,
    Problem,
    ProgrammeFacts,
    ProgrammeFile,
    SubprojectFacts,
    SubprojectKind,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTS: Final = frozenset({"programme", "subprojects", "hotlines", "reported_figures"})
PROGRAMME_KEYS: Final = frozenset(
    {"name", "owner", "guided_by", "start", "end", "months", "budget_cny", "shape", "outputs", "steering"}
)
SUBPROJECT_KEYS: Final = frozenset(
    {
        "code", "kind", "name", "fund", "partner", "region", "division", "target",
        "responsible", "authorised_by", "authorised_on",
    }
)  # fmt: skip
HOTLINE_KEYS: Final = frozenset({"name", "subproject", "numbers", "seats", "hours", "opened_on", "closed_on"})
CODE: Final = re.compile(r"[A-Z][A-Z0-9]{1,7}")
DIVISION: Final = re.compile(r"\d{6}(\d{3})?")
WHOLE_COUNTRY: Final = "000000"
# 肺炎机制发〔2020〕18号: a line of the epidemic has at least two seats; a file may say otherwise, a fact is a fact.
USUAL_SEATS: Final = 2
MOST_SEATS: Final = 500
SHORT, LONG, WORDS = 100, 200, 2000
_FEN = 100


def read_file(data: object) -> tuple[ProgrammeFile | None, list[Problem]]:
    """Return the programme a file describes, or None and every problem found, in the order of the file.

    What the file leaves open: a line opens when the programme starts; a sub-project is authorised on that day by the
    authority that guides the programme (R20: under unified leadership), and by nobody when no such authority is named.
    """
    reader = _Reader()
    whole = reader.mapping("", data, PARTS)
    programme = _programme(reader, reader.mapping("programme", whole.get("programme"), PROGRAMME_KEYS))
    subprojects = [
        _subproject(reader, f"subprojects[{index}]", entry, programme)
        for index, entry in enumerate(reader.entries("subprojects", whole.get("subprojects")))
    ]
    hotlines = [
        _hotline(reader, f"hotlines[{index}]", entry, programme)
        for index, entry in enumerate(reader.entries("hotlines", whole.get("hotlines", [])))
    ]
    if not subprojects:
        reader.refuse("subprojects", "at least one sub-project is needed")
    _check_references(reader, subprojects, hotlines)
    if reader.problems:
        return None, reader.problems
    return ProgrammeFile(programme, tuple(subprojects), tuple(hotlines)), []


def may_serve(authorised_by: str, authorised_on: date | None, day: date) -> bool:
    """Return whether somebody may serve in the name of a sub-project on a day (R20)."""
    return bool(authorised_by) and authorised_on is not None and authorised_on <= day


def is_open(opened_on: date, closed_on: date | None, day: date) -> bool:
    """Return whether a line takes calls on a day; its closing day is the last."""
    return opened_on <= day and (closed_on is None or day <= closed_on)


class _Reader:
    """Reads values and collects what is wrong with them, so that a file is corrected once and not ten times."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, where: str, what: str) -> None:
        self.problems.append(Problem(where or "file", what))

    def mapping(self, where: str, value: object, keys: frozenset[str]) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.refuse(where, "an object is needed")
            return {}
        unknown = sorted(str(key) for key in value if not str(key).startswith("_") and key not in keys)
        if unknown:
            self.refuse(where, f"unknown key {', '.join(unknown)}; known are {', '.join(sorted(keys))}")
        return value

    def entries(self, where: str, value: object) -> list[Any]:
        if not isinstance(value, list):
            self.refuse(where, "a list is needed")
            return []
        return value

    def text(self, where: str, value: object, most: int, *, needed: bool = False) -> str:
        if value is None and not needed:
            return ""
        if not isinstance(value, str):
            self.refuse(where, "a text is needed")
            return ""
        if needed and not value.strip():
            self.refuse(where, "must not be empty")
        if len(value) > most:
            self.refuse(where, f"longer than {most} characters")
        return value.strip()

    def texts(self, where: str, value: object) -> tuple[str, ...]:
        entries = self.entries(where, value)
        return tuple(self.text(f"{where}[{index}]", entry, SHORT, needed=True) for index, entry in enumerate(entries))

    def day(self, where: str, value: object) -> date | None:
        if value in (None, ""):
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.refuse(where, "a date like 2020-03-27 is needed")
            return None

    def needed_day(self, where: str, value: object) -> date:
        known = len(self.problems)
        day = self.day(where, value)
        if day is None and len(self.problems) == known:
            self.refuse(where, "must not be empty")
        return day or date.min

    def seats(self, where: str, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_SEATS:
            return value
        self.refuse(where, f"a whole number from 1 to {MOST_SEATS} is needed")
        return USUAL_SEATS

    def fen(self, where: str, value: object) -> int:
        try:
            fen = Decimal(str(value)) * _FEN
        except InvalidOperation:
            fen = Decimal(-1)
        if isinstance(value, bool) or not fen.is_finite() or fen < 0 or fen != fen.to_integral_value():
            self.refuse(where, "an amount in yuan with at most two decimals is needed")
            return 0
        return int(fen)


def _programme(reader: _Reader, data: Mapping[str, Any]) -> ProgrammeFacts:
    starts_on = reader.needed_day("programme.start", data.get("start"))
    ends_on = reader.needed_day("programme.end", data.get("end"))
    if ends_on < starts_on and ends_on != date.min:
        reader.refuse("programme.end", "lies before the start")
    return ProgrammeFacts(
        name=reader.text("programme.name", data.get("name"), LONG, needed=True),
        owner=reader.text("programme.owner", data.get("owner"), LONG, needed=True),
        guided_by=reader.text("programme.guided_by", data.get("guided_by"), LONG),
        steering=reader.text("programme.steering", data.get("steering"), WORDS),
        starts_on=starts_on,
        ends_on=ends_on,
        budget_fen=reader.fen("programme.budget_cny", data.get("budget_cny", 0)),
        outputs=reader.texts("programme.outputs", data.get("outputs", [])),
    )


def _subproject(reader: _Reader, where: str, entry: object, programme: ProgrammeFacts) -> SubprojectFacts:
    data = reader.mapping(where, entry, SUBPROJECT_KEYS)
    code = reader.text(f"{where}.code", data.get("code"), 8, needed=True)
    if code and not CODE.fullmatch(code):
        reader.refuse(f"{where}.code", "two to eight capital letters and digits, a letter first")
    division = reader.text(f"{where}.division", data.get("division"), 9)
    if division and not DIVISION.fullmatch(division):
        reader.refuse(f"{where}.division", "a GB/T 2260 code of six or nine digits is needed")
    targets = reader.texts(f"{where}.target", data.get("target"))
    if not targets:
        reader.refuse(f"{where}.target", "at least one target group is needed")
    by, on = _authorisation(reader, where, data, programme)
    return SubprojectFacts(
        code=code,
        kind=_kind(reader, where, data),
        name=reader.text(f"{where}.name", data.get("name"), LONG, needed=True),
        fund=reader.text(f"{where}.fund", data.get("fund"), LONG),
        partner=reader.text(f"{where}.partner", data.get("partner"), 300),
        region=reader.text(f"{where}.region", data.get("region"), SHORT),
        division=None if division in ("", WHOLE_COUNTRY) else division,
        targets=targets,
        responsible=reader.text(f"{where}.responsible", data.get("responsible"), SHORT),
        authorised_by=by,
        authorised_on=on,
    )


def _kind(reader: _Reader, where: str, data: Mapping[str, Any]) -> SubprojectKind:
    kind = data.get("kind", SubprojectKind.SIX.value)
    if kind not in {known.value for known in SubprojectKind}:
        reader.refuse(f"{where}.kind", f"is one of {', '.join(known.value for known in SubprojectKind)}")
        return SubprojectKind.SIX
    return SubprojectKind(kind)


def _authorisation(
    reader: _Reader, where: str, data: Mapping[str, Any], programme: ProgrammeFacts
) -> tuple[str, date | None]:
    if "authorised_by" not in data and "authorised_on" not in data:
        return (programme.guided_by, programme.starts_on) if programme.guided_by else ("", None)
    by = reader.text(f"{where}.authorised_by", data.get("authorised_by"), LONG)
    on = reader.day(f"{where}.authorised_on", data.get("authorised_on"))
    if bool(by) != (on is not None):
        reader.refuse(f"{where}.authorised_by", "authority and date belong together: give both or neither")
    return by, on


def _hotline(reader: _Reader, where: str, entry: object, programme: ProgrammeFacts) -> HotlineFacts:
    data = reader.mapping(where, entry, HOTLINE_KEYS)
    opened_on = reader.day(f"{where}.opened_on", data.get("opened_on")) or programme.starts_on
    closed_on = reader.day(f"{where}.closed_on", data.get("closed_on"))
    if closed_on is not None and closed_on < opened_on:
        reader.refuse(f"{where}.closed_on", "lies before the line was opened")
    return HotlineFacts(
        subproject=reader.text(f"{where}.subproject", data.get("subproject"), 8, needed=True),
        name=reader.text(f"{where}.name", data.get("name"), SHORT, needed=True),
        numbers=reader.texts(f"{where}.numbers", data.get("numbers", [])),
        seats=reader.seats(f"{where}.seats", data.get("seats", USUAL_SEATS)),
        hours=reader.text(f"{where}.hours", data.get("hours"), SHORT),
        opened_on=opened_on,
        closed_on=closed_on,
    )


def _check_references(reader: _Reader, subprojects: list[SubprojectFacts], hotlines: list[HotlineFacts]) -> None:
    codes: set[str] = set()
    for index, subproject in enumerate(subprojects):
        if subproject.code and subproject.code in codes:
            reader.refuse(f"subprojects[{index}].code", f"{subproject.code} is used twice")
        codes.add(subproject.code)
    lines: set[tuple[str, str]] = set()
    for index, line in enumerate(hotlines):
        if line.subproject and line.subproject not in codes:
            reader.refuse(f"hotlines[{index}].subproject", f"there is no sub-project {line.subproject}")
        if (line.subproject, line.name) in lines:
            reader.refuse(f"hotlines[{index}].name", f"{line.name} is there twice")
        lines.add((line.subproject, line.name))


def short_title(programme: str) -> str:
    """Return what a programme is called every day: the words in its name's first quotation marks, else the name."""
    quoted = re.search("“([^”]+)”", programme)
    return quoted[1] if quoted else programme


def short_name(subproject: str, programme: str) -> str:
    """Return a sub-project's name without the programme's daily title, which stands beside it anyway."""
    title = r"\s*".join(re.escape(letter) for letter in short_title(programme) if not letter.isspace())
    return re.sub(rf"\s*{title}\s*", "", subproject) or subproject
