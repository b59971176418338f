"""Danger to life: how great it may be, which steps it asks for, and whose turn it is to answer an alert.

The gauge only suggests (PIPL art. 24): the level in the record is the worker's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.intake.rules.protocol import PROTOCOL
from casework.intake.rules.risk import HIGH_RISK, suggested_level
from casework.intake.types import Step, Suggestion, Turn

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from casework.intake.types import Codes, Gauge, Protocol, Risk, StepCode
    from casework.people.types import Present

# From this level on the panel with the steps is shown.
ELEVATED: Final = 2


def suggestion(codes: Codes, gauge: Gauge = PROTOCOL.gauge) -> Suggestion | None:
    """Return the level the answers together suggest; None while the question about risk has no answer.

    Never below what that answer alone suggests, and never lower when any item says more danger.
    """
    least = suggested_level(codes.risk)
    if least is None or codes.risk is None:
        return None
    weights = {
        "risk": gauge.risk[codes.risk],
        "intention": _weight(gauge.ratings["intention"], codes.intention),
        "hopelessness": _weight(gauge.ratings["hopelessness"], codes.hopelessness),
        "distress": _weight(gauge.ratings["distress"], codes.distress_before),
        **{str(sign): gauge.signs[sign] for sign in codes.signs},
    }
    total = sum(weights.values())
    summed = max((level for level, bound in gauge.levels.items() if total >= bound), default=0)
    reasons = tuple(name for name, weight in weights.items() if weight)
    return Suggestion(max(least, summed), reasons, gauge.version)


def asks_to_confirm(codes: Codes) -> bool:
    """Return whether the gauge suggests more than the answer alone, so that the worker has to choose the level."""
    found = suggestion(codes)
    return found is not None and found.level > (suggested_level(codes.risk) or 0)


def danger_level(risk: Risk | None, chosen: int | None) -> int:
    """Return the level for which steps are taken and alerts raised: whichever is higher, the answer's or the chosen."""
    return max(suggested_level(risk) or 0, chosen or 0)


def steps_of(level: int, protocol: Protocol = PROTOCOL) -> tuple[Step, ...]:
    """Return the steps that are shown at a level, in order."""
    return tuple(step for step in protocol.steps if level >= step.from_level)


def required_steps(level: int, protocol: Protocol = PROTOCOL) -> tuple[StepCode, ...]:
    """Return the steps that must be taken, or be given a reason, at a level."""
    return tuple(step.code for step in protocol.steps if step.required_from is not None and level >= step.required_from)


def missing_steps(level: int, answered: Collection[str]) -> tuple[StepCode, ...]:
    """Return the required steps that are neither done nor given a reason.

    They never keep what was typed from being saved: the call is stored and stays to be completed (待补录).
    """
    return tuple(code for code in required_steps(level) if code not in answered)


def turns(
    raised_at: datetime, now: datetime, wait: timedelta, on_duty: Sequence[Present], known: Sequence[Turn] = ()
) -> list[Turn]:
    """Return whose turn it has been to answer an open alert; the last one's it is now.

    ``known`` are the turns that were recorded. Each person on duty is asked once, in the order in which they came on
    duty; after ``wait`` it is the next one's turn, at once when somebody has left. Then, or when nobody is on duty, it
    is the office's (None), where it stays.
    """
    found = list(known)
    asked = {turn.account_id for turn in found}
    present = {each.account_id for each in on_duty}
    waiting = sorted(
        (each for each in on_duty if each.account_id not in asked), key=lambda each: (each.since, each.account_id)
    )
    start = raised_at
    while not found or found[-1].account_id is not None:
        if found:
            start = found[-1].since + (wait if found[-1].account_id in present else wait * 0)
            if start > now:
                break
        following = waiting.pop(0) if waiting else None
        found.append(
            Turn(None, start) if following is None else Turn(following.account_id, max(start, following.since))
        )
    return found


def raises_alert(level: int, *, alerted: int | None, help_wanted: bool) -> bool:
    """Return whether a supervisor must be told anew: for help always, for a level only when it is higher than told."""
    return help_wanted or (level >= HIGH_RISK and (alerted is None or level > alerted))


def _weight(bounds: Mapping[int, int], value: int | None) -> int:
    if value is None:
        return 0
    return max((weight for bound, weight in bounds.items() if value >= bound), default=0)
