"""What lower packages are told about clients: the blind index, digests, and who still lacks the key of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from casework.audit.verify.contents import register_digest_source
from casework.clients import queries
from casework.clients.models import ClientNumber, NumberJoin
from casework.core.keyring import KeyClass
from casework.core.rotation import register_rewrapper, rewrapper_of
from casework.people import queries as people
from casework.security.permissions import Permission
from casework.security.roles import Reach
from casework.vault import queries as keys
from casework.vault.types import Offer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.security.actor import Actor

register_rewrapper(
    KeyClass.BIDX,
    "clients_number.number_index",
    rewrapper_of(KeyClass.BIDX, ClientNumber.number_index, lambda ring, row: ring.reindex(row.number_index)),
)
register_rewrapper(
    KeyClass.BIDX,
    "clients_number_join.first_index",
    rewrapper_of(KeyClass.BIDX, NumberJoin.first_index, lambda ring, row: ring.reindex(row.first_index)),
)
register_rewrapper(
    KeyClass.BIDX,
    "clients_number_join.second_index",
    rewrapper_of(KeyClass.BIDX, NumberJoin.second_index, lambda ring, row: ring.reindex(row.second_index)),
)
register_digest_source("client", queries.sealed_content)
register_digest_source("plan", queries.sealed_plan_content)


def listen_to_vault() -> None:
    """Offer the keys of alert plans on the page of keys. Called once by the application; safe to repeat."""
    if offers_of not in keys.offer_sources:
        keys.offer_sources.append(offers_of)


def offers_of(actor: Actor) -> Iterator[Offer]:
    """Yield what a supervisor can give to call-takers who joined after a plan was approved."""
    if actor.reach(Permission.CLIENTS_PLAN_APPROVE) is Reach.NONE or actor.subproject_id is None:
        return
    missing = queries.missing_holders(actor.subproject_id)
    if missing:
        names = people.names_of(missing)
        who = "、".join(names[each] for each in missing)
        text = _("%(n)s 位同事还看不到来电预案：%(names)s。", n=len(missing), names=who)
        yield Offer(text, "clients.grant_plans", _("授权来电预案"))
