"""Carry out the plan of the demonstration through the same services as everybody's work, at the time it happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from casework.cases import queries as case_queries
from casework.cases import service as cases
from casework.cases.rules import is_high_risk
from casework.cases.types import Channel, ClosingReason, NoteFields, NoteKind, Population, ServiceType, Stage
from casework.cli.demo import accounts, line
from casework.cli.demo.batches import BATCH, batch
from casework.cli.demo.persons import pick
from casework.cli.demo.sessions import Notebook
from casework.clients import queries as clients
from casework.clients.rules import normalise
from casework.core import clock
from casework.core.db import write_transaction
from casework.intake import queries as intake_queries
from casework.intake import service as intake
from casework.intake.rules import danger_level, required_steps, suggested_level
from casework.intake.service.drafts import DraftKey
from casework.intake.types import (
    TOPIC_NAMES,
    AgeBand,
    CallType,
    Category,
    Codes,
    ForWhom,
    Outcome,
    Risk,
    RiskReason,
    SettleReason,
    Sex,
    Topic,
    TriageState,
    Words,
)
from casework.programme import queries as programme
from casework.programme import service as programme_service
from casework.security.actor import Actor
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from casework.cases.models import Case
    from casework.cli.demo.accounts import Person
    from casework.cli.demo.plan import PlannedCall
    from casework.intake.models import Call
    from casework.programme.models import Subproject

# Younger than this and still waiting: what a visitor of the demonstration finds on the board.
LEFT_WAITING: Final = timedelta(hours=13)
ANSWERED_AFTER: Final = timedelta(seconds=50)
AGES: Final = tuple(AgeBand)[:-1]
SERVICES: Final = (
    (ServiceType.EMOTIONAL_SUPPORT, 40), (ServiceType.PSYCHOLOGICAL_SUPPORT, 22),
    (ServiceType.EMOTIONAL_COUNSELING, 14), (ServiceType.POLICY_ADVICE, 8), (ServiceType.FAMILY_SUPPORT, 7),
    (ServiceType.EPIDEMIC_INFORMATION, 5), (ServiceType.HARDSHIP_RELIEF, 4),
)  # fmt: skip
DIVISIONS: Final = {"BC": ("330100", "410100", "510100", "610100", "370100", "430100", "350100")}
# More sessions than ten months have weeks to hold.
LONG: Final = 100
STEPS: Final = (Stage.ASSESSING, Stage.PLANNED, Stage.INTERVENING, Stage.EVALUATING)


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works in one sub-project, each with an open key, and the lines they sit at."""

    code: str
    division: str
    volunteers: tuple[Actor, ...]
    counselors: tuple[Actor, ...]
    supervisor: Actor
    lines: tuple[UUID, ...]


def everybody() -> tuple[Person, ...]:
    """Return all staff of the demonstration who belong to a sub-project."""
    codes = [place.code for place in programme.list_subprojects(Actor.system())]
    return tuple(person for person in (*accounts.NAMED, *accounts.colleagues(codes)) if person.place)


def crews(staff: Iterable[Person], office: Actor, *, opened_on: date) -> dict[str, Crew]:
    """Return the crews by code of their sub-project; a sub-project without a line gets one for the demonstration.

    Opening somebody's key ends the open transaction, so all keys are opened before anything is written.
    """
    people = [(person, accounts.signed_in(person)) for person in staff]
    with write_transaction():
        return {
            place.code: Crew(
                code=place.code,
                division=f"{(place.division or '000000')[:4]}00",
                volunteers=_of(people, Role.VOLUNTEER, place.code),
                counselors=_of(people, Role.COUNSELOR, place.code),
                supervisor=_of(people, Role.SUPERVISOR, place.code)[0],
                lines=_lines(place, office, opened_on),
            )
            for place in programme.list_subprojects(Actor.system())
        }


def _of(people: list[tuple[Person, Actor]], role: Role, code: str) -> tuple[Actor, ...]:
    return tuple(actor for person, actor in people if person.role is role and person.place == code)


def _lines(place: Subproject, office: Actor, opened_on: date) -> tuple[UUID, ...]:
    lines = programme.list_lines(Actor.system(), place.id)
    if not lines:
        name = f"暖心守护热线（{place.region}）"
        lines = (programme_service.open_line(place.id, name, opened_on=opened_on, actor=office),)
    return tuple(line.id for line in lines)


