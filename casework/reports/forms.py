"""Forms of statistics."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired

from casework.reports.types import PURPOSE_NAMES
from casework.web.forms import BaseForm, options


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
