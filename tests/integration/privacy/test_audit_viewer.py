"""The auditor's pages: everything that was done, narrowed by the address, and every look recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from casework.audit import trail
from casework.audit.events import Action
from casework.audit.models import AuditEntry
from casework.audit.types import Outcome
from casework.core import clock
from casework.core.db import read_transaction, write_transaction
from casework.security.roles import Role

if TYPE_CHECKING:
    from tests.integration.privacy.conftest import Room

NOON = datetime(2020, 4, 5, 4, tzinfo=UTC)


def _record(room: Room, action: Action, subject: UUID, *, role: Role = Role.COUNSELOR, at: datetime = NOON) -> None:
    refused = action is Action.ACCESS_REFUSED
    details = {"endpoint": "cases.index", "permission": "cases:case:read"} if refused else None
    with room.app.app_context(), clock.frozen(at), write_transaction():
        trail.record(
            action,
            actor=room.staff[role],
            subject_kind="case",
            subject_id=subject,
            details=details,
            outcome=Outcome.REFUSED if refused else Outcome.DONE,
            rule="R23" if refused else None,
        )


def _looks(room: Room) -> list[object]:
    with room.app.app_context(), read_transaction() as current:
        found = sa.select(AuditEntry.details).where(AuditEntry.action == Action.AUDIT_READ).order_by(AuditEntry.at)
        return [details["view"] for details in current.scalars(found)]


def test_entries_are_shown_with_names_of_staff_newest_first(room: Room) -> None:
    _record(room, Action.CASE_READ, uuid4())
    _record(room, Action.ACCESS_REFUSED, uuid4(), role=Role.LEAD, at=NOON + timedelta(hours=1))
    shown = room.client.get("/audit").text
    assert "某counselor" in shown
    assert "某lead" in shown
    assert "R23" in shown
    assert shown.index('scope="row" data-label="操作">访问被拒绝') < shown.index(
        'scope="row" data-label="操作">查看个案'
    )


def test_every_look_is_recorded(room: Room) -> None:
    _record(room, Action.CASE_READ, uuid4())
    room.client.get("/audit")
    chain, seq = _place(room)
    room.client.get(f"/audit/{chain}/{seq}")
    assert _looks(room) == ["list", f"entry:{chain}/{seq}"]


@pytest.mark.sqlite_only
def test_nobody_else_comes_in(room: Room) -> None:
    _record(room, Action.CASE_READ, uuid4())
    for role in room.staff.keys() - {Role.AUDITOR}:
        client = room.as_(role).client
        assert client.get("/audit").status_code == 403, role
        assert client.get("/audit/0/1").status_code == 403, role


def test_the_filter_in_the_address_narrows_by_action_actor_object_and_day(room: Room) -> None:
    mine, other = uuid4(), uuid4()
    _record(room, Action.CASE_READ, mine)
    _record(room, Action.ACCOUNT_DISABLED, other, role=Role.ADMINISTRATOR, at=NOON + timedelta(days=1))
    wanted = {
        "action=case.read": mine,
        f"actor={room.staff[Role.COUNSELOR].account_id}": mine,
        f"subject={other}": other,
        "since=2020-04-06&until=2020-04-06": other,
        "until=2020-04-05": mine,
    }
    for query, subject in wanted.items():
        shown = room.client.get(f"/audit?{query}").text
        missing = other if subject == mine else mine
        assert f"subject={subject}" in shown, query
        assert f"subject={missing}" not in shown, query


def test_a_day_is_a_day_in_shanghai(room: Room) -> None:
    subject = uuid4()
    _record(room, Action.CASE_READ, subject, at=datetime(2020, 4, 5, 16, 30, tzinfo=UTC))
    assert f"subject={subject}" in room.client.get("/audit?since=2020-04-06&until=2020-04-06").text
    assert f"subject={subject}" not in room.client.get("/audit?until=2020-04-05").text


@pytest.mark.sqlite_only
def test_a_filter_that_makes_no_sense_is_told_and_shows_nothing(room: Room) -> None:
    _record(room, Action.CASE_READ, uuid4())
    backwards = "since=2020-04-06&until=2020-04-05"
    for query in ("subject=x", "action=nope", "actor=nope", "since=x", backwards, "cursor=!"):
        answer = room.client.get(f"/audit?{query}")
        assert answer.status_code == 422, query
        assert "某counselor</a>" not in answer.text, query


def test_blanks_in_the_address_are_no_choice(room: Room) -> None:
    blank = "%20%09%E3%80%80"
    assert room.client.get(f"/audit?actor={blank}&action={blank}&subject={blank}").status_code == 200


def test_pages_go_forth_and_back_and_show_each_entry_once(room: Room) -> None:
    subjects = [uuid4() for _ in range(45)]
    for number, subject in enumerate(subjects):
        # Three to a moment: the place in the chain decides among them.
        _record(room, Action.CASE_READ, subject, at=NOON + timedelta(minutes=number // 3))
    seen: list[str] = []
    address = "/audit?action=case.read"
    for _ in range(3):
        page = room.client.get(address).text
        seen += [part[:36] for part in page.split("subject=")[1:]]
        address = _link(page, "next")
    assert sorted(seen) == sorted(map(str, subjects))
    assert "action=case.read" in address or not address


def test_an_entry_is_shown_with_all_it_holds(room: Room) -> None:
    _record(room, Action.ACCESS_REFUSED, uuid4())
    chain, seq = _place(room)
    shown = room.client.get(f"/audit/{chain}/{seq}").text
    with room.app.app_context(), read_transaction() as current:
        entry = current.get_one(AuditEntry, (chain, seq))
        expected = [entry.mac.hex(), entry.previous_mac.hex(), str(entry.subject_id), "cases:case:read", "被拒绝"]
    for said in expected:
        assert said in shown


def test_an_entry_that_is_not_there_is_not_found(room: Room) -> None:
    for address in ("/audit/0/99999999", "/audit/99999999/1", "/audit/0/99999999999999999999"):
        assert room.client.get(address).status_code == 404, address
    assert _looks(room) == []


def test_the_protected_part_and_the_tail_are_stated(room: Room) -> None:
    for _ in range(3):
        _record(room, Action.CASE_READ, uuid4())
    assert "共 3 条，其中 2 条尚无检查点保护" in room.client.get("/audit").text


def _place(room: Room) -> tuple[int, int]:
    """Return where the oldest entry stands."""
    with room.app.app_context(), read_transaction() as current:
        place = sa.select(AuditEntry.chain, AuditEntry.seq).order_by(AuditEntry.at).limit(1)
        return current.execute(place).one()


def _link(page: str, rel: str) -> str:
    if f'rel="{rel}"' not in page:
        return ""
    return page.split(f'rel="{rel}"')[1].split('href="')[1].split('"', maxsplit=1)[0].replace("&amp;", "&")
