"""The canaries' way through the house: every place where somebody types words about a person, by the real forms."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from casework.cases.models import CaseNote
from casework.cli.demo.accounts import Person
from casework.core.db import read_transaction, session, write_transaction
from casework.people.models import SignInSession
from casework.security.roles import Role
from tests.integration.leaks import aftercare, callers, desk, line
from tests.support import casefile, seed
from tests.support.canaries import CORRECTION, DRAFT, NAME, NOTE, NUMBER, PASSWORD, search_files
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from tests.integration.leaks.witness import Evidence, Witness

SECOND_VOLUNTEER = Person("zhiyuan-gz", "高志愿者", Role.VOLUNTEER, "GZ")
SESSION = {"channel": "phone", "services": ["emotional_support"], "minutes": "50"}
LAST_PASSWORD = "kuaile-de-xiaoyu-88"
FAILING = "/test/failing"


def tell(evidence: Evidence) -> None:
    """Let everybody do their work once, wrongly and rightly."""
    for person in (casefile.COLLEAGUE, SECOND_VOLUNTEER):
        casefile.hire(evidence.app, person)
    calls = desk.log_calls(evidence)
    line.ring(evidence)
    line.import_records(evidence)
    look(evidence)
    desk.go_wrong(evidence, calls[0])
    desk.intrude(evidence, calls[0])
    callers.join(evidence, calls)
    plans, reviews = callers.plan(evidence, calls), callers.review(evidence)
    look(evidence)
    number, ended = desk.decide(evidence, calls)
    after = aftercare.tell(evidence)
    note = write(evidence, number)
    go_wrong_with_a_case(evidence, number, note)
    close(evidence, ended)
    look(evidence)
    manage(evidence)
    change_passwords(evidence)
    lose_a_session(evidence)
    fail(evidence)
    look(evidence)
    evidence.known = {"call_id": calls, "number": [number, ended], "note_id": [note], "code": ["GZ"], **after}
    evidence.known |= {"plan_id": plans, "review_id": reviews}


def look(evidence: Evidence) -> None:
    """Search the files as they lie now; the next writes may cover what is there."""
    evidence.leaks_on_the_way += [str(each) for each in search_files([evidence.folder])]


def write(evidence: Evidence, number: str) -> str:
    """Return the last of a counselor's notes: drafted, written, corrected, and a draft left behind."""
    client, path = evidence.enter("zixun"), f"/cases/{number}"
    assert _autosave(client, path, DRAFT) == 200
    assert DRAFT in client.get(path).text
    assert client.submit(path, {**SESSION, "text": NOTE}, action="/notes").status_code == 303
    note = _latest_note(evidence)
    correcting = f"{path}/notes/{note}/correct"
    stale = values_of(find_form(client.get(correcting).text, correcting, "/correct"))
    assert client.submit(correcting, {"text": CORRECTION}, action="/correct").status_code == 303
    assert client.post(correcting, data={**stale, "text": DRAFT, "_key": str(uuid4())}).status_code == 409
    assert client.submit(path, action="/identity").status_code == 200
    assert client.submit(f"{path}/measures", {"answer": "7"}, action="/measures").status_code == 303
    assert _autosave(client, path, DRAFT) == 200
    for each in ("", "/draft", "/measures", "/close", f"/notes/{_latest_note(evidence)}/correct"):
        assert client.get(path + each).status_code == 200
    for address in ("/cases", "/calls", f"/cases?number={number}"):
        assert client.get(address).status_code == 200
    return _latest_note(evidence)


def _autosave(client: Witness, path: str, text: str) -> int:
    rev = (client.get(f"{path}/draft", headers={"Accept": "application/json"}).json or {})["rev"]
    sent = {"text": text, "kind": "session", "channel": "", "services": [], "rev": rev}
    return client.post(f"{path}/draft", json=sent, headers=desk.token(client)).status_code


def _latest_note(evidence: Evidence) -> str:
    with evidence.app.app_context(), read_transaction():
        newest = sa.select(CaseNote.id).order_by(CaseNote.written_at.desc(), CaseNote.id.desc()).limit(1)
        return str(session().scalars(newest).one())


def go_wrong_with_a_case(evidence: Evidence, number: str, note: str) -> None:
    """Send what is refused, to one's own case and to others'."""
    client, path = evidence.enter("zixun"), f"/cases/{number}"
    for words in ({"text": NOTE, "channel": NAME, "minutes": NUMBER}, {"text": NOTE, "occurred_at": NUMBER}):
        assert client.submit(path, words, action="/notes").status_code == 422
    wrong = {"text": NOTE, "version": NUMBER, "kind": NAME, "services": [NAME]}
    assert client.submit(f"{path}/notes/{note}/correct", wrong, action="/correct").status_code in {409, 422}
    assert client.submit(path, {"stage": NAME, "version": NUMBER}, action="/stage").status_code == 422
    assert client.submit(f"{path}/measures", {"answer": NUMBER}, action="/measures").status_code == 422
    assert client.submit(f"{path}/close", {"reason": NAME}, action="/close").status_code == 422
    for body in ([NOTE], {"text": [NOTE], "rev": NAME}, {"text": NOTE, "rev": 0}):
        client.post(f"{path}/draft", json=body, headers=desk.token(client))
    for login in ("zixun2", "zixun-gz", "fuze", "zhiyuan"):
        stranger = evidence.enter(login)
        for each in ("/notes", "/draft", f"/notes/{note}/correct", "/identity", "/stage", "/measures", "/close"):
            keys = values_of(find_form(stranger.get("/help").text, "/help", "/logout"))
            sent = {"csrf_token": keys["csrf_token"], "_key": str(uuid4()), **SESSION, "text": NOTE, "reason": NAME}
            assert stranger.post(path + each, data=sent).status_code in {403, 404}


