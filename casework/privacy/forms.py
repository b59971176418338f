"""The filter of the audit viewer. It lives in the address, holds ids and codes only, and changes nothing."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, ValidationError
from wtforms.validators import Optional

from casework.audit.types import Wanted
from casework.core.clock import LOCAL_ZONE
from casework.privacy.types import ACTION_NAMES
from casework.web.forms import BaseForm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_ONE_DAY: Final = timedelta(days=1)


class FilterForm(BaseForm):
    """Which entries to show."""

    class Meta(BaseForm.Meta):
        """Nothing is changed by this form, so nothing can be forged."""

        csrf = False

    action = SelectField(_l("操作"), validators=[Optional()])
    actor = SelectField(_l("操作人"), validators=[Optional()])
    subject = StringField(_l("对象编号"), validators=[Optional()])
    since = DateField(_l("起始日期"), validators=[Optional()])
    until = DateField(_l("截止日期"), validators=[Optional()])

    def offer(self, actors: Sequence[tuple[UUID, str]]) -> None:
        """Fill the lists: all actions, and the people who appear in the trail."""
        actions = [(str(action), str(name)) for action, name in ACTION_NAMES.items()]
        self.action.choices = [("", str(_l("全部"))), *actions]
        self.actor.choices = [("", str(_l("全部"))), *((str(each), name) for each, name in actors)]

    def validate_subject(self, field: StringField) -> None:
        """Take a whole id only."""
        try:
            UUID(field.data or "")
        except ValueError:
            raise ValidationError(str(_l("请填写完整的对象编号。"))) from None

    def validate_until(self, field: DateField) -> None:
        """Refuse a range that ends before it begins."""
        if self.since.data and field.data and field.data < self.since.data:
            raise ValidationError(str(_l("截止日期不能早于起始日期。")))

    @property
    def wanted(self) -> Wanted:
        """What the valid form asks for; days are days in Asia/Shanghai, both included."""
        return Wanted(
            action=self.action.data or None,
            actor_id=UUID(self.actor.data) if self.actor.data else None,
            subject_id=UUID(self.subject.data) if self.subject.data else None,
            since=_midnight(self.since.data) if self.since.data else None,
            until=_midnight(self.until.data + _ONE_DAY) if self.until.data else None,
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, LOCAL_ZONE)
