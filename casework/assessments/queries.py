"""Reads of assessments. A score is opened for display only by somebody who holds the key of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.assessments.models import CaseMeasure
from casework.assessments.rules import score
from casework.assessments.types import SCALES, Measure, Taken
from casework.audit import trail
from casework.audit.events import Action
from casework.core.db import session
from casework.vault import service as vault
from casework.vault.types import Place

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor


def count_measures(case_id: UUID) -> int:
    """Return how many scales were taken in a case."""
    return session().scalar(sa.select(sa.func.count()).where(CaseMeasure.case_id == case_id)) or 0


def list_taken(case_id: UUID) -> list[Taken]:
    """Return which scales were taken in a case and when, oldest first; the answers stay sealed."""
    columns = (CaseMeasure.id, CaseMeasure.scale, CaseMeasure.taken_at, CaseMeasure.recorded_by)
    found = sa.select(*columns).where(CaseMeasure.case_id == case_id)
    rows = session().execute(found.order_by(CaseMeasure.taken_at, CaseMeasure.id))
    return [Taken(*row) for row in rows]


def open_measures(actor: Actor, case_id: UUID) -> list[Measure]:
    """Return the scores of a case, oldest first, and leave one read event each. Refused (R23) without the key."""
    found = sa.select(CaseMeasure).where(CaseMeasure.case_id == case_id)
    rows = session().scalars(found.order_by(CaseMeasure.taken_at, CaseMeasure.id)).all()
    return [_opened(actor, row) for row in rows]


def answers_place(measure_id: UUID) -> Place:
    """Return where the sealed answers of a measure belong."""
    return Place("assessments_measure", "sealed_answers", measure_id)


def sealed_content(measure_id: UUID) -> bytes | None:
    """Return the sealed answers of a measure, to be compared with their recorded digest."""
    return session().scalar(sa.select(CaseMeasure.sealed_answers).where(CaseMeasure.id == measure_id))


def _opened(actor: Actor, row: CaseMeasure) -> Measure:
    key = vault.open_key(row.data_key_id, actor=actor)
    answers = vault.open_json(key, answers_place(row.id), row.sealed_answers)
    trail.record(
        Action.MEASURE_READ,
        actor=actor,
        subject_kind="measure",
        subject_id=row.id,
        details={"case": row.case_id, "scale": row.scale},
        digest=trail.content_digest(row.sealed_answers),
    )
    return Measure(
        id=row.id,
        scale=row.scale,
        taken_at=row.taken_at,
        recorded_by=row.recorded_by,
        score=score(SCALES[row.scale], answers),
    )
