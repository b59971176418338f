"""The vocabulary of the audit trail: every action, and the exact keys its details have.

To add an action: a line in ``Action`` (alphabetical), one in ``DETAILS`` with its keys, and its name in
``privacy.types``. Values are ids, codes, whole numbers and yes/no only: a word could be a name or a text, so whatever
could be one is refused.
"""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.audit.types import Value

CODE: Final = re.compile(r"[A-Za-z0-9_.:/-]{0,80}", re.ASCII)
_LARGEST: Final = 2**63 - 1


class Action(StrEnum):
    """What can happen. Alphabetical; never renamed once entries carry it."""

    ACCESS_REFUSED = "access.refused"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_KEY_RENEWED = "account.key_renewed"
    ACCOUNT_PASSWORD_CHANGED = "account.password_changed"  # noqa: S105 - the name of an event
    ACCOUNT_ROLE_ENDED = "account.role_ended"
    ACCOUNT_ROLE_GRANTED = "account.role_granted"
    ACCOUNT_ROLE_SWITCHED = "account.role_switched"
    ACCOUNT_SECOND_FACTOR_RESET = "account.second_factor_reset"
    ACCOUNT_SECOND_FACTOR_SET = "account.second_factor_set"
    ACCOUNT_SIGNED_IN = "account.signed_in"
    ACCOUNT_SIGNED_OUT = "account.signed_out"
    ACCOUNT_SIGN_IN_FAILED = "account.sign_in_failed"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_CANCELLED = "alert.cancelled"
    ALERT_ESCALATED = "alert.escalated"
    ALERT_RAISED = "alert.raised"
    AUDIT_READ = "audit.read"
    CALLER_LOOKED_UP = "caller.looked_up"
    CALL_ASSIGNED = "call.assigned"
    CALL_DISCARDED = "call.discarded"
    CALL_DRAFT_SAVED = "call.draft_saved"
    CALL_DRAFT_STARTED = "call.draft_started"
    CALL_FINISHED = "call.finished"
    CALL_READ = "call.read"
    CALL_REOPENED = "call.reopened"
    CALL_SETTLED = "call.settled"
    CASE_ASSIGNED = "case.assigned"
    CASE_CLOSED = "case.closed"
    CASE_JOINED = "case.joined"
    CASE_OPENED = "case.opened"
    CASE_READ = "case.read"
    CASE_STAGE_CHANGED = "case.stage_changed"
    CASE_UNASSIGNED = "case.unassigned"
    CIRCLE_CREATED = "circle.created"
    CIRCLE_MEMBER_ADDED = "circle.member_added"
    CIRCLE_MEMBER_REMOVED = "circle.member_removed"
    CIRCLE_ROTATED = "circle.rotated"
    CLIENT_IDENTIFIED = "client.identified"
    DEMO_LOADED = "demo.loaded"
    DIRECTORY_SEEDED = "directory.seeded"
    DISCLOSURE_READ = "disclosure.read"
    DISCLOSURE_RECORDED = "disclosure.recorded"
    DISCLOSURE_TOLD = "disclosure.told"
    DUTY_CHANGED = "duty.changed"
    FOLLOWUP_BOOKED = "followup.booked"
    FOLLOWUP_CANCELLED = "followup.cancelled"
    FOLLOWUP_HANDED = "followup.handed"
    FOLLOWUP_MOVED = "followup.moved"
    FOLLOWUP_REACHED = "followup.reached"
    FOLLOWUP_TRIED = "followup.tried"
    HANDOVER_CONFIRMED = "handover.confirmed"
    HANDOVER_READ = "handover.read"
    HANDOVER_SIGNED = "handover.signed"
    HOTLINE_CHANGED = "hotline.changed"
    IDENTITY_UNMASKED = "identity.unmasked"
    KEYRING_ROTATED = "keyring.rotated"
    KEY_CREATED = "key.created"
    KEY_EXPIRED = "key.expired"
    KEY_GRANTED = "key.granted"
    KEY_REGRANTED = "key.regranted"
    KEY_REVOKED = "key.revoked"
    KEY_SHREDDED = "key.shredded"
    MEASURE_READ = "measure.read"
    MEASURE_RECORDED = "measure.recorded"
    NOTE_CORRECTED = "note.corrected"
    NOTE_DRAFT_DISCARDED = "note.draft_discarded"
    NOTE_DRAFT_READ = "note.draft_read"
    NOTE_DRAFT_SAVED = "note.draft_saved"
    NOTE_READ = "note.read"
    NOTE_WRITTEN = "note.written"
    NUMBERS_JOINED = "numbers.joined"
    NUMBERS_PARTED = "numbers.parted"
    NUMBER_UNMASKED = "number.unmasked"
    OPTIONS_PUBLISHED = "options.published"
    OPTIONS_SEEDED = "options.seeded"
    PAPER_CHECKED = "paper.checked"
    PAPER_IMPORTED = "paper.imported"
    PAPER_WITHDRAWN = "paper.withdrawn"
    PLAN_APPROVED = "plan.approved"
    PLAN_GRANTED = "plan.granted"
    PLAN_READ = "plan.read"
    PLAN_RETURNED = "plan.returned"
    PLAN_REVISED = "plan.revised"
    PLAN_WITHDRAWN = "plan.withdrawn"
    PLAN_WRITTEN = "plan.written"
    PLEDGE_PUBLISHED = "pledge.published"
    PLEDGE_SIGNED = "pledge.signed"
    PROGRAMME_LOADED = "programme.loaded"
    READINESS_ADMITTED = "readiness.admitted"
    READINESS_CONFIRMED = "readiness.confirmed"
    READINESS_DONE = "readiness.done"
    READINESS_ENDED = "readiness.ended"
    READINESS_WITHDRAWN = "readiness.withdrawn"
    RECOVERY_KEY_SET = "recovery.key_set"
    RECOVERY_USED = "recovery.used"
    REPORT_EXPORTED = "report.exported"
    REPORT_VIEWED = "report.viewed"
    RESOURCE_ADDED = "resource.added"
    RESOURCE_CHANGED = "resource.changed"
    REVIEW_ACKNOWLEDGED = "review.acknowledged"
    REVIEW_READ = "review.read"
    REVIEW_WRITTEN = "review.written"
    STEP_RECORDED = "step.recorded"
    SUBPROJECT_CHANGED = "subproject.changed"
    TELEPHONY_CALL_TAKEN = "telephony.call_taken"
    TELEPHONY_EVENT_RECEIVED = "telephony.event_received"
    TELEPHONY_RECORDS_IMPORTED = "telephony.records_imported"
    TELEPHONY_SECRET_SHOWN = "telephony.secret_shown"  # noqa: S105 - the name of an event


