"""Values of the programme, and the programme as a file describes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class SubprojectKind(StrEnum):
    """The shape is 6+1: six regional sub-projects and one for the whole country."""

    SIX = "6"
    PLUS_ONE = "+1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFacts:
    """The programme itself. Money is in fen (1/100 yuan)."""

    name: str
    owner: str
    guided_by: str
    steering: str
    starts_on: date
    ends_on: date
    budget_fen: int
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubprojectFacts:
    """A sub-project. ``division`` is a GB/T 2260 code, None for the whole country; authorisation is both or neither."""

    code: str
    kind: SubprojectKind
    name: str
    fund: str
    partner: str
    region: str
    division: str | None
    targets: tuple[str, ...]
    responsible: str
    authorised_by: str
    authorised_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlineFacts:
    """A line of the sub-project with that code, and when it was open."""

    subproject: str
    name: str
    numbers: tuple[str, ...]
    seats: int
    hours: str
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class ProgrammeFile:
    """All that a programme file says, checked."""

    programme: ProgrammeFacts
    subprojects: tuple[SubprojectFacts, ...]
    hotlines: tuple[HotlineFacts, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a programme file, and where: ``subprojects[2].code``."""

    where: str
    what: str
