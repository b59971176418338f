"""What volunteers and the supervisor do with the canaries' calls, rightly and wrongly, by the real forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa

from casework.core.db import read_transaction, session
from casework.core.ids import new_id
from casework.intake.forms.call import KEEP
from casework.intake.models import Call
from tests.support import html
from tests.support.canaries import CORRECTION, DRAFT, NAME, NOTE, NUMBER, SPELLINGS, SUMMARY
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.integration.leaks.witness import Evidence, Witness

# Somebody else, whose number is no canary.
OTHER_NUMBER = "13800100200"
COUNSELOR = "李咨询师"
TYPED: dict[str, Any] = {
    "caller_phone": NUMBER,
    "caller_name": NAME,
    "call_type": "self",
    "sex": "female",
    "age_band": "36_59",
    "division": "440100",
    "population": ["none"],
    "topics": ["sleep"],
    "risk": "none",
    "summary": SUMMARY,
    "plan_signs": SUMMARY,
    "person_name": NAME,
    "person_phone": NUMBER,
    "outcome": "to_case",
}
MISPLACED = dict.fromkeys(
    ("call_type", "line", "sex", "division", "risk", "outcome", "followup_on", "distress_before", "writer", "rev"),
    f"{NAME} {NUMBER}",
)


def log_calls(evidence: Evidence) -> list[str]:
    """Return the calls of a volunteer, in order: two of the canary, two of somebody else."""
    client = evidence.enter("zhiyuan")
    _type_and_save(client)
    kept = client.submit(
        "/calls/new", TYPED | {"caller_phone": SPELLINGS[1]}, action="/calls/new", button=f"intent={KEEP}"
    )
    finish(client, kept.location, {"caller_phone": SPELLINGS[2]})
    finish(client, "/calls/new", TYPED | {"caller_phone": OTHER_NUMBER})
    finish(client, "/calls/new", TYPED | {"caller_phone": OTHER_NUMBER, "caller_name": ""})
    client.submit("/calls", action="/calls/quick", button="brief=silent")
    with evidence.app.app_context(), read_transaction():
        found = sa.select(Call.id).where(Call.sealed_summary.is_not(None)).order_by(Call.finished_at)
        calls = [str(each) for each in session().scalars(found)]
    client.submit(f"/calls/{calls[0]}/correct", {"summary": CORRECTION}, action="/correct", button="intent=finish")
    client.submit(f"/calls/{calls[0]}/correct", {"summary": DRAFT}, action="/correct", button=f"intent={KEEP}")
    for path in ("/calls", f"/calls/{calls[0]}", f"/calls/{calls[0]}/correct"):
        assert client.get(path).status_code == 200
    client.submit(f"/calls/{calls[0]}", action="/number")
    return calls


def _type_and_save(client: Witness) -> None:
    """Log a call as with scripts: saved while it is typed, looked up, stale once, then finished; throw another away."""
    first, thrown = str(new_id()), str(new_id())
    words = {"summary": DRAFT, "caller_name": NAME, "caller_phone": SPELLINGS[0]}
    assert autosave(client, first, words).status_code == 200
    assert autosave(client, first, words | {"summary": SUMMARY}).status_code == 409
    assert autosave(client, thrown, words).status_code == 200
    take_steps(client, (first, thrown))
    for spelling in (NUMBER, *SPELLINGS):
        found = client.post("/calls/repeat", json={"phone": spelling, "draft": first}, headers=token(client))
        assert found.status_code == 200
    assert DRAFT in client.get(f"/calls/drafts/{first}").text
    finish(client, f"/calls/drafts/{first}", TYPED)
    form = values_of(find_form(client.get("/help").text, "/help", "/logout"))
    assert client.post(f"/calls/drafts/{thrown}/discard", data=form).status_code == 303


def take_steps(client: Witness, calls: tuple[str, ...]) -> None:
    """Press steps for somebody in danger and say how it went, rightly and wrongly; call for help and take it back."""
    for call in calls:
        wrong = {"step": "reason", "reason": NAME, "detail": SUMMARY}
        for body, status in (({"step": "done", "detail": SUMMARY}, 200), (wrong, 422), ({"detail": SUMMARY * 99}, 422)):
            sent = {"writer": str(uuid4()), **body}
            answer = client.post(f"/calls/{call}/steps/location", json=sent, headers=token(client))
            assert answer.status_code == status
        for address in ("help", "help/cancel"):
            answer = client.post(f"/calls/drafts/{call}/{address}", json={"writer": call}, headers=token(client))
            assert answer.status_code == 200
        fields = {"risk": NAME, "summary": SUMMARY, "signs": [NUMBER]}
        assert client.post("/calls/gauge", json={"fields": fields}, headers=token(client)).status_code == 200


def finish(client: Witness, path: str, words: dict[str, Any]) -> None:
    """Save a call from the page at an address."""
    answer = client.submit(path, words, action="/calls/new", button="intent=finish")
    assert answer.status_code == 303, f"{path} answers {answer.status_code}"


def autosave(client: Witness, call_id: str, fields: dict[str, Any]) -> TestResponse:
    """Save a draft as a new page does."""
    sent = {"rev": 0, "writer": str(uuid4()), "seq": 1, "fields": fields}
    return client.post(f"/calls/drafts/{call_id}", json=sent, headers=token(client))


def token(client: Witness) -> dict[str, str]:
    """Return the header that scripts send."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/help").text)
    assert found is not None
    return {"X-CSRFToken": found[1]}


