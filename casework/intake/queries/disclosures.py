"""Disclosures: those of a call, those of a month for review, those the person has not been told of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.audit.rules import together
from casework.core import clock
from casework.core.db import session
from casework.core.errors import NotFound
from casework.core.paging import Key, Page, keyset
from casework.intake.models import Disclosure
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause
from casework.vault import service as vault
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from casework.intake.models import Call
    from casework.security.actor import Actor

SHOWN: Final = 20
DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class OpenedDisclosure:
    """A disclosure whose words were opened for display; its read event is recorded."""

    row: Disclosure
    facts: str = field(repr=False)
    document: str = field(repr=False)
    outcome: str = field(repr=False)


def disclosures_of(call_ids: Collection[UUID]) -> dict[UUID, list[Disclosure]]:
    """Return the disclosures about calls that were obtained within reach, unopened, the earliest first."""
    found = sa.select(Disclosure).where(Disclosure.call_id.in_(call_ids))
    listed: dict[UUID, list[Disclosure]] = {}
    for row in session().scalars(found.order_by(Disclosure.disclosed_at, Disclosure.id)) if call_ids else ():
        listed.setdefault(row.call_id, []).append(row)
    return listed


def open_disclosures(actor: Actor, call: Call) -> list[OpenedDisclosure]:
    """Open what was disclosed about a call within reach, the earliest first: one read event each."""
    return [_opened(actor, row) for row in disclosures_of([call.id]).get(call.id, [])]


def get_disclosure(actor: Actor, disclosure_id: UUID) -> Disclosure:
    """Return a disclosure that the actor reviews; refused (NotFound) when it is out of reach or does not exist."""
    found = session().scalar(sa.select(Disclosure).where(Disclosure.id == disclosure_id, _reviewed(actor)))
    if found is None:
        raise NotFound(_l("找不到这条披露记录，或它不在你的工作范围内。"))
    return found


def hold_disclosure(disclosure_id: UUID) -> Disclosure | None:
    """Return a disclosure as it is now and keep other writers from it until the transaction ends."""
    held = sa.select(Disclosure).where(Disclosure.id == disclosure_id).with_for_update()
    return session().scalar(held, execution_options={"populate_existing": True})


def list_disclosures(actor: Actor, month: date, cursor: str | None = None) -> Page[Disclosure]:
    """Return one page of the disclosures of a month (Asia/Shanghai), newest first; ``month`` is its first day.

    Refused (R23) for roles that do not review them.
    """
    begin, end = (datetime.combine(day, time(), clock.LOCAL_ZONE) for day in (month, _next_month(month)))
    found = sa.select(Disclosure).where(
        _reviewed(actor), Disclosure.disclosed_at >= begin, Disclosure.disclosed_at < end
    )
    order = [Key(Disclosure.disclosed_at, descending=True), Key(Disclosure.id, descending=True)]
    return keyset(found, order, cursor, SHOWN)


def list_untold(actor: Actor) -> Sequence[Disclosure]:
    """Return the disclosures that the person has not been told of, the earliest first (PIPL art. 18)."""
    found = sa.select(Disclosure).where(_reviewed(actor), Disclosure.told_at.is_(None))
    return session().scalars(found.order_by(Disclosure.disclosed_at, Disclosure.id).limit(SHOWN)).all()


def disclosure_places(disclosure_id: UUID) -> tuple[Place, Place, Place]:
    """Return where facts, document and outcome of a disclosure belong."""
    table = "intake_disclosure"
    return (
        Place(table, "sealed_facts", disclosure_id),
        Place(table, "sealed_document", disclosure_id),
        Place(table, "sealed_outcome", disclosure_id),
    )


def disclosure_digest(row: Disclosure) -> bytes:
    """Return the digest of what is sealed about a disclosure."""
    return trail.content_digest(row.sealed_facts, row.sealed_document, row.sealed_outcome)


def sealed_disclosure(disclosure_id: UUID) -> bytes | None:
    """Return what is sealed about a disclosure, to be compared with its recorded digest."""
    columns = (Disclosure.sealed_facts, Disclosure.sealed_document, Disclosure.sealed_outcome)
    found = session().execute(sa.select(*columns).where(Disclosure.id == disclosure_id)).one_or_none()
    return None if found is None else together(*found)


def _opened(actor: Actor, row: Disclosure) -> OpenedDisclosure:
    key = vault.open_key(row.data_key_id, actor=actor)
    sealed = (row.sealed_facts, row.sealed_document, row.sealed_outcome)
    words = [
        "" if each is None else vault.open_text(key, place, each)
        for place, each in zip(disclosure_places(row.id), sealed, strict=True)
    ]
    trail.record(
        Action.DISCLOSURE_READ,
        actor=actor,
        subject_kind="disclosure",
        subject_id=row.id,
        details={"call": row.call_id},
        digest=disclosure_digest(row),
    )
    return OpenedDisclosure(row, *words)


def _reviewed(actor: Actor) -> sa.ColumnElement[bool]:
    reach = require(actor, Permission.DISCLOSURES_REPORT_DECIDE)
    return reach_clause(actor, reach, project=Disclosure.subproject_id)


def _next_month(month: date) -> date:
    return date(month.year + month.month // DECEMBER, month.month % DECEMBER + 1, 1)
