"""The demonstration's alert plan for somebody who calls again and again, and reviews of the calls that were drawn."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from casework.cli.demo.batches import BATCH, batch
from casework.clients import service as clients
from casework.clients.types import PlanText
from casework.core import clock
from casework.core.db import session, write_transaction
from casework.intake import queries
from casework.intake import service as intake
from casework.intake.models import Call, CallReview
from casework.intake.rules import applies
from casework.intake.types.reviews import RUBRIC, ReturnReason, ReviewResult, ReviewState

if TYPE_CHECKING:
    from collections import Counter
    from datetime import datetime
    from random import Random
    from uuid import UUID

    from casework.cli.demo.history import Crew
    from casework.security.actor import Actor

# Whose sub-project shows the plan, and whose desk the feedback.
SHOWN: Final = "GZ"
PLAN: Final = PlanText(
    helps="先问今天吃过饭没有，再听五分钟。对方说“没人管我”时，说出听到的孤单，不急着劝。",
    limits="约定每周两次，每次不超过三十分钟；不在夜里讨论和女儿的官司。",
    contact="固定由李咨询师接谈，周二、周四晚在班。其他同事接到时，请告诉对方下一次是哪天。",
)
COMMENTS: Final = (
    "开场很稳，对方愿意说下去。下次可以更早问到睡眠以外的支持。",
    "风险问得直接、自然。摘要里“她很绝望”是你的判断，请写成对方的原话。",
    "结束时的小结清楚。约好的回访时间也请写进记录。",
    "对方沉默时你等住了，这很难得。可以再多问一句身边有谁。",
)
# Younger than this and still waiting: what a visitor finds in the queue.
LEFT_WAITING: Final = timedelta(days=4)
COMMENTED: Final = timedelta(days=40)
FRESH: Final = timedelta(hours=3)


def write(random: Random, end: datetime, crews: dict[str, Crew], counts: Counter[str]) -> None:
    """Write the plan and the reviews of ten months, and one review that its call-taker has not read yet."""
    _plan(crews[SHOWN], end, counts)
    newest = _drawn(crews[SHOWN], end - FRESH, of=crews[SHOWN].volunteers[0])[-1:]
    with write_transaction():
        for review_id, _at in newest:
            _review(random, end - FRESH / 2, end, crews[SHOWN], review_id, returned=True)
    counts["reviews"] += len(newest)
    for crew in crews.values():
        waiting = _drawn(crew, end - LEFT_WAITING)
        for start in range(0, len(waiting), BATCH):
            crew.supervisor.opened.clear()
            with batch():
                for review_id, at in waiting[start : start + BATCH]:
                    _review(random, _in_office_hours(random, at), end, crew, review_id)
        counts["reviews"] += len(waiting)


def _plan(crew: Crew, end: datetime, counts: Counter[str]) -> None:
    """Give a plan to the person who called most in the last weeks; the counselor writes, the supervisor approves."""
    place = crew.supervisor.subproject_id
    often = (
        sa.select(Call.number_index)
        .where(Call.subproject_id == place, Call.number_index.is_not(None), Call.sealed_summary.is_not(None))
        .group_by(Call.number_index)
        .order_by(sa.func.count().desc(), sa.func.max(Call.started_at).desc())
        .limit(1)
    )
    latest = sa.select(Call).where(Call.subproject_id == place, Call.number_index == often.scalar_subquery())
    call = session().scalars(latest.order_by(Call.started_at.desc()).limit(1)).first()
    if call is None:
        return
    with write_transaction(), clock.frozen(end - timedelta(days=20)):
        client = intake.person_of_call(call, actor=crew.supervisor)
        ends_on = clock.local_day(end + timedelta(days=70))
        plan = clients.write_plan(client, PLAN, ends_on, actor=crew.counselors[0], submit=True)
        clients.approve_plan(plan, version=plan.revision, actor=crew.supervisor)
    counts["alert plans"] += 1


def _drawn(crew: Crew, before: datetime, of: Actor | None = None) -> list[tuple[UUID, datetime]]:
    found = sa.select(CallReview.id, CallReview.sampled_at).where(
        CallReview.subproject_id == crew.supervisor.subproject_id,
        CallReview.state == ReviewState.WAITING,
        CallReview.sampled_at < before,
    )
    if of is not None:
        found = found.where(CallReview.author_id == of.account_id)
    rows = session().execute(found.order_by(CallReview.sampled_at, CallReview.id))
    return [(review_id, at) for review_id, at in rows]


def _in_office_hours(random: Random, drawn_at: datetime) -> datetime:
    day = clock.local(drawn_at) + timedelta(days=random.choice((1, 2, 2, 3)))
    return day.replace(hour=random.choice((9, 10, 11, 14, 15, 16, 17)), minute=random.randrange(60))


def _review(
    random: Random, moment: datetime, end: datetime, crew: Crew, review_id: UUID, *, returned: bool = False
) -> None:
    """Review one call as a supervisor would some days later; call-takers get better with the months."""
    _, call = queries.get_review(crew.supervisor, review_id)
    codes, month = queries.codes_of(call), (end - moment).days // 30
    scored = [item.code for item in RUBRIC.items if applies(item, codes, str(call.repeat))]
    scores = {code: str(min(4, max(1, round(random.gauss(3.3 - month / 9, 0.7))))) for code in scored}
    is_recent = returned or (crew.code == SHOWN and end - moment < COMMENTED)
    with clock.frozen(moment):
        intake.write_review(
            review_id,
            scores,
            COMMENTS[1] if returned else random.choice(COMMENTS) if is_recent else "",
            ReviewResult.RETURNED if returned else ReviewResult.PASSED,
            actor=crew.supervisor,
            return_reason=ReturnReason.MIXED if returned else None,
        )
    author = next((each for each in (*crew.volunteers, *crew.counselors) if each.account_id == call.author_id), None)
    if author is not None and not returned and crew.code == SHOWN:
        with clock.frozen(moment + timedelta(hours=random.randrange(3, 20))):
            intake.acknowledge_review(review_id, actor=author)
