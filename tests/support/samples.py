"""One piece of work that has gone through every hand: a call, the case it became, a note. Written by the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from casework.cases import service as cases
from casework.cases.types import Population
from casework.clients import service as clients
from casework.clients.types import PlanText
from casework.core import clock
from casework.core.db import session, write_transaction
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake import service as intake
from casework.intake.models import CallReview
from casework.intake.rules import applies
from casework.intake.service import DraftKey
from casework.intake.types import AgeBand, CallType, Codes, Outcome, Risk, Sex, Topic, Words
from casework.intake.types.reviews import RUBRIC, ReviewResult
from casework.programme import queries as programme
from tests.support import casefile, seed
from tests.support.canaries import NAME, NOTE, NUMBER, SUMMARY

if TYPE_CHECKING:
    from uuid import UUID

    from casework.intake.models import Call
    from casework.security.actor import Actor

CODES = Codes(
    call_type=CallType.SELF,
    sex=Sex.FEMALE,
    age_band=AgeBand.FROM_36,
    division="440100",
    population=(Population.NONE,),
    topics=(Topic.EMOTION, Topic.SLEEP),
    risk=Risk.PLAN_WEEK,
    distress_before=8,
    distress_after=5,
    outcome=Outcome.TO_CASE,
)


PAPER = "日期,热线,来电类型,数量\n2020-04-05,和悦社工值班热线,沉默挂断,约30\n"


@dataclass(frozen=True, slots=True)
class Work:
    """What an address may name: two calls (one waits), a case with a note, a line, a draft, and what follows."""

    call_id: UUID
    waiting_id: UUID
    draft_id: UUID
    number: str
    note_id: UUID
    line_id: UUID
    batch_id: UUID
    followup_id: UUID
    handover_id: UUID
    plan_id: UUID
    review_id: UUID
    feedback_id: UUID


def do_work() -> Work:
    """Log two calls of GZ with canaries, assign the first, write a note, begin a third call.

    Needs an application context; signing people in ends the open transaction, so they are there before the writing.
    """
    volunteer, supervisor, counselor = (seed.actor(login) for login in ("zhiyuan", "dudao", "zixun"))
    assert volunteer.subproject_id is not None
    line = programme.list_lines(volunteer, volunteer.subproject_id)[0].id
    with write_transaction():
        call, waiting = (log(volunteer, line) for _ in range(2))
        draft_id = new_id()
        intake.save_draft(DraftKey(draft_id, 0, draft_id), {"summary": SUMMARY}, actor=volunteer, line_id=line)
        case = intake.assign(call, counselor.account_id, actor=supervisor)
        batch, _ = intake.paper.check(PAPER.encode(), actor=supervisor)
        assert batch is not None
    with write_transaction():
        note = cases.write_note(case, NOTE, casefile.routine(), actor=counselor)
        followup = queries.followups_of_call(waiting.id)[0]
        handover = intake.sign_handover(supervisor.account_id, SUMMARY, actor=volunteer)
        client = intake.person_of_call(call, actor=counselor)
        words = PlanText(helps=SUMMARY, limits="", contact="")
        plan = clients.write_plan(client, words, clock.today() + timedelta(days=30), actor=counselor)
        drawn = {each.call_id: each.id for each in session().query(CallReview)}
        _review(drawn[call.id], supervisor)
        return Work(
            call_id=call.id,
            waiting_id=waiting.id,
            draft_id=draft_id,
            number=case.number,
            note_id=note.id,
            line_id=line,
            batch_id=batch.id,
            followup_id=followup.id,
            handover_id=handover.id,
            plan_id=plan.id,
            review_id=drawn[waiting.id],
            feedback_id=drawn[call.id],
        )


def _review(review_id: UUID, supervisor: Actor) -> None:
    """Review a call, every item that applies in the same way."""
    _, call = queries.get_review(supervisor, review_id)
    codes = queries.codes_of(call)
    scores = {item.code: "3" for item in RUBRIC.items if applies(item, codes, str(call.repeat))}
    intake.write_review(review_id, scores, NOTE, ReviewResult.PASSED, actor=supervisor)


def log(volunteer: Actor, line: UUID) -> Call:
    """Log a call that waits for a supervisor."""
    call_id = new_id()
    words = Words(caller_name=NAME, caller_phone=NUMBER, summary=SUMMARY)
    return intake.finish(DraftKey(call_id, 0, call_id), CODES, words, actor=volunteer, line_id=line)
