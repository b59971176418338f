"""Joining two numbers into one person, and parting them again. Neither touches a call, a client or a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.clients import queries
from casework.clients.models import NumberJoin
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, NotFound
from casework.core.ids import new_id
from casework.programme.models import Subproject
from casework.security.guard import require
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from casework.clients.types import JoinReason
    from casework.security.actor import Actor


def join_numbers(first: Sequence[bytes], second: Sequence[bytes], reason: JoinReason, *, actor: Actor) -> NumberJoin:
    """Make two numbers of the acting supervisor's sub-project one person from now on; both histories stay as they are.

    Each number is given by every index under which it may be known, the active first. Its event is numbers.joined.
    Refused (Conflict): the same number twice, or two that are one person already.
    """
    require(actor, Permission.CLIENTS_NUMBER_JOIN)
    if actor.subproject_id is None:
        raise NotFound(_l("没有找到子项目。"))
    _take_turns(actor.subproject_id)
    if set(first) & set(second):
        raise Conflict(_l("这是同一个号码。请填写另一个号码。"), field="other")
    if queries.person_of(actor.subproject_id, first) & set(second):
        raise Conflict(_l("这两个号码已经合并为同一人。"), field="other")
    join = NumberJoin(
        id=new_id(),
        subproject_id=actor.subproject_id,
        first_index=first[0],
        second_index=second[0],
        reason=reason,
        joined_at=clock.now(),
        joined_by=actor.account_id,
    )
    session().add(join)
    session().flush()
    details = {"reason": str(reason)}
    trail.record(Action.NUMBERS_JOINED, actor=actor, subject_kind="number_join", subject_id=join.id, details=details)
    return join


def part_numbers(join_id: UUID, *, actor: Actor) -> NumberJoin:
    """End a join: who is one person is again exactly what it would be without it. Its event is numbers.parted.

    Refused (NotFound): out of reach, or parted already.
    """
    join = queries.get_join(actor, join_id)
    join.parted_at, join.parted_by = clock.now(), actor.account_id
    session().flush()
    trail.record(Action.NUMBERS_PARTED, actor=actor, subject_kind="number_join", subject_id=join.id, details={})
    return join


def _take_turns(subproject_id: UUID) -> None:
    """Let one joining follow the other in a sub-project, so that the same two are not joined twice."""
    # The lock that leaves foreign keys to the row alone: calls go on being saved.
    row = sa.select(Subproject.id).where(Subproject.id == subproject_id).with_for_update(key_share=True)
    session().execute(row)