def stretch_ahead(planned: list[PlannedCall]) -> None:
    """Begin to stretch the numbers of the plan: that takes longer than the rest of a call and goes on beside it."""
    numbers = (normalise(phone) for phone in dict.fromkeys(call.caller.phone for call in planned) if phone)
    clients.look_ahead([number.canonical for number in numbers if number is not None])


def write(planned: list[PlannedCall], random: Random, end: datetime, by_place: dict[str, Crew]) -> Counter[str]:
    """Log the planned calls and work the cases that follow from them; return how many there are of what."""
    counts: Counter[str] = Counter()
    waiting: list[tuple[Call, PlannedCall]] = []
    switchboard = line.Switchboard.of(random)
    for start in range(0, len(planned), BATCH):
        with batch():
            for call in planned[start : start + BATCH]:
                logged = _log(random, call, by_place[call.caller.subproject])
                counts["calls"] += 1
                switchboard.see(call, logged.line_id)
                if logged.triage_state == TriageState.WAITING and end - call.at > LEFT_WAITING:
                    waiting.append((logged, call))
            counts["calls on the line"] += switchboard.write()
    for start in range(0, len(waiting), BATCH // 4):
        with batch():
            for logged, call in waiting[start : start + BATCH // 4]:
                history = Course(random, end, by_place[call.caller.subproject], counts)
                _triage(history, logged, call)
    return counts


def _log(random: Random, call: PlannedCall, crew: Crew) -> Call:
    volunteer = random.choice(crew.volunteers)
    volunteer.opened.clear()
    ended = call.at + timedelta(minutes=call.minutes)
    key, codes = DraftKey(uuid4(), rev=0, writer=uuid4()), _codes(random, call, crew, ended)
    line = random.choice(crew.lines)
    with clock.frozen(call.at + (ended - call.at) / 2):
        key = _take_steps(key, codes, volunteer, line, call.at)
    with clock.frozen(ended):
        logged = intake.finish(
            key,
            codes,
            Words(caller_name=call.caller.name, caller_phone=call.caller.phone, summary=call.summary),
            actor=volunteer,
            line_id=line,
            started_at=call.at,
        )
    danger = is_high_risk(danger_level(codes.risk, codes.risk_level))
    alert = intake_queries.latest_alert(logged.id) if danger else None
    if alert is not None:
        with clock.frozen(ended + ANSWERED_AFTER):
            intake.acknowledge(alert, actor=crew.supervisor)
    return logged


def _take_steps(key: DraftKey, codes: Codes, volunteer: Actor, line: UUID, begun: datetime) -> DraftKey:
    """Do what high risk asks for, on the draft of the call, and return the key to go on with."""
    level = danger_level(codes.risk, codes.risk_level)
    if not is_high_risk(level):
        return key
    held = intake.begin_draft(key, actor=volunteer, line_id=line, started_at=begun)
    for code in required_steps(level):
        intake.record_step(held, code, actor=volunteer, done=True)
    return replace(key, rev=held.rev)


def _codes(random: Random, call: PlannedCall, crew: Crew, ended: datetime) -> Codes:
    kind = CallType(call.kind)
    before, after = call.distress or (None, None)
    outcome = Outcome(call.outcome)
    return Codes(
        call_type=kind,
        for_whom=ForWhom(call.whom) if call.whom else None,
        sex=Sex(call.caller.sex),
        age_band=AGES[call.caller.age],
        division=random.choice(DIVISIONS.get(crew.code, (crew.division,))),
        category=Category(call.caller.category),
        population=tuple(Population(each) for each in call.caller.groups),
        topics=call.topics or ("other",),
        risk=Risk(call.risk),
        risk_reason=RiskReason.ENDED_EARLY if call.risk == "not_assessed" else None,
        distress_before=before if before is not None or not call.risk.startswith(("plan", "attempt")) else 8,
        distress_after=after,
        hopelessness=before or 8 if call.risk.startswith(("plan", "attempt")) else None,
        risk_level=suggested_level(Risk(call.risk)),
        services=tuple(dict.fromkeys(ServiceType(pick(random, SERVICES)) for _ in range(random.choice((1, 1, 2))))),
        outcome=outcome,
        followup_on=clock.local_day(ended) + timedelta(days=7) if outcome is Outcome.FOLLOW_UP else None,
    )


@dataclass(frozen=True, slots=True)
class Course:
    """What is needed to go on with a call: chance, the end of the story, who works there, and what is counted."""

    random: Random
    end: datetime
    crew: Crew
    counts: Counter[str]


def _triage(course: Course, call: Call, planned: PlannedCall) -> None:
    random, supervisor = course.random, course.crew.supervisor
    moment = planned.at + timedelta(minutes=planned.minutes + random.randrange(12, 240))
    supervisor.opened.clear()
    with clock.frozen(moment):
        held = intake_queries.hold_call(call.id)
        if held is None or held.triage_state != TriageState.WAITING:
            return
        if held.outcome == Outcome.FOLLOW_UP or random.random() < 0.12:  # noqa: PLR2004 - a few need no case
            intake.settle(held, SettleReason.SUPPORTED, actor=supervisor)
            course.counts["settled without a case"] += 1
            return
        counselors = course.crew.counselors
        counselor = random.choices(counselors, range(len(counselors), 0, -1))[0]
        case = intake.assign(held, counselor.account_id, actor=supervisor)
        is_new = case.opened_at == moment
    if is_new:
        course.counts["cases"] += 1
        counselor.opened.clear()
        _work(course, case_queries.get_case(counselor, case.number), planned, moment, counselor)


def _work(course: Course, case: Case, planned: PlannedCall, moment: datetime, counselor: Actor) -> None:
    """Write the course of a case: a session about weekly, the stages on the way, a measure first and last.

    One case in sixteen goes on until today, seen every other week, so that nobody who is open was left alone.
    """
    random = course.random
    notebook = Notebook(random, _topic_name(planned), planned.caller)
    distress = random.randrange(6, 10)
    is_lasting = random.random() < 0.06  # noqa: PLR2004 - one in sixteen
    sessions = LONG if is_lasting else random.choices(range(1, 8), (14, 18, 18, 16, 12, 8, 4))[0]
    steps = list(STEPS)
    for index in range(sessions):
        days = random.randrange(2, 5) if is_high_risk(case.risk_level) else random.randrange(2, 10)
        moment = _in_office_hours(random, moment + timedelta(days=days + (10 if is_lasting and index > 2 else 0)))  # noqa: PLR2004 - after the first weeks
        if moment >= course.end:
            return
        with clock.frozen(moment):
            if index == 0:
                _measure(course, case, distress, counselor)
            channel, text = notebook.write()
            cases.write_note(case, text, _session(random, moment, channel), actor=counselor)
            course.counts["notes"] += 1
            if len(steps) > is_lasting and random.random() < 0.8:  # noqa: PLR2004 - most sessions move the case on
                cases.move_stage(case, steps.pop(0), actor=counselor)
    _end(course, case, moment, counselor, max(0, distress - random.randrange(6)))


def _topic_name(planned: PlannedCall) -> str:
    spoken_of = [topic for topic in planned.topics if topic not in {Topic.INFORMATION, Topic.OTHER}]
    return str(TOPIC_NAMES[Topic(spoken_of[0])]) if spoken_of else "近况"


def _in_office_hours(random: Random, moment: datetime) -> datetime:
    return clock.local(moment).replace(
        hour=random.choice((10, 11, 14, 15, 16, 17, 19, 20)), minute=random.randrange(60)
    )


def _session(random: Random, moment: datetime, channel: str) -> NoteFields:
    return NoteFields(
        kind=NoteKind.SESSION,
        occurred_at=moment - timedelta(minutes=55),
        channel=Channel(channel),
        services=(ServiceType(pick(random, SERVICES)),),
        minutes=random.choice((30, 40, 50, 50, 60)),
    )


def _measure(course: Course, case: Case, distress: int, counselor: Actor) -> None:
    cases.record_measure(case, "distress", {"now": distress}, actor=counselor)
    course.counts["measures"] += 1


def _end(course: Course, case: Case, moment: datetime, counselor: Actor, distress: int) -> None:
    moment = _in_office_hours(course.random, moment + timedelta(days=course.random.randrange(3, 15)))
    if moment >= course.end:
        return
    case = case_queries.get_case(counselor, case.number)
    reason = course.random.choice((ClosingReason.CLIENT_WISH, ClosingReason.OUT_OF_CONTACT))
    with clock.frozen(moment):
        if case.stage == Stage.EVALUATING:
            _measure(course, case, distress, counselor)
            reason = ClosingReason.GOAL_MET
        cases.close_case(case, reason, actor=counselor)
    course.counts["cases closed"] += 1
