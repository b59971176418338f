"""Every page there is and who looks at it; the addresses of work that was really done fill the braces.

The list is compared with the routes by ``tests.browser.test_every_page``: a new page without a sample fails there.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from casework.audit.models import AuditEntry
from casework.core.db import session
from casework.directory.models import Resource
from casework.people import queries as people
from casework.security.roles import Role
from tests.support import samples, seed

if TYPE_CHECKING:
    from collections.abc import Mapping

LOGINS: Final = ("zhiyuan", "zixun", "dudao", "fuze", "bangong", "guanli", "shenji", "yishi")
STRANGER: Final = "stranger"
# Answers that are no page, each with what it is.
NOT_PAGES: Final = {
    "cases.draft": "JSON for autosave",
    "intake.alert_state": "JSON for the call screen",
    "intake.alerts": "JSON for the board",
    "intake.events": "a stream for the board",
    "intake.paper_template": "an Excel file",
    "intake.practice_alert": "JSON for the call screen",
    "intake.ringing": "JSON for the desk",
    "intake.triage_news": "JSON for the board",
    "people.session_state": "JSON for the warning before a session ends",
    "people.onward": "leads on to the step that is missing",
    "reports.download": "an Excel file",
    "static": "files",
    "web.healthz": "plain text for a load balancer",
    "web.home": "leads to one's own start page",
    "web.readyz": "plain text for a load balancer",
}
# Who looks at which page. What stands in braces is filled in from real work; a page may be seen in several states.
SAMPLES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "cases.close": (("zixun", "/cases/{number}/close"),),
    "cases.correct_note": (("zixun", "/cases/{number}/notes/{note}/correct"),),
    "cases.index": (("zixun", "/cases"), ("dudao", "/cases"), ("yishi", "/cases")),
    "cases.measures": (("zixun", "/cases/{number}/measures"),),
    "cases.show": (("zixun", "/cases/{number}"), ("dudao", "/cases/{number}")),
    "clients.edit_plan": (("zixun", "/clients/plans/{plan}/edit"),),
    "clients.new_plan": (("dudao", "/clients/plans/new"),),
    "clients.plan": (("dudao", "/clients/plans/{plan}"),),
    "clients.plans": (("dudao", "/clients/plans"), ("zixun", "/clients/plans")),
    "clients.renew_plan": (("zixun", "/clients/plans/{plan}/renew"),),
    "directory.add": (("bangong", "/resources/new"),),
    "directory.edit": (("bangong", "/resources/{resource}"),),
    "directory.index": (("zhiyuan", "/resources"), ("bangong", "/resources")),
    "intake.feedback": (("zhiyuan", "/calls/feedback"),),
    "intake.feedback_of": (("zhiyuan", "/calls/feedback/{feedback}"),),
    "intake.person": (("dudao", "/calls/{waiting}/person"),),
    "intake.plan_for_call": (("dudao", "/calls/{waiting}/plan"),),
    "intake.practice": (("zhiyuan", "/calls/practice"),),
    "intake.practice_call": (
        ("zhiyuan", "/calls/practice/practice_routine"),
        ("zixun", "/calls/practice/practice_high_risk"),
    ),
    "intake.readiness": (("dudao", "/calls/readiness"),),
    "intake.review": (("dudao", "/calls/reviews/{review}"),),
    "intake.reviews": (("dudao", "/calls/reviews"),),
    "intake.reviews_of": (("dudao", "/calls/reviews/people/{volunteer}"),),
    "options.edit": (("guanli", "/admin/options/topic"),),
    "options.index": (("guanli", "/admin/options"),),
    "intake.correct": (("zhiyuan", "/calls/{call}/correct"),),
    "intake.disclose": (("zhiyuan", "/calls/{call}/disclosures"), ("dudao", "/calls/{waiting}/disclosures")),
    "intake.disclosures": (("dudao", "/calls/disclosures"),),
    "intake.followup": (("dudao", "/calls/follow-ups/{followup}"),),
    "intake.followups": (("zhiyuan", "/calls/follow-ups"), ("dudao", "/calls/follow-ups")),
    "intake.handover": (("zhiyuan", "/calls/handover"), ("dudao", "/calls/handover")),
    "intake.show_handover": (("dudao", "/calls/handover/{handover}"),),
    "intake.desk": (("zhiyuan", "/calls"),),
    "intake.draft": (("zhiyuan", "/calls/drafts/{draft}"),),
    "intake.new_call": (("zhiyuan", "/calls/new"),),
    "intake.paper_list": (("dudao", "/calls/paper/{batch}"),),
    "intake.paper_lists": (("dudao", "/calls/paper"),),
    "intake.show": (("dudao", "/calls/{waiting}"), ("zixun", "/calls/{call}"), ("zhiyuan", "/calls/{call}")),
    "intake.triage": (("dudao", "/triage"),),
    "people.account": (("fuze", "/me"),),
    "people.accounts": (("guanli", "/admin"),),
    "people.manage": (("guanli", "/admin/{account}"),),
    "people.new_account": (("guanli", "/admin/new"),),
    "people.password": (("fuze", "/password"),),
    "people.pledge": (("fuze", "/pledge"),),
    "people.pledge_text": (("guanli", "/admin/pledges/{pledge}"),),
    "people.pledges": (("guanli", "/admin/pledges"),),
    "people.publish_pledge": (("guanli", "/admin/pledges/volunteer/new"),),
    "people.renew_keys": (("guanli", "/admin/{account}/keys"),),
    "people.second_factor": (("fuze", "/second-factor"),),
    "people.sign_in": ((STRANGER, "/login"),),
    "people.switch_role": (("fuze", "/me/role"),),
    "privacy.audit": (("shenji", "/audit"),),
    "privacy.audit_entry": (("shenji", "/audit/{chain}/{seq}"),),
    "privacy.rules": (("zhiyuan", "/privacy/rules"),),
    "programme.close_line": (("bangong", "/programme/lines/{line}/close"),),
    "programme.detail": (("bangong", "/programme/GZ"), ("fuze", "/programme/GZ")),
    "programme.edit": (("bangong", "/programme/GZ/edit"),),
    "programme.index": (("bangong", "/programme"),),
    "reports.line": (("fuze", "/reports/line"),),
    "reports.dashboard": (("fuze", "/reports"),),
    "vault.awaiting": (("dudao", "/keys"),),
    "web.help_page": ((STRANGER, "/help"), ("fuze", "/help")),
}


def do_work() -> dict[str, str]:
    """Do the work whose pages are looked at and return what the braces of the samples stand for.

    Needs an application context.
    """
    work, pledge = samples.do_work(), people.current_pledge(Role.VOLUNTEER)
    entry = session().query(AuditEntry).order_by(AuditEntry.seq.desc()).first()
    assert pledge is not None
    assert entry is not None
    values: dict[str, object] = {
        "account": seed.actor("zixun").account_id,
        "batch": work.batch_id,
        "call": work.call_id,
        "chain": entry.chain,
        "draft": work.draft_id,
        "feedback": work.feedback_id,
        "followup": work.followup_id,
        "handover": work.handover_id,
        "line": work.line_id,
        "note": work.note_id,
        "number": work.number,
        "plan": work.plan_id,
        "pledge": pledge.id,
        "resource": session().query(Resource).first().id,  # type: ignore[union-attr]  # seeded
        "review": work.review_id,
        "volunteer": seed.actor("zhiyuan").account_id,
        "seq": entry.seq,
        "waiting": work.waiting_id,
    }
    return {name: str(value) for name, value in values.items()}


def by_login(values: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the addresses of the samples by who looks at them."""
    found = defaultdict(list)
    for looks in SAMPLES.values():
        for login, address in looks:
            found[login].append(address.format_map(values))
    return found
