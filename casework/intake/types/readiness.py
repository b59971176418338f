"""Being let to real calls: the steps of the checklist, how a call-taker was let in, and the invented practice calls.

The checklist is data with a version (``data/readiness.json``), and so are the stories (``data/practice.json``): a
change is a new version beside the older ones, which stay, because every row says by which it was made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l

from casework.security.roles import Role

if TYPE_CHECKING:
    from uuid import UUID


class ReadyStep(StrEnum):
    """A step before the first real call. Which are asked for stands in the checklist, codes are never renamed."""

    PRACTICE_ROUTINE = "practice_routine"
    PRACTICE_SILENT = "practice_silent"
    PRACTICE_HIGH_RISK = "practice_high_risk"
    GUIDE_READ = "guide_read"
    OBSERVED = "observed"
    RISK_TRAINING = "risk_training"


class AdmissionBasis(StrEnum):
    """Why somebody takes real calls: the checklist was gone through, or they took them before there was one."""

    CHECKLIST = "checklist"
    EXISTING = "existing"


READY_STEP_NAMES: Final = {
    ReadyStep.PRACTICE_ROUTINE: _l("练习一：求助来电"),
    ReadyStep.PRACTICE_SILENT: _l("练习二：沉默来电"),
    ReadyStep.PRACTICE_HIGH_RISK: _l("练习三：高危来电"),
    ReadyStep.GUIDE_READ: _l("阅读使用说明"),
    ReadyStep.OBSERVED: _l("跟班旁听"),
    ReadyStep.RISK_TRAINING: _l("完成风险评估培训"),
}
PRACTICES: Final = (ReadyStep.PRACTICE_ROUTINE, ReadyStep.PRACTICE_SILENT, ReadyStep.PRACTICE_HIGH_RISK)
# Confirmed by a supervisor, one time after the other; the rest a call-taker does alone.
CONFIRMED: Final = (ReadyStep.OBSERVED, ReadyStep.RISK_TRAINING)
HELP: Final = "help"
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class AskedStep:
    """A step of the checklist, how many times it is asked for, and whether nobody is let in without it."""

    code: ReadyStep
    times: int
    is_required: bool


@dataclass(frozen=True, slots=True)
class Checklist:
    """A version of the checklist. Who was given a role in ``roles`` before ``required_from`` needs none."""

    version: int
    required_from: date | None
    roles: frozenset[Role]
    steps: tuple[AskedStep, ...]


@dataclass(frozen=True, slots=True)
class StepState:
    """How a step of one call-taker stands."""

    code: ReadyStep
    done: int
    times: int
    is_required: bool

    @property
    def is_done(self) -> bool:
        """Whether it was done as many times as asked for."""
        return self.done >= self.times


@dataclass(frozen=True, slots=True)
class Standing:
    """How one call-taker stands: whether real calls are open to them, and every step of the checklist.

    ``basis`` says by which admission; None with ``is_admitted`` is whom the checklist does not bind.
    """

    account_id: UUID
    is_admitted: bool
    basis: AdmissionBasis | None
    steps: tuple[StepState, ...]

    @property
    def missing(self) -> tuple[StepState, ...]:
        """The required steps that are not done."""
        return tuple(each for each in self.steps if each.is_required and not each.is_done)


@dataclass(frozen=True, slots=True)
class Scene:
    """A moment of a practice call: what the caller says and what is to be done, in both languages."""

    section: str
    says: dict[str, str]
    do: dict[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    """What a practice call looks at: a field, the values of which one is right, and the words for either result."""

    field: str
    values: tuple[str, ...]
    good: dict[str, str]
    missing: dict[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """An invented call. ``level``: the danger whose steps are tried; 0 asks for none, and for no call for help."""

    code: ReadyStep
    level: int
    titles: dict[str, str]
    intros: dict[str, str]
    scenes: tuple[Scene, ...]
    points: tuple[Point, ...]


_FOLDER: Final = Path(__file__).parent.parent / "data"
_LANGUAGES: Final = ("zh", "en")


def _said(entry: dict[str, Any], name: str) -> dict[str, str]:
    return {each: entry[f"{each}_{name}"] for each in _LANGUAGES}


def _checklist(entry: dict[str, Any]) -> Checklist:
    since = entry["required_from"]
    return Checklist(
        entry["version"],
        None if since is None else date.fromisoformat(since),
        frozenset(Role(each) for each in entry["roles"]),
        tuple(AskedStep(ReadyStep(each["code"]), each["times"], each["required"]) for each in entry["steps"]),
    )


def _story(entry: dict[str, Any]) -> Story:
    return Story(
        ReadyStep(entry["code"]),
        entry["level"],
        _said(entry, "title"),
        _said(entry, "intro"),
        tuple(Scene(each["section"], _said(each, "says"), _said(each, "do")) for each in entry["scenes"]),
        tuple(
            Point(each["field"], tuple(each["values"]), _said(each, "good"), _said(each, "missing"))
            for each in entry["points"]
        ),
    )


def _read(name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))


CHECKLISTS: Final = {entry["version"]: _checklist(entry) for entry in _read("readiness.json")["checklists"]}
# What is asked from now on is asked by the newest.
CHECKLIST: Final = CHECKLISTS[max(CHECKLISTS)]
STORIES: Final = {story.code: story for story in map(_story, _read("practice.json")["stories"])}
