"""Lists from paper: what a supervisor's sub-project has taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.core.db import session
from casework.core.errors import NotFound
from casework.intake.models import Call, PaperBatch, PaperLine
from casework.intake.types import BatchState
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from casework.security.actor import Actor

SHOWN: Final = 50


def list_batches(actor: Actor) -> Sequence[PaperBatch]:
    """Return the lists of the actor's sub-project, the newest first."""
    found = sa.select(PaperBatch).where(_within(actor))
    return session().scalars(found.order_by(PaperBatch.created_at.desc(), PaperBatch.id.desc()).limit(SHOWN)).all()


def get_batch(actor: Actor, batch_id: UUID) -> PaperBatch:
    """Return a list; refused (NotFound) when it is out of reach or does not exist."""
    return _found(sa.select(PaperBatch).where(PaperBatch.id == batch_id, _within(actor)))


def hold_batch(actor: Actor, batch_id: UUID) -> PaperBatch:
    """Return a list as it is now and keep other writers from it until the transaction ends. Refused as above."""
    return _found(sa.select(PaperBatch).where(PaperBatch.id == batch_id, _within(actor)).with_for_update())


def imported_before(subproject_id: UUID, digest: bytes) -> PaperBatch | None:
    """Return the list that was imported from the very same file, if there is one."""
    found = sa.select(PaperBatch).where(
        PaperBatch.subproject_id == subproject_id,
        PaperBatch.digest == digest,
        PaperBatch.state == BatchState.IMPORTED,
    )
    return session().scalar(found.limit(1))


def calls_of_batch(batch_id: UUID) -> Sequence[Call]:
    """Return the calls that a list brought, in the order of the file."""
    found = sa.select(Call).join(PaperLine, PaperLine.call_id == Call.id).where(PaperLine.batch_id == batch_id)
    return session().scalars(found.order_by(PaperLine.row)).all()


def counted_lines(batch_id: UUID) -> Sequence[PaperLine]:
    """Return the lines of a list that stand for several calls, in the order of the file."""
    found = sa.select(PaperLine).where(PaperLine.batch_id == batch_id, PaperLine.call_id.is_(None))
    return session().scalars(found.order_by(PaperLine.row)).all()


def forgotten_batches(before: datetime) -> Sequence[PaperBatch]:
    """Return lists that were looked through and never imported."""
    found = sa.select(PaperBatch).where(PaperBatch.state == BatchState.CHECKED, PaperBatch.created_at < before)
    return session().scalars(found.order_by(PaperBatch.id)).all()


def file_place(batch: PaperBatch) -> Place:
    """Return where the file of a list belongs."""
    return Place("intake_paper_batch", "sealed_file", batch.id)


def _found(wanted: sa.Select[Any]) -> PaperBatch:
    batch: PaperBatch | None = session().scalar(wanted, execution_options={"populate_existing": True})
    if batch is None:
        raise NotFound(_l("找不到这份台账，或它不在你的工作范围内。"))
    return batch


def _within(actor: Actor) -> sa.ColumnElement[bool]:
    reach = require(actor, Permission.CALLS_PAPER_IMPORT)
    return reach_clause(actor, reach, project=PaperBatch.subproject_id)
