"""Roles and how far each reaches: plain data from which decisions, list filters and the matrix page are made.

After the role matrix of ``domain-standards.md`` §12 and notice 国卫办疾控函〔2020〕194号, part four. What is not
in the table is refused. The consultant, the privacy officer and the office never get a key by their role.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from flask_babel import lazy_gettext as _l

from casework.security.permissions import Permission as P  # noqa: N817 - the table is read as a whole


class Role(StrEnum):
    """One role is active in a session; switching is explicit, so a lead who also counsels never mixes the two."""

    VOLUNTEER = "volunteer"
    COUNSELOR = "counselor"
    SUPERVISOR = "supervisor"
    CONSULTANT = "consultant"
    LEAD = "lead"
    OFFICE = "office"
    COMMUNICATIONS = "communications"
    LOGISTICS = "logistics"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    SYSTEM = "system"


class Reach(StrEnum):
    """How far a permission goes: nothing, what one made, what one was assigned, one's sub-project, everything."""

    NONE = "none"
    OWN = "own"
    ASSIGNED = "assigned"
    PROJECT = "project"
    PROGRAMME = "programme"


ROLE_NAMES: Final = {
    Role.VOLUNTEER: _l("热线志愿者"),
    Role.COUNSELOR: _l("咨询师·社工"),
    Role.SUPERVISOR: _l("督导"),
    Role.CONSULTANT: _l("会诊精神科医师"),
    Role.LEAD: _l("项目负责人"),
    Role.OFFICE: _l("项目办公室"),
    Role.COMMUNICATIONS: _l("公益传播"),
    Role.LOGISTICS: _l("物资财务"),
    Role.ADMINISTRATOR: _l("系统管理员"),
    Role.AUDITOR: _l("隐私专员·审计"),
    Role.SYSTEM: _l("系统任务"),
}
REACH_NAMES: Final = {
    Reach.NONE: _l("无"),
    Reach.OWN: _l("本人"),
    Reach.ASSIGNED: _l("分派给本人"),
    Reach.PROJECT: _l("本子项目"),
    Reach.PROGRAMME: _l("全部子项目"),
}
# Roles of one sub-project; the others belong to the whole programme.
PROJECT_ROLES: Final = frozenset({Role.VOLUNTEER, Role.COUNSELOR, Role.SUPERVISOR, Role.LEAD})
# What everybody who works here may see.
_EVERYBODY: Final = {P.PRIVACY_RULES_READ: Reach.PROGRAMME}

