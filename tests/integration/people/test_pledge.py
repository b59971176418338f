"""T1: nobody reaches anything of substance before promising secrecy, and proof of the promise is kept (R21, R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from casework.core.db import session, write_transaction
from casework.core.errors import Conflict, Invalid
from casework.people import queries
from casework.people import service as people
from casework.people.models import PledgeSignature, PledgeText
from casework.people.service import pledges
from casework.security.actor import Actor
from casework.security.roles import Role
from tests.integration.people.conftest import account_of, events

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import CheckedClient

BODY_ZH = "我承诺严格保护服务对象的隐私。" * 10
BODY_EN = "I promise to protect the privacy of the people served. " * 3
SYSTEM = Actor.system()


def publish(app: Flask, role: Role, suffix: str = "") -> None:
    with app.app_context(), write_transaction():
        people.publish_pledge(role, BODY_ZH + suffix, BODY_EN + suffix, actor=SYSTEM)


def test_T1_a_volunteer_without_the_current_pledge_is_refused_until_it_is_signed(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    client = sign_in("zhiyuan")
    assert client.get("/calls/new").status_code == 200
    publish(app, Role.VOLUNTEER)
    for address in ("/calls", "/calls/new", "/cases", "/privacy/rules"):
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert "R22" in answer.text
        assert "/pledge" in answer.text
    assert client.post("/calls/new", data={"summary": "x"}).status_code == 403
    with inside():
        refused = events("access.refused")
        assert {entry.rule for entry in refused} == {"R22"}
        assert {entry.outcome for entry in refused} == {"refused"}
        assert "intake.new_call" in {entry.details["endpoint"] for entry in refused}
        assert {entry.actor_id for entry in refused} == {account_of("zhiyuan").id}
    assert client.submit("/pledge", {"agree": "y"}).status_code == 303
    assert client.get("/calls/new").status_code == 200
    publish(app, Role.VOLUNTEER, "（修订）")
    assert client.get("/calls/new").status_code == 403


@pytest.mark.sqlite_only
def test_signing_in_leads_to_an_unsigned_pledge_and_then_on(app: Flask, client: CheckedClient) -> None:
    publish(app, Role.COUNSELOR)
    client.get("/login?next=/cases")
    answer = client.submit(
        "/login?next=/cases", {"login": "zixun", "password": "nuanxin-demo-2020"}, follow_redirects=True
    )
    assert answer.request.path == "/pledge"
    assert "新版本" in answer.text
    signed = client.submit("/pledge?next=/cases", {"agree": "y"}, follow_redirects=True)
    assert signed.request.path == "/cases"


@pytest.mark.sqlite_only
def test_the_proof_says_who_when_which_version_and_which_words(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    publish(app, Role.VOLUNTEER)
    sign_in("zhiyuan").submit("/pledge", {"agree": "y"})
    with inside():
        text = queries.current_pledge(Role.VOLUNTEER)
        assert text is not None
        assert text.version == 2
        signature = queries.signature_of(account_of("zhiyuan").id, text.id)
        assert signature is not None
        assert signature.digest == text.digest
        assert text.digest == pledges.digest_of(Role.VOLUNTEER, 2, text.body_zh, text.body_en)
        (event,) = events("pledge.signed", text.id)
        assert event.details == {"role": "volunteer", "version": 2}
        assert event.actor_id == account_of("zhiyuan").id


@pytest.mark.sqlite_only
def test_a_pledge_is_not_signed_without_the_tick(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    publish(app, Role.VOLUNTEER)
    answer = sign_in("zhiyuan").submit("/pledge")
    assert answer.status_code == 422
    assert "请勾选" in answer.text
    with inside():
        assert {each.role for each in queries.unsigned()} == {Role.VOLUNTEER}


@pytest.mark.sqlite_only
def test_only_the_version_that_was_read_can_be_signed(app: Flask, actor: Callable[[str], Actor]) -> None:
    volunteer = actor("zhiyuan")
    first = queries.current_pledge(Role.VOLUNTEER)
    other = queries.current_pledge(Role.LEAD)
    assert first is not None
    assert other is not None
    first_id, other_id = first.id, other.id
    session().rollback()
    publish(app, Role.VOLUNTEER)
    for pledge_id in (first_id, other_id):
        with pytest.raises(Conflict):
            people.sign_pledge(pledge_id, actor=volunteer)


@pytest.mark.sqlite_only
def test_words_changed_in_the_database_cannot_be_signed(app: Flask, actor: Callable[[str], Actor]) -> None:
    publish(app, Role.VOLUNTEER)
    with app.app_context(), write_transaction():
        session().execute(sa.update(PledgeText).where(PledgeText.version == 2).values(body_zh="我承诺听话"))
    volunteer = actor("zhiyuan")
    present = queries.current_pledge(Role.VOLUNTEER)
    assert present is not None
    with pytest.raises(Conflict):
        people.sign_pledge(present.id, actor=volunteer)


@pytest.mark.sqlite_only
def test_signing_twice_is_one_proof(
    app: Flask, sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    publish(app, Role.VOLUNTEER)
    client = sign_in("zhiyuan")
    client.submit("/pledge", {"agree": "y"})
    assert "你已签署现行版本" in client.get("/pledge").text
    with inside():
        text = queries.current_pledge(Role.VOLUNTEER)
        assert text is not None
        assert session().query(PledgeSignature).filter_by(pledge_id=text.id).count() == 1


@pytest.mark.sqlite_only
def test_administrators_see_who_has_not_signed_and_publish_after_a_preview(
    sign_in: Callable[[str], CheckedClient], inside: Callable[[], Any]
) -> None:
    client = sign_in("guanli")
    assert "所有在岗人员都已签署" in client.get("/admin/pledges").text
    address = "/admin/pledges/volunteer/new"
    words = {"body_zh": f"# 标题\n\n- {BODY_ZH}", "body_en": f"# Title\n\n- {BODY_EN}"}
    preview = client.submit(address, words, button="step=preview")
    assert "发布第 2 版" in preview.text
    with inside():
        assert queries.current_pledges()[Role.VOLUNTEER].version == 1
    assert client.submit(address, words, button="step=publish").status_code == 303
    page = client.get("/admin/pledges").text
    assert "张志愿者" in page
    with inside():
        text = queries.current_pledges()[Role.VOLUNTEER]
        assert text.version == 2
        text_id = text.id
        assert events("pledge.published", text_id)[0].details == {"role": "volunteer", "version": 2}
    assert client.get(f"/admin/pledges/{text_id}").status_code == 200


@pytest.mark.sqlite_only
@pytest.mark.parametrize("login", ["zhiyuan", "zixun", "dudao", "fuze", "bangong", "shenji"])
def test_nobody_else_publishes(sign_in: Callable[[str], CheckedClient], login: str) -> None:
    client = sign_in(login)
    assert client.get("/admin/pledges").status_code == 403
    assert client.get("/admin/pledges/volunteer/new").status_code == 403


@pytest.mark.sqlite_only
def test_a_version_is_not_published_without_a_change_or_without_words(app: Flask) -> None:
    with app.app_context():
        present = queries.current_pledge(Role.LEAD)
        assert present is not None
        with pytest.raises(Invalid):
            people.publish_pledge(Role.LEAD, present.body_zh, present.body_en.replace("\n", "\r\n"), actor=SYSTEM)
        with pytest.raises(Invalid):
            people.publish_pledge(Role.LEAD, "太短", BODY_EN, actor=SYSTEM)
        session().rollback()


@pytest.mark.sqlite_only
def test_the_first_versions_are_published_once(app: Flask) -> None:
    with app.app_context(), write_transaction():
        assert people.publish_initial_pledges(actor=SYSTEM) == 0
