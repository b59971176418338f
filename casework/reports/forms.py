"""Forms of statistics."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired, NumberRange, Optional

from casework.reports.types import PURPOSE_NAMES
from casework.web.forms import BaseForm, WholeNumberField, options

_MOST_HOURS: Final = 9_999_999


class ExportForm(BaseForm):
    """What the figures are for. Period and place are those of the page."""

    purpose = RadioField(
        _l("导出用途"),
        choices=options(PURPOSE_NAMES),
        validators=[InputRequired("This field is required.")],
    )
    period = HiddenField()
    subproject = HiddenField()
    line = HiddenField()


class StaffedForm(BaseForm):
    """What no switchboard knows: for how many hours in all seats were staffed in the period. Changes nothing."""

    class Meta(BaseForm.Meta):
        """Sent by GET."""

        csrf = False

    seat_hours = WholeNumberField(
        _l("座席在岗（小时）"),
        validators=[
            Optional(),
            NumberRange(1, _MOST_HOURS, _l("请填写本期所有座席在岗的小时之和，1 到 9999999 的整数。")),
        ],
    )
