"""What is written about somebody who calls again and again, and about how a call was taken, rightly and wrongly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from casework.intake.types.reviews import RUBRIC
from tests.integration.leaks.desk import OTHER_NUMBER, token
from tests.support.canaries import COMMENT, NAME, NUMBER, PLAN
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from tests.integration.leaks.witness import Evidence

WORDS = {"helps": PLAN, "limits": PLAN, "contact": PLAN}
SCORES = {f"score_{item.code}": "3" if item.code.startswith("C") else "na" for item in RUBRIC.items}
_REVIEW = re.compile(r'href="/calls/reviews/([0-9a-f-]{36})"')


def plan(evidence: Evidence, calls: list[str]) -> list[str]:
    """Return the plans of the canary: one drafted from a call, one for a typed number that call-takers are shown."""
    supervisor, counselor, volunteer = (evidence.enter(login) for login in ("dudao", "zixun", "zhiyuan"))
    wrong = WORDS | {"phone": NAME, "name": NUMBER, "ends_on": PLAN}
    assert counselor.submit("/clients/plans/new", wrong, button="intent=submit").status_code == 422
    typed = WORDS | {"phone": NUMBER, "name": NAME}
    own = counselor.submit("/clients/plans/new", typed, button="intent=submit").location
    counselor.submit(f"{own}/edit", button="intent=submit")
    form = values_of(find_form(supervisor.get(own).text, own, "/approve"))
    assert supervisor.post(f"{own}/approve", data={**form, "version": PLAN, "_key": str(uuid4())}).status_code == 409
    assert supervisor.submit(own, action="/approve").status_code == 303
    drafted = supervisor.submit(f"/calls/{calls[0]}/plan", WORDS, button="intent=save").location
    for path in (own, drafted, f"{own}/renew", "/clients/plans", "/keys"):
        assert supervisor.get(path).status_code == 200
    shown = volunteer.post("/calls/repeat", json={"phone": NUMBER}, headers=token(volunteer))
    assert [each["helps"] for each in (shown.json or {})["plans"]] == [PLAN]
    stranger = evidence.enter("zixun2")
    answer = stranger.post("/calls/repeat", json={"phone": NUMBER}, headers=token(stranger))
    assert answer.json is not None
    assert answer.json["plans"] == []
    return [each.rpartition("/")[2] for each in (own, drafted)]


def join(evidence: Evidence, calls: list[str]) -> None:
    """Try to join with words that are none, join two numbers of the story, and part them."""
    client, page = evidence.enter("dudao"), f"/calls/{calls[0]}/person"
    for other, reason in ((NAME, "told"), (f"{NUMBER}#", "told"), (OTHER_NUMBER, NAME), (NUMBER, "told")):
        assert client.submit(page, {"other": other, "reason": reason}, action="/person").status_code in {409, 422}
    assert client.submit(page, {"other": OTHER_NUMBER, "reason": "told"}, action="/person").status_code == 303
    assert client.get(page).status_code == 200
    assert client.submit(page, action="/part").status_code == 303


def review(evidence: Evidence) -> list[str]:
    """Return the reviews of the volunteer's calls: one returned after a wrong try, one passed."""
    client, volunteer = evidence.enter("dudao"), evidence.enter("zhiyuan")
    found = list(dict.fromkeys(_REVIEW.findall(client.get("/calls/reviews").text)))[:2]
    sent: dict[str, Any] = SCORES | {"comment": COMMENT, "result": "passed"}
    wrong = sent | {"score_C1": COMMENT, "result": NAME, "return_reason": NUMBER}
    assert client.submit(f"/calls/reviews/{found[0]}", wrong).status_code == 422
    returned = sent | {"result": "returned", "return_reason": "mixed"}
    for review_id, words in zip(found, (returned, sent), strict=True):
        assert client.submit(f"/calls/reviews/{review_id}", words).status_code == 303
        assert COMMENT in client.get(f"/calls/reviews/{review_id}").text
        assert COMMENT in volunteer.get(f"/calls/feedback/{review_id}").text
        volunteer.submit(f"/calls/feedback/{review_id}", action="/read")
    for path in ("/calls", "/calls/feedback"):
        assert volunteer.get(path).status_code == 200
    return found
