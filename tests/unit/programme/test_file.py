from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest

from casework.programme.rules import is_open, may_serve, read_file
from casework.programme.service import BUNDLED

FACTS: dict[str, Any] = json.loads(BUNDLED.read_text(encoding="utf-8"))


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the bundled file with one thing changed; ``subprojects.0.code`` names it, Ellipsis removes it."""
    data = copy.deepcopy(FACTS)
    *way, last = path.split(".")
    place: Any = data
    for step in way:
        place = place[int(step)] if step.isdecimal() else place[step]
    key: Any = int(last) if last.isdecimal() else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return data


def test_the_bundled_programme_is_six_plus_one_with_its_lines() -> None:
    file, problems = read_file(FACTS)
    assert problems == []
    assert file is not None
    assert [each.code for each in file.subprojects] == ["YH", "ZK", "BJ", "BD", "SZ", "GZ", "BC"]
    assert [each.kind.value for each in file.subprojects].count("+1") == 1
    assert file.subprojects[-1].division is None, "the one for the whole country has no region"
    assert file.programme.budget_fen == 150_000_000
    assert file.programme.starts_on == date(2020, 3, 27)
    lines = {line.name: line for line in file.hotlines}
    assert lines["和悦社工值班热线"].opened_on == date(2020, 1, 27)
    assert lines["心关爱心理援助电话"].seats == 24


def test_a_subproject_is_authorised_by_who_guides_the_programme_unless_the_file_says_otherwise() -> None:
    file, _ = read_file(FACTS)
    assert file is not None
    assert {each.authorised_by for each in file.subprojects} == {"民政部慈善事业促进和社会工作司"}
    file, _ = read_file(changed("programme.guided_by", ""))
    assert file is not None
    assert not any(may_serve(each.authorised_by, each.authorised_on, date(2020, 6, 1)) for each in file.subprojects)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("programme.name", "", "programme.name"),
        ("programme.start", "27.3.2020", "programme.start"),
        ("programme.start", ..., "programme.start"),
        ("programme.end", "2019-01-01", "programme.end"),
        ("programme.budget_cny", -1, "programme.budget_cny"),
        ("programme.budget_cny", 0.001, "programme.budget_cny"),
        ("programme.outputs", "一", "programme.outputs"),
        ("programme.ower", "错字", "programme"),
        ("subprojects", [], "subprojects"),
        ("subprojects", "YH", "subprojects"),
        ("subprojects.0.code", "yh", "subprojects[0].code"),
        ("subprojects.1.code", "YH", "subprojects[1].code"),
        ("subprojects.0.kind", "7", "subprojects[0].kind"),
        ("subprojects.0.division", "4201", "subprojects[0].division"),
        ("subprojects.0.target", [], "subprojects[0].target"),
        ("subprojects.0.authorised_by", "某局", "subprojects[0].authorised_by"),
        ("subprojects.0", 3, "subprojects[0]"),
        ("hotlines.0.subproject", "XX", "hotlines[0].subproject"),
        ("hotlines.1.name", "和悦社工值班热线", "hotlines[1].name"),
        ("hotlines.0.seats", 0, "hotlines[0].seats"),
        ("hotlines.0.seats", True, "hotlines[0].seats"),
        ("hotlines.0.closed_on", "2020-01-01", "hotlines[0].closed_on"),
    ],
)
def test_a_wrong_file_is_refused_and_the_place_named(path: str, value: object, where: str) -> None:
    file, problems = read_file(changed(path, value))
    assert file is None
    assert where in {problem.where for problem in problems}


def test_all_problems_are_told_at_once() -> None:
    _, problems = read_file({"programme": {}, "subprojects": [{}], "extra": 1})
    assert len(problems) >= 6


def test_what_is_no_object_is_refused() -> None:
    given: tuple[object, ...] = (None, [], "programme", 7)
    for data in given:
        assert read_file(data)[0] is None


@pytest.mark.parametrize(
    ("by", "on", "day", "allowed"),
    [
        ("", None, date(2020, 4, 1), False),
        ("某局", date(2020, 4, 1), date(2020, 3, 31), False),
        ("某局", date(2020, 4, 1), date(2020, 4, 1), True),
    ],
)
def test_T5_nobody_serves_before_the_day_of_authorisation(by: str, on: date | None, day: date, allowed: bool) -> None:
    assert may_serve(by, on, day) is allowed


def test_a_line_is_open_from_its_first_to_its_last_day() -> None:
    first, last = date(2020, 1, 27), date(2020, 2, 1)
    assert [is_open(first, last, date(2020, 1, 26)), is_open(first, last, first), is_open(first, last, last)] == [
        False, True, True,
    ]  # fmt: skip
    assert not is_open(first, last, date(2020, 2, 2))
    assert is_open(first, None, date(2030, 1, 1))
