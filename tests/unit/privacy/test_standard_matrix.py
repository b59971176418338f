"""The role matrix of the domain standards, §12, beside ours: every difference is narrower, or named with its reason.

The reasons in full: ``docs/decisions/0022-roles-narrower-than-the-standard.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest

from casework.security.permissions import Permission as P  # noqa: N817 - the table is read as a whole
from casework.security.roles import MATRIX, Reach, Role

# The columns of the standard. It has no column for the programme office, which is not among the hotline's roles.
COLUMNS: Final = (
    Role.VOLUNTEER,
    Role.COUNSELOR,
    Role.SUPERVISOR,
    Role.CONSULTANT,
    Role.LEAD,
    Role.COMMUNICATIONS,
    Role.LOGISTICS,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
)
# One letter a cell: own, assigned, team, full. A dash is nothing: also numbers only (statistics have a row of their
# own), break-glass (which opens for an hour and is no permission) and what somebody receives without asking.
LETTERS: Final = {"O": Reach.OWN, "A": Reach.ASSIGNED, "T": Reach.PROJECT, "F": Reach.PROGRAMME, "-": Reach.NONE}
WIDTH: Final = list(Reach)


@dataclass(frozen=True, slots=True)
class Row:
    """An object of the standard: who reaches it, and by which of our permissions; the widest of them counts."""

    cells: str
    permissions: tuple[P, ...]


STANDARD: Final = {
    "identity and clear number": Row("OATA-----", (P.CALLS_CALL_READ, P.CASES_IDENTITY_READ)),
    "call log and risk answers": Row("OATA-----", (P.CALLS_CALL_READ,)),
    "case note": Row("-ATA-----", (P.CASES_NOTE_READ,)),
    "scales": Row("-ATA-----", (P.CASES_NOTE_READ, P.CASES_MEASURE_RECORD)),
    "referral pack": Row("OATA-----", (P.REFERRALS_PACK_SEND,)),
    "disclosure": Row("OATA-----", (P.DISCLOSURES_REPORT_DECIDE,)),
    "roster and workload": Row("OOTO-----", (P.ROSTER_SHIFT_READ, P.ROSTER_SHIFT_EDIT)),
    "supervision notes": Row("OOT------", (P.SUPERVISION_RECORD_WRITE,)),
    "statistics": Row("-OT-F---F", (P.REPORTS_STATISTICS_READ, P.REPORTS_STATISTICS_EXPORT)),
    "stories": Row("OAT-FF--F", (P.RELEASES_STORY_EDIT, P.RELEASES_STORY_APPROVE)),
    "goods and money": Row("OOT-F-F-F", (P.GOODS_LEDGER_EDIT,)),
    "audit log": Row("-OT----FF", (P.AUDIT_ENTRY_READ,)),
    "accounts": Row("-------F-", (P.ACCOUNTS_ACCOUNT_MANAGE,)),
    "keys": Row("--------F", (P.ACCOUNTS_KEY_REGRANT,)),
    "requests of clients": Row("--------F", (P.PRIVACY_REQUEST_HANDLE,)),
}
# Ours, for the work itself or for the house; the standard has no row for them.
BESIDE: Final = frozenset(
    {
        P.ACCOUNTS_PLEDGE_MANAGE,
        P.ALERTS_ALERT_WATCH,
        P.CALLS_CALL_ASSIGN,
        P.CALLS_CALL_LOG,
        P.CALLS_PAPER_IMPORT,
        P.CALLS_READINESS_CONFIRM,
        P.CALLS_REVIEW_READ,
        P.CALLS_REVIEW_WRITE,
        P.CASES_CASE_CLOSE,
        P.CASES_CASE_READ,
        P.CASES_NOTE_WRITE,
        P.CLIENTS_NUMBER_JOIN,
        P.CLIENTS_PLAN_APPROVE,
        P.CLIENTS_PLAN_WRITE,
        P.CONSULTS_REQUEST_ANSWER,
        P.DIRECTORY_RESOURCE_EDIT,
        P.DIRECTORY_RESOURCE_READ,
        P.OPTIONS_LIST_PUBLISH,
        P.PRIVACY_BREAK_GLASS_REVIEW,
        P.PRIVACY_RULES_READ,
        P.PROGRAMME_SUBPROJECT_EDIT,
        P.PROGRAMME_SUBPROJECT_READ,
    }
)
CONSULT: Final = "a case is shown to the consultant by what the counselor shares, which comes with consultations"
STARTS: Final = "writes it in the call or the case; a form of its own comes with referrals and disclosures"
STORIES: Final = "proposing, reviewing and objecting come with releases"
GOODS: Final = "receipts and their review come with the ledger"
TRAIL: Final = "the trail has one reader until a page shows nothing but one's own share of it"
NARROWER: Final = {
    ("identity and clear number", Role.CONSULTANT): CONSULT,
    ("call log and risk answers", Role.CONSULTANT): CONSULT,
    ("case note", Role.CONSULTANT): CONSULT,
    ("scales", Role.CONSULTANT): CONSULT,
    ("referral pack", Role.VOLUNTEER): STARTS,
    ("referral pack", Role.CONSULTANT): CONSULT,
    ("disclosure", Role.VOLUNTEER): STARTS,
    ("disclosure", Role.COUNSELOR): STARTS,
    ("disclosure", Role.CONSULTANT): CONSULT,
    ("supervision notes", Role.VOLUNTEER): "one's own part comes with supervision",
    ("supervision notes", Role.COUNSELOR): "one's own part comes with supervision",
    ("statistics", Role.COUNSELOR): "of one's own few cases a figure is a person; the list of cases counts them",
    ("statistics", Role.LEAD): "a lead leads one sub-project; the programme office sees all",
    ("stories", Role.VOLUNTEER): STORIES,
    ("stories", Role.COUNSELOR): STORIES,
    ("stories", Role.SUPERVISOR): STORIES,
    ("stories", Role.LEAD): "a lead approves for one sub-project; the programme office for all",
    ("stories", Role.AUDITOR): STORIES,
    ("goods and money", Role.VOLUNTEER): GOODS,
    ("goods and money", Role.COUNSELOR): GOODS,
    ("goods and money", Role.SUPERVISOR): GOODS,
    ("goods and money", Role.LEAD): GOODS,
    ("goods and money", Role.AUDITOR): GOODS,
    ("audit log", Role.COUNSELOR): TRAIL,
    ("audit log", Role.SUPERVISOR): TRAIL,
    ("audit log", Role.ADMINISTRATOR): TRAIL,
    ("keys", Role.AUDITOR): "keeps the printed recovery key; no page of the program holds a key",
}
WIDER: Final = {
    ("keys", Role.SUPERVISOR): "confirms a colleague's new keys after a lost password; sees what is theirs anyway",
}


def widest(table: dict[P, Reach], permissions: tuple[P, ...]) -> Reach:
    return max((table.get(each, Reach.NONE) for each in permissions), key=WIDTH.index)


def differences(matrix: dict[Role, dict[P, Reach]]) -> tuple[set[tuple[str, Role]], set[tuple[str, Role]]]:
    """Return the cells in which a matrix gives less than the standard, and those in which it gives more."""
    less, more = set(), set()
    for name, row in STANDARD.items():
        for role, letter in zip(COLUMNS, row.cells, strict=True):
            ours, theirs = WIDTH.index(widest(matrix[role], row.permissions)), WIDTH.index(LETTERS[letter])
            if ours < theirs:
                less.add((name, role))
            if ours > theirs:
                more.add((name, role))
    return less, more


def test_every_difference_from_the_standard_has_its_reason_and_no_reason_is_out_of_date() -> None:
    less, more = differences(MATRIX)
    assert less == NARROWER.keys()
    assert more == WIDER.keys()


@pytest.mark.parametrize(
    ("role", "permission", "reach"),
    [
        (Role.LEAD, P.CASES_NOTE_READ, Reach.PROJECT),
        (Role.ADMINISTRATOR, P.CALLS_CALL_READ, Reach.OWN),
        (Role.VOLUNTEER, P.CASES_IDENTITY_READ, Reach.ASSIGNED),
        (Role.LOGISTICS, P.REPORTS_STATISTICS_READ, Reach.PROGRAMME),
    ],
)
def test_a_cell_that_gives_more_than_the_standard_is_found(role: Role, permission: P, reach: Reach) -> None:
    planted = {**MATRIX, role: {**MATRIX[role], permission: reach}}
    assert {found for _, found in differences(planted)[1] - WIDER.keys()} == {role}


def test_a_right_of_the_standard_that_is_lost_is_found() -> None:
    planted = {**MATRIX, Role.SUPERVISOR: {}}
    assert ("case note", Role.SUPERVISOR) in differences(planted)[0] - NARROWER.keys()


def test_every_permission_has_its_place_in_the_comparison() -> None:
    compared = {permission for row in STANDARD.values() for permission in row.permissions}
    assert compared | BESIDE == set(P)
    assert not compared & BESIDE
