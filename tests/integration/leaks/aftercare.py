"""What follows a call of the canary: called back, told to the police, handed over; wrongly and rightly."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from casework.core import clock
from casework.core.db import read_transaction, session
from casework.intake.models import Call, Disclosure, Followup, Handover
from tests.integration.leaks import desk
from tests.support import html
from tests.support.canaries import CORRECTION, DRAFT, NAME, NOTE, NUMBER, SUMMARY
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from casework.core.db import Base
    from tests.integration.leaks.witness import Evidence, Witness

ALL = f"{NAME} {NUMBER} {NOTE}"


def tell(evidence: Evidence) -> dict[str, list[str]]:
    """Do everything that can be done after a call, and return the ids of what there is now."""
    client = evidence.enter("zhiyuan")
    promised = {"outcome": "follow_up", "followup_on": clock.today().isoformat()}
    desk.finish(client, "/calls/new", desk.TYPED | promised)
    followup, call = _newest(evidence, Followup), _newest(evidence, Call)
    _disclose(evidence, client, call)
    _hand_over(evidence, client)
    _call_back(evidence, client, f"/calls/follow-ups/{followup}")
    found = {"followup_id": Followup, "disclosure_id": Disclosure, "handover_id": Handover}
    return {name: [_newest(evidence, model)] for name, model in found.items()}


def _call_back(evidence: Evidence, client: Witness, path: str) -> None:
    assert SUMMARY in client.get(path).text
    assert client.submit(path, action="/number").status_code == 200
    wrong = {"risk": ALL, "outcome": NAME, "summary": CORRECTION, "followup_on": NUMBER}
    assert client.submit(path, wrong, action="/reached").status_code == 422
    for verb, typed in (("/moved", {"day": ALL}), ("/handed", {"to": ALL}), ("/cancelled", {"reason": ALL})):
        assert client.submit(path, typed, action=verb).status_code == 422
    assert client.submit(path, action="/tried").status_code == 303
    assert client.submit(path, action="/moved").status_code == 303
    late = values_of(find_form(client.get(path).text, path, "/reached")).to_dict(flat=False)
    _intrude(evidence, path)
    reached = {"risk": "none", "outcome": "supported", "summary": CORRECTION}
    assert client.submit(path, reached, action="/reached").status_code == 303
    assert client.post(f"{path}/reached", data={**late, **reached, "summary": DRAFT}).status_code == 409
    for address in ("/calls/follow-ups", "/calls/follow-ups?show=later", path):
        assert client.get(address).status_code == 200


def _intrude(evidence: Evidence, path: str) -> None:
    stranger = evidence.enter("zhiyuan-gz")
    for verb in ("", "/reached", "/tried", "/moved", "/handed", "/cancelled", "/number"):
        keys = values_of(find_form(stranger.get("/help").text, "/help", "/logout"))
        sent = {"csrf_token": keys["csrf_token"], "_key": str(uuid4()), "summary": NOTE, "risk": NAME}
        assert (stranger.post(path + verb, data=sent) if verb else stranger.get(path)).status_code in {403, 404}


def _disclose(evidence: Evidence, client: Witness, call: str) -> None:
    path = f"/calls/{call}/disclosures"
    record = {
        "ground": "E4", "receiver": "police", "fields": ["name", "number"], "facts": NOTE, "document": "",
        "outcome": f"{NAME} {NUMBER}", "consulted": "not_yet", "not_told": "danger",
    }  # fmt: skip
    assert client.submit(path, record).status_code == 422
    assert client.submit(path, record | {"ground": ALL, "disclosed_at": NUMBER}).status_code == 422
    assert client.submit(path, record | {"document": f"{NAME} 2020-17"}).status_code == 303
    assert NOTE in client.get(f"/calls/{call}").text
    supervisor = evidence.enter("dudao")
    assert supervisor.submit("/calls/disclosures", {"told_at": ALL}, action="/told").status_code == 422
    assert supervisor.get("/calls/disclosures?month=nonsense").status_code == 200


def _hand_over(evidence: Evidence, client: Witness) -> None:
    path = "/calls/handover"
    options = html.parse(client.get(path).text).all("option")
    supervisor = next(str(each.get("value")) for each in options if html.text_of(each) == "王督导")
    assert client.submit(path, {"incoming": NAME, "note": NOTE}).status_code == 422
    signed = client.submit(path, {"incoming": supervisor, "note": f"{NOTE} {DRAFT}"})
    assert signed.status_code == 303
    assert NOTE in client.get(signed.location).text
    incoming = evidence.enter("dudao")
    assert incoming.submit(signed.location, action="/confirm").status_code == 303
    assert DRAFT in incoming.get(signed.location).text


def _newest(evidence: Evidence, model: type[Base]) -> str:
    columns = model.__table__.c
    with evidence.app.app_context(), read_transaction():
        return str(session().scalars(sa.select(columns.id).order_by(columns.id.desc()).limit(1)).one())
