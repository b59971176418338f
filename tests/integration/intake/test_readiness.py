"""Being let to real calls: steps that somebody does or a supervisor confirms, and a gate on every way to log a call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from casework.audit.models import AuditEntry
from casework.core import clock
from casework.core.db import db, session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.intake import queries, service
from casework.intake.models import Admission, Call, ReadinessStep
from casework.intake.service import DraftKey, telephony
from casework.intake.types import Brief, CallStatus, Risk
from casework.intake.types.readiness import CHECKLIST, CONFIRMED, PRACTICES, AdmissionBasis, ReadyStep
from casework.people import queries as people
from casework.security.actor import Actor
from tests.integration.intake.conftest import CODES, TYPED, WORDS, Desk
from tests.support import seed
from tests.support.canaries import NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import CheckedClient

ALONE = (*PRACTICES, ReadyStep.GUIDE_READ)
RULE = "R25"


def novice(actor: Callable[[str], Actor]) -> Actor:
    """Return the volunteer as somebody whom nobody has let to real calls."""
    service.end_admission(actor("zhiyuan").account_id, actor=actor("dudao"))
    return actor("zhiyuan")


def do_everything(who: Actor, supervisor: Actor) -> None:
    for code in ALONE:
        service.complete_step(code, actor=who)
    for step in CHECKLIST.steps:
        for _ in range(step.times if step.code in CONFIRMED else 0):
            service.confirm_step(who.account_id, step.code, actor=supervisor)


def test_a_novice_is_let_in_when_every_required_step_is_done(desk: Desk, actor: Callable[[str], Actor]) -> None:
    who, supervisor = novice(actor), actor("dudao")
    with pytest.raises(Refused) as refused:
        desk.finish()
    assert refused.value.rule == RULE
    for code in ALONE:
        service.complete_step(code, actor=who)
    with pytest.raises(Invalid):
        service.admit(who.account_id, actor=supervisor)
    service.confirm_step(who.account_id, ReadyStep.RISK_TRAINING, actor=supervisor)
    for _ in range(2):
        service.confirm_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor)
    assert [(each.code, each.done, each.times) for each in queries.own_standing(who).missing] == [
        (ReadyStep.OBSERVED, 2, 3)
    ]
    with pytest.raises(Invalid):
        service.admit(who.account_id, actor=supervisor)
    service.confirm_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor)
    row = service.admit(who.account_id, actor=supervisor)
    assert (row.basis, row.version, row.admitted_by) == (
        AdmissionBasis.CHECKLIST,
        CHECKLIST.version,
        supervisor.account_id,
    )
    assert desk.finish().status == CallStatus.FINISHED


def test_every_verb_that_begins_a_call_or_asks_about_a_number_is_closed_to_a_novice(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    who, call_id = novice(actor), new_id()
    key = DraftKey(call_id, 0, new_id())
    ways: list[Callable[[], object]] = [
        lambda: service.require_open_desk(who),
        lambda: service.save_draft(key, {}, actor=who),
        lambda: service.begin_draft(key, actor=who),
        lambda: service.finish(key, CODES, WORDS, actor=who, line_id=desk.line()),
        lambda: service.log_brief(Brief.SILENT, call_id, actor=who, line_id=desk.line()),
        lambda: service.look_up(NUMBER, actor=who),
        lambda: service.plans_for(NUMBER, actor=who),
        lambda: telephony.take(call_id, actor=who),
    ]
    for way in ways:
        with pytest.raises(Refused) as refused:
            way()
        assert refused.value.rule == RULE
    # Nothing of theirs is there to be changed.
    for verb in (service.discard_draft, service.undo):
        with pytest.raises(NotFound):
            verb(call_id, actor=who)
    with pytest.raises(NotFound):
        service.correct(key, CODES, WORDS, actor=who, line_id=desk.line())
    # A draft of a colleague is no way around it.
    theirs = service.save_draft(DraftKey(new_id(), 0, new_id()), {}, actor=actor("zixun"))
    with pytest.raises(NotFound):
        service.finish(DraftKey(theirs.id, 1, new_id()), CODES, WORDS, actor=who, line_id=desk.line())
    assert session().scalar(sa.select(sa.func.count()).where(Call.author_id == who.account_id)) == 0


def test_what_was_begun_before_admission_ended_is_finished_and_corrected(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    key = DraftKey(new_id(), 0, new_id(), 1)
    service.save_draft(key, {"summary": "说到一半"}, actor=actor("zhiyuan"), line_id=desk.line())
    who = novice(actor)
    call = service.save_draft(replace(key, seq=2), {"summary": "说完了"}, actor=who)
    service.finish(replace(key, rev=call.rev), CODES, WORDS, actor=who, line_id=desk.line())
    again = service.correct(DraftKey(call.id, call.rev, new_id()), CODES, WORDS, actor=who, line_id=desk.line())
    assert (again.status, again.revision) == (CallStatus.FINISHED, 2)
    with pytest.raises(Refused):
        service.save_draft(DraftKey(new_id(), 0, new_id()), {}, actor=who)


def test_a_page_that_was_begun_before_admission_ended_still_sends_its_call(
    app: Flask, actor: Callable[[str], Actor], sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("zhiyuan")
    kept = client.submit("/calls/new", TYPED, button="intent=draft").location
    novice(actor)
    session().commit()
    session().rollback()
    assert client.get(f"/calls/new?draft={kept.rpartition('/')[2]}").location == kept
    assert client.submit(kept, {"summary": "说完了"}, action="/calls/new", button="intent=draft").status_code == 303
    assert client.submit(kept, TYPED, action="/calls/new", button="intent=finish").status_code == 303
    assert client.get("/calls/new").status_code == 403
    with app.app_context():
        assert session().scalars(sa.select(Call.status)).all() == [CallStatus.FINISHED]


def test_nobody_hands_a_follow_up_to_a_novice_and_a_novice_sees_no_number(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    call = desk.finish(risk=Risk.PLAN_72H, distress_before=9)
    row = queries.followups_of_call(call.id)[0]
    who = actor("zhiyuan").account_id
    assert who in {account_id for account_id, _ in service.may_take(row, actor("dudao"))}
    novice(actor)
    assert who not in {account_id for account_id, _ in service.may_take(row, actor("dudao"))}
    assert actor("zixun").account_id in {account_id for account_id, _ in service.may_take(row, actor("dudao"))}
    with pytest.raises(Refused) as refused:
        service.reveal_number(row, actor=actor("zhiyuan"))
    assert refused.value.rule == RULE


def test_roles_that_the_checklist_does_not_name_need_nobodys_word(desk: Desk, actor: Callable[[str], Actor]) -> None:
    counselor = actor("zixun")
    assert queries.find_admission(counselor.account_id, counselor.subproject_id) is None
    assert queries.is_admitted(counselor)
    assert desk.finish("zixun").status == CallStatus.FINISHED


def test_a_supervisor_reaches_the_volunteers_of_the_own_sub_project_and_never_oneself(
    actor: Callable[[str], Actor],
) -> None:
    who = actor("zhiyuan").account_id
    assert [each.account_id for each in queries.list_standings(actor("dudao"))] == [who]
    assert queries.list_standings(actor("dudao2")) == []
    oneself = replace(actor("dudao"), account_id=who, opened={})
    assert queries.list_standings(oneself) == []
    for supervisor in (actor("dudao2"), oneself):
        for verb in (service.admit, service.end_admission):
            with pytest.raises(NotFound):
                verb(who, actor=supervisor)
        for change in (service.confirm_step, service.withdraw_step):
            with pytest.raises(NotFound):
                change(who, ReadyStep.OBSERVED, actor=supervisor)
    for login in ("zhiyuan", "zixun", "fuze", "bangong", "guanli", "shenji", "yishi"):
        with pytest.raises(Refused):
            queries.list_standings(actor(login))
        with pytest.raises(Refused):
            service.admit(who, actor=actor(login))
    for login in ("dudao", "fuze", "bangong", "guanli", "shenji", "yishi"):
        with pytest.raises(Refused):
            service.complete_step(ReadyStep.GUIDE_READ, actor=actor(login))


def test_the_database_keeps_nobody_from_being_their_own_witness_only_by_code(actor: Callable[[str], Actor]) -> None:
    who, supervisor = novice(actor), actor("dudao")
    row = service.confirm_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor)
    row.confirmed_by = who.account_id
    with pytest.raises(sa.exc.IntegrityError, match="not_by_oneself"), session().begin_nested():
        session().flush()


def test_each_step_is_done_or_confirmed_by_whom_it_belongs_to(actor: Callable[[str], Actor]) -> None:
    who, supervisor = novice(actor), actor("dudao")
    for code in CONFIRMED:
        with pytest.raises(Refused):
            service.complete_step(code, actor=who)
    for code in ALONE:
        with pytest.raises(Invalid):
            service.confirm_step(who.account_id, code, actor=supervisor)
        with pytest.raises(Invalid):
            service.withdraw_step(who.account_id, code, actor=supervisor)
    with pytest.raises(Conflict):
        service.withdraw_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor)


def test_a_confirmation_that_was_withdrawn_can_be_given_again(actor: Callable[[str], Actor]) -> None:
    who, supervisor = novice(actor), actor("dudao")
    for _ in range(3):
        service.confirm_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor)
    with pytest.raises(Conflict):
        service.confirm_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor)
    gone = service.withdraw_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor)
    assert (gone.number, gone.withdrawn_by) == (3, supervisor.account_id)
    assert service.confirm_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor).number == 3
    # The withdrawn one stays as a row.
    assert session().scalar(sa.select(sa.func.count()).select_from(ReadinessStep)) == 4


def test_doing_a_step_again_keeps_the_first_time(actor: Callable[[str], Actor]) -> None:
    who = novice(actor)
    first = service.complete_step(ReadyStep.PRACTICE_SILENT, actor=who)
    at = first.done_at
    with clock.frozen(clock.now().replace(year=clock.now().year + 1)):
        assert service.complete_step(ReadyStep.PRACTICE_SILENT, actor=who).done_at == at
    assert session().scalar(sa.select(sa.func.count()).select_from(ReadinessStep)) == 1


def test_nobody_is_let_in_twice_and_only_commands_let_in_without_a_word(actor: Callable[[str], Actor]) -> None:
    who = actor("zhiyuan")
    with pytest.raises(Conflict):
        service.admit(who.account_id, actor=actor("dudao"))
    assert who.subproject_id is not None
    with pytest.raises(Conflict):
        service.admit_existing(who.account_id, who.subproject_id, actor=Actor.system())
    with pytest.raises(Refused):
        service.admit_existing(who.account_id, who.subproject_id, actor=actor("dudao"))
    novice(actor)
    with pytest.raises(Conflict):
        service.end_admission(who.account_id, actor=actor("dudao"))


def test_each_verb_leaves_one_event_of_codes(actor: Callable[[str], Actor]) -> None:
    who, supervisor = novice(actor), actor("dudao")
    service.complete_step(ReadyStep.GUIDE_READ, actor=who)
    service.confirm_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor)
    service.withdraw_step(who.account_id, ReadyStep.OBSERVED, actor=supervisor)
    do_everything(who, supervisor)
    service.admit(who.account_id, actor=supervisor)
    session().commit()
    rows = session().execute(
        sa.select(AuditEntry.action, AuditEntry.details)
        .where(AuditEntry.action.like("readiness.%"), AuditEntry.actor_id != Actor.system().account_id)
        .order_by(AuditEntry.at, AuditEntry.seq)
    )
    events = [(action, details) for action, details in rows]
    assert events[:4] == [
        ("readiness.ended", {}),
        ("readiness.done", {"step": "guide_read"}),
        ("readiness.confirmed", {"number": 1, "step": "observed"}),
        ("readiness.withdrawn", {"number": 1, "step": "observed"}),
    ]
    assert events[-1] == ("readiness.admitted", {"basis": "checklist", "version": CHECKLIST.version})
    assert len(events) == 4 + len(ALONE) + 4 + 1


@pytest.mark.parametrize(("days", "is_open"), [(1, True), (0, False), (-1, False)])
def test_a_day_in_the_checklist_exempts_whoever_was_given_the_role_before_it(
    actor: Callable[[str], Actor], monkeypatch: pytest.MonkeyPatch, days: int, is_open: bool
) -> None:
    who = novice(actor)
    granted = people.granted_at(who.account_id, who.role, who.subproject_id)
    assert granted is not None
    since = clock.local_day(granted) + timedelta(days=days)
    # Another file, not another program.
    monkeypatch.setattr(queries.readiness, "CHECKLIST", replace(CHECKLIST, required_from=since))
    assert queries.is_admitted(who) is is_open
    assert queries.own_standing(who).is_admitted is is_open
    assert (queries.not_admitted([who.account_id], who.subproject_id) == set()) is is_open  # type: ignore[arg-type]  # a volunteer has a sub-project


def test_an_upgrade_lets_in_whoever_takes_calls_already(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        downgrade(revision="0008")
        upgrade()
        found = session().execute(sa.select(Admission.account_id, Admission.basis, Admission.admitted_by)).all()
        volunteer = people.account_by_login("zhiyuan")
        assert volunteer is not None
        assert [tuple(row) for row in found] == [(volunteer.id, AdmissionBasis.EXISTING, None)]
        assert queries.is_admitted(seed.actor("zhiyuan"))


def test_the_refusal_names_the_rule_and_leads_to_practice_on_every_route(
    app: Flask, actor: Callable[[str], Actor], sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("zhiyuan")
    token = client.get("/calls/new").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    novice(actor)
    session().commit()
    session().rollback()
    page = client.get("/calls/new")
    assert page.status_code == 403
    assert RULE in page.text
    assert 'href="/calls/practice"' in page.text
    sent = {"csrf_token": token, "_key": str(new_id())}
    draft, json = f"/calls/drafts/{new_id()}", {"rev": 0, "writer": str(new_id()), "seq": 1, "fields": {}}
    for address in ("/calls/new", "/calls/quick", f"/calls/ringing/{new_id()}/take"):
        answer = client.post(address, data={**sent, "_key": str(new_id()), "brief": "silent", "intent": "finish"})
        assert (answer.status_code, RULE in answer.text) == (403, True), address
    for address in (draft, f"{draft}/help", f"{draft}/help/cancel", "/calls/repeat"):
        answer = client.post(address, json={**json, "phone": NUMBER}, headers={"X-CSRFToken": token})
        assert (answer.status_code, (answer.json or {})["error"]["rule"]["id"]) == (403, RULE), address
    desk = client.get("/calls").text
    assert "上岗步骤" in desk
    assert 'href="/calls/new" aria-keyshortcuts' not in " ".join(desk.split())
    assert "快速登记" not in desk
    with app.app_context():
        assert session().scalar(sa.select(sa.func.count()).select_from(Call)) == 0


def test_a_supervisor_confirms_and_lets_in_without_scripts(
    actor: Callable[[str], Actor], sign_in: Callable[[str], CheckedClient]
) -> None:
    who = novice(actor)
    for code in ALONE:
        service.complete_step(code, actor=who)
    session().commit()
    session().rollback()
    client, base = sign_in("dudao"), f"/calls/readiness/{who.account_id}"
    for code, times in ((ReadyStep.RISK_TRAINING, 1), (ReadyStep.OBSERVED, 3)):
        for _ in range(times):
            answer = client.submit("/calls/readiness", {"state": "done"}, action=f"{base}/steps/{code}")
            assert answer.status_code == 303
    assert client.submit("/calls/readiness", {"state": "admit"}, action=f"{base}/admission").status_code == 303
    assert sign_in("zhiyuan").get("/calls/new").status_code == 200
    assert client.submit("/calls/readiness", {"state": "end"}, action=f"{base}/admission").status_code == 303
    assert sign_in("zhiyuan").get("/calls/new").status_code == 403
    assert sign_in("zhiyuan").get("/calls/readiness").status_code == 403
