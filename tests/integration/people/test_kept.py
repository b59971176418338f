"""What was typed when the session had ended comes back to the person who typed it, and to nobody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from casework.core import clock, crypto
from casework.core.ids import new_id
from casework.people.service import kept
from tests.support import canaries
from tests.support.client import find_form, values_of
from tests.support.seed import PASSWORD, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.datastructures import MultiDict
    from werkzeug.test import TestResponse

    from tests.support.client import CheckedClient

NOON = datetime(2020, 4, 1, 4, tzinfo=UTC)
LATER = NOON + timedelta(minutes=31)
ADDRESS = "/calls/new"
pytestmark = pytest.mark.sqlite_only


def typed(client: CheckedClient) -> MultiDict[str, str]:
    sent = values_of(find_form(client.get(ADDRESS).text, ADDRESS))
    sent["summary"] = f"{canaries.SUMMARY}\r\n\r\n“第二段”<b>&amp;"
    sent.setlist("topics", ["anxiety", "sleep"])
    return sent


def expired(sign_in: Callable[[str], CheckedClient]) -> tuple[CheckedClient, MultiDict[str, str], TestResponse]:
    with clock.frozen(NOON):
        client = sign_in("zhiyuan")
        sent = typed(client)
    with clock.frozen(LATER):
        return client, sent, client.post(ADDRESS, data=sent)


def again(client: CheckedClient, answer: TestResponse, login: str) -> TestResponse:
    sent = values_of(find_form(answer.text, "/login"))
    sent["login"], sent["password"] = login, PASSWORD
    return client.post("/login", data=sent)


def test_the_page_asks_to_sign_in_and_shows_nothing_of_it(sign_in: Callable[[str], CheckedClient]) -> None:
    _, _, answer = expired(sign_in)
    assert answer.status_code == 401
    assert "已填写的内容没有丢失" in answer.text
    assert not canaries.search_text(answer.text, "sign-in page")
    assert "第二段" not in answer.text


def test_after_signing_in_the_same_fields_are_sent_again(sign_in: Callable[[str], CheckedClient]) -> None:
    client, sent, answer = expired(sign_in)
    with clock.frozen(LATER):
        resumed = again(client, answer, "zhiyuan")
        assert resumed.status_code == 200
        form = find_form(resumed.text, "/login")
        assert form.get("action") == ADDRESS
        fields = values_of(form)
        for name in set(sent) - {"csrf_token", "_key"}:
            # A browser sends every line break of a form as CR LF, whatever stands in the page.
            assert fields.getlist(name) == [each.replace("\r\n", "\n") for each in sent.getlist(name)]
        assert fields["_key"] != sent["_key"]
        assert client.post(ADDRESS, data=fields).status_code != 401


def test_a_colleague_at_the_same_desk_neither_sees_nor_sends_it(sign_in: Callable[[str], CheckedClient]) -> None:
    client, _, answer = expired(sign_in)
    with clock.frozen(LATER):
        other = again(client, answer, "zixun")
        assert other.status_code == 303
        assert not canaries.search_text(client.get("/me").text, "page of a colleague")


def test_a_mistyped_password_in_between_loses_nothing(sign_in: Callable[[str], CheckedClient]) -> None:
    client, _, answer = expired(sign_in)
    with clock.frozen(LATER):
        sent = values_of(find_form(answer.text, "/login"))
        sent["login"], sent["password"] = "zhiyuan", "wrong password 1"
        wrong = client.post("/login", data=sent)
        assert wrong.status_code == 422
        assert again(client, wrong, "zhiyuan").status_code == 200


def test_what_was_open_in_another_page_can_still_be_sent_after_signing_in_again(
    sign_in: Callable[[str], CheckedClient],
) -> None:
    with clock.frozen(NOON):
        client = sign_in("zhiyuan")
        open_page = values_of(find_form(client.get("/me").text, "/me", "/me/language"))
    with clock.frozen(LATER):
        client.submit("/login", {"login": "zhiyuan", "password": PASSWORD})
        assert client.post("/me/language", data=open_page).status_code == 303


def test_a_form_of_a_stranger_is_not_kept(app: Flask) -> None:
    answer = client_of(app).post(ADDRESS, data={"summary": canaries.SUMMARY})
    assert answer.status_code == 401
    assert "kept" not in answer.text
    assert not canaries.search_text(answer.text, "sign-in page")


def test_kept_words_open_for_their_account_unchanged_only(app: Flask) -> None:
    mine, other = new_id(), new_id()
    with app.app_context():
        carried = kept.keep(ADDRESS, [("a", "1"), ("_key", "k"), ("csrf_token", "t")], mine)
        found = kept.opened(carried, mine)
        assert found == kept.Kept(ADDRESS, (("a", "1"),))
        assert kept.opened(carried, other) is None
        assert kept.opened(carried[:-8] + "AAAAAAAA", mine) is None
        assert kept.opened("not base64", mine) is None
        assert kept.opened(None, mine) is None
        outside = kept.keep("//evil.example", [("a", "1")], mine)
        assert kept.opened(outside, mine) is None
        shorter, longer = (kept.keep(ADDRESS, [("a", "x" * n)], mine) for n in (1, 100))
        assert len(shorter) == len(longer), "the length shows as a size class only"
    assert crypto.size_class(0) == crypto.size_class(300)
    assert not re.search("csrf", carried)
