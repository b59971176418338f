"""One decision, two forms: whether a record is within reach, and the same as a filter of a list."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from casework.security.roles import Reach

if TYPE_CHECKING:
    from collections.abc import Collection

    from casework.security.actor import Actor


class Relation(StrEnum):
    """How a person stands to a record."""

    OWN = "own"
    ASSIGNED = "assigned"
    PROJECT = "project"


_NEEDS = {Reach.OWN: Relation.OWN, Reach.ASSIGNED: Relation.ASSIGNED, Reach.PROJECT: Relation.PROJECT}


def admits(reach: Reach, relations: Collection[Relation]) -> bool:
    """Return whether somebody with this reach and these relations to a record may reach it."""
    if reach is Reach.PROGRAMME:
        return True
    return reach in _NEEDS and _NEEDS[reach] in relations


def reach_clause(
    actor: Actor,
    reach: Reach,
    *,
    own: sa.ColumnElement[bool] | None = None,
    assigned: sa.ColumnElement[bool] | None = None,
    project: Any = None,  # noqa: ANN401 - a mapped column of sub-project ids
) -> sa.ColumnElement[bool]:
    """Return the filter that keeps exactly the records ``admits`` would admit.

    A relation the record cannot have is left out and then matches nothing. A role of one sub-project never reaches
    beyond it, whatever its relation.
    """
    if reach is Reach.PROGRAMME:
        return sa.true()
    if reach is Reach.PROJECT:
        return sa.false() if project is None or actor.subproject_id is None else project == actor.subproject_id
    clause = {Reach.OWN: own, Reach.ASSIGNED: assigned}.get(reach)
    return sa.false() if clause is None else clause