def close(evidence: Evidence, number: str) -> None:
    """End a case."""
    client, path = evidence.enter("zixun"), f"/cases/{number}/close"
    assert client.submit(path, {"reason": "client_wish"}, action="/close").status_code == 303


def manage(evidence: Evidence) -> None:
    """Use every page of those who only see figures and accounts, and type the canaries where they do not belong."""
    lead = evidence.enter("fuze")
    form = find_form(lead.get("/reports").text, "/reports", "/reports/export")
    purpose = next(str(each.get("value")) for each in form.iter("input") if each.get("name") == "purpose")
    assert lead.submit("/reports", {"purpose": NAME}, action="/reports/export").status_code == 422
    export = lead.submit("/reports", {"purpose": purpose}, action="/reports/export")
    assert lead.get(export.location).data.startswith(b"PK")
    office = evidence.enter("bangong")
    for path in ("/programme", "/programme/GZ", "/reports"):
        assert office.get(path).status_code == 200
    words = {"name": NAME, "responsible": NAME, "division": NUMBER, "targets": NOTE}
    editor = next(each for each in (office, evidence.enter("guanli"), lead) if _may_edit(each))
    assert editor.submit("/programme/GZ/edit", words, action="/edit").status_code == 422
    administrator = evidence.enter("guanli")
    assert administrator.submit("/admin/new", {"login": NAME, "display_name": NUMBER}).status_code == 422
    # Whoever types a name into a search box sends it in an address; it must go no further than that.
    search(administrator, "/admin", "q", NAME)
    search(evidence.enter("shenji"), "/audit", "subject", NUMBER)
    search(evidence.enter("dudao"), "/cases", "number", NUMBER)


def _may_edit(client: Witness) -> bool:
    return client.get("/programme/GZ/edit").status_code == 200


def search(client: Witness, path: str, name: str, words: str) -> None:
    """Search, and forget the one address that the person typed."""
    client.get(path, query_string={name: words})
    typed = client.traffic.pop()
    assert typed.status in {200, 422}


def change_passwords(evidence: Evidence) -> None:
    """Have a password that was used once, and try it as a name as well."""
    for now, then in ((seed.PASSWORD, PASSWORD), (PASSWORD, LAST_PASSWORD)):
        client = evidence.enter("zhiyuan-gz", now)
        assert client.submit("/password", {"current": now, "new": "short"}, action="/password").status_code == 422
        assert client.submit("/password", {"current": now, "new": then}, action="/password").status_code == 303
    stranger = evidence.anybody()
    for login, password in ((PASSWORD, NAME), (NAME, PASSWORD)):
        assert stranger.submit("/login", {"login": login, "password": password}).status_code in {422, 429}


def lose_a_session(evidence: Evidence) -> None:
    """Send a form when the session has ended: the words travel through the sign-in page and arrive."""
    client = evidence.enter("zhiyuan")
    form = values_of(find_form(client.get("/calls/new").text, "/calls/new", "/calls/new")).to_dict(flat=False)
    with evidence.app.app_context(), write_transaction():
        session().execute(sa.delete(SignInSession))
    client.login = "at an open desk"
    asked = client.post("/calls/new", data=form | desk.TYPED)
    assert asked.status_code == 401
    again = values_of(find_form(asked.text, "/login", "/login"))
    client.login = "zhiyuan"
    resumed = client.post("/login", data={**again, "login": "zhiyuan", "password": seed.PASSWORD})
    assert NAME in resumed.text


def fail(evidence: Evidence) -> None:
    """Break the program and the database under somebody's words."""
    client = evidence.enter("zhiyuan")
    form = values_of(find_form(client.get("/calls/new").text, "/calls/new", "/calls/new")).to_dict(flat=False)
    client.login = "whoever sees a failure"
    client.inspecting = False
    sent = form | desk.TYPED | {"_key": str(uuid4()), "intent": "finish"}
    assert client.post(FAILING, data=sent).status_code == 500
    for table in ("intake_call", "vault_key_grant"):
        _rename(evidence, table, f"{table}_gone")
        try:
            for path in ("/calls/new", "/calls/repeat"):
                body = {"json": {"phone": NUMBER}} if path.endswith("repeat") else {"data": sent}
                answer = client.post(path, **body, headers={"X-CSRFToken": str(form["csrf_token"][0])})
                assert answer.status_code == 500 or table != "intake_call"
        finally:
            _rename(evidence, f"{table}_gone", table)


def _rename(evidence: Evidence, table: str, name: str) -> None:
    with evidence.app.app_context(), write_transaction():
        session().execute(sa.text(f"ALTER TABLE {table} RENAME TO {name}"))
