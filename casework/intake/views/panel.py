"""What the call screen and the page of a call show about danger: steps, the call for a supervisor, the suggestion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import request
from flask_babel import gettext as _

from casework.core import clock
from casework.intake import queries
from casework.intake.rules import PROTOCOL, clean_line, suggestion
from casework.intake.types import (
    ITEM_NAMES,
    LEVEL_NAMES,
    STEP_HINTS,
    STEP_NAMES,
    STEP_REASON_NAMES,
    AlertState,
    StepCode,
    StepReason,
)
from casework.people import queries as people

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.intake.models import Alert, DangerStep
    from casework.intake.types import Codes

DONE, REASON, OPEN = "done", "reason", "open"


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as the panel shows it. ``said``: done when and by whom, or why not; empty while it is open."""

    code: str
    name: str
    hint: str
    from_level: int
    required_from: int | None
    state: str
    said: str
    detail: str = field(repr=False)
    reason: str = ""


def gauge_text(codes: Codes) -> str:
    """Return in words what the gauge suggests; empty while the question about risk has no answer."""
    found = suggestion(codes)
    if found is None:
        return ""
    reasons = "、".join(str(ITEM_NAMES[each]) for each in found.reasons)
    level = LEVEL_NAMES[found.level]
    if not reasons:
        return _("建议等级：%(level)s。仅供参考，由你判断。", level=level)
    return _("建议等级：%(level)s（依据：%(reasons)s）。仅供参考，由你判断。", level=level, reasons=reasons)


def notes_in(typed: Mapping[str, Any]) -> dict[StepCode, str]:
    """Return what a form or a saving page says beside steps, whether a button of theirs was pressed or not."""
    said = {code: typed.get(f"detail-{code}") for code in StepCode}
    return {code: clean_line(note) for code, note in said.items() if isinstance(note, str)}


def notes_of(steps: dict[str, queries.OpenedStep]) -> dict[str, str]:
    """Return what is stored beside steps, by the names of the fields it was typed in."""
    return {f"detail-{code}": opened.detail for code, opened in steps.items() if opened.detail}


def step_lines(steps: dict[str, queries.OpenedStep]) -> list[StepLine]:
    """Return all steps of the protocol in order, with what was recorded of them; the page shows those of the level."""
    names = people.names_of({opened.row.account_id for opened in steps.values()})
    lines = []
    for step in PROTOCOL.steps:
        opened = steps.get(step.code)
        lines.append(
            StepLine(
                str(step.code),
                str(STEP_NAMES[step.code]),
                str(STEP_HINTS.get(step.code, "")),
                step.from_level,
                step.required_from,
                OPEN if opened is None else state_of(opened.row),
                "" if opened is None else said_of(opened.row, names.get(opened.row.account_id, "")),
                # What was typed but not pressed yet comes back with a refused form.
                request.form.get(f"detail-{step.code}", "" if opened is None else opened.detail),
                request.form.get(f"reason-{step.code}", "" if opened is None else str(opened.row.reason or "")),
            )
        )
    return lines


def alert_facts(alert: Alert | None) -> dict[str, Any]:
    """Return how a call for a supervisor stands: its state, and a sentence for the call screen."""
    if alert is None or alert.state in {AlertState.CANCELLED, AlertState.CLOSED}:
        text = _("已取消呼叫。") if alert is not None and alert.state == AlertState.CANCELLED else ""
        return {"state": "none", "text": text, "help": False}
    if alert.state == AlertState.ACKNOWLEDGED and alert.acknowledged_by is not None:
        name = people.names_of([alert.acknowledged_by]).get(alert.acknowledged_by, "")
        return {"state": "acknowledged", "text": _("%(who)s已响应", who=name), "help": alert.help_at is not None}
    called = f"{clock.local(alert.help_at or alert.raised_at):%H:%M:%S}"
    text = _("已呼叫 %(at)s", at=called) if alert.help_at else _("已提醒督导 %(at)s", at=called)
    if queries.turns_of(alert)[-1].account_id is None:
        text = _("暂时没有督导在线，已通知项目办公室")
    return {"state": "open", "text": text, "help": alert.help_at is not None}


def state_of(row: DangerStep) -> str:
    """Return how a step stands: done, given a reason, or open."""
    return DONE if row.done_at is not None else REASON if row.reason is not None else OPEN


def said_of(row: DangerStep, name: str) -> str:
    """Return when and by whom a step was done, or why not; empty while it is open."""
    if row.done_at is not None:
        return f"{clock.local(row.done_at):%H:%M:%S} {name}".strip()
    if row.reason is not None:
        return _("未做：%(reason)s", reason=STEP_REASON_NAMES[StepReason(row.reason)])
    return ""
