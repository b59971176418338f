"""Moving, measuring, assigning and closing through the pages, and the list with its filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casework.cases import queries, service
from casework.cases.models import Case
from casework.cases.types import Stage
from casework.core.db import read_transaction, session, write_transaction
from casework.vault import service as vault
from tests.support import casefile, seed
from tests.support.client import find_form, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.casefile import Opened
    from tests.support.client import CheckedClient

    SignIn = Callable[[str], CheckedClient]


def stage_of(app: Flask, case: Opened) -> str:
    with app.app_context(), read_transaction():
        return str(session().get_one(Case, case.id).stage)


def test_a_case_moves_one_step(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    assert client.submit(f"/cases/{case.number}", action="/stage").status_code == 303
    assert stage_of(app, case) == "assessing"


def test_a_step_that_the_table_does_not_have_is_refused(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    answer = client.submit(f"/cases/{case.number}", {"stage": "evaluating"}, action="/stage")
    assert answer.status_code == 422
    assert "不能从“接案”直接进入“评估”" in answer.text


def test_a_stale_page_moves_nothing_and_says_where_the_case_stands(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    stale = values_of(find_form(client.get(f"/cases/{case.number}").text, "", action="/stage"))
    with app.app_context():
        counselor = seed.actor("zixun")
        with write_transaction():
            for stage in (Stage.ASSESSING, Stage.PLANNED):
                service.move_stage(queries.get_case(counselor, case.number), stage, actor=counselor)
    answer = client.post(f"/cases/{case.number}/stage", data=stale)
    assert answer.status_code == 409
    assert "现在处于“计划”" in answer.text
    assert stage_of(app, case) == "planned"


def test_T6_the_closing_page_says_what_is_missing_and_closes_after_it(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app, ["bereaved"]), sign_in("zixun")
    path = f"/cases/{case.number}/close"
    answer = client.submit(path, {"reason": "client_wish"})
    assert answer.status_code == 422
    assert "还没有做过评估，不能结案" in answer.text
    assert stage_of(app, case) == "intake"
    assert client.submit(f"/cases/{case.number}/measures", {"answer": "6"}).status_code == 303
    assert client.submit(path, {"reason": "client_wish"}).status_code == 303
    assert stage_of(app, case) == "closed"


def test_after_closing_only_the_supervisor_still_reads(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app, notes=["结案前的记录"]), sign_in("zixun")
    client.submit(f"/cases/{case.number}/close", {"reason": "transferred"})
    assert client.get(f"/cases/{case.number}").status_code == 404
    page = sign_in("dudao").get(f"/cases/{case.number}").text
    assert "结案前的记录" in page
    assert "只能查看" in page
    assert sign_in("dudao").get(f"/cases/{case.number}/close").status_code == 200


def test_scores_are_listed_with_their_change(app: Flask, sign_in: SignIn) -> None:
    case, client = casefile.open_case(app), sign_in("zixun")
    path = f"/cases/{case.number}/measures"
    assert client.submit(path, {}).status_code == 422
    for answer in ("8", "3"):
        assert client.submit(path, {"answer": answer}).status_code == 303
    page = client.get(path).text
    assert "比第一次低 5 分" in page
    assert "<svg" in page
    assert 'action="/cases' not in _main_posts(sign_in("dudao").get(path).text)


def _main_posts(text: str) -> str:
    return text.partition("record_measure")[2]


def test_a_supervisor_assigns_and_takes_back_from_the_page(app: Flask, sign_in: SignIn) -> None:
    casefile.hire(app, casefile.COLLEAGUE)
    case, client = casefile.open_case(app, counselor=None), sign_in("dudao")
    page = f"/cases/{case.number}"
    with app.app_context():
        chosen, other = casefile.account_of("zixun-gz"), casefile.account_of("zixun")
    assert "林咨询师 (0/" in client.get(page).text
    assert client.submit(page, {"counselor": ""}, action="/assign").status_code == 422
    assert client.submit(page, {"counselor": chosen}, action="/assign").status_code == 303
    assert sign_in("zixun-gz").get(page).status_code == 200
    assert client.submit(page, {"counselor": other}, action="/assign").status_code == 303
    assert sign_in("zixun-gz").get(page).status_code == 404
    assert client.submit(page, {}, action="/unassign").status_code == 303
    assert sign_in("zixun").get(page).status_code == 404
    with app.app_context():
        assert vault.open_keys([case.data_key_id], actor=seed.actor("zixun")) == {}


def test_a_stale_assignment_says_who_was_faster(app: Flask, sign_in: SignIn) -> None:
    casefile.hire(app, casefile.COLLEAGUE)
    case, client = casefile.open_case(app, counselor=None), sign_in("dudao")
    sent = values_of(find_form(client.get(f"/cases/{case.number}").text, "", action="/assign"))
    with app.app_context():
        supervisor, faster, later = seed.actor("dudao"), casefile.account_of("zixun"), casefile.account_of("zixun-gz")
        with write_transaction():
            service.assign(queries.get_case(supervisor, case.number), faster, actor=supervisor)
    sent["counselor"] = str(later)
    answer = client.post(f"/cases/{case.number}/assign", data=sent)
    assert answer.status_code == 409
    assert "已由王督导于" in answer.text
    assert "指派给李咨询师" in answer.text


@pytest.mark.parametrize("login", ["zixun", "fuze", "yishi"])
def test_only_supervisors_assign_from_the_page(app: Flask, sign_in: SignIn, login: str) -> None:
    case, client = casefile.open_case(app), sign_in(login)
    token = _any_token(client)
    for verb in ("assign", "unassign"):
        assert client.post(f"/cases/{case.number}/{verb}", data=token).status_code == 403


def test_the_list_narrows_by_its_address_and_says_by_what(app: Flask, sign_in: SignIn) -> None:
    plain = casefile.open_case(app)
    risky = casefile.open_case(app, ["bereaved"], risk=4, phone="+8613800138001")
    client = sign_in("dudao")
    everything = client.get("/cases").text
    assert plain.number in everything
    assert risky.number in everything
    high = client.get("/cases?risk=high").text
    assert risky.number in high
    assert plain.number not in high
    assert "风险：高危及以上" in high
    assert 'aria-current="page">高危' in high
    nothing = client.get("/cases?risk=high&population=child").text
    assert "没有符合条件的个案" in nothing
    assert "清除筛选" in nothing


def test_an_ended_stage_asks_for_ended_cases(app: Flask, sign_in: SignIn) -> None:
    case = casefile.open_case(app)
    sign_in("zixun").submit(f"/cases/{case.number}/close", {"reason": "client_wish"})
    client = sign_in("dudao")
    assert case.number not in client.get("/cases").text
    assert case.number in client.get("/cases?stage=closed").text
    assert case.number in client.get("/cases?state=ended").text


@pytest.mark.parametrize("query", ["stage=nowhere", "counselor=x", "population=%00", "state=odd", "cursor=bad"])
def test_an_address_that_means_nothing_breaks_nothing(app: Flask, sign_in: SignIn, query: str) -> None:
    casefile.open_case(app)
    assert sign_in("dudao").get(f"/cases?{query}").status_code in {200, 422}


def test_a_counselor_begins_with_their_load_and_what_to_look_at(app: Flask, sign_in: SignIn) -> None:
    case = casefile.open_case(app, risk=3)
    page = sign_in("zixun").get("/cases").text
    assert "1/" in page
    assert "先看这些" in page
    assert page.index("先看这些") < page.index(case.number)
    assert "目前没有指派给你的个案" in sign_in("zixun2").get("/cases").text


@pytest.mark.parametrize("path", ["/cases", "/cases/{}", "/cases/{}/measures", "/cases/{}/close"])
@pytest.mark.parametrize("login", ["zixun", "dudao"])
def test_every_page_is_there_in_english(app: Flask, sign_in: SignIn, login: str, path: str) -> None:
    case = casefile.open_case(app, notes=["一条记录"])
    assert 'lang="en"' in sign_in(login).get(f"{path.format(case.number)}?lang=en").text


def _any_token(client: CheckedClient) -> dict[str, str]:
    form = find_form(client.get("/privacy/rules").text, "", action="/logout")
    return {name: value for name, value in values_of(form).items() if name in {"csrf_token", "_key"}}
