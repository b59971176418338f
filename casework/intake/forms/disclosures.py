"""Forms about what was told to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from casework.core import clock
from casework.intake.forms.call import parsed_id
from casework.intake.rules import clean_line, clean_text
from casework.intake.types import (
    CONSULTED_NAMES,
    GROUND_NAMES,
    LONGEST_DOCUMENT,
    LONGEST_FACTS,
    NOT_TOLD_NAMES,
    RECEIVER_NAMES,
    TOLD_NAMES,
    Consulted,
    Disclosed,
    Ground,
    NotTold,
    Receiver,
    Told,
)
from casework.web.forms import BaseForm, options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

_DATE_FORMATS: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]


def _text(value: str | None) -> str:
    return clean_text(value or "").strip()


class DisclosureForm(BaseForm):
    """One disclosure. Times are those of a clock in Asia/Shanghai, without zone, as browsers send them."""

    ground = RadioField(_l("保密例外"), choices=options(GROUND_NAMES), validators=[InputRequired()])
    receiver = RadioField(_l("提供给"), choices=options(RECEIVER_NAMES), validators=[InputRequired()])
    fields = SelectMultipleField(
        _l("提供的内容"),
        description=_l("只提供达到目的所必需的内容。"),
        choices=options(TOLD_NAMES),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    disclosed_at = DateTimeLocalField(_l("提供时间"), format=_DATE_FORMATS, validators=[InputRequired()])
    facts = TextAreaField(
        _l("依据的事实"),
        description=_l("对方说了什么、看到或听到什么；与判断分开写。加密保存。"),
        filters=[_text],
        validators=[InputRequired(), Length(max=LONGEST_FACTS)],
    )
    document = StringField(
        _l("法律文书名称和编号"),
        description=_l("选 E4 时必填。加密保存。"),
        filters=[lambda value: clean_line(value or "")],
        validators=[Length(max=LONGEST_DOCUMENT)],
    )
    consulted = RadioField(_l("请示督导"), choices=options(CONSULTED_NAMES), validators=[InputRequired()])
    consulted_id = SelectField(_l("哪位督导"), validators=[Optional()])
    outcome = TextAreaField(
        _l("结果"),
        description=_l("对方如何答复、是否到场。加密保存。"),
        filters=[_text],
        validators=[Length(max=LONGEST_FACTS)],
    )
    told_at = DateTimeLocalField(_l("告知本人的时间"), format=_DATE_FORMATS, validators=[Optional()])
    not_told = RadioField(_l("尚未告知的原因"), choices=options(NOT_TOLD_NAMES), validators=[Optional()])

    def offer(self, supervisors: Sequence[tuple[UUID, str]]) -> None:
        """Offer the supervisors of the sub-project; a form that is shown first begins with the present moment."""
        self.consulted_id.choices = options(supervisors, first=_l("没有"))
        if not self.is_submitted():
            self.disclosed_at.data = clock.local(clock.now()).replace(tzinfo=None, second=0, microsecond=0)

    def disclosed(self) -> Disclosed:
        """Return what a valid form says."""
        return Disclosed(
            ground=Ground(self.ground.data),
            receiver=Receiver(self.receiver.data),
            fields=tuple(Told(each) for each in self.fields.data or ()),
            disclosed_at=_aware(self.disclosed_at.data),
            consulted=Consulted(self.consulted.data),
            consulted_id=parsed_id(self.consulted_id.data),
            told_at=None if self.told_at.data is None else _aware(self.told_at.data),
            # Told is told: a reason that was chosen before the time was filled in says nothing any more.
            not_told=NotTold(self.not_told.data) if self.not_told.data and self.told_at.data is None else None,
            facts=self.facts.data or "",
            document=self.document.data or "",
            outcome=self.outcome.data or "",
        )


class ToldForm(BaseForm):
    """When the person was told of a disclosure."""

    told_at = DateTimeLocalField(_l("告知本人的时间"), format=_DATE_FORMATS, validators=[InputRequired()])

    def moment(self) -> datetime:
        """Return the moment of a valid form."""
        return _aware(self.told_at.data)


def _aware(local: datetime | None) -> datetime:
    # Only of a valid form, which has a time here.
    return clock.now() if local is None else local.replace(tzinfo=clock.LOCAL_ZONE)
