"""Rules of being let to real calls, and the files of checklists and stories."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.intake.forms.call import CONTENT
from casework.intake.rules import binds, states
from casework.intake.types.readiness import CHECKLIST, CHECKLISTS, PRACTICES, STORIES, ReadyStep, Standing
from casework.security.permissions import Permission
from casework.security.roles import MATRIX, Role

DAY: Final = date(2020, 6, 1)
SINCE: Final = replace(CHECKLIST, required_from=DAY)
SECTIONS: Final = {"start", "person", "risk", "summary", "end"}


@given(days=st.integers(-400, 400))
def test_a_role_given_before_the_day_is_not_bound_and_one_given_since_is(days: int) -> None:
    assert binds(SINCE, Role.VOLUNTEER, DAY + timedelta(days=days)) is (days >= 0)
    assert binds(CHECKLIST, Role.VOLUNTEER, DAY + timedelta(days=days))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.VOLUNTEER])
def test_no_other_role_is_bound(role: Role) -> None:
    assert not binds(CHECKLIST, role, None)
    assert not binds(SINCE, role, DAY)


def test_a_role_whose_day_is_unknown_is_bound() -> None:
    assert binds(SINCE, Role.VOLUNTEER, None)


@given(done=st.dictionaries(st.sampled_from([*ReadyStep]), st.integers(0, 9)))
def test_a_step_is_done_when_it_was_done_as_often_as_asked_for(done: dict[str, int]) -> None:
    found = {each.code: each for each in states(CHECKLIST, done)}
    assert list(found) == [each.code for each in CHECKLIST.steps]
    for asked in CHECKLIST.steps:
        assert found[asked.code].is_done is (done.get(asked.code, 0) >= asked.times)
        assert found[asked.code].done <= asked.times


def test_only_required_steps_are_missing() -> None:
    optional = replace(CHECKLIST, steps=tuple(replace(each, is_required=False) for each in CHECKLIST.steps))
    for checklist, missing in ((CHECKLIST, len(CHECKLIST.steps)), (optional, 0)):
        standing = Standing(account_id=UUID(int=1), is_admitted=False, basis=None, steps=states(checklist, {}))
        assert len(standing.missing) == missing


def test_every_version_names_each_step_once_and_only_roles_that_take_calls() -> None:
    for version, checklist in CHECKLISTS.items():
        assert checklist.version == version
        codes = [each.code for each in checklist.steps]
        assert len(codes) == len(set(codes))
        assert all(1 <= each.times <= 50 for each in checklist.steps)
        for role in checklist.roles:
            assert Permission.CALLS_CALL_LOG in MATRIX[role]


def test_every_practice_has_a_story_in_both_languages() -> None:
    assert set(STORIES) == set(PRACTICES)
    for story in STORIES.values():
        assert {scene.section for scene in story.scenes} <= SECTIONS
        assert {point.field for point in story.points} <= set(CONTENT)
        texts = [
            story.titles,
            story.intros,
            *(scene.says for scene in story.scenes),
            *(scene.do for scene in story.scenes),
        ]
        texts += [text for point in story.points for text in (point.good, point.missing)]
        assert all(text["zh"].strip() and text["en"].strip() for text in texts)
        assert not any(any("\u4e00" <= letter <= "\u9fff" for letter in text["en"]) for text in texts)
