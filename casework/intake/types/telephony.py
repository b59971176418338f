"""Values of the telephone line itself: what a switchboard knows of a call, whether or not anybody logged it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

LONGEST_ID: Final = 150
LONGEST_LINE: Final = 100


class EventKind(StrEnum):
    """What a switchboard reports while a call goes on."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    ABANDONED = "abandoned"
    MISSED = "missed"


class Ending(StrEnum):
    """How a call ended that nobody answered, the weakest first: of two reports about one call the stronger holds.

    Blocked: busy, congested or failed before it could ring. Missed: it rang until the switchboard gave up.
    Abandoned: the caller hung up.
    """

    BLOCKED = "blocked"
    MISSED = "missed"
    ABANDONED = "abandoned"


class LineState(StrEnum):
    """What a finished call counts as. The four add up to the calls offered."""

    ANSWERED = "answered"
    LOST = "lost"
    SHORT = "short"
    BLOCKED = "blocked"


class LineDimension(StrEnum):
    """What is counted of calls on a day. ``WAIT`` is a histogram of whole seconds; ``TALK`` counts seconds."""

    STATE = "state"
    HOUR = "hour"
    WAIT = "wait"
    TALK = "talk"
    TALKED = "talked"


class CallBack(StrEnum):
    """Whether somebody who reached nobody is to be called back."""

    DUE = "due"
    REACHED = "reached"


class Trouble(StrEnum):
    """Why a line of a file of call records is not taken."""

    ANSWER_BEFORE_START = "answer_before_start"
    BADLY_QUOTED = "badly_quoted"
    CONTRADICTS_EARLIER = "contradicts_earlier"
    CONTROL_CHARACTER = "control_character"
    END_BEFORE_ANSWER = "end_before_answer"
    END_BEFORE_START = "end_before_start"
    FIELD_TOO_LONG = "field_too_long"
    IN_THE_FUTURE = "in_the_future"
    LINE_TOO_LONG = "line_too_long"
    LINE_UNKNOWN = "line_unknown"
    LINE_AMBIGUOUS = "line_ambiguous"
    LINE_MISSING = "line_missing"
    NEGATIVE_DURATION = "negative_duration"
    NO_ANSWER_TIME = "no_answer_time"
    NOT_A_DURATION = "not_a_duration"
    OUTCOME_UNKNOWN = "outcome_unknown"
    START_MISSING = "start_missing"
    TALK_LONGER_THAN_CALL = "talk_longer_than_call"
    TIME_IMPOSSIBLE = "time_impossible"
    TOO_LONG_A_CALL = "too_long_a_call"
    WRONG_COLUMNS = "wrong_columns"


TROUBLE_NAMES: Final = {
    Trouble.ANSWER_BEFORE_START: _l("接通时间早于开始时间"),
    Trouble.BADLY_QUOTED: _l("引号不配对，读不出这一行"),
    Trouble.CONTRADICTS_EARLIER: _l("通话编号已用于另一条线路或另一时间的来电"),
    Trouble.CONTROL_CHARACTER: _l("含有控制字符"),
    Trouble.END_BEFORE_ANSWER: _l("结束时间早于接通时间"),
    Trouble.END_BEFORE_START: _l("结束时间早于开始时间"),
    Trouble.FIELD_TOO_LONG: _l("某一格过长，或引号没有闭合"),
    Trouble.IN_THE_FUTURE: _l("时间在将来"),
    Trouble.LINE_TOO_LONG: _l("这一行过长"),
    Trouble.LINE_UNKNOWN: _l("系统里没有这条线路"),
    Trouble.LINE_AMBIGUOUS: _l("有不止一条线路用这个号码或名称"),
    Trouble.LINE_MISSING: _l("没有写明线路"),
    Trouble.NEGATIVE_DURATION: _l("时长为负数"),
    Trouble.NO_ANSWER_TIME: _l("写明已接通，却没有接通时间"),
    Trouble.NOT_A_DURATION: _l("时长不是秒数"),
    Trouble.OUTCOME_UNKNOWN: _l("不认识的通话结果"),
    Trouble.START_MISSING: _l("没有开始时间"),
    Trouble.TALK_LONGER_THAN_CALL: _l("通话时长超过总时长"),
    Trouble.TIME_IMPOSSIBLE: _l("没有这样的日期或时间"),
    Trouble.TOO_LONG_A_CALL: _l("一通来电超过 24 小时"),
    Trouble.WRONG_COLUMNS: _l("列数与其他行不同"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFacts:
    """When a call reached the line, was answered and ended, as far as it is known; ``ending`` when nobody answered."""

    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRecord:
    """One call as a file or a switchboard describes it. ``record_id`` is empty where there is none.

    ``line`` is a number, a name or an id; the number of the caller is never stored, logged or printed in clear.
    """

    facts: LegFacts
    line: str
    record_id: str = field(default="", repr=False)
    number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEvent:
    """One report of a switchboard. ``started_at`` helps where the report of the ringing got lost."""

    event_id: str
    call: str = field(repr=False)
    kind: EventKind
    at: datetime
    line: str
    number: str = field(default="", repr=False)
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCounted:
    """All that the daily counts need to know of a call. ``talk`` is None while it is not known."""

    day: date
    weekday_hour: str
    subproject_id: UUID
    line_id: UUID
    state: LineState
    wait: int
    talk: int | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line of a file that is not taken: where it begins, why, and in which column."""

    line: int
    trouble: Trouble
    column: str = ""


@dataclass(frozen=True, slots=True)
class LineMonth:
    """How many in one month, in one sub-project, on one line, of one value of one dimension."""

    month: str
    subproject_id: UUID
    line_id: UUID
    dimension: str
    value: str
    count: int
