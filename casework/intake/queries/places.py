"""Where the sealed parts of a call belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from casework.audit import trail
from casework.audit.rules import together
from casework.core.db import session
from casework.intake.models import Call
from casework.vault.types import Place

if TYPE_CHECKING:
    from uuid import UUID

    from casework.intake.models import CallRevision


def caller_place(call: Call) -> Place:
    """Return where name and number of a call belong: to one version of it."""
    return Place("intake_call", "sealed_caller", call.id, call.revision)


def summary_place(call: Call) -> Place:
    """Return where the summary of a call belongs: to one version of it."""
    return Place("intake_call", "sealed_summary", call.id, call.revision)


def plan_place(call: Call) -> Place:
    """Return where the safety plan of a call belongs: to one version of it."""
    return Place("intake_call", "sealed_plan", call.id, call.revision)


def draft_place(call_id: UUID, rev: int) -> Place:
    """Return where an unfinished form belongs; each save has a place of its own, so an older one does not open."""
    return Place("intake_call", "sealed_draft", call_id, rev)


def revision_places(revision: CallRevision) -> tuple[Place, Place, Place]:
    """Return where caller, summary and safety plan of a former version belong."""
    table = "intake_call_revision"
    return (
        Place(table, "sealed_caller", revision.id, revision.revision),
        Place(table, "sealed_summary", revision.id, revision.revision),
        Place(table, "sealed_plan", revision.id, revision.revision),
    )


def digest_of(call: Call) -> bytes | None:
    """Return the digest of what is sealed about a call, None when nothing is."""
    sealed = (call.sealed_caller, call.sealed_summary, call.sealed_plan)
    if not any(sealed):
        return None
    return trail.content_digest(*sealed[: 3 if call.sealed_plan else 2])


def sealed_content(call_id: UUID) -> bytes | None:
    """Return what is sealed about a call, to be compared with its recorded digest."""
    columns = (Call.sealed_caller, Call.sealed_summary, Call.sealed_plan)
    found = session().execute(sa.select(*columns).where(Call.id == call_id)).one_or_none()
    # Calls without a plan have the digest they had before there were plans.
    return None if found is None else together(*(found if found[2] else found[:2]))
