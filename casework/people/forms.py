"""Forms of people: signing in, codes, passwords, pledges, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SearchField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from casework.security.roles import ROLE_NAMES, Role
from casework.web.forms import BaseForm, WholeNumberField, options

if TYPE_CHECKING:
    from uuid import UUID

NAME_MOST: Final = 60
LOGIN_MOST: Final = 40
PLEDGE_MOST: Final = 20_000
_ROLES: Final = {role: name for role, name in ROLE_NAMES.items() if role is not Role.SYSTEM}
_LANGUAGES: Final = {"zh": "中文", "en": "English"}


class EntryForm(BaseForm):
    """What every step of signing in carries along: where to go afterwards, and what an ended session left behind."""

    next = HiddenField()
    kept = HiddenField()


class SignInForm(EntryForm):
    """Login name and password."""

    login = StringField(_l("登录名"), [DataRequired(), Length(max=200)])
    password = PasswordField(_l("口令"), [InputRequired(), Length(max=400)])


class CodeForm(EntryForm):
    """A code of the authenticator, or a recovery code."""

    code = StringField(_l("验证码"), [DataRequired(), Length(max=60)])


class FactorForm(CodeForm):
    """A new authenticator: the offered seed, wrapped, and its first code."""

    offer = HiddenField(validators=[DataRequired()])


class PasswordForm(EntryForm):
    """The present password and a new one. Typed once: it can be shown while typing."""

    current = PasswordField(_l("当前口令"), [InputRequired(), Length(max=400)])
    new = PasswordField(_l("新口令"), [InputRequired(), Length(max=400)])


class PledgeForm(EntryForm):
    """The promise, for the very version that was read."""

    pledge = HiddenField(validators=[DataRequired()])
    agree = BooleanField(_l("我已逐条阅读并理解，承诺遵守"), [DataRequired()])


class PledgeTextForm(BaseForm):
    """A new version of a pledge, in both languages."""

    body_zh = TextAreaField(_l("中文正文"), [DataRequired(), Length(max=PLEDGE_MOST)])
    body_en = TextAreaField(_l("英文正文"), [DataRequired(), Length(max=PLEDGE_MOST)])


class LanguageForm(BaseForm):
    """The language somebody works in."""

    locale = RadioField(_l("界面语言"), choices=options(_LANGUAGES))


class AccountForm(BaseForm):
    """A new account."""

    login = StringField(_l("登录名"), [DataRequired(), Length(max=LOGIN_MOST)])
    display_name = StringField(_l("姓名"), [DataRequired(), Length(max=NAME_MOST)])


class NameForm(BaseForm):
    """The staff name of an account."""

    display_name = StringField(_l("同事看到的名字"), [DataRequired(), Length(max=NAME_MOST)])


class RoleForm(BaseForm):
    """A role and its place. The places are filled in by the view."""

    role = SelectField(_l("角色"), [DataRequired()], choices=options(_ROLES, _l("请选择")))
    subproject = SelectField(_l("子项目"), choices=[])
    caseload_limit = WholeNumberField(_l("个案上限"), [Optional(), NumberRange(0, 200)], default=12)


class LimitForm(BaseForm):
    """How many cases somebody should hold at most. There is one for each role of an account on its page."""

    caseload_limit = WholeNumberField(_l("个案上限"), [InputRequired(), NumberRange(0, 200)])
    grant_id: UUID | None = None

    def beside(self, grant_id: UUID) -> Self:
        """Return this form, its field told apart from those of the other roles."""
        self.grant_id, self.caseload_limit.id = grant_id, f"limit-{grant_id}"
        return self


class SearchForm(BaseForm):
    """Which accounts to list. Sent as an address, so it needs no form token."""

    class Meta(BaseForm.Meta):
        """A search changes nothing."""

        csrf = False

    q = SearchField(_l("登录名或姓名"), [Optional(), Length(max=NAME_MOST)])
    role = SelectField(_l("角色"), choices=options(_ROLES, _l("全部")), default="")
    state = SelectField(_l("状态"), choices=options({"disabled": _l("已停用")}, _l("在用")), default="")
