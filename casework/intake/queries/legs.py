"""Reads of calls on the line: the record of a call, what rings, and to which line a number belongs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.clients.rules import normalise
from casework.core import clock, crypto
from casework.core.db import session
from casework.core.errors import NotFound
from casework.core.keyring import KeyClass, current_keyring
from casework.intake.models import LineLeg, Ringing
from casework.intake.rules.line import state_of, talk_seconds, wait_seconds
from casework.intake.types.telephony import CallBack, Ending, LegFacts, LineCounted, Trouble
from casework.programme import queries as programme
from casework.security.actor import Actor
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime
    from uuid import UUID


LOG: Final = Permission.CALLS_CALL_LOG
_RECORDS: Final = "telephony/records"


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A line of ours, as calls are matched with it."""

    id: UUID
    subproject_id: UUID
    name: str
    opened_on: date
    closed_on: date | None

    def is_open(self, day: date) -> bool:
        """Return whether the line was open on a day."""
        return self.opened_on <= day and (self.closed_on is None or day <= self.closed_on)


class LineBook:
    """All lines by number, name and id, read once; a closed line still owns the calls of its time."""

    def __init__(self) -> None:
        """Read the lines of all sub-projects."""
        self._lines: dict[str, list[OwnLine]] = defaultdict(list)
        self._spelled: dict[str, str] = {}
        for line in programme.list_all_lines(Actor.system()):
            own = OwnLine(line.id, line.subproject_id, line.name, line.opened_on, line.closed_on)
            for spelling in {self._spelling(text) for text in (line.name, str(line.id), *line.numbers)}:
                self._lines[spelling].append(own)

    def find(self, text: str, day: date) -> OwnLine | Trouble:
        """Return the line of a number, name or id on a day, or why there is none.

        Of several the one that was open on that day; still several: they cannot be told apart.
        """
        found = self._lines.get(self._spelling(text), [])
        if len(found) > 1:
            found = [line for line in found if line.is_open(day)]
            return found[0] if len(found) == 1 else Trouble.LINE_AMBIGUOUS
        return found[0] if found else Trouble.LINE_UNKNOWN

    def all(self) -> Collection[OwnLine]:
        """Return every line once."""
        return {line.id: line for lines in self._lines.values() for line in lines}.values()

    def _spelling(self, text: str) -> str:
        """Return one spelling of all in which a number is written; remembered, because files repeat themselves."""
        if text not in self._spelled:
            if len(self._spelled) > _MOST_SPELLINGS:
                self._spelled.clear()
            number = normalise(text)
            self._spelled[text] = number.canonical if number is not None else text.strip().casefold()
        return self._spelled[text]


_MOST_SPELLINGS: Final = 5000


def record_key(*parts: str | bytes | UUID | None) -> bytes:
    """Return the MAC by which a record is found again, also after the keys were rotated.

    It is made with the oldest key of its class, which no rotation takes out of the file.
    """
    keyring = current_keyring()
    oldest = keyring.keys_of(KeyClass.AUDIT)[0].kid
    return crypto.mac(keyring.secret(KeyClass.AUDIT, _RECORDS, oldest), crypto.bind(*parts))


def leg_number_place(leg_id: UUID) -> Place:
    """Return where the number of a record belongs."""
    return Place("intake_line_leg", "sealed_number", leg_id)


def facts_of(leg: LineLeg) -> LegFacts:
    """Return what is known of a call on the line."""
    return LegFacts(
        started_at=leg.started_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at,
        ending=None if leg.ending is None else Ending(leg.ending),
    )


def counted_leg(subproject_id: UUID, line_id: UUID, facts: LegFacts) -> LineCounted | None:
    """Return what the daily counts need to know of a call; None while it is not decided what it counts as.

    A call belongs to the day it was answered, one that nobody answered to the day it arrived.
    """
    state = state_of(facts)
    if state is None:
        return None
    start = clock.local(facts.started_at)
    return LineCounted(
        day=clock.local_day(facts.answered_at or facts.started_at),
        weekday_hour=f"{start.weekday()}-{start.hour}",
        subproject_id=subproject_id,
        line_id=line_id,
        state=state,
        wait=wait_seconds(facts),
        talk=talk_seconds(facts),
    )


def legs_by_key(subproject_id: UUID, keys: Collection[bytes], *, hold: bool = True) -> dict[bytes, LineLeg]:
    """Return the records of a sub-project that are known already, held until the transaction ends unless not wanted."""
    found = sa.select(LineLeg).where(LineLeg.subproject_id == subproject_id, LineLeg.record_key.in_(keys))
    ordered = found.order_by(LineLeg.id)
    return {bytes(leg.record_key): leg for leg in session().scalars(ordered.with_for_update() if hold else ordered)}


def answered_since(subproject_id: UUID, indexes: Sequence[bytes], since: datetime) -> datetime | None:
    """Return when a number last got through after a moment, or None."""
    return session().scalar(
        sa.select(sa.func.max(LineLeg.answered_at)).where(
            *_of_number(subproject_id, indexes), LineLeg.answered_at >= since
        )
    )


def pending_call_backs(subproject_id: UUID, indexes: Sequence[bytes]) -> list[LineLeg]:
    """Return the calls of a number after which somebody is still to be called back."""
    wanted = sa.select(LineLeg).where(*_of_number(subproject_id, indexes), LineLeg.call_back == CallBack.DUE)
    return list(session().scalars(wanted.order_by(LineLeg.id)))


def list_ringing(actor: Actor) -> Sequence[Ringing]:
    """Return what rings in the actor's sub-project, or is spoken and not logged yet, the longest waiting first.

    Refused (R23) for roles that do not log calls.
    """
    require(actor, LOG)
    wanted = sa.select(Ringing).where(*_on_the_desk(actor), Ringing.taken_by.is_(None))
    return session().scalars(wanted.order_by(Ringing.started_at, Ringing.leg_id).limit(20)).all()


def get_ringing(actor: Actor, leg_id: UUID, *, hold: bool = False) -> Ringing:
    """Return a call on the actor's desk; refused (NotFound) when it is over, elsewhere, or does not exist."""
    require(actor, LOG)
    wanted = sa.select(Ringing).where(Ringing.leg_id == leg_id, *_on_the_desk(actor))
    found = session().scalar(wanted.with_for_update() if hold else wanted)
    if found is None:
        raise NotFound(_l("这通来电已结束或已不在值班台上。如需登记，请打开“来电登记”。"))
    return found


def _on_the_desk(actor: Actor) -> tuple[Any, ...]:
    return Ringing.subproject_id == actor.subproject_id, Ringing.until > clock.now()


def _of_number(subproject_id: UUID, indexes: Sequence[bytes]) -> tuple[Any, ...]:
    return LineLeg.subproject_id == subproject_id, LineLeg.number_index.in_(indexes)
