"""What events and files have in common: the record of one call, its sealed number, its counts, its call-back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casework.clients import queries as clients
from casework.clients.rules import normalise
from casework.core import clock
from casework.core.ids import new_id
from casework.core.keyring import KeyClass
from casework.core.rotation import register_rewrapper, rewrapper_of
from casework.intake import queries
from casework.intake.models import LineLeg
from casework.intake.rules.line import keeps_number, line_changes, merged
from casework.vault import service as vault
from casework.vault.types import DataKey, KeyPurpose

if TYPE_CHECKING:
    from uuid import UUID

    from casework.clients.types import PhoneNumber
    from casework.intake.queries import OwnLine
    from casework.intake.types.telephony import LegFacts
    from casework.security.actor import Actor

register_rewrapper(
    KeyClass.BIDX,
    "intake_line_leg.number_index",
    rewrapper_of(KeyClass.BIDX, LineLeg.number_index, lambda ring, row: ring.reindex(row.number_index)),
)


@dataclass
class Sealer:
    """Data keys of one transaction: one for each sub-project, so that a file of many calls makes few keys."""

    actor: Actor
    keys: dict[UUID, DataKey] = field(default_factory=dict, repr=False)

    def seal(self, leg: LineLeg, number: PhoneNumber) -> None:
        """Seal the number of a record towards the supervisors, and index it when it can identify somebody."""
        if leg.subproject_id not in self.keys:
            self.keys[leg.subproject_id] = vault.create_key(
                KeyPurpose.CALL, leg.id, subproject_id=leg.subproject_id, actor=self.actor
            )
        key = self.keys[leg.subproject_id]
        leg.data_key_id = key.id
        leg.sealed_number = vault.seal_text(key, queries.leg_number_place(leg.id), number.canonical)
        leg.number_index = clients.number_indexes(number.canonical)[0] if number.identifies else None


def kept_number(text: str, facts: LegFacts) -> PhoneNumber | None:
    """Return the number that is kept of a call: none that cannot be read, none of a call that is too long ago."""
    return normalise(text) if text and keeps_number(facts.started_at, clock.now()) else None


def new_leg(line: OwnLine, key: bytes, facts: LegFacts) -> LineLeg:
    """Return a record that is not stored yet."""
    leg = LineLeg(id=new_id(), subproject_id=line.subproject_id, line_id=line.id, record_key=key)
    _write(leg, facts)
    leg.call_back = leg.data_key_id = leg.sealed_number = leg.number_index = None
    return leg


def joined(leg: LineLeg, facts: LegFacts) -> list[dict[str, Any]]:
    """Let a record tell what a further report tells, and return the rows to add to the counts; none: nothing new."""
    before = queries.facts_of(leg)
    after = merged(before, facts)
    if after == before:
        return []
    _write(leg, after)
    place = (leg.subproject_id, leg.line_id)
    return line_changes(queries.counted_leg(*place, before), queries.counted_leg(*place, after))


def counts_of(leg: LineLeg) -> list[dict[str, Any]]:
    """Return the rows that a new record adds to the counts."""
    return line_changes(None, queries.counted_leg(leg.subproject_id, leg.line_id, queries.facts_of(leg)))


def _write(leg: LineLeg, facts: LegFacts) -> None:
    leg.started_at, leg.answered_at = facts.started_at, facts.answered_at
    leg.ended_at, leg.ending = facts.ended_at, facts.ending
