"""Writes of assessments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from casework.assessments.models import CaseMeasure
from casework.assessments.queries import answers_place, sealed_content
from casework.assessments.rules import score, unknown_answers
from casework.assessments.types import SCALES
from casework.audit import trail
from casework.audit.events import Action
from casework.audit.verify.contents import register_digest_source
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Invalid
from casework.core.ids import new_id
from casework.vault import service as vault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from casework.security.actor import Actor

register_digest_source("measure", sealed_content)


def record_measure(
    case_id: UUID, data_key_id: UUID, scale: str, answers: Mapping[str, int], *, taken_at: datetime, actor: Actor
) -> CaseMeasure:
    """Store one scale with its answers sealed under the key of the case, which the actor must be able to open.

    Refused (Invalid): an unknown scale, an answer missing or outside its range, a time that is still to come.
    """
    if scale not in SCALES:
        raise Invalid(_l("没有这个量表。"), field="scale")
    if unknown_answers(SCALES[scale], answers) or score(SCALES[scale], answers) is None:
        raise Invalid(_l("请为每一题选择一个答案。"), field="answer")
    if taken_at > clock.now():
        raise Invalid(_l("时间不能晚于现在。"), field="taken_at")
    key = vault.open_key(data_key_id, actor=actor)
    measure_id = new_id()
    sealed = vault.seal_json(key, answers_place(measure_id), dict(answers))
    measure = CaseMeasure(
        id=measure_id,
        case_id=case_id,
        data_key_id=data_key_id,
        scale=scale,
        taken_at=taken_at,
        recorded_by=actor.account_id,
        sealed_answers=sealed,
    )
    session().add(measure)
    trail.record(
        Action.MEASURE_RECORDED,
        actor=actor,
        subject_kind="measure",
        subject_id=measure_id,
        details={"case": case_id, "scale": scale},
        digest=trail.content_digest(sealed),
    )
    return measure
