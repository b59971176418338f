"""The confidentiality pledge (R21, R22): versions of a text for each role, and the proof that somebody promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock, crypto
from casework.core.db import session
from casework.core.errors import Conflict, Invalid
from casework.core.ids import new_id
from casework.people import queries
from casework.people.models import PledgeSignature, PledgeText
from casework.people.service.pledge_texts import initial_texts
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.roles import Role

if TYPE_CHECKING:
    from uuid import UUID

    from casework.security.actor import Actor

SHORTEST: Final = 50


def publish_initial_pledges(*, actor: Actor) -> int:
    """Publish the first version for every role that has none, and return how many; safe to repeat."""
    known = queries.current_pledges()
    fresh = {role: texts for role, texts in initial_texts().items() if role not in known}
    for role, (body_zh, body_en) in fresh.items():
        _publish(role, body_zh, body_en, actor)
    return len(fresh)


def publish_pledge(role: Role, body_zh: str, body_en: str, *, actor: Actor) -> PledgeText:
    """Publish a new version; whoever holds the role must sign it before going on working.

    Refused (Invalid): a text too short to be one, or the words of the present version.
    """
    if actor.role is not Role.SYSTEM:
        require(actor, Permission.ACCOUNTS_PLEDGE_MANAGE)
    body_zh, body_en = _clean(body_zh), _clean(body_en)
    for field, body in (("body_zh", body_zh), ("body_en", body_en)):
        if len(body) < SHORTEST:
            raise Invalid(_l("承诺书正文太短。"), field=field)
    present = queries.current_pledge(role)
    if present is not None and (present.body_zh, present.body_en) == (body_zh, body_en):
        raise Invalid(_l("内容与现行版本相同，无须发布。"), field="body_zh")
    return _publish(role, body_zh, body_en, actor)


def sign_pledge(pledge_id: UUID, *, actor: Actor) -> PledgeSignature:
    """Keep the proof that the actor promised: who, when, which version, the hash of its words. Safe to repeat.

    Refused (Conflict): the text is not the present one of the active role, or its words were changed in the database.
    """
    pledge = queries.current_pledge(actor.role)
    if pledge is None or pledge.id != pledge_id:
        raise Conflict(_l("承诺书已有新版本。请重新阅读后签署。"))
    if digest_of(Role(pledge.role), pledge.version, pledge.body_zh, pledge.body_en) != pledge.digest:
        raise Conflict(_l("承诺书内容与发布时不符，不能签署。请联系隐私专员。"))
    signed = queries.signature_of(actor.account_id, pledge.id)
    if signed is not None:
        return signed
    signed = PledgeSignature(
        id=new_id(), account_id=actor.account_id, pledge_id=pledge.id, digest=pledge.digest, signed_at=clock.now()
    )
    session().add(signed)
    session().flush()
    trail.record(
        Action.PLEDGE_SIGNED,
        actor=actor,
        subject_kind="pledge",
        subject_id=pledge.id,
        details={"role": str(pledge.role), "version": pledge.version},
    )
    return signed


def digest_of(role: Role, version: int, body_zh: str, body_en: str) -> bytes:
    """Return the hash that a version and its signatures carry."""
    return crypto.sha256(crypto.bind("people_pledge_text", str(role), version, body_zh, body_en))


def _publish(role: Role, body_zh: str, body_en: str, actor: Actor) -> PledgeText:
    present = queries.current_pledge(role)
    version = 1 if present is None else present.version + 1
    text = PledgeText(id=new_id(), role=role, version=version, body_zh=_clean(body_zh), body_en=_clean(body_en))
    text.digest = digest_of(role, version, text.body_zh, text.body_en)
    text.published_at, text.published_by = clock.now(), actor.account_id
    session().add(text)
    session().flush()
    details = {"role": str(role), "version": version}
    trail.record(Action.PLEDGE_PUBLISHED, actor=actor, subject_kind="pledge", subject_id=text.id, details=details)
    return text


def _clean(body: str) -> str:
    # Browsers send CR LF; the hash must not depend on where a text was typed.
    return "\n".join(line.rstrip() for line in body.replace("\r\n", "\n").strip().split("\n"))