def go_wrong(evidence: Evidence, call: str) -> None:
    """Send what is refused: words in the wrong fields, no token, a used key, too much, what is no form."""
    client = evidence.enter("zhiyuan")
    for changes in (MISPLACED, {"population": [NAME]}, {"caller_phone": f"{NUMBER}#", "topics": [SUMMARY]}):
        assert client.submit("/calls/new", TYPED | changes, action="/calls/new").status_code in {404, 422}
    page = client.get("/calls/new").text
    sent = values_of(find_form(page, "/calls/new", "/calls/new")).to_dict(flat=False) | TYPED | {"outcome": "supported"}
    answers = [client.post("/calls/new", data={**sent, "summary": each}).status_code for each in (SUMMARY, CORRECTION)]
    assert answers == [303, 422]
    assert client.post("/calls/new", data=TYPED | {"csrf_token": NAME, "_key": NUMBER}).status_code == 400
    assert client.post("/calls/new", data=TYPED | {"summary": SUMMARY * 20_000}).status_code in {400, 413}
    for body in ({"fields": SUMMARY, "rev": NUMBER, "writer": NAME}, [NAME], {"phone": [NUMBER]}):
        assert client.post(f"/calls/drafts/{call}", json=body, headers=token(client)).status_code in {404, 422}
        client.post("/calls/repeat", json=body, headers=token(client))
    broken = client.post(
        f"/calls/drafts/{call}", data=NAME.encode(), content_type="application/json", headers=token(client)
    )
    assert broken.status_code in {400, 404, 422}


def intrude(evidence: Evidence, call: str) -> None:
    """Write to what belongs to others: another volunteer's draft, the board, a case, an address that is none."""
    stranger = evidence.enter("zhiyuan-gz")
    assert autosave(stranger, call, {"summary": SUMMARY}).status_code == 404
    form = values_of(find_form(stranger.get("/help").text, "/help", "/logout"))
    for path in (f"/calls/{call}/correct", f"/triage/{call}/assign", "/cases/GZ-2020-0001/notes", "/nowhere"):
        sent = {"csrf_token": form["csrf_token"], "_key": str(uuid4()), "text": NOTE, **TYPED}
        assert stranger.post(path, data=sent).status_code in {403, 404}


def decide(evidence: Evidence, calls: list[str]) -> tuple[str, str]:
    """Return two case numbers: two calls of the canary lead to the first, one to the second, the last to none."""
    client = evidence.enter("dudao")
    for call in calls:
        assert SUMMARY in client.get(f"/calls/{call}").text or call == calls[0]
        client.submit(f"/calls/{call}", action="/number")
    refused = client.submit("/triage", {"counselor": f"{NAME}{NUMBER}"}, action=f"{calls[0]}/assign")
    assert refused.status_code == 422
    form = values_of(find_form(client.get("/triage").text, "/triage", f"{calls[0]}/assign"))
    for call in calls[:3]:
        answer = client.submit("/triage", {"counselor": _counselor(client)}, action=f"{call}/assign")
        assert answer.status_code == 303
    stale = client.post(f"/triage/{calls[0]}/assign", data={**form, "counselor": NAME, "_key": str(uuid4())})
    assert stale.status_code in {404, 409, 422}
    _settle(client, calls[3])
    for path in ("/triage", "/cases", "/cases?number=GZ"):
        assert client.get(path).status_code == 200
    numbers = sorted(set(re.findall(r"/cases/(GZ-\d{4}-\d{4})", client.get("/cases").text)))
    assert len(numbers) == 2
    return numbers[0], numbers[1]


def _counselor(client: Witness) -> str:
    options = html.parse(client.get("/triage").text).all("option")
    return next(str(each.get("value")) for each in options if html.text_of(each).startswith(COUNSELOR))


def _settle(client: Witness, call: str) -> None:
    """Decide that a call becomes no case, at first with a reason that is none."""
    for reason in (NAME, _reason(client, call)):
        client.submit(f"/calls/{call}", {"reason": reason}, action="/settle")
    assert "settle" not in client.get(f"/calls/{call}").text


def _reason(client: Witness, call: str) -> str:
    form = find_form(client.get(f"/calls/{call}").text, f"/calls/{call}", "/settle")
    return next(str(each.get("value")) for each in form.iter("option") if each.get("value"))
