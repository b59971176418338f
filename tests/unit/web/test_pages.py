"""Error pages: status, words, rule and way out; the same for programs. On the real frame, without a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casework.web import pages
from tests.browser.support import styleguide
from tests.support import html

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return styleguide.make_app().test_client()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 418, 422, 429, 500, 503])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_status_has_a_valid_page(client: FlaskClient, status: int, language: str) -> None:
    answer = client.get(f"/error/{status}?lang={language}")
    assert answer.status_code == status
    assert html.faults_of(answer.text) == []


def test_a_refusal_names_its_rule_and_where_it_is_explained(client: FlaskClient) -> None:
    page = client.get("/error/403").text
    assert "R22" in page
    assert "国卫办疾控函〔2020〕194号" in page
    assert 'href="/privacy/rules#R22"' in page
    assert 'href="/pledge"' in page


def test_a_stranger_is_sent_to_sign_in_and_back(client: FlaskClient) -> None:
    answer = client.get("/error/401?as=nobody&lang=zh")
    assert answer.status_code == 401
    assert answer.headers["Refresh"] == "0; url=/login?next=/error/401?as%3Dnobody%26lang%3Dzh"
    assert "先登录" in answer.text


def test_a_failure_shows_its_number_and_nobody(client: FlaskClient) -> None:
    page = client.get("/error/500").text
    assert "00000000-0000-0000-0000-000000000007" in page
    assert "李督导" not in page


@pytest.mark.parametrize("headers", [{"Accept": "application/json"}, {"Content-Type": "application/json"}])
def test_a_program_gets_the_same_as_json(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.get("/error/422", headers=headers)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["error"]["field"] == "age_band"
    assert answer.json["error"]["message"] == "请选择年龄段。"


def test_a_forged_form_is_refused_with_what_to_do(client: FlaskClient) -> None:
    answer = client.post("/calls/new?lang=zh", data={"call_type": "1"})
    assert answer.status_code == 400
    assert "页面已过期" in answer.text


def test_the_words_of_every_status_end_as_sentences() -> None:
    for words in pages.WORDS.values():
        assert str(words.happened).endswith("。")
        assert str(words.advice).endswith("。")
