"""Writes of the directory. Each leaves one audit event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.exc import StaleDataError

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid
from casework.core.ids import new_id
from casework.directory import rules
from casework.directory.models import Resource
from casework.directory.types import Kind
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.web.spelling import spellings

if TYPE_CHECKING:
    from datetime import date

    from casework.security.actor import Actor

BUNDLED: Final = Path(__file__).parent / "data" / "resources.json"
EDITABLE: Final = ("name", "kind", "phones", "areas", "hours", "eligibility", "is_active", "verified_on")
_STALE: Final = _l("在你编辑期间，这个资源已由他人更新。没有覆盖任何内容。")


def seed(*, actor: Actor) -> int:
    """Store the bundled resources into an empty directory and return how many; a directory in use is left alone.

    Its event is directory.seeded, left when anything was added.
    """
    if session().scalar(sa.select(sa.func.count()).select_from(Resource)):
        return 0
    entries: list[dict[str, Any]] = json.loads(BUNDLED.read_text(encoding="utf-8"))
    for position, entry in enumerate(entries):
        session().add(_made(entry, position))
    session().flush()
    details = {"added": len(entries)}
    trail.record(Action.DIRECTORY_SEEDED, actor=actor, subject_kind="resource", subject_id=None, details=details)
    return len(entries)


def add_resource(values: dict[str, Any], *, actor: Actor) -> Resource:
    """Add a resource at the end and return it; its event is resource.added.

    Refused (Invalid) with its field for what is missing, no number or no area code, or a name that is taken.
    """
    require(actor, Permission.DIRECTORY_RESOURCE_EDIT)
    _require_right(values, None)
    last = session().scalar(sa.select(sa.func.max(Resource.position)))
    resource = _made(values, 0 if last is None else last + 1)
    session().add(resource)
    session().flush()
    trail.record(Action.RESOURCE_ADDED, actor=actor, subject_kind="resource", subject_id=resource.id, details={})
    return resource


def change_resource(resource: Resource, values: dict[str, Any], *, seen_version: int, actor: Actor) -> frozenset[str]:
    """Write new values (of ``EDITABLE``) and return the names of those that changed; its event is resource.changed.

    Refused (Conflict) when somebody changed it since version ``seen_version``, (Invalid) as above.
    """
    require(actor, Permission.DIRECTORY_RESOURCE_EDIT)
    if resource.row_version != seen_version:
        raise Conflict(_STALE)
    _require_right(values, resource)
    changed = frozenset(name for name in EDITABLE if name in values and getattr(resource, name) != values[name])
    if changed:
        for name in changed:
            setattr(resource, name, values[name])
        resource.search = _search(resource.name, resource.phones)
        _record_change(resource, "/".join(sorted(changed)), actor)
    return changed


def move_resource(resource: Resource, by: int, *, actor: Actor) -> None:
    """Move a resource one place up (-1) or down (+1); nothing happens at the ends. Its event is resource.changed."""
    require(actor, Permission.DIRECTORY_RESOURCE_EDIT)
    order = list(session().scalars(sa.select(Resource).order_by(Resource.position, Resource.id).with_for_update()))
    at = order.index(resource)
    to = at + by
    if not 0 <= to < len(order):
        return
    order.insert(to, order.pop(at))
    for position, each in enumerate(order):
        each.position = position
    _record_change(resource, "position", actor)


def verify_resource(resource: Resource, *, actor: Actor) -> None:
    """Note that a resource was found to be right today; its event is resource.changed."""
    require(actor, Permission.DIRECTORY_RESOURCE_EDIT)
    resource.verified_on = clock.today()
    _record_change(resource, "verified_on", actor)


def _record_change(resource: Resource, fields: str, actor: Actor) -> None:
    try:
        session().flush()
    except StaleDataError:
        raise Conflict(_STALE) from None
    details = {"fields": fields[:80]}
    trail.record(Action.RESOURCE_CHANGED, actor=actor, subject_kind="resource", subject_id=resource.id, details=details)


def _require_right(values: dict[str, Any], own: Resource | None) -> None:
    if not values["name"]:
        raise Invalid(_l("请填写名称。"), field="name")
    same = session().scalar(sa.select(Resource.id).where(Resource.name == values["name"]))
    if same is not None and (own is None or same != own.id):
        raise Invalid(_l("目录里已有同名资源，请换一个名称。"), field="name")
    if not rules.are_numbers(values["phones"]):
        raise Invalid(_l("电话只写号码，一行一个，最多 8 个。"), field="phones")
    if not rules.are_areas(values["areas"]):
        raise Invalid(_l("地区写 GB/T 2260 代码的前 2、4 或 6 位，一行一个；面向全国的留空。"), field="areas")
    verified: date | None = values["verified_on"]
    if verified is not None and verified > clock.today():
        raise Invalid(_l("核实日期不能晚于今天。"), field="verified_on")


def _made(values: dict[str, Any], position: int) -> Resource:
    return Resource(
        id=new_id(),
        name=values["name"],
        kind=Kind(values["kind"]),
        phones=list(values["phones"]),
        areas=list(values.get("areas", ())),
        hours=values.get("hours", ""),
        eligibility=values.get("eligibility", ""),
        is_active=values.get("is_active", True),
        verified_on=values.get("verified_on"),
        position=position,
        search=_search(values["name"], values["phones"]),
    )


def _search(name: str, phones: list[str]) -> str:
    return spellings(name, *phones)
