"""Whatever a page's own scripts may be made to send, no address breaks: every POST route, by a role that may use it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from casework.security import guard
from casework.security.roles import Reach, Role, reach
from casework.web.bodies import Json
from tests.support import html, pages, seed
from tests.support.client import values_of

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

    from tests.support.client import CheckedClient

FAILURE: Final = 500
# Signing out would end the round; the door and the machines' entrance are for those whom no session knows.
LEFT_OUT: Final = frozenset({"people.sign_out"})
ROLES: Final = {
    "zhiyuan": Role.VOLUNTEER,
    "zixun": Role.COUNSELOR,
    "dudao": Role.SUPERVISOR,
    "fuze": Role.LEAD,
    "bangong": Role.OFFICE,
    "guanli": Role.ADMINISTRATOR,
    "shenji": Role.AUDITOR,
}
WRONG: Final[tuple[Any, ...]] = (None, [], -1, 1e308, 2**40, "\x00\ud83d", "9" * 400)
NAMES: Final = (
    "rev", "seq", "writer", "started_at", "fields", "line", "number", "phone", "step", "reason", "detail", "text",
    "kind", "services", "occurred_at", "minutes", "password", "code", "login", "state",
)  # fmt: skip
INSIDE: Final = {"rev": 0, "seq": 1, "writer": str(UUID(int=9))}
BODIES: Final = (
    *(json.dumps(dict.fromkeys(NAMES, each)) for each in WRONG),
    *(json.dumps({**INSIDE, "fields": {"summary": each, "topics": [each], "risk": each}}) for each in WRONG),
    "[]", "null", "{", "NaN", '{"rev": 1e999}', '{"a":' * 5_000,
)  # fmt: skip


class Counting(Json):
    """Counts how often JSON is read."""

    reads = 0

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ANN401 - JSON is anything
        """Read it; a cookie is text, a body is bytes."""
        self.reads += isinstance(s, bytes)
        return super().loads(s, **kwargs)


def test_no_address_breaks_on_hostile_json(app: Flask) -> None:
    app.json = Counting(app)
    with app.app_context():
        values = pages.do_work()
    faults: list[str] = []
    for login in ROLES:
        client = seed.sign_in(app, login)
        token = _token(client)
        for rule in app.url_map.iter_rules():
            if rule.endpoint not in LEFT_OUT and login == _user_of(app, rule):
                faults += _send_all(client, _address(app, rule, values), token)
    assert not faults, "\n".join(faults)
    assert app.json.reads > len(BODIES) * 5, "hardly any address reads JSON: the test proves nothing"


def _send_all(client: CheckedClient, address: str, token: str) -> list[str]:
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    found = []
    json_before = client.application.json.reads  # type: ignore[attr-defined]  # the counting one
    for number, body in enumerate(BODIES):
        if number > 1 and client.application.json.reads == json_before:  # type: ignore[attr-defined]  # the same
            # What reads no JSON has now shown that it does not mind any.
            break
        answer = client.post(address, data=body.encode("utf-8"), content_type="application/json", headers=headers)
        if answer.status_code >= FAILURE:
            found.append(f"{address} answers {answer.status_code} to {body[:80]!r}")
    return found


def _user_of(app: Flask, rule: Rule) -> str | None:
    """Return the first account that may use a POST route; whoever is signed in may use what asks for no permission."""
    audience = guard.audience_of(app, rule.endpoint)
    if "POST" not in (rule.methods or ()) or audience is None:
        return None
    if audience.permission is None:
        return "zhiyuan"
    may = (login for login, role in ROLES.items() if reach(role, audience.permission) is not Reach.NONE)
    return next(may, None)


def _address(app: Flask, rule: Rule, values: dict[str, str]) -> str:
    known = {
        "call_id": values["draft" if "drafts" in rule.rule else "waiting"],
        "code": "GZ" if "programme" in rule.rule else "location",
        "followup_id": values["followup"],
        "name": "topic",
        "note_id": values["note"],
        "number": values["number"],
        "plan_id": values["plan"],
        "review_id": values["review"],
        "role": "volunteer",
        "story": "practice_routine",
    }
    arguments = {name: known.get(name, str(UUID(int=7))) for name in rule.arguments}
    return str(app.url_map.bind("localhost").build(rule.endpoint, arguments, method="POST"))


def _token(client: CheckedClient) -> str:
    form = next(form for form in html.parse(client.get("/help").text).all("form"))
    return values_of(form)["csrf_token"]
