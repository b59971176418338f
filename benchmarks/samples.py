"""One real call as the services make it: an invented caller, and words as long as those of a working day."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from casework.cases.types import Population
from casework.core.db import write_transaction
from casework.intake import service as intake
from casework.intake.service import DraftKey
from casework.intake.types import Codes, Words
from casework.intake.types.codes import AgeBand, CallType, Category, Consent, ForWhom, Outcome, Risk, Sex, Topic
from casework.programme.models import Hotline

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor

PHONE = "13912340000"
SUMMARY = "来电者说最近两周睡不好，担心家里老人。听她说完，一起理了一下每天能做的三件小事，她愿意先试睡前不看消息。"
CODES = Codes(
    call_type=CallType.SELF,
    for_whom=ForWhom.SELF,
    sex=Sex.FEMALE,
    age_band=AgeBand.FROM_36,
    category=Category.PUBLIC,
    population=(Population.NONE,),
    division="440100",
    topics=(Topic.SLEEP, Topic.FAMILY),
    risk=Risk.NONE,
    risk_level=1,
    distress_before=6,
    distress_after=4,
    outcome=Outcome.TO_CASE,
    consent=(Consent.CONFIDENTIALITY,),
)
WORDS = Words(caller_name="林一", caller_phone=PHONE, summary=SUMMARY)


def finished_call(actor: Actor) -> UUID:
    """Log one call that waits for a supervisor; return its id."""
    call_id = uuid4()
    with write_transaction() as writing:
        line = sa.select(Hotline.id).where(Hotline.subproject_id == actor.subproject_id).order_by(Hotline.id).limit(1)
        line_id = writing.scalars(line).one()
        intake.finish(DraftKey(call_id, 0, uuid4()), CODES, WORDS, actor=actor, line_id=line_id)
    return call_id
