"""What happened in the demonstration: a pure, seeded plan of calls over ten months, shaped like a real line.

Hours peak in the late morning and between 18 and 22 o'clock, Sundays are quieter, isolation and fear fade while grief,
work and exhaustion grow: the course the bulletin of 2020 describes. All persons are invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from casework.cli.demo import persons, texts
from casework.cli.demo.persons import pick
from casework.core import clock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from casework.cli.demo.persons import Caller

DAYS: Final = 304
HOURS: Final = (6, 4, 3, 2, 2, 3, 5, 9, 16, 24, 28, 24, 16, 17, 22, 26, 24, 22, 26, 34, 36, 34, 26, 14)
WEEKDAYS: Final = (1.08, 1.05, 1.02, 1.0, 1.0, 0.95, 0.85)
SHARES: Final = {"GZ": 26, "SZ": 16, "BJ": 13, "BD": 9, "YH": 12, "ZK": 8, "BC": 16}
# Weight at the beginning and at the end of the ten months.
TOPICS: Final[dict[str, tuple[float, float]]] = {
    "epidemic_anxiety": (26, 6), "isolation": (16, 4), "grief": (6, 7), "sleep": (8, 9), "trauma": (3, 5),
    "emotion": (12, 16), "family": (8, 10), "marriage": (3, 6), "domestic_violence": (2, 2.5), "children": (6, 8),
    "study": (3, 7), "work_stress": (6, 10), "hardship": (7, 6), "employment": (3, 8), "discrimination": (3, 2),
    "illness": (4, 4), "other": (3, 3),
}  # fmt: skip
# Which topics a sub-project hears more of.
LEANINGS: Final[dict[str, dict[str, float]]] = {
    "YH": {"work_stress": 5, "sleep": 2, "trauma": 3, "grief": 1.5},
    "ZK": {"work_stress": 5, "family": 1.5, "epidemic_anxiety": 1.3},
    "SZ": {"marriage": 2.5, "domestic_violence": 4, "children": 2.5},
    "BD": {"hardship": 3, "illness": 2, "children": 1.5},
    "BJ": {"hardship": 2, "illness": 2},
}
RISKS: Final = (
    ("none", 800), ("ideation", 110), ("plan", 22), ("plan_week", 9), ("plan_72h", 5), ("attempt", 2),
    ("not_assessed", 30),
)  # fmt: skip
KINDS: Final = (
    ("self", 58), ("third_party", 13), ("information", 10), ("silent", 11), ("nuisance", 6), ("agency", 2),
)  # fmt: skip
REPEATERS: Final = 0.22
# How many calls are of the last hours.
FRESH: Final = 60
# Many callers withhold their number or never give it.
WITHHELD: Final = 0.4
# How many calls of the last hours a sub-project has at least, where it had so many calls at all.
LEAST_FRESH: Final = 5
URGENT: Final = (("plan_72h", 5), ("plan_week", 9))


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call to be logged. ``distress`` is before and after; ``whom`` is how the caller stands to the person."""

    at: datetime
    minutes: int
    caller: Caller
    kind: str
    topics: tuple[str, ...]
    risk: str
    distress: tuple[int, int] | None
    outcome: str
    whom: str
    summary: str = field(repr=False)


def plan_calls(random: Random, count: int, end: datetime) -> list[PlannedCall]:
    """Return ``count`` calls in order of time over the ten months before ``end``; the last ones are minutes old."""
    moments = sorted(_moment(random, end) for _ in range(count))
    known: dict[str, list[Caller]] = {code: [] for code in SHARES}
    planned = [_call(random, moment, end, known) for moment in moments]
    return _with_fresh_tail(random, planned, end)


def _moment(random: Random, end: datetime) -> datetime:
    while True:
        day = clock.local(end - timedelta(days=random.uniform(0, DAYS)))
        hour = random.choices(range(24), HOURS)[0]
        moment = day.replace(hour=hour, minute=random.randrange(60), second=random.randrange(60))
        if moment < end and random.random() < WEEKDAYS[moment.weekday()] / max(WEEKDAYS):
            return moment


def _call(random: Random, moment: datetime, end: datetime, known: Mapping[str, list[Caller]]) -> PlannedCall:
    code = pick(random, tuple(SHARES.items()))
    kind = pick(random, KINDS)
    risk = pick(random, RISKS) if kind in {"self", "third_party"} else "not_assessed"
    return _about(random, moment, end, caller=_caller(random, code, known[code]), kind=kind, risk=risk)


