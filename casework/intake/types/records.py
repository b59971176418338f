"""What a call says, as one value: codes that statistics may count, and words that only keys open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from datetime import date, datetime

    from casework.cases.types import ServiceType
    from casework.intake.types.codes import (
        AgeBand,
        Brief,
        CallType,
        Dimension,
        Outcome,
        Risk,
        Sex,
    )
    from casework.intake.types.danger import Sign

LONGEST_SUMMARY: Final = 20_000
LONGEST_NAME: Final = 60
LONGEST_NUMBER: Final = 40
MOST_TOPICS: Final = 3
DISTRESS: Final = range(11)
LEVELS: Final = range(5)
LONGEST_PLAN: Final = 1_000
# Of the words beside the form. A call keeps the version that its author had before them.
SCRIPT_VERSION: Final = 1
# The steps of the safety plan of Stanley and Brown, as fields of the call screen.
PLAN_STEPS: Final = ("plan_signs", "plan_coping", "plan_distraction", "plan_people", "plan_help", "plan_means")
NO_LINE: Final = UUID(int=0)
# Fields of the call screen that hold several answers.
SEVERAL: Final = frozenset({"population", "topics", "services", "consent", "signs", "told"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The answers of a call that are codes, numbers and days. None or empty: not asked, or not asked for.

    Where the administrator may add codes, an answer is a plain string.
    """

    call_type: CallType
    brief: Brief | None = None
    for_whom: str | None = None
    sex: Sex | None = None
    age_band: AgeBand | None = None
    division: str | None = None
    category: str | None = None
    population: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    risk: Risk | None = None
    risk_reason: str | None = None
    risk_level: int | None = None
    distress_before: int | None = None
    distress_after: int | None = None
    hopelessness: int | None = None
    intention: int | None = None
    signs: tuple[Sign, ...] = ()
    services: tuple[ServiceType, ...] = ()
    outcome: Outcome | None = None
    followup_on: date | None = None
    consent: tuple[str, ...] = ()
    # Ids of the resources that the person was told of.
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The parts of a call that are sealed. Never stored, logged or printed in clear."""

    caller_name: str = field(default="", repr=False)
    caller_phone: str = field(default="", repr=False)
    # Of the person in need, where somebody else calls for them.
    person_name: str = field(default="", repr=False)
    person_phone: str = field(default="", repr=False)
    summary: str = field(default="", repr=False)
    # The safety plan by step; a step that was not needed is left out.
    plan: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """All that the daily counts need to know of a finished call. ``weekday_hour`` such as ``3-14``, Monday is 0.

    Time of day and length are None where paper did not give them. ``paper``: how it was written down there, if it was.
    """

    day: date
    weekday_hour: str | None
    subproject_id: UUID
    line_id: UUID
    codes: Codes
    repeat: str
    minutes: int | None
    paper: str | None = None


@dataclass(frozen=True, slots=True)
class Contacts:
    """How often and when a number has called before: all that a call-taker learns of earlier calls."""

    count: int
    last_at: datetime | None
    recent: int = 0
    # The moments of the last 90 days, newest first, with the id of each call that the reader may open.
    calls: tuple[tuple[datetime, UUID | None], ...] = ()


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many on one day, in one sub-project, on one line, of one value of one dimension."""

    day: date
    subproject_id: UUID
    line_id: UUID
    dimension: Dimension
    value: str
    count: int
