"""Reads of the programme. Its facts are public within the house; each role still sees its own sub-project only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.core import clock
from casework.core.db import session
from casework.core.errors import NotFound
from casework.programme import rules
from casework.programme.models import Hotline, Programme, Subproject
from casework.security.permissions import Permission
from casework.security.reach import Relation, admits, reach_clause
from casework.security.roles import Reach, Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from casework.security.actor import Actor

READ = Permission.PROGRAMME_SUBPROJECT_READ


def find_programme() -> Programme | None:
    """Return the programme of this system, or None before one was loaded."""
    return session().scalar(sa.select(Programme).order_by(Programme.id).limit(1))


def get_programme() -> Programme:
    """Return the programme of this system; refused (NotFound) before one was loaded."""
    programme = find_programme()
    if programme is None:
        raise NotFound(_l("还没有导入项目。请先运行 flask casework init。"))
    return programme


def frame_names(subproject_id: UUID | None) -> tuple[str, str]:
    """Return what stands in the frame of every page: the programme's daily title and the short name of one sub-project.

    Either is empty when there is none. Names are public; whoever works in a sub-project sees what it is called.
    """
    name = session().scalar(sa.select(Programme.name).order_by(Programme.id).limit(1)) or ""
    own = session().scalar(sa.select(Subproject.name).where(Subproject.id == subproject_id)) if subproject_id else None
    return rules.short_title(name), rules.short_name(own, name) if own else ""


def list_subprojects(actor: Actor, permission: Permission = READ) -> Sequence[Subproject]:
    """Return the sub-projects within reach of the actor's permission, in the programme's order."""
    within = _within(actor, permission, Subproject.id)
    return session().scalars(sa.select(Subproject).where(within).order_by(Subproject.position, Subproject.id)).all()


def get_subproject(actor: Actor, subproject_id: UUID) -> Subproject:
    """Return a sub-project; refused (NotFound) when it is out of reach or does not exist."""
    return _within_reach(actor, session().get(Subproject, subproject_id))


def get_subproject_by_code(actor: Actor, code: str) -> Subproject:
    """Return the sub-project with a code such as ``GZ``; refused (NotFound) when out of reach or unknown."""
    return _within_reach(actor, session().scalar(sa.select(Subproject).where(Subproject.code == code)))


def list_lines(
    actor: Actor, subproject_id: UUID | None = None, *, on: date | None = None, permission: Permission = READ
) -> Sequence[Hotline]:
    """Return the lines that are open on a day (today, unless given) within reach; of one sub-project when given."""
    day = on or clock.today()
    is_open = (Hotline.opened_on <= day) & (Hotline.closed_on.is_(None) | (Hotline.closed_on >= day))
    return _lines(actor, subproject_id, permission, is_open)


def list_all_lines(
    actor: Actor, subproject_id: UUID | None = None, *, permission: Permission = READ
) -> Sequence[Hotline]:
    """Return all lines within reach, the closed ones too; of one sub-project when given."""
    return _lines(actor, subproject_id, permission, sa.true())


def find_line(actor: Actor, line_id: UUID) -> Hotline | None:
    """Return a line within reach, open or closed, or None."""
    line = session().get(Hotline, line_id)
    return line if line is not None and _reaches(actor, READ, line.subproject_id) else None


def get_line(actor: Actor, line_id: UUID) -> Hotline:
    """Return a line, open or closed; refused (NotFound) when it is out of reach or does not exist."""
    line = find_line(actor, line_id)
    if line is None:
        raise NotFound(_l("找不到这条热线，或它不在你的工作范围内。"))
    return line


def _lines(
    actor: Actor, subproject_id: UUID | None, permission: Permission, wanted: sa.ColumnElement[bool]
) -> Sequence[Hotline]:
    statement = (
        sa.select(Hotline)
        .join(Subproject, Subproject.id == Hotline.subproject_id)
        .where(wanted, _within(actor, permission, Hotline.subproject_id))
        .order_by(Subproject.position, Hotline.opened_on, Hotline.name, Hotline.id)
    )
    if subproject_id is not None:
        statement = statement.where(Hotline.subproject_id == subproject_id)
    return session().scalars(statement).all()


def _within_reach(actor: Actor, subproject: Subproject | None) -> Subproject:
    if subproject is None or not _reaches(actor, READ, subproject.id):
        raise NotFound(_l("找不到这个子项目，或它不在你的工作范围内。"))
    return subproject


def _within(actor: Actor, permission: Permission, column: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a mapped column
    return reach_clause(actor, _reach(actor, permission), project=column)


def _reaches(actor: Actor, permission: Permission, subproject_id: UUID) -> bool:
    return admits(_reach(actor, permission), {Relation.PROJECT} if actor.subproject_id == subproject_id else ())


def _reach(actor: Actor, permission: Permission) -> Reach:
    if actor.role is Role.SYSTEM:
        return Reach.PROGRAMME
    reach = actor.reach(permission)
    # Whoever works in a sub-project may know its name and its lines, without the page about them.
    return Reach.PROJECT if reach is Reach.NONE and permission is READ and actor.subproject_id is not None else reach
