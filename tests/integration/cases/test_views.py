"""The pages of cases, each answer inspected: who sees what, what is refused, what is never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.cases import service
from casework.cases.models import CaseNote, CaseNoteDraft
from casework.core.db import read_transaction, session, write_transaction
from tests.support import casefile, seed
from tests.support.canaries import NAME, NOTE, NUMBER, NUMBER_TAIL, search_text
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.client import CheckedClient

    SignIn = Callable[[str], CheckedClient]

ROUTINE = {"channel": "phone", "services": ["emotional_support"], "minutes": "50"}


def events(app: Flask, action: str) -> int:
    with app.app_context(), read_transaction():
        return session().scalar(sa.select(sa.func.count()).where(AuditEntry.action == action)) or 0


def notes(app: Flask) -> list[CaseNote]:
    with app.app_context(), read_transaction():
        found = list(session().scalars(sa.select(CaseNote).order_by(CaseNote.written_at)))
        session().expunge_all()
        return found


def test_a_counselor_writes_a_note_and_finds_it_in_the_timeline(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    answer = client.submit(f"/cases/{case.number}", {**ROUTINE, "text": NOTE}, action="/notes")
    assert (answer.status_code, answer.location) == (303, f"/cases/{case.number}")
    page = client.get(answer.location).text
    assert NOTE in page
    assert "50 分钟" in page
    assert events(app, "note.written") == 1


def test_T4_opening_the_page_leaves_one_event_for_each_note_on_it(app: Flask, sign_in: SignIn) -> None:
    case = casefile.open_case(app, notes=[NOTE, "第二条"])
    sign_in("zixun").get(f"/cases/{case.number}")
    assert (events(app, "note.read"), events(app, "case.read")) == (2, 1)
    sign_in("dudao").get(f"/cases/{case.number}")
    assert (events(app, "note.read"), events(app, "case.read")) == (4, 2)


def test_T4_a_refused_form_shows_the_notes_again_and_says_so_in_the_trail(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app, notes=[NOTE]), sign_in("zixun")
    answer = client.submit(f"/cases/{case.number}", {"text": "   "}, action="/notes")
    assert answer.status_code == 422
    assert NOTE in answer.text
    assert events(app, "note.read") == 2


def test_T16_a_session_without_channel_is_refused_and_every_word_is_kept(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    data = {"text": NOTE, "services": ["family_support"], "minutes": "35"}
    answer = client.submit(f"/cases/{case.number}", data, action="/notes")
    assert answer.status_code == 422
    assert NOTE in answer.text
    assert 'value="35"' in answer.text
    assert 'href="#channel-0"' in answer.text
    assert notes(app) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("text", ""), ("text", "字" * 20_001), ("minutes", "601"), ("occurred_at", "2999-01-01T00:00"), ("kind", "other")],
)
def test_what_is_no_note_comes_back_with_its_reason(app: Flask, sign_in: SignIn, field: str, value: str) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    answer = client.submit(f"/cases/{case.number}", {**ROUTINE, "text": NOTE, field: value}, action="/notes")
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert notes(app) == []


def test_sending_a_note_twice_stores_it_once(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    path = f"/cases/{case.number}"
    sent = values_of(find_form(client.get(path).text, path, action="/notes"))
    sent["text"], sent["channel"] = NOTE, "phone"
    first, again = client.post(f"{path}/notes", data=sent), client.post(f"{path}/notes", data=sent)
    assert (again.status_code, again.location) == (303, first.location)
    assert len(notes(app)) == 1


def test_internal_notes_have_no_channel_whatever_was_ticked(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    data = {**ROUTINE, "kind": "internal", "text": NOTE}
    assert client.submit(f"/cases/{case.number}", data, action="/notes").status_code == 303
    assert notes(app)[0].channel is None


@pytest.mark.parametrize("login", ["fuze", "zhiyuan", "bangong", "guanli", "shenji"])
@pytest.mark.parametrize("path", ["/cases", "/cases/{}", "/cases/{}/measures", "/cases/{}/close"])
def test_T2_roles_without_need_are_refused_everywhere(app: Flask, sign_in: SignIn, login: str, path: str) -> None:
    case = casefile.open_case(app, notes=[NOTE])
    answer = sign_in(login).get(path.format(case.number))
    assert answer.status_code == 403
    assert not search_text(answer.text, path)


@pytest.mark.parametrize("login", ["zixun-gz", "zixun2", "dudao2", "yishi"])
def test_T2_others_of_the_same_roles_find_nothing(app: Flask, sign_in: SignIn, login: str) -> None:
    casefile.hire(app, casefile.COLLEAGUE)
    case, client = casefile.open_case(app, notes=[NOTE]), sign_in(login)
    for path in ("", "/measures", "/close", "/draft", f"/notes/{notes(app)[0].id}/correct"):
        answer = client.get(f"/cases/{case.number}{path}")
        assert answer.status_code in {403, 404}
        assert not search_text(answer.text, path)
    assert case.number not in client.get("/cases").text


def test_T2_what_was_refused_or_not_found_read_nothing(app: Flask, sign_in: SignIn) -> None:
    case = casefile.open_case(app, notes=[NOTE])
    for login in ("fuze", "zixun2", "yishi"):
        sign_in(login).get(f"/cases/{case.number}")
    assert events(app, "note.read") == events(app, "case.read") == 0


def test_a_consultant_is_told_why_the_list_is_empty(app: Flask, sign_in: SignIn) -> None:
    casefile.open_case(app)
    assert "会诊功能随后" in sign_in("yishi").get("/cases").text


def test_pages_show_a_masked_name_and_number_only(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    for path in ("/cases", f"/cases/{case.number}", f"/cases/{case.number}/close"):
        text = client.get(path).text
        assert NAME not in text
        assert NUMBER not in text
        assert "欧" in text


def test_unmasking_shows_the_identity_once_and_leaves_an_event(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    assert client.get(f"/cases/{case.number}/identity").status_code == 405
    path = f"/cases/{case.number}"
    sent = values_of(find_form(client.get(path).text, path, action="/identity"))
    answer = client.post(f"{path}/identity", data=sent)
    assert answer.status_code == 200
    assert NAME in answer.text
    assert NUMBER_TAIL in answer.text
    assert events(app, "identity.unmasked") == 1
    again = client.post(f"{path}/identity", data=sent)
    assert NAME not in again.text
    assert events(app, "identity.unmasked") == 1


def test_a_correction_keeps_the_old_text_on_the_page(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app, notes=["原来的文字"]), sign_in("zixun")
    path = f"/cases/{case.number}/notes/{notes(app)[0].id}/correct"
    assert client.submit(path, {"text": "更正的文字"}).status_code == 303
    page = client.get(f"/cases/{case.number}").text
    assert "更正的文字" in page
    assert "原来的文字" in page
    assert "更正前的内容" in page


def test_a_stale_correction_shows_both_versions_and_overwrites_nothing(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app, notes=["原来的文字"]), sign_in("zixun")
    note = notes(app)[0]
    _correct_elsewhere(app, note)
    path = f"/cases/{case.number}/notes/{note.id}/correct"
    page = client.get(f"/cases/{case.number}/notes/{notes(app)[1].id}/correct").text
    assert "另一个窗口的更正" in page
    sent = {**_fields(client, case.number, notes(app)[1]), "text": "这个窗口的更正", "version": "1"}
    answer = client.post(path, data=sent)
    assert answer.status_code == 409
    assert "另一个窗口的更正" in answer.text
    assert "这个窗口的更正" in answer.text
    assert len(notes(app)) == 2
    assert events(app, "note.read") == 3


def test_after_a_conflict_the_same_page_corrects_what_stands_now(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app, notes=["原来的文字"]), sign_in("zixun")
    first = notes(app)[0]
    _correct_elsewhere(app, first)
    sent = {**_fields(client, case.number, notes(app)[1]), "text": "合并后的更正", "version": "1"}
    conflict = client.post(f"/cases/{case.number}/notes/{first.id}/correct", data=sent)
    form = find_form(conflict.text, conflict.request.path, action="/correct")
    assert client.post(str(form.get("action")), data=values_of(form)).status_code == 303
    assert [note.corrects_id for note in notes(app)] == [None, first.id, notes(app)[1].id]


def _correct_elsewhere(app: Flask, note: CaseNote) -> None:
    with app.app_context():
        counselor = seed.actor("zixun")
        with write_transaction():
            mine = session().get_one(CaseNote, note.id)
            service.correct_note(mine, "另一个窗口的更正", version=1, actor=counselor)


def _fields(client: CheckedClient, number: str, note: CaseNote) -> dict[str, object]:
    path = f"/cases/{number}/notes/{note.id}/correct"
    return dict(values_of(find_form(client.get(path).text, path, action="/correct")).lists())


def test_the_draft_is_saved_while_typing_and_offered_again(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    first = _autosave(client, case.number, "写到一半", 0)
    assert (first.status_code, _told(first)["rev"]) == (200, 1)
    assert _told(_autosave(client, case.number, "写到一半，又写", 1))["rev"] == 2
    page = sign_in("zixun").get(f"/cases/{case.number}").text
    assert "写到一半，又写" in page
    assert "已恢复" in page
    assert "有写了一半的记录" in client.get("/cases").text
    assert "写到一半" not in client.get("/cases").text
    assert "写到一半" not in sign_in("dudao").get(f"/cases/{case.number}").text


def test_an_older_window_gets_409_and_the_newer_words(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    _autosave(client, case.number, "新", 0)
    stale = _autosave(client, case.number, "旧", 0)
    assert stale.status_code == 409
    assert stale.is_json
    newer = client.get(f"/cases/{case.number}/draft", headers={"Accept": "application/json"})
    assert (_told(newer)["rev"], _told(newer)["content"]["text"]) == (1, "新")


@pytest.mark.parametrize("sent", [[], {"rev": "x"}, {"text": "字" * 40_001, "rev": 0}])
def test_a_malformed_autosave_is_refused_as_json(app: Flask, sign_in: SignIn, sent: object) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    answer = client.post(f"/cases/{case.number}/draft", json=sent, headers=_token(client, case.number))
    assert answer.status_code in {200, 422}
    assert answer.is_json


def test_without_scripts_the_draft_button_keeps_everything(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    page = f"/cases/{case.number}"
    sent = values_of(find_form(client.get(page).text, page, action="/notes"))
    sent.setlist("text", ["没有脚本"])
    sent.setlist("channel", ["home_visit"])
    sent.setlist("services", ["family_support", "policy_advice"])
    assert client.post(f"{page}/draft", data=sent).status_code == 303
    form = find_form(client.get(page).text, page, action="/notes")
    restored = values_of(form)
    assert restored["text"] == "没有脚本"
    assert restored["channel"] == "home_visit"
    assert restored.getlist("services") == ["family_support", "policy_advice"]
    assert client.submit(page, {}, action="/draft/discard").status_code == 303
    with app.app_context(), read_transaction():
        assert session().scalar(sa.select(sa.func.count()).select_from(CaseNoteDraft)) == 0


def _told(answer: TestResponse) -> dict[str, Any]:
    assert isinstance(answer.json, dict)
    return answer.json


def _token(client: CheckedClient, number: str) -> dict[str, str]:
    page = f"/cases/{number}"
    return {"X-CSRFToken": values_of(find_form(client.get(page).text, page, action="/notes"))["csrf_token"]}


def _autosave(client: CheckedClient, number: str, text: str, rev: int) -> TestResponse:
    sent = {"text": text, "kind": "session", "channel": "", "services": [], "rev": rev}
    return client.post(f"/cases/{number}/draft", json=sent, headers=_token(client, number))
