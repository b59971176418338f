"""What the server does for saving: keys of the local copy, a long call, both versions after a conflict."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from casework.core import clock
from casework.core.db import session
from casework.core.ids import new_id
from casework.core.keyring import current_keyring
from casework.intake import queries
from casework.intake.models import Call
from casework.intake.types import CallStatus
from tests.integration.intake.conftest import TYPED
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from casework.security.actor import Actor
    from tests.support.client import CheckedClient

MORNING = datetime(2020, 4, 1, 1, tzinfo=UTC)


def keys_on(page: str) -> list[str]:
    found = re.search(r'data-copy-keys="([^"]+)"', page)
    assert found is not None
    return found[1].split()


@pytest.mark.sqlite_only
def test_the_key_of_a_copy_belongs_to_one_draft_of_one_person(actor: Callable[[str], Actor]) -> None:
    one, other = new_id(), new_id()
    mine = queries.copy_keys(actor("zhiyuan"), one)
    assert mine == queries.copy_keys(actor("zhiyuan"), one)
    assert [len(base64.b64decode(each)) for each in mine] == [32]
    assert mine != queries.copy_keys(actor("zhiyuan"), other)
    assert mine != queries.copy_keys(actor("zixun"), one)


@pytest.mark.sqlite_only
def test_after_a_rotation_the_older_key_still_opens(actor: Callable[[str], Actor]) -> None:
    draft = new_id()
    (before,) = queries.copy_keys(actor("zhiyuan"), draft)
    current_keyring().add_key("cookie")
    newer, older = queries.copy_keys(actor("zhiyuan"), draft)
    assert older == before
    assert newer != before


@pytest.mark.sqlite_only
def test_the_page_of_a_named_draft_goes_on_with_it(app: Flask, sign_in: Callable[[str], CheckedClient]) -> None:
    client, draft = sign_in("zhiyuan"), str(new_id())
    first = client.get(f"/calls/new?draft={draft}")
    assert f'value="{draft}"' in first.text
    client.submit(f"/calls/new?draft={draft}", TYPED, button="intent=draft")
    again = client.get(f"/calls/new?draft={draft}")
    assert again.location == f"/calls/drafts/{draft}"
    assert keys_on(client.get(again.location).text) == keys_on(first.text)
    assert draft not in client.get("/calls/new?draft=nonsense").text
    stranger = sign_in("zixun").get(f"/calls/new?draft={draft}")
    assert stranger.status_code == 403 or TYPED["summary"] not in stranger.text
    with app.app_context():
        assert session().scalar(sa.select(sa.func.count()).select_from(Call)) == 1


def test_a_call_of_ninety_minutes_is_saved_every_few_minutes_and_finished(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    with clock.frozen(MORNING):
        client = sign_in("zhiyuan")
        values = values_of(find_form(client.get("/calls/new").text, "/calls/new"))
    draft, token = values["draft"], {"X-CSRFToken": values["csrf_token"]}
    rev = 0
    for step in range(1, 19):
        with clock.frozen(MORNING + timedelta(minutes=5 * step)):
            sent: dict[str, Any] = {"rev": rev, "writer": values["writer"], "seq": step}
            fields = {"summary": "又过五分钟。" * step}
            answer = client.post(f"/calls/drafts/{draft}", json=sent | {"fields": fields}, headers=token)
            assert answer.status_code == 200
            assert answer.json is not None
            rev = answer.json["rev"]
    with clock.frozen(MORNING + timedelta(minutes=95)):
        values.update(TYPED | {"rev": str(rev), "intent": "finish"})
        data: dict[str, Any] = {name: TYPED.get(name, values.getlist(name)) for name in values}
        assert client.post("/calls/new", data=data | {"intent": "finish"}).location == "/calls"
    with app.app_context():
        (call,) = session().scalars(sa.select(Call))
        assert call.status == CallStatus.FINISHED


@pytest.mark.sqlite_only
def test_a_conflict_with_a_finished_call_tells_what_was_saved(sign_in: Callable[[str], CheckedClient]) -> None:
    client = sign_in("zhiyuan")
    values = values_of(find_form(client.get("/calls/new").text, "/calls/new"))
    draft, token = values["draft"], {"X-CSRFToken": values["csrf_token"]}
    data: dict[str, Any] = {name: TYPED.get(name, values.getlist(name)) for name in {*values, *TYPED}}
    assert client.post("/calls/new", data=data | {"intent": "finish"}).location == "/calls"
    sent = {"rev": 0, "writer": str(uuid4()), "seq": 1, "fields": {"summary": "另一个窗口"}}
    answer = client.post(f"/calls/drafts/{draft}", json=sent, headers=token)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["fields"]["summary"] == TYPED["summary"]
    assert answer.json["fields"]["topics"] == TYPED["topics"]
    assert "followup_on" not in answer.json["fields"]
