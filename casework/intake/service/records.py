"""Call records from a file: read line by line, taken in batches, every line that is not taken with the reason.

Nothing of a line is repeated anywhere: numbers stand in it. A file read twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from casework.audit import trail
from casework.audit.events import Action
from casework.clients import queries as clients
from casework.clients.rules import normalise
from casework.core import clock, tally
from casework.core.db import session
from casework.intake import queries
from casework.intake.models import LineDay, LineLeg
from casework.intake.rules.line import CALL_BACK_WITHIN, belong_together, merged
from casework.intake.service import legs, telephony
from casework.intake.types.telephony import Refusal, Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from casework.intake.service.record_files import Numbered
    from casework.intake.types.telephony import LegFacts
    from casework.security.actor import Actor

BATCH: Final = 500
MOST_INDEXES: Final = 20_000
MOST_SEEN: Final = 200_000
_THREADS: Final = 2
# What switchboards write where a caller withholds the number.
_WITHHELD: Final = frozenset(
    {"anonymous", "unknown", "private", "restricted", "withheld", "unavailable", "blocked", "none", "0", "-"}
)


class Verdict(StrEnum):
    """What a line of a file does."""

    ADDED = "added"
    CHANGED = "changed"
    REPEATED = "repeated"
    REFUSED = "refused"
    IGNORED = "ignored"


# What is known of a call: its line and its facts.
Known = tuple["UUID", "LegFacts"]


@dataclass(slots=True)
class Import:
    """An import in progress. ``counts`` says what became of the lines, ``pending`` who may have to be called back.

    A dry run remembers what it has read in ``seen`` instead of the database; of a very long file only the latest part.
    """

    actor: Actor
    counts: Counter[Verdict] = field(default_factory=Counter)
    unreadable_numbers: int = 0
    seen: dict[tuple[UUID, bytes], Known] = field(default_factory=dict, repr=False)
    pending: list[tuple[UUID, bytes, str]] = field(default_factory=list, repr=False)

    def look(self, rows: Sequence[Numbered]) -> list[Refusal]:
        """Count what a batch would do, write nothing, and return the lines that would be refused."""
        found = {**_known(rows, hold=False)}
        known: dict[tuple[UUID, bytes], Known] = {
            place: (leg.line_id, queries.facts_of(leg)) for place, leg in found.items()
        }
        refused = []
        for row in rows:
            before = self.seen.get(row.place) or known.get(row.place)
            verdict = _verdict(before, row)
            self._count(verdict, row)
            if verdict is Verdict.REFUSED:
                refused.append(Refusal(row.at, Trouble.CONTRADICTS_EARLIER, "id"))
            else:
                facts = row.record.facts if before is None else merged(before[1], row.record.facts)
                self.seen[row.place] = (row.line.id, facts)
        while len(self.seen) > MOST_SEEN:
            del self.seen[next(iter(self.seen))]
        return refused

    def take_in(self, rows: Sequence[Numbered]) -> list[Refusal]:
        """Store a batch and return the lines that are refused; its event is telephony.records_imported.

        One call told by several lines is one record; a line that tells nothing new changes nothing. Refused: a line
        whose id belongs to a call at another time or on another line.
        """
        found, new, refused, changes = _known(rows, hold=True), [], [], []
        before, sealer = Counter(self.counts), legs.Sealer(self.actor)
        _compute_indexes(rows)
        for row in rows:
            leg = found.get(row.place)
            verdict = _verdict(None if leg is None else (leg.line_id, queries.facts_of(leg)), row)
            self._count(verdict, row)
            if verdict is Verdict.REFUSED:
                refused.append(Refusal(row.at, Trouble.CONTRADICTS_EARLIER, "id"))
                continue
            if leg is None:
                leg = found[row.place] = legs.new_leg(row.line, row.key, row.record.facts)
                new.append(leg)
                changes += legs.counts_of(leg)
            elif verdict is Verdict.CHANGED:
                changes += legs.joined(leg, row.record.facts)
            self._number(leg, row, sealer)
        _insert(new)
        tally.add(LineDay, changes)
        done = self.counts - before
        trail.record(
            Action.TELEPHONY_RECORDS_IMPORTED,
            actor=self.actor,
            subject_kind="line_day",
            subject_id=None,
            details={
                "added": done[Verdict.ADDED],
                "changed": done[Verdict.CHANGED],
                "repeated": done[Verdict.REPEATED],
            },
        )
        return refused

    def settle(self) -> int:
        """Decide, now that the whole file is read, who is to be called back; return how many."""
        due = 0
        for subproject_id, key, phone in self.pending:
            leg = queries.legs_by_key(subproject_id, [key]).get(key)
            if leg is not None and leg.answered_at is not None:
                telephony.note_reached(leg)
            elif leg is not None and leg.call_back is None:
                due += telephony.settle_call_back(leg, phone, actor=self.actor)
        self.pending.clear()
        session().flush()
        return due

    def _count(self, verdict: Verdict, row: Numbered) -> None:
        self.counts[verdict] += 1
        number = row.record.number
        if number and verdict is Verdict.ADDED and number.casefold() not in _WITHHELD and normalise(number) is None:
            self.unreadable_numbers += 1

    def _number(self, leg: LineLeg, row: Numbered, sealer: legs.Sealer) -> None:
        number = legs.kept_number(row.record.number, row.record.facts)
        if number is None:
            return
        if leg.sealed_number is None:
            sealer.seal(leg, number)
        if number.identifies and leg.started_at > clock.now() - CALL_BACK_WITHIN:
            self.pending.append((*row.place, number.canonical))


def _verdict(before: Known | None, row: Numbered) -> Verdict:
    if before is None:
        return Verdict.ADDED
    line_id, facts = before
    if line_id != row.line.id or not belong_together(facts, row.record.facts):
        return Verdict.REFUSED
    return Verdict.REPEATED if merged(facts, row.record.facts) == facts else Verdict.CHANGED


def _known(rows: Sequence[Numbered], *, hold: bool) -> dict[tuple[UUID, bytes], LineLeg]:
    found: dict[tuple[UUID, bytes], LineLeg] = {}
    for subproject_id in sorted({row.place[0] for row in rows}, key=str):
        keys = {row.key for row in rows if row.place[0] == subproject_id}
        legs_found = queries.legs_by_key(subproject_id, keys, hold=hold)
        found |= {(subproject_id, key): leg for key, leg in legs_found.items()}
    return found


def _compute_indexes(rows: Sequence[Numbered]) -> None:
    """Stretch the numbers of a batch side by side: it takes longer than all the rest."""
    known = clients.known_indexes()
    if len(known) > MOST_INDEXES:
        known.clear()
    numbers = (legs.kept_number(row.record.number, row.record.facts) for row in rows)
    wanted = sorted({each.canonical for each in numbers if each is not None and each.identifies} - known.keys())
    threads = [clients.look_ahead(wanted[start::_THREADS]) for start in range(min(_THREADS, len(wanted)))]
    for thread in threads:
        thread.join()


def _insert(new: Sequence[LineLeg]) -> None:
    columns = [column.key for column in sa.inspect(LineLeg).columns]
    if new:
        values = [{name: getattr(leg, name) for name in columns} for leg in new]
        session().connection().execute(sa.insert(LineLeg), values)
