"""Scoring. A missing answer is never a zero, and a score is never a diagnosis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.assessments.types import SCALES, Measure, Scale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Height and width of the small line beside a table of scores, in its own units.
LINE_WIDTH: Final = 120
LINE_HEIGHT: Final = 32
_MARGIN: Final = 4


def unknown_answers(scale: Scale, answers: Mapping[str, int]) -> list[str]:
    """Return the codes of answers that the scale does not ask for, or that lie outside its range."""
    items = {item.code: item for item in scale.items}
    return sorted(
        code
        for code, value in answers.items()
        if code not in items or not items[code].lowest <= value <= items[code].highest
    )


def score(scale: Scale, answers: Mapping[str, int]) -> int | None:
    """Return the sum of all items; None when one is missing."""
    if any(item.code not in answers for item in scale.items):
        return None
    return sum(answers[item.code] for item in scale.items)


def highest_score(scale: Scale) -> int:
    """Return the highest sum that is possible."""
    return sum(item.highest for item in scale.items)


def change(measures: Sequence[Measure]) -> int | None:
    """Return last minus first score of one scale, in order of time; None without two scores."""
    scores = [each.score for each in sorted(measures, key=lambda each: each.taken_at) if each.score is not None]
    return scores[-1] - scores[0] if len(scores) > 1 else None


def line_points(measures: Sequence[Measure]) -> list[tuple[float, float]]:
    """Return the points of a small line through the scores of one scale, oldest first, highest score on top."""
    ordered = sorted(measures, key=lambda each: each.taken_at)
    scores = [(each.scale, each.score) for each in ordered if each.score is not None]
    if not scores:
        return []
    top = highest_score(SCALES[scores[0][0]])
    step = (LINE_WIDTH - 2 * _MARGIN) / max(len(scores) - 1, 1)
    usable = LINE_HEIGHT - 2 * _MARGIN
    return [
        (round(_MARGIN + index * step, 1), round(_MARGIN + usable * (1 - value / top), 1))
        for index, (_, value) in enumerate(scores)
    ]