# Looks at something and changes nothing. Its digest says what was seen, which a parallel change may have replaced.
READS: Final = frozenset(
    action for action in Action if action.value.endswith(("read", "unmasked", "viewed", "exported", "looked_up"))
)


def _keys(*names: str) -> frozenset[str]:
    return frozenset(names)


DETAILS: Final[Mapping[Action, frozenset[str]]] = MappingProxyType(
    {
        Action.ACCESS_REFUSED: _keys("endpoint", "permission"),
        Action.ACCOUNT_CHANGED: _keys("fields"),
        Action.ACCOUNT_CREATED: _keys(),
        Action.ACCOUNT_DISABLED: _keys(),
        Action.ACCOUNT_ENABLED: _keys(),
        Action.ACCOUNT_KEY_RENEWED: _keys(),
        Action.ACCOUNT_PASSWORD_CHANGED: _keys(),
        Action.ACCOUNT_ROLE_ENDED: _keys("role", "subproject"),
        Action.ACCOUNT_ROLE_GRANTED: _keys("role", "subproject"),
        Action.ACCOUNT_ROLE_SWITCHED: _keys("role", "subproject"),
        Action.ACCOUNT_SECOND_FACTOR_RESET: _keys(),
        Action.ACCOUNT_SECOND_FACTOR_SET: _keys(),
        Action.ACCOUNT_SIGNED_IN: _keys("second_factor"),
        Action.ACCOUNT_SIGNED_OUT: _keys("reason"),
        Action.ACCOUNT_SIGN_IN_FAILED: _keys("reason"),
        Action.ALERT_ACKNOWLEDGED: _keys("call", "seconds"),
        Action.ALERT_CANCELLED: _keys("call"),
        Action.ALERT_ESCALATED: _keys("account", "turn"),
        Action.ALERT_RAISED: _keys("call", "help", "level"),
        Action.AUDIT_READ: _keys("view"),
        Action.CALLER_LOOKED_UP: _keys("known"),
        Action.CALL_ASSIGNED: _keys("case", "counselor"),
        Action.CALL_DISCARDED: _keys(),
        Action.CALL_DRAFT_SAVED: _keys("rev"),
        Action.CALL_DRAFT_STARTED: _keys("line"),
        Action.CALL_FINISHED: _keys("line", "outcome", "risk"),
        Action.CALL_READ: _keys("part"),
        Action.CALL_REOPENED: _keys("rev"),
        Action.CALL_SETTLED: _keys("reason"),
        Action.CASE_ASSIGNED: _keys("counselor"),
        Action.CASE_CLOSED: _keys("reason"),
        Action.CASE_JOINED: _keys("call"),
        Action.CASE_OPENED: _keys("call", "number"),
        Action.CASE_READ: _keys(),
        Action.CASE_STAGE_CHANGED: _keys("after", "before"),
        Action.CASE_UNASSIGNED: _keys("counselor"),
        Action.CIRCLE_CREATED: _keys("subproject"),
        Action.CIRCLE_MEMBER_ADDED: _keys("account"),
        Action.CIRCLE_MEMBER_REMOVED: _keys("account"),
        Action.CIRCLE_ROTATED: _keys("generation", "keys"),
        Action.CLIENT_IDENTIFIED: _keys("new"),
        Action.DEMO_LOADED: _keys("calls", "seed"),
        Action.DIRECTORY_SEEDED: _keys("added"),
        Action.DISCLOSURE_READ: _keys("call"),
        Action.DISCLOSURE_RECORDED: _keys("call", "ground", "receiver"),
        Action.DISCLOSURE_TOLD: _keys("call"),
        Action.DUTY_CHANGED: _keys("state"),
        Action.FOLLOWUP_BOOKED: _keys("kind", "line"),
        Action.FOLLOWUP_CANCELLED: _keys("reason"),
        Action.FOLLOWUP_HANDED: _keys("to"),
        Action.FOLLOWUP_MOVED: _keys("days"),
        Action.FOLLOWUP_REACHED: _keys("followup", "outcome", "risk"),
        Action.FOLLOWUP_TRIED: _keys("tries"),
        Action.HANDOVER_CONFIRMED: _keys(),
        Action.HANDOVER_READ: _keys(),
        Action.HANDOVER_SIGNED: _keys("incoming", "items"),
        Action.HOTLINE_CHANGED: _keys("fields"),
        Action.IDENTITY_UNMASKED: _keys("case"),
        Action.KEYRING_ROTATED: _keys("keys", "kid"),
        Action.KEY_CREATED: _keys("object", "purpose"),
        Action.KEY_EXPIRED: _keys("keys"),
        Action.KEY_GRANTED: _keys("holder", "reason"),
        Action.KEY_REGRANTED: _keys("keys"),
        Action.KEY_REVOKED: _keys("holder"),
        Action.KEY_SHREDDED: _keys("object", "purpose"),
        Action.MEASURE_READ: _keys("case", "scale"),
        Action.MEASURE_RECORDED: _keys("case", "scale"),
        Action.NOTE_CORRECTED: _keys("case", "corrects"),
        Action.NOTE_DRAFT_DISCARDED: _keys("case"),
        Action.NOTE_DRAFT_READ: _keys("case", "rev"),
        Action.NOTE_DRAFT_SAVED: _keys("case", "rev"),
        Action.NOTE_READ: _keys("case"),
        Action.NOTE_WRITTEN: _keys("case", "channel"),
        Action.NUMBERS_JOINED: _keys("reason"),
        Action.NUMBERS_PARTED: _keys(),
        Action.NUMBER_UNMASKED: _keys("case"),
        Action.OPTIONS_PUBLISHED: _keys("added", "changed", "list"),
        Action.OPTIONS_SEEDED: _keys("added"),
        Action.PAPER_CHECKED: _keys("lines"),
        Action.PAPER_IMPORTED: _keys("calls", "lines"),
        Action.PAPER_WITHDRAWN: _keys("calls"),
        Action.PLAN_APPROVED: _keys("until"),
        Action.PLAN_GRANTED: _keys("keys"),
        Action.PLAN_READ: _keys("part"),
        Action.PLAN_RETURNED: _keys(),
        Action.PLAN_REVISED: _keys("rev", "state"),
        Action.PLAN_WITHDRAWN: _keys(),
        Action.PLAN_WRITTEN: _keys("client", "state"),
        Action.PLEDGE_PUBLISHED: _keys("role", "version"),
        Action.PLEDGE_SIGNED: _keys("role", "version"),
        Action.PROGRAMME_LOADED: _keys("subprojects"),
        Action.READINESS_ADMITTED: _keys("basis", "version"),
        Action.READINESS_CONFIRMED: _keys("number", "step"),
        Action.READINESS_DONE: _keys("step"),
        Action.READINESS_ENDED: _keys(),
        Action.READINESS_WITHDRAWN: _keys("number", "step"),
        Action.RECOVERY_KEY_SET: _keys("fingerprint"),
        Action.RECOVERY_USED: _keys("circles"),
        Action.REPORT_EXPORTED: _keys("format", "purpose", "report"),
        Action.REPORT_VIEWED: _keys("report"),
        Action.RESOURCE_ADDED: _keys(),
        Action.RESOURCE_CHANGED: _keys("fields"),
        Action.REVIEW_ACKNOWLEDGED: _keys(),
        Action.REVIEW_READ: _keys("call"),
        Action.REVIEW_WRITTEN: _keys("call", "result"),
        Action.STEP_RECORDED: _keys("reason", "state", "step"),
        Action.SUBPROJECT_CHANGED: _keys("fields"),
        Action.TELEPHONY_CALL_TAKEN: _keys("line"),
        Action.TELEPHONY_EVENT_RECEIVED: _keys("kind", "line"),
        Action.TELEPHONY_RECORDS_IMPORTED: _keys("added", "changed", "repeated"),
        Action.TELEPHONY_SECRET_SHOWN: _keys("kid"),
    }
)


