"""Days of calls and case work in the daily counts, as the services would have counted them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from casework.cases.models import CaseDay
from casework.cases.types import Dimension as CaseDimension
from casework.core import clock, tally
from casework.core.db import write_transaction
from casework.intake.models import CallDay
from casework.intake.types import Dimension
from casework.programme import queries as programme
from casework.security.actor import Actor

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Flask

TYPES = {"self": 60, "third_party": 20, "information": 9, "silent": 6, "nuisance": 3, "agency": 2}
LEVELS = {"0": 70, "1": 15, "2": 8, "3": 2, "4": 1, "not_assessed": 4}
TOPICS = ("sleep", "family", "grief", "emotion", "hardship", "trauma")
SEXES = {"female": 60, "male": 34, "unknown": 6}
AGES = {"under_14": 2, "14_17": 8, "18_25": 22, "26_35": 26, "36_59": 30, "60_79": 10, "80_plus": 1, "unknown": 1}
OUTCOMES = {"supported": 70, "referred": 9, "follow_up": 12, "to_case": 8, "emergency": 1}
# Places have few of these in common, so that one value's gap cannot be made up for in another place.
CATEGORIES = {"YH": {"medical": 8, "recovered": 1}, "ZK": {"community": 8, "volunteer": 1}}
ELSEWHERE = {"hardship": 6, "public": 4, "bereaved_family": 1}
BRIEF = {"silent", "nuisance"}
MODES = {"online": 8, "offline": 2}


@dataclass
class History:
    """What happened, call by call: the recount that statistics must agree with."""

    calls: list[tuple[date, str, UUID, dict[str, str]]] = field(default_factory=list)
    sessions: list[tuple[date, str, str]] = field(default_factory=list)

    def count(self, code: str, month: str, dimension: str, value: str) -> int:
        """Return how many calls of a sub-project (all with an empty code) in a month had a value."""
        return sum(
            answers.get(dimension) == value
            for day, place, _, answers in self.calls
            if place.startswith(code) and day.isoformat().startswith(month)
        )

    def total(self, code: str, month: str) -> int:
        """Return how many calls there were."""
        return sum(place.startswith(code) and day.isoformat().startswith(month) for day, place, _, _ in self.calls)


def fill(history: History, *, seed: int, calls: int, sessions: int, days: int) -> None:
    """Add random days to the daily counts and to the history."""
    random = Random(seed)  # noqa: S311 - numbers of a test
    system = Actor.system()
    places = {each.code: each.id for each in programme.list_subprojects(system)}
    lines = {code: [line.id for line in programme.list_lines(system, place)] for code, place in places.items()}
    weights = range(len(places), 0, -1)
    for _ in range(calls):
        code = random.choices(list(places), weights)[0]
        day = clock.today() - timedelta(days=random.randrange(days))
        line = random.choice(lines[code]) if lines[code] else places[code]
        history.calls.append((day, code, line, _answers(random, day, code)))
    for _ in range(sessions):
        day = clock.today() - timedelta(days=random.randrange(days))
        history.sessions.append((day, random.choices(list(places), weights)[0], _one(random, MODES)))
    _store(history, places)


def _answers(random: Random, day: date, code: str) -> dict[str, str]:
    """Return the answers of one call; nothing is known of a person where nobody was spoken with."""
    found = {
        "total": "all",
        "call_type": _one(random, TYPES),
        "repeat": _one(random, {"first": 7, "repeat": 2, "unknown": 1}),
        "hour": f"{day.weekday()}-{random.randrange(24)}",
    }
    if found["call_type"] in BRIEF:
        return found
    return found | {
        "level": _one(random, LEVELS),
        "sex": _one(random, SEXES),
        "age_band": _one(random, AGES),
        "category": _one(random, CATEGORIES.get(code, ELSEWHERE)),
        "outcome": _one(random, OUTCOMES),
        "topic": random.choice(TOPICS),
    }


def _one(random: Random, weighted: dict[str, int]) -> str:
    return random.choices(list(weighted), list(weighted.values()))[0]


def _store(history: History, places: dict[str, UUID]) -> None:
    calls = Counter(
        (day, places[code], line, Dimension(name), value)
        for day, code, line, answers in history.calls
        for name, value in answers.items()
    )
    columns = ("day", "subproject_id", "line_id", "dimension", "value")
    tally.add(CallDay, [dict(zip(columns, key, strict=True)) | {"count": n} for key, n in calls.items()])
    cases = Counter(
        (day, places[code], dimension, value)
        for day, code, mode in history.sessions
        for dimension, value in ((CaseDimension.SESSION, "all"), (CaseDimension.MODE, mode))
    )
    fewer = ("day", "subproject_id", "dimension", "value")
    tally.add(CaseDay, [dict(zip(fewer, key, strict=True)) | {"count": n} for key, n in cases.items()])


@pytest.fixture
def history(app: Flask) -> History:
    """Give a history of four months that the application has counted."""
    found = History()
    with app.app_context(), write_transaction():
        fill(found, seed=7, calls=900, sessions=120, days=120)
    return found
