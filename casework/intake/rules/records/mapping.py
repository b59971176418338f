"""Which column of a file means what. Asterisk's standard columns are built in; a file in JSON or TOML says the rest.

A place in the file is a column, or several columns that are joined (a day and a time of day). Several places are tried
in turn until one is filled in.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from casework.intake.types.telephony import Ending

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Names

# One place: the columns whose contents are joined with a blank.
Place = tuple[str, ...]

ANSWERED: Final = "answered"
IGNORED: Final = "ignored"
_OUTCOMES: Final = frozenset({ANSWERED, IGNORED, *(str(each) for each in Ending)})
_FIELDS: Final = frozenset({"id", "line", "number", "start", "answer", "end", "outcome", "duration", "talk"})
_KEYS: Final = frozenset(
    {"columns", "outcomes", "lines", "names", "header", "delimiter", "zone", "time_format", "empty", "line",
     "over_midnight", "durations"}
)  # fmt: skip
_MOST_COLUMNS: Final = 200


class MappingError(ValueError):
    """A mapping file that cannot be used; says every fault at once."""

    def __init__(self, faults: list[str]) -> None:
        """Keep the faults."""
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How a file is read. ``header`` None: the first line decides; ``names`` are the columns of a file without one.

    ``lines`` leads from what stands in the line column to a line of ours, ``line`` is that of all calls of the file.
    ``over_midnight``: an earlier time of day than the start belongs to the next day.
    """

    columns: Names[str, tuple[Place, ...]]
    outcomes: Names[str, str]
    lines: Names[str, str] = field(default_factory=dict)
    line: str = ""
    names: tuple[str, ...] = ()
    header: bool | None = None
    delimiter: str = ","
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    time_format: str = ""
    empty: frozenset[str] = frozenset({""})
    over_midnight: bool = False
    durations: tuple[str, ...] = ()
    is_asterisk: bool = False


ASTERISK_COLUMNS: Final = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer",
    "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield",
)  # fmt: skip
ASTERISK: Final = Mapping(
    columns={
        "id": (("uniqueid",),),
        "line": (("dst",),),
        "number": (("src",),),
        "start": (("start",),),
        "answer": (("answer",),),
        "end": (("end",),),
        "outcome": (("disposition",),),
        "duration": (("duration",),),
        "talk": (("billsec",),),
    },
    # A record says only that nobody answered; whoever waited in vain has hung up.
    outcomes={
        "ANSWERED": ANSWERED,
        "ANSWER": ANSWERED,
        "NO ANSWER": str(Ending.ABANDONED),
        "NOANSWER": str(Ending.ABANDONED),
        "CANCEL": str(Ending.ABANDONED),
        "BUSY": str(Ending.BLOCKED),
        "CONGESTION": str(Ending.BLOCKED),
        "FAILED": str(Ending.BLOCKED),
        "CHANUNAVAIL": str(Ending.BLOCKED),
    },
    names=ASTERISK_COLUMNS,
    is_asterisk=True,
)


def parse_mapping(text: str, *, is_toml: bool) -> Mapping:
    """Return the mapping a file describes; refused (MappingError) with every fault at once."""
    try:
        content: Any = tomllib.loads(text) if is_toml else json.loads(text)
    except (ValueError, RecursionError):
        raise MappingError([f"this is no {'TOML' if is_toml else 'JSON'}"]) from None
    faults = list(_faults(content))
    if faults:
        raise MappingError(faults)
    return Mapping(
        columns={name: _places(value) for name, value in content["columns"].items()},
        outcomes={str(key).strip().upper(): str(value) for key, value in content.get("outcomes", {}).items()},
        lines={str(key).strip(): str(value) for key, value in content.get("lines", {}).items()},
        line=str(content.get("line", "")),
        names=tuple(content.get("names", ())),
        header=content.get("header", not content.get("names")),
        delimiter=content.get("delimiter", ","),
        zone=ZoneInfo(content.get("zone", "Asia/Shanghai")),
        time_format=content.get("time_format", ""),
        empty=frozenset({"", *content.get("empty", ())}),
        over_midnight=content.get("over_midnight", False),
        durations=tuple(content.get("durations", ())),
    )


def _faults(content: object) -> Iterator[str]:
    if not isinstance(content, AnyMapping):
        yield "the file must hold a table"
        return
    unknown = sorted(str(key) for key in content.keys() - _KEYS)
    if unknown:
        yield f"unknown keys: {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}"
    yield from _column_faults(content.get("columns"))
    yield from _outcome_faults(content.get("outcomes", {}))
    yield from _kind_faults(content)
    columns = content.get("columns")
    if isinstance(columns, AnyMapping) and "line" not in columns and not content.get("line"):
        yield "either columns.line or line must say to which line the calls belong"


def _column_faults(columns: object) -> Iterator[str]:
    if not isinstance(columns, AnyMapping):
        yield "columns is missing: it says which column holds start, answer, end, outcome, line, number, id"
        return
    unknown = sorted(str(key) for key in columns.keys() - _FIELDS)
    if unknown:
        yield f"unknown columns: {', '.join(unknown)}; known are {', '.join(sorted(_FIELDS))}"
    if "start" not in columns:
        yield "columns.start is missing"
    yield from (
        f"columns.{name} is no column, list of columns or list of lists"
        for name in columns
        if not _is_place(columns[name])
    )


def _outcome_faults(outcomes: object) -> Iterator[str]:
    if not isinstance(outcomes, AnyMapping):
        yield "outcomes must be a table"
        return
    wrong = sorted(str(key) for key, value in outcomes.items() if value not in _OUTCOMES)
    if wrong:
        yield f"outcomes of {', '.join(wrong)} must be one of {', '.join(sorted(_OUTCOMES))}"


def _kind_faults(content: AnyMapping[Any, Any]) -> Iterator[str]:
    kinds: dict[str, type] = {
        "header": bool, "delimiter": str, "zone": str, "time_format": str, "over_midnight": bool, "line": str,
        "lines": dict,
    }  # fmt: skip
    yield from (
        f"{key} has the wrong kind"
        for key, kind in kinds.items()
        if key in content and not isinstance(content[key], kind)
    )
    yield from (
        f"{key} must be a list of words"
        for key in ("names", "empty", "durations")
        if not _is_words(content.get(key, []))
    )
    if isinstance(content.get("delimiter", ","), str) and len(content.get("delimiter", ",")) != 1:
        yield "delimiter must be one character"
    if not _is_zone(content.get("zone", "Asia/Shanghai")):
        yield "zone is no time zone such as Asia/Shanghai"
    if content.get("header") is False and not content.get("names"):
        yield "a file without a header needs names"


def _is_zone(name: object) -> bool:
    try:
        ZoneInfo(str(name))
    except (ValueError, OSError, KeyError):
        return False
    return True


def _is_words(value: object) -> bool:
    return isinstance(value, list) and len(value) <= _MOST_COLUMNS and all(isinstance(each, str) for each in value)


def _is_place(value: object) -> bool:
    if isinstance(value, str):
        return bool(value)
    if not isinstance(value, list) or not value:
        return False
    return _is_words(value) or all(_is_words(each) and each for each in value)


def _places(value: Any) -> tuple[Place, ...]:  # noqa: ANN401 - a column, a list, or a list of lists
    if isinstance(value, str):
        return ((value,),)
    if isinstance(value[0], str):
        return (tuple(value),)
    return tuple(tuple(each) for each in value)
