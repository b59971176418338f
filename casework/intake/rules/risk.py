"""How the answer about suicide and self-harm becomes a suggestion, and when a supervisor has to look.

The worker chooses the level; the table only suggests one (PIPL art. 24: nothing is decided by a machine alone).
"""

from __future__ import annotations

from typing import Final

from casework.intake.types import Outcome, Risk

HIGH_RISK: Final = 3
# 高危来电: an attempt that is going on or has just been, a plan within 72 hours, a plan within a week.
_SUGGESTED: Final = {
    Risk.NONE: 0,
    Risk.IDEATION: 1,
    Risk.PLAN: 2,
    Risk.PLAN_WEEK: 3,
    Risk.PLAN_72H: 3,
    Risk.ATTEMPT: 4,
    Risk.NOT_ASSESSED: None,
}
# From level 2 on, the supervisor is told in the same shift.
_TOLD_FROM: Final = 2
_ALWAYS: Final = frozenset({Outcome.TO_CASE, Outcome.EMERGENCY})
# Not assessed stands before 中: nobody knows that it is harmless.
_RANKS: Final = {0: 0, 1: 1, 2: 2, None: 3, 3: 4, 4: 5}


def suggested_level(risk: Risk | None) -> int | None:
    """Return the level 0–4 that an answer suggests; None when risk was not assessed, which is not the same as 0."""
    return None if risk is None else _SUGGESTED[risk]


def is_high_risk(level: int | None) -> bool:
    """Return whether a level is 高危 (3) or 危急 (4)."""
    return level is not None and level >= HIGH_RISK


def needs_triage(outcome: Outcome | None, level: int | None) -> bool:
    """Return whether a supervisor has to decide: a wish for a case, an emergency, or level 2 and more."""
    return outcome in _ALWAYS or (level is not None and level >= _TOLD_FROM)


def triage_rank(level: int | None) -> int:
    """Return the place of a level on the triage board; higher comes first."""
    return _RANKS[level]
