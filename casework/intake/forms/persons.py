"""The form that joins the number of a call with another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from casework.clients.rules import normalise
from casework.clients.types import JOIN_REASON_NAMES, JoinReason
from casework.web.forms import BaseForm, options

if TYPE_CHECKING:
    from wtforms import Field

_LONGEST: Final = 300
_CALL: Final = re.compile(r"/calls/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f])", re.IGNORECASE)


class JoinForm(BaseForm):
    """With which number, and how it is known. ``other`` is a number, or the address of another call's page."""

    other = StringField(_l("另一个号码，或另一通来电的页面地址"), validators=[InputRequired(), Length(max=_LONGEST)])
    reason = SelectField(_l("怎样得知"), validators=[InputRequired()])

    def offer(self) -> None:
        """Offer the reasons."""
        self.reason.choices = options(JOIN_REASON_NAMES, first=_l("请选择"))

    def call_id(self) -> UUID | None:
        """Return which call's page was given, None when it is none."""
        found = _CALL.search(self.other.data or "")
        return UUID(found[1]) if found else None

    def canonical(self) -> str | None:
        """Return the number that was typed, None when it is no person's; the message then stands at the field."""
        number = normalise(self.other.data or "")
        if number is None or not number.identifies:
            _say(self.other, str(_l("请填写完整号码（座机加区号），或粘贴另一通来电的页面地址。")))
            return None
        return number.canonical

    def join_reason(self) -> JoinReason:
        """Return the reason of a valid form."""
        return JoinReason(self.reason.data)


def _say(field: Field, message: str) -> None:
    field.errors = [*field.errors, message]
