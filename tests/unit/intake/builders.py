"""Plain calls for tests of rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from casework.cases.types import Population, ServiceType
from casework.intake.types import (
    AgeBand,
    CallType,
    Category,
    Codes,
    Counted,
    ForWhom,
    Outcome,
    Repeat,
    Risk,
    RiskReason,
    Sex,
    Sign,
    Topic,
)

TODAY = date(2020, 4, 8)
PLACE, LINE = UUID(int=1), UUID(int=2)
COMPLETE = Codes(
    call_type=CallType.SELF,
    for_whom=ForWhom.SELF,
    sex=Sex.FEMALE,
    age_band=AgeBand.FROM_36,
    division="440100",
    population=(Population.NONE,),
    topics=(Topic.SLEEP,),
    risk=Risk.NONE,
    risk_level=0,
    outcome=Outcome.SUPPORTED,
)


def codes(**changes: Any) -> Codes:  # noqa: ANN401 - any field of Codes
    """Return a call that may be finished, changed."""
    return replace(COMPLETE, **changes)


def any_codes() -> st.SearchStrategy[Codes]:
    """Return every combination of answers, sensible or not."""
    return st.builds(
        Codes,
        call_type=st.sampled_from(CallType),
        brief=st.none(),
        for_whom=st.none() | st.sampled_from(ForWhom),
        sex=st.none() | st.sampled_from(Sex),
        age_band=st.none() | st.sampled_from(AgeBand),
        division=st.none() | st.sampled_from(["440100", "110000", "420113", "unknown"]),
        category=st.none() | st.sampled_from(Category),
        population=st.lists(st.sampled_from(Population), max_size=3, unique=True).map(tuple),
        topics=st.lists(st.sampled_from(Topic), max_size=3, unique=True).map(tuple),
        risk=st.none() | st.sampled_from(Risk),
        risk_reason=st.none() | st.sampled_from(RiskReason),
        risk_level=st.none() | st.integers(0, 4),
        distress_before=st.none() | st.integers(0, 10),
        distress_after=st.none() | st.integers(0, 10),
        hopelessness=st.none() | st.integers(0, 10),
        intention=st.none() | st.integers(0, 10),
        signs=st.lists(st.sampled_from(Sign), max_size=5, unique=True).map(tuple),
        services=st.lists(st.sampled_from(ServiceType), max_size=3, unique=True).map(tuple),
        outcome=st.none() | st.sampled_from(Outcome),
        followup_on=st.none() | st.dates(date(2020, 3, 1), date(2021, 6, 1)),
        consent=st.just(()),
    )


def any_call() -> st.SearchStrategy[Counted]:
    """Return finished calls of a few days, places and lines."""
    return st.builds(
        Counted,
        day=st.sampled_from([TODAY, date(2020, 4, 9)]),
        weekday_hour=st.sampled_from(["2-14", "3-23"]),
        subproject_id=st.sampled_from([PLACE, UUID(int=9)]),
        line_id=st.sampled_from([LINE, UUID(int=0)]),
        codes=any_codes(),
        repeat=st.sampled_from(Repeat).map(str),
        minutes=st.integers(0, 120),
    )