class VocabularyError(ValueError):
    """An event was recorded with keys or values that the vocabulary does not allow. A fault of the caller."""


def checked_details(action: Action, details: Mapping[str, object] | None) -> dict[str, Value]:
    """Return the details as they are stored: exactly the keys of the action, values that cannot be a text.

    Refused (VocabularyError): a key too many or too few, a string beyond ``[A-Za-z0-9_.:/-]{0,80}``, a number beyond
    64 bits, any other kind of value. The message names keys only, never the refused value.
    """
    given = dict(details or {})
    expected = DETAILS[action]
    if given.keys() != expected:
        surplus, absent = sorted(given.keys() - expected), sorted(expected - given.keys())
        msg = f"{action}: details have unknown keys {surplus}, lack keys {absent}"
        raise VocabularyError(msg)
    return {key: _checked_value(action, key, value) for key, value in sorted(given.items())}


def checked_code(name: str, value: str) -> str:
    """Return a code as a plain string; refused (VocabularyError) when it could be a text."""
    if not CODE.fullmatch(value):
        msg = f"{name} is not a code"
        raise VocabularyError(msg)
    return str(value)


def _checked_value(action: Action, key: str, value: object) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and -_LARGEST <= value <= _LARGEST:
        return int(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str):
        return checked_code(f"{action}: detail {key}", value)
    msg = f"{action}: detail {key} is neither an id, a code, a whole number nor yes/no"
    raise VocabularyError(msg)