def _about(
    random: Random, moment: datetime, end: datetime, *, caller: Caller, kind: str, risk: str, outcome: str = ""
) -> PlannedCall:
    """Return a call about somebody: what is asked and said follows from who they are and how the line was called."""
    progress = 1 - (end - moment) / timedelta(days=DAYS)
    topics = _topics(random, caller, progress, kind)
    whom = persons.for_whom(random, kind, caller, topics)
    if kind == "third_party":
        # The name is that of whoever calls, a grown person.
        name = persons.name_of(random, pick(random, persons.SEXES), random.choice((persons.GROWN, persons.MIDDLE)))
        caller = replace(caller, name=name)
    call = PlannedCall(
        at=moment,
        minutes=max(3, int(random.lognormvariate(3.1, 0.5))),
        caller=caller,
        kind=kind,
        topics=topics,
        risk=risk,
        distress=_distress(random, kind, risk),
        outcome=outcome or _outcome(random, kind, risk),
        whom=whom,
        summary="",
    )
    return _told(random, call)


def _told(random: Random, call: PlannedCall) -> PlannedCall:
    """Return the call with what its taker noted about it."""
    facts = {"kind": call.kind, "risk": call.risk, "outcome": call.outcome, "whom": call.whom}
    return replace(call, summary=texts.summary(random, call.caller, topics=call.topics, **facts))


def _caller(random: Random, code: str, known: list[Caller]) -> Caller:
    if known and random.random() < REPEATERS:
        return random.choice(known[-60:])
    phone = "" if random.random() < WITHHELD else persons.phone_of(random)
    caller = persons.new_caller(random, code, phone=phone)
    if phone:
        known.append(caller)
    return caller


def _topics(random: Random, caller: Caller, progress: float, kind: str) -> tuple[str, ...]:
    if kind in {"silent", "nuisance"}:
        return ()
    if kind == "information":
        return ("information",)
    leaning = LEANINGS.get(caller.subproject, {})
    weighted = [
        (name, (start + (stop - start) * progress) * leaning.get(name, 1))
        for name, (start, stop) in TOPICS.items()
        if persons.may_speak_of(name, caller)
    ]
    wanted = random.choices((1, 2, 3), (62, 30, 8))[0]
    return tuple(dict.fromkeys(pick(random, weighted) for _ in range(wanted)))


def _distress(random: Random, kind: str, risk: str) -> tuple[int, int] | None:
    if kind not in {"self", "third_party"} or random.random() < 0.25:  # noqa: PLR2004 - a quarter is not asked
        return None
    before = min(10, max(2, round(random.gauss(6.4 + (1.5 if risk.startswith("plan") else 0), 1.5))))
    return before, max(0, before - random.choices((0, 1, 2, 3, 4), (14, 24, 32, 22, 8))[0])


def _outcome(random: Random, kind: str, risk: str) -> str:
    if kind in {"silent", "nuisance", "information"}:
        return "supported"
    if risk == "attempt":
        return "emergency"
    if risk in {"plan_72h", "plan_week"}:
        return pick(random, (("to_case", 7), ("emergency", 3)))
    return pick(random, (("supported", 82), ("referred", 9), ("follow_up", 6), ("to_case", 3)))


def _with_fresh_tail(random: Random, planned: list[PlannedCall], end: datetime) -> list[PlannedCall]:
    """Bring some calls to within the last hours, so that the desk and the board of every sub-project are alive.

    Each board has somebody at high risk, somebody who called before, and others; the most urgent came in last.
    """
    urgent, again, rest, kept = [], [], [], []
    for code in SHARES:
        mine = [call for call in planned if call.caller.subproject == code]
        wanted = max(LEAST_FRESH, FRESH * SHARES[code] // sum(SHARES.values()))
        chosen = set(random.sample(range(len(mine)), min(wanted, len(mine) // 2)))
        fresh = [mine[index] for index in sorted(chosen)]
        older = [call for index, call in enumerate(mine) if index not in chosen]
        kept += older
        urgent += [_asking(random, call.caller, end, pick(random, URGENT)) for call in fresh[:1]]
        again += [_asking(random, _known(random, call, older), end, "none") for call in fresh[1:2]]
        rest += [_asking(random, call.caller, end, "ideation") for call in fresh[2:3]]
        # Half of the others who asked for help wait for a decision.
        rest += [_waiting(random, call) if back % 2 else call for back, call in enumerate(fresh[3:])]
    random.shuffle(rest)
    moved = [
        replace(call, at=end - timedelta(minutes=9 + 12 * back + random.randrange(9)), minutes=min(call.minutes, 8))
        for back, call in enumerate([*urgent, *again, *rest])
    ]
    return sorted([*kept, *moved], key=lambda call: call.at)


def _asking(random: Random, caller: Caller, end: datetime, risk: str) -> PlannedCall:
    return _about(random, end, end, caller=caller, kind="self", risk=risk, outcome="to_case")


def _known(random: Random, call: PlannedCall, older: list[PlannedCall]) -> Caller:
    """Return somebody who called before, as far as anybody did who gave a number."""
    before = [each.caller for each in older if each.caller.phone and each.kind == "self"]
    return random.choice(before[-20:]) if before else call.caller


def _waiting(random: Random, call: PlannedCall) -> PlannedCall:
    return _told(random, replace(call, outcome="to_case")) if call.kind == "self" else call
