"""The form of a resource."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from casework.directory.types import KIND_NAMES, LONGEST_HOURS, LONGEST_NAME, LONGEST_NOTE, Kind
from casework.web.forms import BaseForm, options


class ResourceForm(BaseForm):
    """What callers are told about a resource. ``version`` is the one that was being edited."""

    name = StringField(_l("名称"), validators=[InputRequired(), Length(max=LONGEST_NAME)])
    kind = RadioField(_l("类别"), choices=options(KIND_NAMES), validators=[InputRequired()])
    phones = TextAreaField(_l("电话"), description=_l("一行写一个。"), validators=[Length(max=400)])
    areas = TextAreaField(
        _l("服务地区"),
        description=_l("区划代码的前 2、4 或 6 位，一行一个；面向全国的留空。"),
        validators=[Length(max=400)],
    )
    hours = StringField(_l("服务时间"), validators=[Length(max=LONGEST_HOURS)])
    eligibility = TextAreaField(_l("适用条件"), validators=[Length(max=LONGEST_NOTE)])
    verified_on = DateField(_l("最近核实日期"), validators=[Optional()])
    is_active = BooleanField(_l("可以告知来电者"))
    version = HiddenField()

    def fill(self, resource: Any) -> None:  # noqa: ANN401 - a row, which forms do not know
        """Begin with what is stored."""
        for name in ("name", "hours", "eligibility", "verified_on", "is_active"):
            self[name].data = getattr(resource, name)
        self.kind.data = str(resource.kind)
        self.phones.data, self.areas.data = "\n".join(resource.phones), "\n".join(resource.areas)
        self.version.data = str(resource.row_version)

    def values(self) -> dict[str, Any]:
        """Return what was entered as the service takes it."""
        return {
            "name": self.name.data or "",
            "kind": Kind(self.kind.data),
            "phones": _lines(self.phones.data),
            "areas": _lines(self.areas.data),
            "hours": self.hours.data or "",
            "eligibility": (self.eligibility.data or "").strip(),
            "is_active": bool(self.is_active.data),
            "verified_on": self.verified_on.data,
        }


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
