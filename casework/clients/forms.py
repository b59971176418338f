"""Shape and messages of the forms about alert plans and persons."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length

from casework.clients.rules import normalise
from casework.clients.types import LONGEST_PLAN_TEXT, PlanText
from casework.web.forms import BaseForm

_SHORT = 60
_LARGEST = 2**31


class PlanForm(BaseForm):
    """What a call-taker reads when the number calls. ``version`` is the version of the words that was shown."""

    version = HiddenField()
    helps = TextAreaField(
        _l("怎样有帮助"),
        description=_l("接线员照着做就行：怎样开场、说什么能让对方安定。不写姓名、住址和个案细节。"),
        validators=[InputRequired(), Length(max=LONGEST_PLAN_TEXT)],
    )
    limits = TextAreaField(
        _l("约定的界限"),
        description=_l("与来电者说好的：每周几次、每次多久、哪些话题不展开。"),
        validators=[Length(max=LONGEST_PLAN_TEXT)],
    )
    contact = TextAreaField(
        _l("由谁接谈"),
        description=_l("固定由哪位同事接谈，何时在班；其他人接到时怎样转达。"),
        validators=[Length(max=LONGEST_PLAN_TEXT)],
    )
    ends_on = DateField(
        _l("有效至"), description=_l("最长六个月。到期自动失效，续期须重新审批。"), validators=[InputRequired()]
    )

    def text(self) -> PlanText:
        """Return the words of a valid form."""
        return PlanText(*((field.data or "").strip() for field in (self.helps, self.limits, self.contact)))

    def last_day(self) -> date:
        """Return the last day of a valid form."""
        return self.ends_on.data or date.min

    def fill(self, text: PlanText, ends_on: date, version: int = 0) -> None:
        """Show a plan that is there."""
        self.helps.data, self.limits.data, self.contact.data = text.helps, text.limits, text.contact
        self.ends_on.data, self.version.data = ends_on, str(version)


class NewPlanForm(PlanForm):
    """A plan for a number that is typed here."""

    phone = TelField(_l("来电号码"), validators=[InputRequired(), Length(max=_SHORT)])
    name = StringField(_l("称呼"), description=_l("只有督导能看到，接线员看不到。"), validators=[Length(max=_SHORT)])

    def canonical(self) -> str | None:
        """Return the one spelling of the number; None, with the message at the field, when it is no person's."""
        number = normalise(self.phone.data or "")
        if number is None or not number.identifies:
            self.phone.errors = [*self.phone.errors, str(_l("请填写完整号码，座机请加区号。"))]
            return None
        return number.canonical


class VersionForm(BaseForm):
    """A step that holds for the version that was read."""

    version = HiddenField()

    def read_version(self) -> int:
        """Return which version the page showed; 0 for a form that does not say, which no plan has."""
        return version_of(self.version.data)


def version_of(text: str | None) -> int:
    """Return a whole number that a page sent, 0 for anything else."""
    is_number = bool(text) and str(text).isascii() and str(text).isdigit()
    return min(int(str(text)[:10]), _LARGEST) if is_number else 0
