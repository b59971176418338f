"""Values of the vault, and the inventory of everything in the database that is sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID


class KeyPurpose(StrEnum):
    """What a data key protects: a call, a person, a case, an alert plan, a review, a list from paper, a handover.

    Of a missed call only the number is known; a key of the kind of a call protects that too.
    """

    CALL = "call"
    CLIENT = "client"
    CASE = "case"
    PAPER = "paper"
    HANDOVER = "handover"
    ALERT = "alert"
    REVIEW = "review"


class GrantReason(StrEnum):
    """Why somebody holds a key. A grant of one reason can be ended without the others."""

    CIRCLE = "circle"
    AUTHOR = "author"
    ASSIGNED = "assigned"
    FOLLOWUP = "followup"
    HANDOVER = "handover"
    CALL_TAKER = "call_taker"


class Seal(StrEnum):
    """What opens a sealed key."""

    PRIVATE_KEY = "private-key"
    PASSWORD = "password"  # noqa: S105 - the name of a kind of seal
    COOKIE = "cookie"


# "table.column" of every sealed content and the purpose of the key that opens it. Compared with the tables in both
# directions by a test; nothing is sealed to a place that is not here.
SEALED_COLUMNS: Final[Mapping[str, KeyPurpose]] = MappingProxyType(
    {
        "assessments_measure.sealed_answers": KeyPurpose.CASE,
        "cases_note.sealed_text": KeyPurpose.CASE,
        "cases_note_draft.sealed_draft": KeyPurpose.CASE,
        "clients_alert_plan.sealed_plan": KeyPurpose.ALERT,
        "clients_client.sealed_identity": KeyPurpose.CLIENT,
        "intake_call.sealed_caller": KeyPurpose.CALL,
        "intake_call.sealed_draft": KeyPurpose.CALL,
        "intake_call.sealed_plan": KeyPurpose.CALL,
        "intake_call.sealed_summary": KeyPurpose.CALL,
        "intake_call_revision.sealed_caller": KeyPurpose.CALL,
        "intake_call_revision.sealed_plan": KeyPurpose.CALL,
        "intake_call_revision.sealed_summary": KeyPurpose.CALL,
        "intake_paper_batch.sealed_file": KeyPurpose.PAPER,
        "intake_step.sealed_detail": KeyPurpose.CALL,
        "intake_disclosure.sealed_document": KeyPurpose.CALL,
        "intake_disclosure.sealed_facts": KeyPurpose.CALL,
        "intake_disclosure.sealed_outcome": KeyPurpose.CALL,
        "intake_followup.sealed_number": KeyPurpose.CALL,
        "intake_handover.sealed_note": KeyPurpose.HANDOVER,
        "intake_line_leg.sealed_number": KeyPurpose.CALL,
        "intake_review.sealed_comment": KeyPurpose.REVIEW,
    }
)
# The same for sealed keys.
SEALED_KEYS: Final[Mapping[str, Seal]] = MappingProxyType(
    {
        "people_key_pair.sealed_private_key": Seal.PASSWORD,
        "people_session.sealed_private_key": Seal.COOKIE,
        "vault_circle_member.sealed_private_key": Seal.PRIVATE_KEY,
        "vault_key_grant.sealed_key": Seal.PRIVATE_KEY,
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ciphertext belongs. At any other row, column, table or version it does not open."""

    table: str
    column: str
    row_id: UUID
    version: int = 1

    @property
    def address(self) -> str:
        """The name of the place in the inventory."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class DataKey:
    """An opened data key, in memory for one request; the secret is never printed or stored."""

    id: UUID
    purpose: KeyPurpose
    secret: bytes = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Regranted:
    """What a re-grant achieved: keys sealed to the new key pair, keys the acting supervisor could not open, circle."""

    keys: int
    left: int
    circle: bool


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A colleague who waits for a supervisor: keys sealed to a lost key pair, and whether the circle waits too."""

    account_id: UUID
    keys: int
    circle: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """Something a supervisor can give colleagues from the page of keys: what to say, and which view does it."""

    text: str
    endpoint: str
    label: str


@dataclass(frozen=True, slots=True)
class RotationStep:
    """One committed step of a rotation: the new key, where how many rows moved, and which keys retired at the end."""

    kid: str
    place: str = ""
    rows: int = 0
    retired: tuple[str, ...] = ()
    done: bool = False
