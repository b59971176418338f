from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from casework.core.errors import Conflict
from casework.web import i18n
from casework.web.forms import BaseForm, WholeNumberField, anchor, options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Everything(BaseForm):
    """A field of every kind."""

    name = StringField("称呼", validators=[InputRequired(), Length(max=3)])
    sex = RadioField("性别", choices=options({"f": "女", "m": "男"}), validators=[InputRequired()])
    again = RadioField("重复来电", choices=options({"y": "是", "n": "否"}))
    place = SelectField("地区", choices=options([("1", "广州")], "请选择"), validators=[InputRequired()])
    topics = SelectMultipleField("问题", choices=options({"a": "睡眠", "b": "学业"}))
    age = WholeNumberField("年龄", validators=[NumberRange(0, 120)])
    day = DateField("日期")
    told = BooleanField("已说明保密边界", validators=[InputRequired()])


@pytest.fixture
def filled() -> Iterator[Callable[..., Everything]]:
    """Give a function that fills the form, within a request."""
    app = Flask("forms")
    app.config.update(SECRET_KEY="x", SESSION_COOKIE_SECURE=False)
    i18n.install(app)
    with app.test_request_context("/?lang=zh"):
        yield lambda **values: Everything(MultiDict(values), meta={"csrf": False})


GOOD = {"name": "阿兰", "sex": "f", "place": "1", "age": "30", "day": "2020-04-05", "told": "y"}


def test_a_complete_form_is_taken(filled: Callable[..., Everything]) -> None:
    form = filled(**GOOD)
    assert form.validate(), form.errors


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("name", "", "请填写称呼。"),
        ("name", "   ", "请填写称呼。"),
        ("name", "一二三四", "最多填写 3 个字。"),
        ("sex", None, "请选择性别。"),
        ("sex", "x", "请从列出的选项中选择。"),
        ("place", "", "请选择地区。"),
        ("topics", "z", "请从列出的选项中选择。"),
        ("age", "abc", "请填写整数。"),
        ("age", "9" * 400, "请填写整数。"),
        ("age", "130", "请填写 0 到 120 之间的数。"),
        ("day", "5 April", "请按“年-月-日”填写日期，例如 2020-04-05。"),
        ("told", None, "请勾选“已说明保密边界”。"),
    ],
)
def test_a_message_says_what_to_do(filled: Callable[..., Everything], name: str, value: str | None, said: str) -> None:
    values = {key: each for key, each in (GOOD | {name: value}).items() if each is not None}
    form = filled(**values)
    assert not form.validate()
    assert form[name].errors[0] == said


def test_blanks_around_typed_text_are_dropped(filled: Callable[..., Everything]) -> None:
    assert filled(**GOOD | {"name": "  阿兰 "}).name.data == "阿兰"


def test_control_characters_inside_typed_text_are_dropped(filled: Callable[..., Everything]) -> None:
    assert filled(**GOOD | {"name": "阿\x00\x1b兰\x7f"}).name.data == "阿兰"


def test_a_question_that_may_stay_open_may_stay_open(filled: Callable[..., Everything]) -> None:
    form = filled(**GOOD)
    form.validate()
    assert "again" not in form.errors


def test_a_refusal_stands_at_its_field_or_above_the_form(filled: Callable[..., Everything]) -> None:
    form = filled(**GOOD)
    form.validate()
    form.refuse(Conflict("已由王督导指派。", field="place"))
    form.refuse(Conflict("请刷新后再试。"))
    assert form.first_errors() == [("", "请刷新后再试。"), ("place", "已由王督导指派。")]


def test_the_summary_leads_to_the_first_option_of_a_group(filled: Callable[..., Everything]) -> None:
    form = filled()
    assert anchor(form.sex) == "sex-0"
    assert anchor(form.place) == "place"
    assert anchor(form.name) == "name"


def test_every_message_of_the_form_library_has_our_words() -> None:
    import re  # noqa: PLC0415 - only this test reads source
    from pathlib import Path  # noqa: PLC0415 - the same

    import wtforms  # noqa: PLC0415 - the same

    from casework.web import forms  # noqa: PLC0415 - the same

    found = {
        message
        for path in Path(wtforms.__file__).parent.rglob("*.py")
        for message in re.findall(r'gettext\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))
    }
    # Fields and validators this house does not use; they fall back to "请检查此项。".
    unused = {"Invalid IP address.", "Invalid Mac address.", "Invalid field name '%s'.", "This field is required."}
    unused |= {"Invalid value, can't be any of: %(values)s."}
    assert found - unused <= forms._MESSAGES.keys() | forms._COUNTED.keys()
