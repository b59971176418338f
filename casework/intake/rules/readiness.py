"""Being let to real calls: how a checklist stands, whom it binds, and what a practice call did well or lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework.intake.rules.danger import required_steps
from casework.intake.types.readiness import ANY, HELP, StepState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from casework.intake.types.readiness import Checklist, Point, Story
    from casework.security.roles import Role


@dataclass(frozen=True, slots=True)
class Looked:
    """What a practice call did well and what it lacks: points of the story, and steps that were tried or not."""

    good: tuple[Point, ...]
    missing: tuple[Point, ...]
    tried: tuple[str, ...]
    untried: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing and not self.untried


def binds(checklist: Checklist, role: Role, granted_on: date | None) -> bool:
    """Return whether somebody in a role has to be let in; ``granted_on`` is the day the role was given."""
    if role not in checklist.roles:
        return False
    since = checklist.required_from
    return since is None or granted_on is None or granted_on >= since


def states(checklist: Checklist, done: Mapping[str, int]) -> tuple[StepState, ...]:
    """Return how each step of the checklist stands, in its order; ``done`` says how many times each was."""
    return tuple(
        StepState(each.code, min(done.get(each.code, 0), each.times), each.times, each.is_required)
        for each in checklist.steps
    )


def look_at(story: Story, answers: Mapping[str, Collection[str]], tried: Collection[str]) -> Looked:
    """Return what a practice call did well and what it lacks.

    Of a dangerous story every step is tried that the protocol requires at its level, and the call for a supervisor.
    """
    good = tuple(point for point in story.points if _is_met(point, answers.get(point.field, ())))
    wanted: tuple[str, ...] = (HELP, *required_steps(story.level)) if story.level else ()
    return Looked(
        good,
        tuple(point for point in story.points if point not in good),
        tuple(code for code in wanted if code in tried),
        tuple(code for code in wanted if code not in tried),
    )


def _is_met(point: Point, given: Collection[str]) -> bool:
    if ANY in point.values:
        return any(each.strip() for each in given)
    return any(each in point.values for each in given)
