"""The base of every form: messages that say what to do, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    IntegerField,
    PasswordField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.widgets import Select

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flask_babel import LazyString

    from casework.core.errors import CaseworkError

_STRIPPED: Final = frozenset({StringField, TelField, EmailField, SearchField, SelectField, RadioField})
_MISSING: Final = "This field is required."
_MOST_DIGITS: Final = 9
# All but tab and line breaks.
_CONTROLS: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
# What the form library says -> what we say. ``%`` places are the library's own.
_EXPIRED: Final = _l("页面已过期。请刷新后再提交。")
_CHOOSE: Final = _l("请从列出的选项中选择。")
# What the form libraries say -> what we say. ``%`` places are the library's own; anything else is "Invalid input.".
_MESSAGES: Final[Mapping[str, LazyString]] = {
    "CSRF failed.": _EXPIRED,
    "CSRF token expired.": _EXPIRED,
    "CSRF token missing.": _EXPIRED,
    "Invalid CSRF Token.": _EXPIRED,
    "Choices cannot be None.": _CHOOSE,
    "Invalid Choice: could not coerce.": _CHOOSE,
    "Invalid choice(s): one or more data inputs could not be coerced.": _CHOOSE,
    "Not a valid choice.": _CHOOSE,
    "Invalid value, must be one of: %(values)s.": _CHOOSE,
    "Not a valid integer value.": _l("请填写整数。"),
    "Not a valid decimal value.": _l("请填写数字。"),
    "Not a valid float value.": _l("请填写数字。"),
    "Not a valid date value.": _l("请按“年-月-日”填写日期，例如 2020-04-05。"),
    "Not a valid datetime value.": _l("请按“年-月-日 时:分”填写，例如 2020-04-05 14:05。"),
    "Not a valid time value.": _l("请按“时:分”填写时间，例如 14:05。"),
    "Not a valid week value.": _l("请按“年-W周”填写，例如 2020-W15。"),
    "Date must be at least %(min)s.": _l("日期不能早于 %(min)s。"),
    "Date must be at most %(max)s.": _l("日期不能晚于 %(max)s。"),
    "Date must be between %(min)s and %(max)s.": _l("日期应在 %(min)s 到 %(max)s 之间。"),
    "Field must be between %(min)d and %(max)d characters long.": _l("请填写 %(min)d 到 %(max)d 个字。"),
    "Field must be equal to %(other_name)s.": _l("两次填写的内容不一致。"),
    "Invalid email address.": _l("请填写完整的电子邮箱地址。"),
    "Invalid URL.": _l("请填写完整的网址。"),
    "Invalid UUID.": _l("编号不正确。"),
    "Invalid input.": _l("请检查此项。"),
    "Number must be at least %(min)s.": _l("不能小于 %(min)s。"),
    "Number must be at most %(max)s.": _l("不能大于 %(max)s。"),
    "Number must be between %(min)s and %(max)s.": _l("请填写 %(min)s 到 %(max)s 之间的数。"),
    "This field cannot be edited.": _l("此项不能修改。"),
    "This field is disabled and cannot have a value.": _l("此项不能修改。"),
}
_COUNTED: Final[Mapping[str, LazyString]] = {
    "Field must be at least %(min)d character long.": _l("至少填写 %(min)d 个字。"),
    "Field cannot be longer than %(max)d character.": _l("最多填写 %(max)d 个字。"),
    "Field must be exactly %(max)d character long.": _l("应为 %(max)d 个字。"),
    "'%(value)s' is not a valid choice for this field.": _CHOOSE,
}


class _Words:
    """The form libraries' messages in our words."""

    def gettext(self, message: str) -> str:
        """Return our sentence; the mark of a missing answer stays, because the form names the field later."""
        if message == _MISSING:
            return message
        return str(_MESSAGES.get(message, _MESSAGES["Invalid input."]))

    def ngettext(self, singular: str, plural: str, count: int) -> str:  # noqa: ARG002 - the library's signature
        """Return our sentence, which is the same for every count."""
        return str(_COUNTED.get(singular, _MESSAGES["Invalid input."]))


