"""Forms of follow-ups: what a contact asks, another day, a colleague, why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from casework.intake.forms.call import parsed_id
from casework.intake.rules import Problem, clean_text
from casework.intake.types import (
    BY_ITSELF,
    CALL_TYPE_NAMES,
    CANCEL_NAMES,
    DISTRESS,
    LONGEST_SUMMARY,
    OUTCOME_NAMES,
    RISK_NAMES,
    RISK_REASON_NAMES,
    Answers,
    CallType,
    CancelReason,
    Outcome,
    Risk,
    RiskReason,
)
from casework.web.forms import BaseForm, options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from enum import StrEnum
    from typing import TypeVar
    from uuid import UUID

    Code = TypeVar("Code", bound=StrEnum)

_SCALE: Final = {str(step): str(step) for step in DISTRESS}
# A contact was somebody: nobody is silent or a nuisance when they were called.
_SPOKEN: Final = {
    kind: name for kind, name in CALL_TYPE_NAMES.items() if kind not in {CallType.SILENT, CallType.NUISANCE}
}
_SENTENCES: Final = {
    ("call_type", Problem.MISSING): _l("请选择来电类型。"),
    ("risk", Problem.MISSING): _l("请选择自杀自伤风险；没有问到请选“未评估”。"),
    ("risk_reason", Problem.MISSING): _l("请选择未评估的原因。"),
    ("distress_before", Problem.MISSING): _l("对方有自杀计划，请补充困扰程度。"),
    ("summary", Problem.MISSING): _l("请填写通话摘要。"),
    ("outcome", Problem.MISSING): _l("请选择处理结果。"),
    ("followup_on", Problem.MISSING): _l("请选择回访日期。"),
    ("followup_on", Problem.PAST): _l("回访日期不能早于今天。"),
    ("followup_on", Problem.TOO_FAR): _l("回访日期应在一年之内。"),
}


class ContactForm(BaseForm):
    """What is asked when somebody was reached; who they are is known, except after a missed call."""

    call_type = RadioField(_l("来电类型"), choices=options(_SPOKEN), validators=[Optional()])
    risk = RadioField(_l("自杀自伤风险"), choices=options(RISK_NAMES), validators=[Optional()])
    risk_reason = RadioField(_l("未评估原因"), choices=options(RISK_REASON_NAMES), validators=[Optional()])
    distress_before = RadioField(_l("困扰程度"), choices=options(_SCALE), validators=[Optional()])
    distress_after = RadioField(_l("谈话后困扰"), choices=options(_SCALE), validators=[Optional()])
    summary = TextAreaField(
        _l("通话摘要"), filters=[lambda value: clean_text(value or "")], validators=[Length(max=LONGEST_SUMMARY)]
    )
    outcome = RadioField(_l("处理结果"), choices=options(OUTCOME_NAMES), validators=[Optional()])
    followup_on = DateField(_l("回访日期"), validators=[Optional()])

    def answers(self) -> Answers:
        """Return what was answered; what is no code of ours is left out."""
        return Answers(
            call_type=_code(CallType, self.call_type.data),
            risk=_code(Risk, self.risk.data),
            risk_reason=_code(RiskReason, self.risk_reason.data),
            distress_before=_number(self.distress_before.data),
            distress_after=_number(self.distress_after.data),
            summary=(self.summary.data or "").strip(),
            outcome=_code(Outcome, self.outcome.data),
            followup_on=self.followup_on.data,
        )

    def complete(self, found: Iterable[tuple[str, Problem]], *, asks_type: bool) -> bool:
        """Return whether the contact may be recorded; every field that stops it has its sentence."""
        self.validate()
        gaps = list(found)
        if asks_type and not self.call_type.data:
            gaps.insert(0, ("call_type", Problem.MISSING))
        for name, problem in gaps:
            if not self[name].errors:
                self[name].errors = [str(_SENTENCES.get((name, problem), _l("请检查此项。")))]
        return not any(field.errors for field in self) and not self.form_errors


class MoveForm(BaseForm):
    """Another day for a follow-up."""

    day = DateField(_l("改到"), validators=[InputRequired()])

    def suggest(self, day: date) -> MoveForm:
        """Begin with a day, and return the form."""
        self.day.data = day
        return self


class HandForm(BaseForm):
    """Who makes a follow-up from now on; nobody chosen gives it back to the supervisors."""

    to = SelectField(_l("转交给"), validators=[Optional()])

    def offer(self, colleagues: Sequence[tuple[UUID, str]]) -> HandForm:
        """Offer the colleagues, and return the form."""
        self.to.choices = options(colleagues, first=_l("交回督导（不指定人）"))
        return self

    def receiver(self) -> UUID | None:
        """Return who was chosen."""
        return parsed_id(self.to.data)


class CancelForm(BaseForm):
    """Why a follow-up is not made."""

    reason = SelectField(_l("取消原因"), validators=[InputRequired()])

    def offer(self) -> CancelForm:
        """Offer the reasons that somebody may choose, and return the form."""
        chosen = {reason: name for reason, name in CANCEL_NAMES.items() if reason not in BY_ITSELF}
        self.reason.choices = options(chosen, first=_l("请选择"))
        return self

    def cancel_reason(self) -> CancelReason:
        """Return the reason of a valid form."""
        return CancelReason(self.reason.data)


def _code(kind: type[Code], value: str | None) -> Code | None:
    return kind(value) if value in set(kind) else None


def _number(value: str | None) -> int | None:
    return int(value) if value in _SCALE else None
