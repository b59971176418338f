"""Scoring and change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from casework.assessments import rules
from casework.assessments.types import DISTRESS, SCALES, Measure

START = datetime(2020, 4, 1, 8, tzinfo=UTC)
SOMEBODY = UUID(int=1)


def measure(day: int, score: int | None) -> Measure:
    return Measure(
        id=UUID(int=day), scale="distress", taken_at=START + timedelta(days=day), recorded_by=SOMEBODY, score=score
    )


@pytest.mark.parametrize("value", range(11))
def test_distress_is_its_own_answer(value: int) -> None:
    assert rules.score(DISTRESS, {"now": value}) == value
    assert rules.unknown_answers(DISTRESS, {"now": value}) == []


def test_a_missing_answer_is_never_a_zero() -> None:
    assert rules.score(DISTRESS, {}) is None


@pytest.mark.parametrize("answers", [{"now": 11}, {"now": -1}, {"now": 3, "other": 1}])
def test_answers_outside_the_scale_are_named(answers: dict[str, int]) -> None:
    assert rules.unknown_answers(DISTRESS, answers) != []


def test_change_is_last_minus_first_in_order_of_time() -> None:
    assert rules.change([measure(9, 3), measure(1, 8), measure(4, None)]) == -5
    assert rules.change([measure(1, 8)]) is None
    assert rules.change([]) is None


def test_the_line_goes_down_the_page_as_the_score_falls() -> None:
    points = rules.line_points([measure(1, 10), measure(2, 5), measure(3, 0)])
    heights = [height for _, height in points]
    assert heights == sorted(heights)
    assert all(0 <= x <= rules.LINE_WIDTH and 0 <= y <= rules.LINE_HEIGHT for x, y in points)
    assert rules.line_points([]) == []
    assert len(rules.line_points([measure(1, 4)])) == 1


def test_every_scale_has_a_source_and_items() -> None:
    for code, scale in SCALES.items():
        assert scale.code == code
        assert scale.items
        assert str(scale.source)
        assert rules.highest_score(scale) > 0
