"""Steps taken for somebody in danger; their details open only with the key of the call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.audit import trail
from casework.audit.events import Action
from casework.core.db import session
from casework.intake.models import Call, DangerStep
from casework.intake.rules import danger_level, missing_steps
from casework.intake.types import Risk
from casework.vault import service as vault
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from casework.security.actor import Actor


@dataclass(frozen=True, slots=True)
class OpenedStep:
    """A step with its detail opened for display."""

    row: DangerStep
    detail: str = field(repr=False)


def step_place(row: DangerStep) -> Place:
    """Return where the detail of a step belongs: to one version of it."""
    return Place("intake_step", "sealed_detail", row.id, row.revision)


def find_step(call_id: UUID, code: str) -> DangerStep | None:
    """Return one step of a call, held until the transaction ends. Only for services, which hold the call."""
    found = sa.select(DangerStep).where(DangerStep.call_id == call_id, DangerStep.code == code)
    return session().scalar(found)


def answered_steps(call_ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """Return the steps of each call that are done or given a reason; every call asked for has an entry."""
    found: dict[UUID, set[str]] = {each: set() for each in call_ids}
    if found:
        rows = sa.select(DangerStep.call_id, DangerStep.code).where(
            DangerStep.call_id.in_(list(found)),
            sa.or_(DangerStep.done_at.is_not(None), DangerStep.reason.is_not(None)),
        )
        for call_id, code in session().execute(rows):
            found[call_id].add(code)
    return {call_id: frozenset(codes) for call_id, codes in found.items()}


def with_missing_steps(calls: Sequence[Call]) -> set[UUID]:
    """Return which finished calls still lack required steps (待补录)."""
    level_of = {
        call.id: danger_level(None if call.risk is None else Risk(call.risk), call.risk_level) for call in calls
    }
    # From level 2 on steps are asked for; nothing is looked up for the others.
    answered = answered_steps([call.id for call in calls if level_of[call.id] > 2])  # noqa: PLR2004 - high risk
    return {call_id for call_id, codes in answered.items() if missing_steps(level_of[call_id], codes)}


def open_steps(actor: Actor, call: Call) -> dict[str, OpenedStep]:
    """Return the steps of a call by code. Opening details leaves one read event; refused (R23) without the key."""
    rows = session().scalars(sa.select(DangerStep).where(DangerStep.call_id == call.id)).all()
    if call.data_key_id is None or not any(row.sealed_detail for row in rows):
        return {str(row.code): OpenedStep(row, "") for row in rows}
    key = vault.open_key(call.data_key_id, actor=actor)
    details = {"part": "steps"}
    trail.record(Action.CALL_READ, actor=actor, subject_kind="call", subject_id=call.id, details=details)
    return {
        str(row.code): OpenedStep(
            row, "" if row.sealed_detail is None else vault.open_text(key, step_place(row), row.sealed_detail)
        )
        for row in rows
    }
