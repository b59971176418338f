"""The one door to the audit trail: record what happened, in the same transaction as what it records.

``record`` only collects; the entries are written at the last moment before the commit, so that a chain is locked for
two short statements and the commit. Rolled back work leaves no event; what was refused or failed stays, and so does
what was read: these wait in a queue that ``flush_queue`` writes in a short transaction of its own before the answer
leaves. There is no moment at which a committed change has no entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.audit.events import checked_code, checked_details
from casework.audit.rules import content_digest, together
from casework.audit.trail.checkpoints import write_checkpoint
from casework.audit.trail.pending import collect, flush_queue, flush_reads, has_queued, install
from casework.audit.types import GONE, Event, Outcome
from casework.core import clock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from casework.audit.events import Action
    from casework.security.actor import Actor

__all__ = (
    "GONE",
    "Outcome",
    "content_digest",
    "flush_queue",
    "flush_reads",
    "has_queued",
    "install",
    "record",
    "together",
    "write_checkpoint",
)


def record(
    action: Action,
    *,
    actor: Actor,
    subject_kind: str,
    subject_id: UUID | None,
    details: Mapping[str, object] | None = None,
    outcome: Outcome = Outcome.DONE,
    rule: str | None = None,
    digest: bytes | None = None,
) -> None:
    """Leave one event. It is stored if and only if the current transaction commits, or, for a read, when it is flushed.

    ``digest`` is ``content_digest(ciphertext)`` of the sealed content that was written or read; ``GONE`` after lawful
    erasure. A refused or failed outcome outlives the rollback that follows it. Refused (VocabularyError): details
    other than ``events.DETAILS`` names, or a value that could be a text.
    """
    event = Event(
        at=clock.now(),
        actor_id=actor.account_id,
        role=str(actor.role),
        session_id=actor.session_id,
        action=str(action),
        subject_kind=checked_code("subject kind", subject_kind),
        subject_id=subject_id,
        details=checked_details(action, details),
        outcome=str(outcome),
        rule=None if rule is None else checked_code("rule", rule),
        digest=digest,
    )
    collect(event)
