"""What one event adds to the daily counts, in the same transaction as the event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from casework.cases.models import Case, CaseDay, CaseNote
from casework.cases.rules import mode_of
from casework.cases.types import ALL, Channel, ClosingReason, Dimension, NoteKind, Stage
from casework.core import clock, tally
from casework.core.db import session

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def count_opened(case: Case) -> None:
    """Count a case on the day it was opened, by risk and by each focus group it names."""
    risk = "unknown" if case.risk_level is None else str(case.risk_level)
    pairs = [(Dimension.OPENED, ALL), (Dimension.OPENED_RISK, risk)]
    pairs += [(Dimension.OPENED_POPULATION, each) for each in case.populations]
    _add(case, case.opened_at, pairs)


def count_step(case: Case, after: Stage, at: datetime) -> None:
    """Count a step of a case on its day."""
    _add(case, at, [(Dimension.STAGE, str(after))])


def count_closed(case: Case, reason: ClosingReason, at: datetime) -> None:
    """Count the end of a case on its day, by reason."""
    _add(case, at, [(Dimension.CLOSED, str(reason)), (Dimension.STAGE, str(case.stage))])


def count_measure(case: Case, scale: str, at: datetime) -> None:
    """Count a measurement on its day, by scale."""
    _add(case, at, [(Dimension.MEASURE, scale)])


def count_note(case: Case, note: CaseNote, *, sign: int = 1) -> None:
    """Count a session on the day it took place: by channel, mode (R16), service and minutes. ``sign`` -1 takes it back.

    Notes about anything but a session are not counted: they are no service to anybody.
    """
    if note.kind != NoteKind.SESSION or note.channel is None:
        return
    channel = Channel(note.channel)
    pairs = [(Dimension.SESSION, str(channel)), (Dimension.MODE, str(mode_of(channel)))]
    pairs += [(Dimension.SERVICE, each) for each in note.services]
    _add(case, note.occurred_at, pairs, sign)
    if note.minutes:
        _add(case, note.occurred_at, [(Dimension.MINUTES, str(mode_of(channel)))], sign * note.minutes)


def count_client(case: Case, at: datetime) -> None:
    """Count the person on the day of the first session ever written for them (人, as against 人次)."""
    _add(case, at, [(Dimension.CLIENT, ALL)])


def has_sessions(client_case: Case) -> bool:
    """Return whether a session was ever written for this person in this sub-project."""
    theirs = sa.select(Case.id).where(
        Case.client_id == client_case.client_id, Case.subproject_id == client_case.subproject_id
    )
    found = sa.select(CaseNote.id).where(CaseNote.case_id.in_(theirs), CaseNote.kind == NoteKind.SESSION).limit(1)
    return session().scalar(found) is not None


def _add(case: Case, at: datetime, pairs: Iterable[tuple[Dimension, str]], count: int = 1) -> None:
    day = clock.local_day(at)
    rows: list[dict[str, Any]] = [
        {
            "day": day,
            "subproject_id": case.subproject_id,
            "dimension": str(dimension),
            "value": value,
            "count": count,
        }
        for dimension, value in pairs
    ]
    tally.add(CaseDay, rows)
