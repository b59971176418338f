"""Calls that were written down on paper before there was this system: what a line of such a list says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from datetime import date, time

    from flask_babel import LazyString

    from casework.intake.types.records import Codes, Words

MOST_ROWS: Final = 5000
MOST_CALLS: Final = 10_000
# A line that is older than any line of ours, or of tomorrow, is a slip of the pen.
EARLIEST_YEAR: Final = 2000


class BatchState(StrEnum):
    """A list is looked through before it counts, and can be taken back as a whole."""

    CHECKED = "checked"
    IMPORTED = "imported"
    WITHDRAWN = "withdrawn"


class Approximate(StrEnum):
    """How a number on paper says that it is not exact (R-STAT3). The mark is kept as it was written."""

    ABOUT = "about"
    OVER = "over"
    NEARLY = "nearly"
    MANY = "many"


class PaperKind(StrEnum):
    """How calls from paper are told apart in statistics: recorded one by one, counted, or counted approximately."""

    SINGLE = "single"
    COUNTED = "counted"
    APPROXIMATE = "approximate"


class Flaw(StrEnum):
    """Why a line of a list cannot be taken over."""

    MISSING = "missing"
    NO_DATE = "no_date"
    FUTURE = "future"
    TOO_OLD = "too_old"
    NO_TIME = "no_time"
    UNKNOWN_LINE = "unknown_line"
    LINE_CLOSED = "line_closed"
    NOT_AUTHORISED = "not_authorised"
    UNKNOWN_VALUE = "unknown_value"
    NO_NUMBER = "no_number"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    CONTRADICTION = "contradiction"
    NOT_A_PHONE = "not_a_phone"
    WORDS_OF_MANY = "words_of_many"
    ID_NUMBER = "id_number"


class Column(StrEnum):
    """The columns of a list, by the name that a file may give them in English."""

    DAY = "date"
    TIME = "time"
    LINE = "line"
    COUNT = "count"
    CALL_TYPE = "call_type"
    SEX = "sex"
    AGE_BAND = "age_band"
    DIVISION = "division"
    POPULATION = "population"
    TOPICS = "topics"
    RISK = "risk"
    OUTCOME = "outcome"
    MINUTES = "minutes"
    CALLER_NAME = "caller_name"
    CALLER_PHONE = "caller_phone"
    SUMMARY = "summary"


# How the columns are headed. Files are read with the titles of either language, or with the names above.
COLUMN_TITLES: Final[dict[Column, LazyString]] = {
    Column.DAY: _l("日期"),
    Column.TIME: _l("时间"),
    Column.LINE: _l("热线"),
    Column.COUNT: _l("数量"),
    Column.CALL_TYPE: _l("来电类型"),
    Column.SEX: _l("性别"),
    Column.AGE_BAND: _l("年龄段"),
    Column.DIVISION: _l("地区"),
    Column.POPULATION: _l("重点人群"),
    Column.TOPICS: _l("主要问题"),
    Column.RISK: _l("自杀自伤风险"),
    Column.OUTCOME: _l("处理结果"),
    Column.MINUTES: _l("时长（分钟）"),
    Column.CALLER_NAME: _l("称呼"),
    Column.CALLER_PHONE: _l("来电号码"),
    Column.SUMMARY: _l("通话摘要"),
}
REQUIRED: Final = (Column.DAY, Column.CALL_TYPE)
APPROXIMATE_NAMES: Final[dict[Approximate, LazyString]] = {
    Approximate.ABOUT: _l("约"),
    Approximate.OVER: _l("余"),
    Approximate.NEARLY: _l("近"),
    Approximate.MANY: _l("多"),
}
PAPER_KIND_NAMES: Final[dict[PaperKind, LazyString]] = {
    PaperKind.SINGLE: _l("逐条转录"),
    PaperKind.COUNTED: _l("汇总数"),
    PaperKind.APPROXIMATE: _l("约数（余、近、约、多）"),
}
FLAW_NAMES: Final[dict[Flaw, LazyString]] = {
    Flaw.MISSING: _l("没有填写"),
    Flaw.NO_DATE: _l("不是日期，请写成 2020-01-27"),
    Flaw.FUTURE: _l("晚于今天"),
    Flaw.TOO_OLD: _l("早于 2000 年"),
    Flaw.NO_TIME: _l("不是时间，请写成 14:05"),
    Flaw.UNKNOWN_LINE: _l("本子项目没有这条热线"),
    Flaw.LINE_CLOSED: _l("这条热线当天没有开通"),
    Flaw.NOT_AUTHORISED: _l("早于本子项目的批准日期（R20）"),
    Flaw.UNKNOWN_VALUE: _l("不在可选的答案里"),
    Flaw.NO_NUMBER: _l("不是数量，请写成 30、约30 或 30余"),
    Flaw.TOO_LARGE: _l("数量太大"),
    Flaw.TOO_LONG: _l("文字太长"),
    Flaw.TOO_MANY: _l("最多三项"),
    Flaw.CONTRADICTION: _l("与本行其他答案矛盾"),
    Flaw.NOT_A_PHONE: _l("不是完整的号码"),
    Flaw.WORDS_OF_MANY: _l("一行代表多通来电时，不能填写称呼、号码和摘要"),
    Flaw.ID_NUMBER: _l("含有身份证号码，请先删去"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong in one line: where it stands in the file, in which column, and why. Never what was written."""

    row: int
    column: Column
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class PaperList:
    """A whole list as it was read: its calls, everything that is wrong, and columns that nobody knows."""

    calls: tuple[PaperCall, ...]
    found: tuple[Found, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCall:
    """One line of a list: one call, or several of the same kind that were only counted.

    ``at`` is None where the paper gives no time of day, ``minutes`` where it gives no length: neither is then counted.
    ``line`` is the name of the hotline, empty where the sub-project has one only.
    """

    row: int
    day: date
    at: time | None
    minutes: int | None
    line: str
    count: int
    approximate: Approximate | None
    codes: Codes
    words: Words = field(repr=False)

    @property
    def is_single(self) -> bool:
        """Return whether the line is a record of one call and not a number of them."""
        return self.count == 1 and self.approximate is None
