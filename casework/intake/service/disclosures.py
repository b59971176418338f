"""What was told to others about the person of a call, by which exception, and that they were told of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.intake import queries
from casework.intake.models import Disclosure
from casework.intake.rules import disclosure_gap
from casework.people import queries as people
from casework.security.reach import Relation
from casework.security.roles import Role
from casework.vault import service as vault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from casework.intake.models import Call
    from casework.intake.types import Disclosed
    from casework.security.actor import Actor

_SENTENCES: Final = {
    "ground": _l("请选择保密例外；没有例外不能对外提供。"),
    "fields": _l("请勾选提供了哪些内容。"),
    "disclosed_at": _l("请填写实际提供的时间，不能晚于现在。"),
    "facts": _l("请写明依据的事实。"),
    "document": _l("法律文书要求的，请登记文书名称和编号。"),
    "consulted_id": _l("请选择请示或报告的督导；尚未报告请不要选择。"),
    "told_at": _l("告知本人的时间应在提供之后、现在之前。"),
    "not_told": _l("请填写告知本人的时间，或选择尚未告知的原因。"),
}


def record_disclosure(call: Call, disclosed: Disclosed, *, actor: Actor) -> Disclosure:
    """Record what was told to whom about a call and return it; its event is disclosure.recorded.

    Until the person was told it is a task of the supervisors. Refused: anybody but the author while the grant lasts
    and a supervisor of the sub-project (Refused, R23), a call without words (Invalid), whatever the record lacks
    (Invalid with its field).
    """
    if not may_disclose(call, actor):
        raise Refused(_l("只有接线人（授权期内）和本子项目督导可以登记对外披露。"), rule="R23")
    if call.data_key_id is None:
        raise Invalid(_l("这通来电没有可披露的内容。"))
    gap = disclosure_gap(disclosed, clock.now())
    if gap is not None:
        raise Invalid(_SENTENCES[gap], field=gap)
    _check_supervisor(call, disclosed)
    row = _row(call, disclosed, actor)
    key = vault.open_key(call.data_key_id, actor=actor)
    facts, document, outcome = queries.disclosure_places(row.id)
    row.sealed_facts = vault.seal_text(key, facts, disclosed.facts)
    row.sealed_document = vault.seal_text(key, document, disclosed.document) if disclosed.document else None
    row.sealed_outcome = vault.seal_text(key, outcome, disclosed.outcome) if disclosed.outcome else None
    session().add(row)
    details = {"call": call.id, "ground": str(row.ground), "receiver": str(row.receiver)}
    _record(Action.DISCLOSURE_RECORDED, row, actor, details)
    return row


def note_told(disclosure: Disclosure, told_at: datetime, *, actor: Actor) -> Disclosure:
    """Note that the person was told of a disclosure; its event is disclosure.told.

    Refused: a time before the disclosure or in the future (Invalid), told already (Conflict, saying by whom).
    """
    row = queries.hold_disclosure(disclosure.id)
    if row is None:
        raise NotFound(_l("找不到这条披露记录，或它不在你的工作范围内。"))
    if row.told_at is not None:
        name = "" if row.told_by is None else people.names_of([row.told_by]).get(row.told_by, "")
        at = f"{clock.local(row.told_at):%Y-%m-%d %H:%M}"
        raise Conflict(_l("%(who)s已登记于 %(at)s 告知本人。", who=name, at=at))
    if not row.disclosed_at <= told_at <= clock.now():
        raise Invalid(_SENTENCES["told_at"], field="told_at")
    row.told_at, row.told_by = told_at, actor.account_id
    _record(Action.DISCLOSURE_TOLD, row, actor, {"call": row.call_id})
    return row


def may_disclose(call: Call, actor: Actor) -> bool:
    """Return whether the actor may record a disclosure: as author while the grant lasts, or as supervisor."""
    return bool(queries.relations(actor, call) & {Relation.OWN} or _supervises(call, actor))


def _supervises(call: Call, actor: Actor) -> bool:
    return actor.role is Role.SUPERVISOR and Relation.PROJECT in queries.relations(actor, call)


def _check_supervisor(call: Call, disclosed: Disclosed) -> None:
    if disclosed.consulted_id is not None and disclosed.consulted_id not in people.holders_of_role(
        Role.SUPERVISOR, call.subproject_id
    ):
        raise Invalid(_SENTENCES["consulted_id"], field="consulted_id")


def _row(call: Call, disclosed: Disclosed, actor: Actor) -> Disclosure:
    return Disclosure(
        id=new_id(),
        subproject_id=call.subproject_id,
        call_id=call.id,
        data_key_id=call.data_key_id,
        ground=disclosed.ground,
        receiver=disclosed.receiver,
        fields=[str(each) for each in disclosed.fields],
        disclosed_at=disclosed.disclosed_at,
        consulted=disclosed.consulted,
        consulted_id=disclosed.consulted_id,
        told_at=disclosed.told_at,
        told_by=None if disclosed.told_at is None else actor.account_id,
        not_told=disclosed.not_told,
        recorded_by=actor.account_id,
        recorded_at=clock.now(),
    )


def _record(action: Action, row: Disclosure, actor: Actor, details: Mapping[str, object]) -> None:
    session().flush()
    trail.record(
        action,
        actor=actor,
        subject_kind="disclosure",
        subject_id=row.id,
        details=details,
        digest=queries.disclosure_digest(row),
    )