class WholeNumberField(IntegerField):
    """A whole number. What has more digits than any answer is refused unread: computing with it would fail."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent; refused (ValueError, shown at the field) when it is no number or much too long."""
        if valuelist and len(valuelist[0].strip()) > _MOST_DIGITS:
            self.data = None
            raise ValueError(_MESSAGES["Not a valid integer value."])
        super().process_formdata(valuelist)


class BaseForm(FlaskForm):
    """Messages in Chinese (translated), missing answers named by their label, errors of services at their field."""

    class Meta(FlaskForm.Meta):
        """Own words instead of the library's catalogue."""

        def get_translations(self, form: Any) -> Any:  # noqa: ANN401, ARG002 - the library's signature
            """Return our words."""
            return _Words()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:  # noqa: ANN401 - the library's signature
            """Read a form from a form only: JSON comes in any shape, and no page of ours sends a form as JSON."""
            is_given = formdata is None or isinstance(formdata, MultiDict)
            return None if not is_given and request.is_json else super().wrap_formdata(form, formdata)

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:  # noqa: ANN401 - the library's signature
            """Strip blanks around what was typed and drop control characters inside, except in passwords."""
            field = super().bind_field(form, unbound_field, options)
            if isinstance(field, StringField) and not isinstance(field, PasswordField):
                # No keyboard writes them, and a database refuses some of them.
                field.filters = (*field.filters, _without_controls)
            if type(field) in _STRIPPED:
                field.filters = (*field.filters, _strip)
            return field

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Return whether all is well; a missing answer says which (请填写… or 请选择…)."""
        for field in self:
            if isinstance(field, RadioField) and not field.raw_data:
                # Nothing chosen is no wrong choice; whether it may be left out is for the validators to say.
                field.validate_choice = False
        valid = super().validate(extra_validators)
        valid = all([valid, *(not _only_blanks(field) for field in self)])
        for field in self:
            field.errors = [_missing(field) if error == _MISSING else error for error in field.errors]
        return bool(valid)

    def refuse(self, error: CaseworkError) -> None:
        """Show a service's refusal at the field it names, or above the form."""
        message = str(error.message)
        if error.field is not None and error.field in self:
            field = self[error.field]
            field.errors = [*field.errors, message]
            return
        self.form_errors.append(message)

    def first_errors(self) -> list[tuple[str, str]]:
        """Return (anchor, message) in the order of the form; the anchor of the form's own messages is empty."""
        own = [("", message) for message in self.form_errors]
        return own + [(anchor(field), str(field.errors[0])) for field in self if field.errors]


def options(
    pairs: Mapping[Any, str | LazyString] | Iterable[tuple[Any, str | LazyString]],
    first: str | LazyString | None = None,
) -> list[SelectChoice]:
    """Return the choices of a field from a table of names or from pairs (tuples themselves are deprecated).

    ``first`` is the label of an empty choice before the others, for a select that begins undecided.
    """
    rows = pairs.items() if isinstance(pairs, Mapping) else pairs
    named = [SelectChoice(str(value), label) for value, label in rows]
    return named if first is None else [SelectChoice("", first), *named]


def anchor(field: Field) -> str:
    """Return the id of the control that takes the focus: the first option of a group, else the field itself."""
    return f"{field.id}-0" if _is_group(field) else str(field.id)


def _is_group(field: Field) -> bool:
    return isinstance(field, (RadioField, SelectMultipleField)) and not isinstance(field.widget, Select)


def _only_blanks(field: Field) -> bool:
    """Mark a required text of nothing but blanks as missing, and return whether it was."""
    blank = field.flags.required and not field.errors and isinstance(field.data, str) and not field.data.strip()
    if blank:
        field.errors = [_MISSING]
    return bool(blank)


def _missing(field: Field) -> str:
    label = str(field.label.text)
    if isinstance(field, BooleanField):
        return _("请勾选“%(label)s”。", label=label)
    if isinstance(field, (SelectField, SelectMultipleField)):
        return _("请选择%(label)s。", label=label)
    return _("请填写%(label)s。", label=label)


def _without_controls(value: Any) -> Any:  # noqa: ANN401 - whatever the field holds
    return value.translate(_CONTROLS) if isinstance(value, str) else value


def _strip(value: Any) -> Any:  # noqa: ANN401 - whatever the browser sent
    return value.strip() if isinstance(value, str) else value
