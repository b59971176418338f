"""The list that the call screen searches is the list of divisions."""

from __future__ import annotations

import json

from tests.support import areas


def test_the_searched_areas_are_those_of_the_standard() -> None:
    assert areas.LIST.read_text(encoding="utf-8") == areas.text()


def test_each_area_has_its_name_and_its_syllables() -> None:
    listed = json.loads(areas.LIST.read_text(encoding="utf-8"))
    assert len(listed) == 34 + 337 + 2843
    assert listed["440106"] == ["天河区", "tian he qu"]
    assert listed["500000"][1].startswith("chong qing")
