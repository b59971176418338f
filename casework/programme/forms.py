"""Forms of the programme: shape and messages only."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from casework.programme.rules import LONG, MOST_SEATS, SHORT
from casework.web.forms import BaseForm, WholeNumberField

_NEEDED: Final = "This field is required."
_LIST_LENGTH: Final = 1000


class SubprojectForm(BaseForm):
    """The facts of a sub-project. ``version`` is the one that was being edited."""

    name = StringField(_l("子项目名称"), validators=[InputRequired(_NEEDED), Length(max=LONG)])
    fund = StringField(_l("牵头基金"), validators=[Length(max=LONG)])
    partner = StringField(_l("合作单位"), validators=[Length(max=300)])
    region = StringField(_l("服务地区"), validators=[Length(max=SHORT)])
    division = StringField(
        _l("区划代码"),
        description=_l("GB/T 2260，6 位或 9 位；面向全国的留空。"),
        validators=[Optional(), Regexp(r"\A\d{6}(\d{3})?\Z", message=_l("请填写 6 位或 9 位数字，或留空。"))],
    )
    targets = TextAreaField(
        _l("服务对象"),
        description=_l("一行写一类。"),
        validators=[InputRequired(_NEEDED), Length(max=_LIST_LENGTH)],
    )
    responsible = StringField(
        _l("负责人"), description=_l("写姓名和职务；只写工作人员。"), validators=[Length(max=SHORT)]
    )
    authorised_by = StringField(
        _l("批准单位"),
        description=_l("党委政府或其授权单位。没有批准单位和日期，不能登记来电，也不能立案（R20）。"),
        validators=[Length(max=LONG)],
    )
    authorised_on = DateField(_l("批准日期"), validators=[Optional()])
    version = HiddenField()

    def values(self) -> dict[str, Any]:
        """Return what was entered as the service takes it."""
        entered = {name: self[name].data for name in self._fields if name not in {"version", "csrf_token"}}
        return entered | {"targets": lines_of(self.targets.data or ""), "division": self.division.data or None}


class LineForm(BaseForm):
    """A new line. There is no form to change one: it is closed, and another opened."""

    name = StringField(_l("热线名称"), validators=[InputRequired(_NEEDED), Length(max=SHORT)])
    numbers = TextAreaField(_l("公布的号码"), description=_l("一行写一个。"), validators=[Length(max=_LIST_LENGTH)])
    seats = WholeNumberField(
        _l("坐席数"),
        default=2,
        description=_l("疫情期间心理援助热线至少 2 个坐席（肺炎机制发〔2020〕18号）。"),
        validators=[InputRequired(_NEEDED), NumberRange(min=1, max=MOST_SEATS)],
    )
    hours = StringField(_l("服务时间"), description=_l("如“每日 8:00–22:00”。"), validators=[Length(max=SHORT)])
    opened_on = DateField(_l("开通日期"), validators=[InputRequired(_NEEDED)])


class CloseLineForm(BaseForm):
    """The last day of a line."""

    closed_on = DateField(_l("最后服务日"), validators=[InputRequired(_NEEDED)])
    version = HiddenField()


def lines_of(text: str) -> list[str]:
    """Return the lines that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]
