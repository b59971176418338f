"""All permissions, in alphabetical order. A new one is added here, given in ``roles.MATRIX`` and used by a view.

``PLANNED`` names those of the role matrix whose screens come later; the matrix page marks them so.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """``scope:thing:act``."""

    ACCOUNTS_ACCOUNT_MANAGE = "accounts:account:manage"
    ACCOUNTS_KEY_REGRANT = "accounts:key:regrant"
    ACCOUNTS_PLEDGE_MANAGE = "accounts:pledge:manage"
    ALERTS_ALERT_WATCH = "alerts:alert:watch"
    AUDIT_ENTRY_READ = "audit:entry:read"
    CALLS_CALL_ASSIGN = "calls:call:assign"
    CALLS_CALL_LOG = "calls:call:log"
    CALLS_CALL_READ = "calls:call:read"
    CALLS_PAPER_IMPORT = "calls:paper:import"
    CALLS_READINESS_CONFIRM = "calls:readiness:confirm"
    CALLS_REVIEW_READ = "calls:review:read"
    CALLS_REVIEW_WRITE = "calls:review:write"
    CASES_CASE_CLOSE = "cases:case:close"
    CASES_CASE_READ = "cases:case:read"
    CASES_IDENTITY_READ = "cases:identity:read"
    CASES_MEASURE_RECORD = "cases:measure:record"
    CASES_NOTE_READ = "cases:note:read"
    CASES_NOTE_WRITE = "cases:note:write"
    CLIENTS_NUMBER_JOIN = "clients:number:join"
    CLIENTS_PLAN_APPROVE = "clients:plan:approve"
    CLIENTS_PLAN_WRITE = "clients:plan:write"
    CONSULTS_REQUEST_ANSWER = "consults:request:answer"
    DIRECTORY_RESOURCE_EDIT = "directory:resource:edit"
    DIRECTORY_RESOURCE_READ = "directory:resource:read"
    DISCLOSURES_REPORT_DECIDE = "disclosures:report:decide"
    GOODS_LEDGER_EDIT = "goods:ledger:edit"
    OPTIONS_LIST_PUBLISH = "options:list:publish"
    PRIVACY_BREAK_GLASS_REVIEW = "privacy:break-glass:review"
    PRIVACY_REQUEST_HANDLE = "privacy:request:handle"
    PRIVACY_RULES_READ = "privacy:rules:read"
    PROGRAMME_SUBPROJECT_EDIT = "programme:subproject:edit"
    PROGRAMME_SUBPROJECT_READ = "programme:subproject:read"
    REFERRALS_PACK_SEND = "referrals:pack:send"
    RELEASES_STORY_APPROVE = "releases:story:approve"
    RELEASES_STORY_EDIT = "releases:story:edit"
    REPORTS_STATISTICS_EXPORT = "reports:statistics:export"
    REPORTS_STATISTICS_READ = "reports:statistics:read"
    ROSTER_SHIFT_EDIT = "roster:shift:edit"
    ROSTER_SHIFT_READ = "roster:shift:read"
    SUPERVISION_RECORD_WRITE = "supervision:record:write"


PLANNED = frozenset(
    {
        Permission.CONSULTS_REQUEST_ANSWER,
        Permission.GOODS_LEDGER_EDIT,
        Permission.PRIVACY_BREAK_GLASS_REVIEW,
        Permission.PRIVACY_REQUEST_HANDLE,
        Permission.REFERRALS_PACK_SEND,
        Permission.RELEASES_STORY_APPROVE,
        Permission.RELEASES_STORY_EDIT,
        Permission.ROSTER_SHIFT_EDIT,
        Permission.ROSTER_SHIFT_READ,
        Permission.SUPERVISION_RECORD_WRITE,
    }
)
