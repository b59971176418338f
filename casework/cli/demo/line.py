"""What the switchboard saw of the demonstration's calls: who waited how long, and who hung up before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from casework.core.db import read_transaction
from casework.intake import queries
from casework.intake.service.record_files import Numbered, key_of
from casework.intake.service.records import Import, Verdict
from casework.intake.types.telephony import Ending, LegFacts, LegRecord
from casework.security.actor import Actor

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from casework.cli.demo.plan import PlannedCall
    from casework.intake.queries import OwnLine

LOST: Final = 0.14
SHORT: Final = 0.09
LONGEST_WAIT: Final = 240


@dataclass
class Switchboard:
    """Records that are not written yet. Its chances are its own, so that they change nothing else of the story."""

    random: Random
    lines: dict[UUID, OwnLine]
    work: Import
    seen: list[Numbered] = field(default_factory=list, repr=False)
    count: int = 0

    @classmethod
    def of(cls, story: Random) -> Switchboard:
        """Return the switchboard of a story."""
        with read_transaction():
            lines = {each.id: each for each in queries.LineBook().all()}
        return cls(Random(str(story.getstate()[1][:4])), lines, Import(Actor.system()))  # noqa: S311 - a repeatable story

    def see(self, call: PlannedCall, line_id: UUID | None) -> None:
        """Remember a call that was answered, and sometimes one before it that was not."""
        line = None if line_id is None else self.lines[line_id]
        if line is None:
            return
        wait = timedelta(seconds=min(LONGEST_WAIT, int(self.random.lognormvariate(2.4, 0.8))))
        arrived = call.at - wait
        ended = call.at + timedelta(minutes=call.minutes)
        self._add(line, LegFacts(started_at=arrived, answered_at=call.at, ended_at=ended), call.caller.phone)
        before = arrived - timedelta(minutes=self.random.randrange(2, 40))
        if self.random.random() < SHORT:
            self._hang_up(line, before, self.random.randrange(5), "")
        if self.random.random() < LOST:
            self._hang_up(line, before, self.random.randrange(5, 150), call.caller.phone)

    def write(self) -> int:
        """Store what was remembered and return how many calls it was."""
        if not self.seen:
            return 0
        before = self.work.counts[Verdict.ADDED]
        self.work.take_in(self.seen)
        self.seen.clear()
        self.work.settle()
        return self.work.counts[Verdict.ADDED] - before

    def _hang_up(self, line: OwnLine, start: datetime, seconds: int, phone: str) -> None:
        end = start + timedelta(seconds=seconds)
        self._add(line, LegFacts(started_at=start, ended_at=end, ending=Ending.ABANDONED), phone)

    def _add(self, line: OwnLine, facts: LegFacts, phone: str) -> None:
        self.count += 1
        record = LegRecord(facts=facts, line=str(line.id), record_id=f"demo-{self.count}", number=phone)
        self.seen.append(Numbered(self.count, record, line, key_of(record, line)))
