"""What finishing and correcting have in common: checking, sealing, recognising, counting."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l

from casework.clients import queries as clients
from casework.clients.rules import normalise
from casework.core import clock, tally
from casework.core.errors import Invalid
from casework.intake import queries
from casework.intake.models import CallDay
from casework.intake.queries.places import caller_place, plan_place, summary_place
from casework.intake.rules import Problem, changes, is_about_another, is_brief_type, problems, suggestion
from casework.intake.types import LONGEST_SUMMARY, Codes, Outcome
from casework.vault import service as vault

if TYPE_CHECKING:
    from casework.clients.types import PhoneNumber
    from casework.intake.models import Call
    from casework.intake.types import Counted, Words
    from casework.vault.types import DataKey

_RULES: Final = {"population": "R12"}


def require_complete(codes: Codes, words: Words) -> None:
    """Refuse (Invalid, with field and rule) a call that may not be finished; T6: no answer about focus groups."""
    if len(words.summary) > LONGEST_SUMMARY:
        raise Invalid(_l("通话摘要最多 %(most)s 个字。", most=LONGEST_SUMMARY), field="summary")
    for name in ("caller_phone", "person_phone"):
        phone = getattr(words, name)
        if phone and codes.outcome is not Outcome.EMERGENCY and _number(phone) is None:
            raise Invalid(_l("请填写完整号码，座机请加区号；没有号码请留空。"), field=name)
    for field, problem in problems(codes, words.summary, clock.today()):
        sentence = _l("请选择重点人群；不属于或不清楚也请选择。") if field == "population" else _l("请补充此项。")
        if problem is not Problem.MISSING:
            sentence = _l("请检查此项。")
        raise Invalid(sentence, field=field, rule=_RULES.get(field))


def write_codes(call: Call, codes: Codes) -> None:
    """Put the answers into their columns."""
    for each in fields(Codes):
        value = getattr(codes, each.name)
        setattr(call, each.name, [str(one) for one in value] if isinstance(value, tuple) else value)
    suggested = suggestion(codes)
    call.gauge_level = None if suggested is None else suggested.level
    call.gauge_version = None if suggested is None else suggested.version


def write_words(call: Call, words: Words, key: DataKey | None) -> list[bytes]:
    """Seal the words into their columns, and return every index under which the caller's number may be known.

    Nothing is left of a call about nobody, which has no key.
    """
    caller, person = _number(words.caller_phone), _number(words.person_phone)
    indexes = _indexes(caller)
    call.number_index, call.person_index = next(iter(indexes), None), next(iter(_indexes(person)), None)
    if key is None:
        call.sealed_caller = call.sealed_summary = call.sealed_plan = None
        return indexes
    said = {
        "name": words.caller_name,
        "phone": caller.canonical if caller is not None else words.caller_phone,
        "person_name": words.person_name,
        "person_phone": person.canonical if person is not None else words.person_phone,
    }
    call.sealed_caller = vault.seal_json(key, caller_place(call), said) if any(said.values()) else None
    call.sealed_summary = vault.seal_text(key, summary_place(call), words.summary)
    call.sealed_plan = vault.seal_json(key, plan_place(call), words.plan) if words.plan else None
    return indexes


def _number(phone: str) -> PhoneNumber | None:
    return normalise(phone) if phone else None


def _indexes(number: PhoneNumber | None) -> list[bytes]:
    return clients.number_indexes(number.canonical) if number is not None and number.identifies else []


def only_about_another(codes: Codes, words: Words) -> Words:
    """Return the words without those of a second person where the caller asks for themselves."""
    return words if is_about_another(codes.call_type) else replace(words, person_name="", person_phone="")


def has_words(codes: Codes, words: Words) -> bool:
    """Return whether there is anything to seal."""
    return not is_brief_type(codes.call_type) or bool(words.caller_phone)


def count(before: Counted | None, call: Call | None) -> None:
    """Move the daily counts from what a call was to what it is, in the same transaction.

    A contact for a follow-up is no call to the hotline and counts in none of them.
    """
    if call is not None and call.is_outgoing:
        return
    after = None if call is None else queries.counted_of(call)
    rows: list[dict[str, Any]] = changes(before, after)
    tally.add(CallDay, rows)