MATRIX: Final[dict[Role, dict[P, Reach]]] = {
    Role.VOLUNTEER: {
        **_EVERYBODY,
        P.CALLS_CALL_LOG: Reach.OWN,
        P.CALLS_CALL_READ: Reach.OWN,
        P.DIRECTORY_RESOURCE_READ: Reach.PROJECT,
        P.CALLS_REVIEW_READ: Reach.OWN,
        P.ROSTER_SHIFT_READ: Reach.OWN,
    },
    Role.COUNSELOR: {
        **_EVERYBODY,
        P.CALLS_CALL_LOG: Reach.OWN,
        P.CALLS_CALL_READ: Reach.ASSIGNED,
        P.CALLS_REVIEW_READ: Reach.OWN,
        P.CASES_CASE_CLOSE: Reach.ASSIGNED,
        P.CASES_CASE_READ: Reach.ASSIGNED,
        P.CASES_IDENTITY_READ: Reach.ASSIGNED,
        P.CASES_MEASURE_RECORD: Reach.ASSIGNED,
        P.CASES_NOTE_READ: Reach.ASSIGNED,
        P.CASES_NOTE_WRITE: Reach.ASSIGNED,
        P.DIRECTORY_RESOURCE_READ: Reach.PROJECT,
        P.CLIENTS_PLAN_WRITE: Reach.OWN,
        P.REFERRALS_PACK_SEND: Reach.ASSIGNED,
        P.ROSTER_SHIFT_READ: Reach.OWN,
    },
    Role.SUPERVISOR: {
        **_EVERYBODY,
        P.ACCOUNTS_KEY_REGRANT: Reach.PROJECT,
        P.ALERTS_ALERT_WATCH: Reach.PROJECT,
        P.CALLS_CALL_ASSIGN: Reach.PROJECT,
        P.CALLS_CALL_READ: Reach.PROJECT,
        P.CALLS_PAPER_IMPORT: Reach.PROJECT,
        P.CALLS_READINESS_CONFIRM: Reach.PROJECT,
        P.CALLS_REVIEW_WRITE: Reach.PROJECT,
        P.CASES_CASE_CLOSE: Reach.PROJECT,
        P.CASES_CASE_READ: Reach.PROJECT,
        P.CASES_IDENTITY_READ: Reach.PROJECT,
        P.CASES_NOTE_READ: Reach.PROJECT,
        P.DIRECTORY_RESOURCE_READ: Reach.PROJECT,
        P.CLIENTS_NUMBER_JOIN: Reach.PROJECT,
        P.CLIENTS_PLAN_APPROVE: Reach.PROJECT,
        P.CLIENTS_PLAN_WRITE: Reach.PROJECT,
        P.DISCLOSURES_REPORT_DECIDE: Reach.PROJECT,
        P.PROGRAMME_SUBPROJECT_READ: Reach.PROJECT,
        P.REFERRALS_PACK_SEND: Reach.PROJECT,
        P.REPORTS_STATISTICS_READ: Reach.PROJECT,
        P.ROSTER_SHIFT_EDIT: Reach.PROJECT,
        P.ROSTER_SHIFT_READ: Reach.PROJECT,
        P.SUPERVISION_RECORD_WRITE: Reach.PROJECT,
    },
    Role.CONSULTANT: {
        **_EVERYBODY,
        P.CASES_CASE_READ: Reach.ASSIGNED,
        P.CONSULTS_REQUEST_ANSWER: Reach.ASSIGNED,
        P.ROSTER_SHIFT_READ: Reach.OWN,
    },
    Role.LEAD: {
        **_EVERYBODY,
        P.PROGRAMME_SUBPROJECT_READ: Reach.PROJECT,
        P.RELEASES_STORY_APPROVE: Reach.PROJECT,
        P.REPORTS_STATISTICS_EXPORT: Reach.PROJECT,
        P.REPORTS_STATISTICS_READ: Reach.PROJECT,
    },
    Role.OFFICE: {
        **_EVERYBODY,
        P.ALERTS_ALERT_WATCH: Reach.PROGRAMME,
        P.DIRECTORY_RESOURCE_EDIT: Reach.PROGRAMME,
        P.DIRECTORY_RESOURCE_READ: Reach.PROGRAMME,
        P.PROGRAMME_SUBPROJECT_EDIT: Reach.PROGRAMME,
        P.PROGRAMME_SUBPROJECT_READ: Reach.PROGRAMME,
        P.RELEASES_STORY_APPROVE: Reach.PROGRAMME,
        P.REPORTS_STATISTICS_EXPORT: Reach.PROGRAMME,
        P.REPORTS_STATISTICS_READ: Reach.PROGRAMME,
    },
    Role.COMMUNICATIONS: {**_EVERYBODY, P.RELEASES_STORY_EDIT: Reach.PROGRAMME},
    Role.LOGISTICS: {**_EVERYBODY, P.GOODS_LEDGER_EDIT: Reach.PROGRAMME},
    Role.ADMINISTRATOR: {
        **_EVERYBODY,
        P.ACCOUNTS_ACCOUNT_MANAGE: Reach.PROGRAMME,
        P.ACCOUNTS_PLEDGE_MANAGE: Reach.PROGRAMME,
        P.DIRECTORY_RESOURCE_EDIT: Reach.PROGRAMME,
        P.DIRECTORY_RESOURCE_READ: Reach.PROGRAMME,
        P.OPTIONS_LIST_PUBLISH: Reach.PROGRAMME,
        P.PROGRAMME_SUBPROJECT_READ: Reach.PROGRAMME,
    },
    Role.AUDITOR: {
        **_EVERYBODY,
        P.AUDIT_ENTRY_READ: Reach.PROGRAMME,
        P.PRIVACY_BREAK_GLASS_REVIEW: Reach.PROGRAMME,
        P.PRIVACY_REQUEST_HANDLE: Reach.PROGRAMME,
        P.REPORTS_STATISTICS_READ: Reach.PROGRAMME,
    },
    # Small numbers are hidden alike for everybody, which needs the numbers of all; nobody is shown more by it.
    Role.SYSTEM: {P.REPORTS_STATISTICS_READ: Reach.PROGRAMME},
}


def reach(role: Role, permission: P) -> Reach:
    """Return how far a role's permission goes; what the table does not name is ``NONE``."""
    return MATRIX[role].get(permission, Reach.NONE)
