"""Reads of the directory. Resources are public facts; whoever works here with callers may see all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.core.db import session
from casework.core.errors import NotFound
from casework.directory.models import Resource
from casework.security.guard import require
from casework.security.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from casework.security.actor import Actor


def list_resources(actor: Actor, *, also: Collection[str] | None = None) -> Sequence[Resource]:
    """Return the active resources in order; with ``also`` those inactive ones too that a record names by id.

    Refused (R23) for roles that do not work with callers.
    """
    require(actor, Permission.DIRECTORY_RESOURCE_READ)
    found = sa.select(Resource).order_by(Resource.position, Resource.id)
    rows = session().scalars(found).all()
    return [row for row in rows if row.is_active or str(row.id) in (also or ())]


def list_all(actor: Actor) -> Sequence[Resource]:
    """Return all resources in order, inactive ones too. Refused (R23) as above."""
    require(actor, Permission.DIRECTORY_RESOURCE_READ)
    return session().scalars(sa.select(Resource).order_by(Resource.position, Resource.id)).all()


def get_resource(actor: Actor, resource_id: UUID) -> Resource:
    """Return a resource; refused (NotFound) when it does not exist."""
    require(actor, Permission.DIRECTORY_RESOURCE_READ)
    found = session().get(Resource, resource_id)
    if found is None:
        raise NotFound(_l("找不到这个资源。"))
    return found


def names_of(resource_ids: Collection[str]) -> dict[str, str]:
    """Return the names of resources by id as text, inactive ones too; what does not exist is left out."""
    if not resource_ids:
        return {}
    rows = session().execute(sa.select(Resource.id, Resource.name).order_by(Resource.position, Resource.id))
    return {str(row.id): row.name for row in rows if str(row.id) in resource_ids}
