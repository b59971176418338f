"""The form of a shift handover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from casework.intake.forms.call import parsed_id
from casework.intake.rules import clean_text
from casework.intake.types import LONGEST_NOTE
from casework.web.forms import BaseForm, options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


class HandoverForm(BaseForm):
    """Who takes the desk over, and what they should know beside what is listed."""

    incoming = SelectField(_l("接班人"), validators=[InputRequired()])
    note = TextAreaField(
        _l("交班说明"),
        description=_l("只有接班人和督导能打开。不写求助者的姓名和号码。"),
        filters=[lambda value: clean_text(value or "")],
        validators=[Length(max=LONGEST_NOTE)],
    )

    def offer(self, colleagues: Sequence[tuple[UUID, str]]) -> None:
        """Offer the colleagues, the supervisors first."""
        self.incoming.choices = options(colleagues, first=_l("请选择"))

    def incoming_id(self) -> UUID | None:
        """Return who was chosen."""
        return parsed_id(self.incoming.data)
