"""What follows the calls of the demonstration: call-backs made, tried and left due, a handover, a disclosure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from casework.cases import queries as cases
from casework.cases.types import Population
from casework.cli.demo import persons, texts
from casework.cli.demo.batches import BATCH, batch
from casework.core import clock
from casework.core.db import session, write_transaction
from casework.intake import queries as intake_queries
from casework.intake import service as intake
from casework.intake.models import Followup
from casework.intake.service.drafts import DraftKey
from casework.intake.types import (
    MOST_TRIES,
    PENDING,
    AgeBand,
    Answers,
    CallType,
    Codes,
    Consulted,
    Disclosed,
    Ground,
    NotTold,
    Outcome,
    Receiver,
    Risk,
    Sex,
    Told,
    Topic,
    Words,
)
from casework.security.actor import Actor

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping
    from datetime import datetime
    from random import Random

    from casework.cli.demo.history import Crew
    from casework.intake.models import Call

# Older than this and still to be made: somebody was called, or was not reached.
LEFT_DUE: Final = timedelta(days=3)
# How many days ago somebody called whom the named volunteer promised a call for today or before, and which day that is.
PROMISED: Final = ((9, -2), (7, 0), (1, 0))
# What may be said to have eased, whoever the person is.
CONCERNS: Final = ("入睡困难", "白天心慌", "一个人时的难过", "对家人的担心")
SUMMARY: Final = "回访：{concern}的情况有所缓解，{response}。本人表示愿意继续按约定的办法做。"
NOTE: Final = "下午线路较忙。两位来电者约在今晚回访，号码和时间已登记在回访里；资源表里社区站的开放时间有更新。"
FACTS: Final = "来电者说已经吞下药片，说话逐渐含糊，报出所在小区后无人应答。"
ARRIVED: Final = "120 已到场，家属陪同送医。"


def write(random: Random, end: datetime, crews: Mapping[str, Crew], counts: Counter[str]) -> None:
    """Make the follow-ups that were due, and give the named accounts something to do today."""
    by_place = {crew.supervisor.subproject_id: crew for crew in crews.values()}
    due = _due(end - LEFT_DUE)
    for start in range(0, len(due), BATCH):
        with batch():
            for followup_id in due[start : start + BATCH]:
                counts["follow-ups"] += _settle(random, followup_id, by_place, end)
    with write_transaction():
        _today(random, end, crews["GZ"], counts)


def _due(before: datetime) -> list[UUID]:
    found = sa.select(Followup.id).where(Followup.state.in_(sorted(PENDING)), Followup.due_at < before)
    return list(session().scalars(found.order_by(Followup.due_at, Followup.id)))


def _settle(random: Random, followup_id: UUID, by_place: Mapping[UUID | None, Crew], end: datetime) -> int:
    """Call somebody back on the day it was due, a little late, or three times in vain; return how many were made."""
    row = intake_queries.hold_followup(followup_id)
    if row is None or row.state not in PENDING:
        return 0
    crew = by_place[row.subproject_id]
    who = _caller(row, crew)
    who.opened.clear()
    moment = min(row.due_at - timedelta(hours=random.randrange(3, 12)), end)
    if random.random() < 0.06:  # noqa: PLR2004 - a few are never reached
        for day in range(MOST_TRIES):
            with clock.frozen(moment + timedelta(days=day)):
                row = intake.try_followup(row, actor=who)
        return 0
    late = timedelta(days=random.choices((0, 1, 2), (88, 8, 4))[0])
    with clock.frozen(min(moment + late, end)):
        intake.record_contact(row, _answers(random, row), actor=who)
    return 1


def _caller(row: Followup, crew: Crew) -> Actor:
    """Return who makes a follow-up: whoever it was given to, the counselor of its case, or the supervisor."""
    holder = row.assignee_id if row.case_id is None else cases.counselor_of(row.case_id)
    known = {each.account_id: each for each in (*crew.volunteers, *crew.counselors)}
    return crew.supervisor if holder is None else known.get(holder, crew.supervisor)


def _answers(random: Random, row: Followup) -> Answers:
    concern, response = random.choice(CONCERNS), random.choice(texts.RESPONSES)
    risk = Risk.IDEATION if (row.risk_level or 0) > 1 and random.random() < 0.4 else Risk.NONE  # noqa: PLR2004 - some doubt stays
    return Answers(
        risk=risk,
        outcome=Outcome.SUPPORTED,
        distress_before=random.randrange(2, 7),
        distress_after=random.randrange(1, 4),
        summary=SUMMARY.format(concern=concern, response=response),
    )


def _today(random: Random, end: datetime, crew: Crew, counts: Counter[str]) -> None:
    volunteer, colleague = crew.volunteers[0], crew.volunteers[-1]
    today = clock.local_day(end)
    for ago, due in PROMISED:
        promised = today + timedelta(days=due)
        _call(random, end - timedelta(days=ago), crew, volunteer, outcome=Outcome.FOLLOW_UP, followup_on=promised)
    danger = _call(
        random,
        end - timedelta(hours=2),
        crew,
        volunteer,
        risk=Risk.ATTEMPT,
        distress_before=9,
        outcome=Outcome.EMERGENCY,
    )
    with clock.frozen(end - timedelta(minutes=50)):
        missed = intake.book_missed(
            subproject_id=danger.subproject_id,
            line_id=crew.lines[0],
            phone=persons.phone_of(random),
            missed_at=clock.now(),
            actor=Actor.system(),
            assignee_id=volunteer.account_id,
        )
    counts["missed calls"] += missed is not None
    with clock.frozen(end - timedelta(minutes=100)):
        intake.record_disclosure(danger, _disclosed(crew), actor=volunteer)
    counts["disclosures"] += 1
    with clock.frozen(end - timedelta(minutes=20)):
        intake.sign_handover(volunteer.account_id, NOTE, actor=colleague)
    counts["handovers"] += 1


def _call(random: Random, at: datetime, crew: Crew, volunteer: Actor, **changes: object) -> Call:
    volunteer.opened.clear()
    answers: dict[str, object] = {"risk": Risk.NONE} | changes
    codes = Codes(
        call_type=CallType.SELF,
        sex=Sex.FEMALE,
        age_band=AgeBand.FROM_36,
        division=crew.division,
        population=(Population.ALONE,),
        topics=(Topic.GRIEF, Topic.SLEEP),
        **answers,  # type: ignore[arg-type]  # fields by name
    )
    caller = persons.Caller(persons.phone_of(random), "", "female", 4, ("alone",), "public", crew.code)
    words = Words(
        caller_name=persons.name_of(random, caller.sex, caller.age),
        caller_phone=caller.phone,
        summary=texts.summary(
            random, caller, kind="self", topics=("grief",), risk=str(codes.risk), outcome=str(codes.outcome), whom=""
        ),
    )
    with clock.frozen(at):
        key = DraftKey(uuid4(), rev=0, writer=uuid4())
        return intake.finish(key, codes, words, actor=volunteer, line_id=crew.lines[0])


def _disclosed(crew: Crew) -> Disclosed:
    return Disclosed(
        ground=Ground.SELF,
        receiver=Receiver.AMBULANCE,
        fields=(Told.PLACE, Told.NUMBER, Told.MEANS),
        disclosed_at=clock.now() - timedelta(minutes=15),
        consulted=Consulted.BEFORE,
        consulted_id=crew.supervisor.account_id,
        not_told=NotTold.UNABLE,
        facts=FACTS,
        outcome=ARRIVED,
    )
