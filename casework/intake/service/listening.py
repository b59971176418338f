"""What lower packages are told about calls: the timeline of a case, its keys, digests, and the blind index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from casework.audit.verify.contents import register_digest_source
from casework.cases import queries as cases
from casework.cases.types import ItemKind, Opened, TimelineItem
from casework.core.keyring import KeyClass
from casework.core.rotation import register_rewrapper, rewrapper_of
from casework.intake import queries
from casework.intake.models import Call, Followup
from casework.intake.types import BUILT_IN, RECEIVER_NAMES, Receiver
from casework.options import queries as options
from casework.options.types import OptionList
from casework.people import queries as people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from flask_babel import LazyString

    from casework.cases.models import Case
    from casework.intake.models import Disclosure
    from casework.security.actor import Actor

register_rewrapper(
    KeyClass.BIDX,
    "intake_call.number_index",
    rewrapper_of(KeyClass.BIDX, Call.number_index, lambda ring, row: ring.reindex(row.number_index)),
)
register_rewrapper(
    KeyClass.BIDX,
    "intake_followup.number_index",
    rewrapper_of(KeyClass.BIDX, Followup.number_index, lambda ring, row: ring.reindex(row.number_index)),
)
register_rewrapper(
    KeyClass.BIDX,
    "intake_call.person_index",
    rewrapper_of(KeyClass.BIDX, Call.person_index, lambda ring, row: ring.reindex(row.person_index)),
)
register_digest_source("call", queries.sealed_content)
register_digest_source("disclosure", queries.sealed_disclosure)
register_digest_source("followup", queries.sealed_number)
register_digest_source("handover", queries.sealed_note)
register_digest_source("review", queries.sealed_comment)


def listen_to_cases() -> None:
    """Put the calls of a case on its timeline, and let their keys follow the case. Called once by the application."""
    if timeline_of not in cases.timeline_sources:
        cases.timeline_sources.append(timeline_of)
    if keys_of not in cases.linked_key_sources:
        cases.linked_key_sources.append(keys_of)


def declare_options() -> None:
    """Tell the option lists which codes are built in. Called once by the application."""
    options.declare(BUILT_IN)


def keys_of(case: Case) -> Iterable[UUID]:
    """Return the data keys of a case's calls."""
    return queries.key_ids_of_case(case.id)


def timeline_of(actor: Actor, case: Case) -> Sequence[TimelineItem]:
    """Return the calls of a case; each is opened, and leaves its read event, only when it is shown."""
    calls = queries.calls_of_case(case.id)
    names = people.names_of({call.author_id for call in calls})
    told = queries.disclosures_of([call.id for call in calls])
    types, topics = options.names(OptionList.CALL_TYPE), options.names(OptionList.TOPIC)
    return [
        TimelineItem(
            at=call.started_at,
            kind=ItemKind.CALL,
            id=call.id,
            title=str(_l("回访")) if call.is_outgoing else types[str(call.call_type)],
            byline=names.get(call.author_id, ""),
            tags=tuple(topics[each] for each in call.topics) + _told_tags(told.get(call.id, [])),
            risk=call.risk_level,
            show_risk=True,
            href=f"/calls/{call.id}",
            reveal=_reveal(actor, call),
        )
        for call in calls
    ]


def _told_tags(rows: Sequence[Disclosure]) -> tuple[LazyString, ...]:
    """Return to whom something of a call was told."""
    names = [RECEIVER_NAMES[Receiver(row.receiver)] for row in rows]
    return tuple(_l("已对外提供：%(who)s", who=name) for name in dict.fromkeys(names))


def _reveal(actor: Actor, call: Call) -> Callable[[], Opened]:
    return lambda: Opened(queries.open_call(actor, call).words.summary)
