"""The directory: seeded, seen by whoever talks with callers, edited by the office and the administrator."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, Refused
from casework.directory import queries, rules, service
from casework.directory.types import Kind
from casework.security.actor import Actor
from tests.support.events import actions_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import CheckedClient

NUMBERS = {"110", "119", "120", "12356", "12345", "12320", "12355", "12338", "12348"}
VALUES: dict[str, Any] = {
    "name": "广州惠爱医院", "kind": Kind.MEDICAL, "phones": ["020-81899120"], "areas": ["4401"], "hours": "全天",
    "eligibility": "成人和未成年人的精神科急诊。", "is_active": True, "verified_on": None,
}  # fmt: skip


def test_the_directory_begins_with_the_national_numbers_and_the_aid_catalogue(actor: Callable[[str], Actor]) -> None:
    found = queries.list_resources(actor("zhiyuan"))
    assert {number for each in found for number in each.phones} >= NUMBERS
    assert sum(each.kind == Kind.AID for each in found) == 9
    assert {"xinliyuanzhu" in each.search or "12356" not in each.phones for each in found} == {True}
    assert service.seed(actor=Actor.system()) == 0


@pytest.mark.parametrize("days", [0, 90, 91])
def test_an_entry_is_stale_after_ninety_days(days: int) -> None:
    today = date(2020, 4, 5)
    assert rules.is_stale(today - timedelta(days=days), today) is (days > 90)
    assert rules.is_stale(None, today)


def test_a_resource_is_added_found_and_retired_but_not_forgotten(actor: Callable[[str], Actor]) -> None:
    office = actor("bangong")
    added = service.add_resource(VALUES, actor=office)
    assert {"huiai" in added.search, "020-81899120" in added.search} == {True}
    changed = service.change_resource(
        added, VALUES | {"is_active": False}, seen_version=added.row_version, actor=office
    )
    assert changed == {"is_active"}
    listed = queries.list_resources(office)
    assert added not in listed
    assert added in queries.list_resources(office, also={str(added.id)})
    assert queries.names_of([str(added.id)]) == {str(added.id): "广州惠爱医院"}
    session().commit()
    assert actions_of(office.account_id)[-2:] == ["resource.added", "resource.changed"]


def test_nothing_is_overwritten_and_nothing_wrong_is_stored(actor: Callable[[str], Actor]) -> None:
    office = actor("bangong")
    added = service.add_resource(VALUES, actor=office)
    with pytest.raises(Conflict):
        service.change_resource(added, VALUES, seen_version=added.row_version + 1, actor=office)
    tomorrow = clock.today() + timedelta(days=1)
    for field, value in (
        ("name", ""), ("name", "公安报警"), ("phones", ["打给老王"]), ("areas", ["广州"]), ("verified_on", tomorrow),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            service.change_resource(added, VALUES | {field: value}, seen_version=added.row_version, actor=office)
        assert refused.value.field == field


def test_volunteers_see_and_do_not_edit(actor: Callable[[str], Actor]) -> None:
    volunteer = actor("zhiyuan")
    first = queries.list_resources(volunteer)[0]
    for attempt in (
        lambda: service.add_resource(VALUES, actor=volunteer),
        lambda: service.verify_resource(first, actor=volunteer),
        lambda: service.move_resource(first, 1, actor=volunteer),
    ):
        with pytest.raises(Refused):
            attempt()
    with pytest.raises(Refused):
        queries.list_resources(actor("shenji"))


def test_the_pages_add_change_move_and_verify(sign_in: Callable[[str], CheckedClient]) -> None:
    office, volunteer = sign_in("bangong"), sign_in("zhiyuan")
    typed = {"name": "社区心理驿站", "kind": "community", "phones": "020-1234567", "areas": "440106", "is_active": "y"}
    assert office.submit("/resources/new", typed).status_code == 303
    page = office.get("/resources").text
    path = page[page.rindex('href="/resources/0') + 6 :].split('"')[0]
    assert office.submit(path, {"hours": "工作日"}).status_code == 303
    wrong = office.submit(path, {"phones": "老王"})
    assert (wrong.status_code, 'href="#phones"' in wrong.text) == (422, True)
    stale = office.submit(path, {"version": "0", "hours": "周末"})
    assert stale.status_code == 409
    assert "工作日" in stale.text
    assert office.submit("/resources", action=f"{path}/move", button="to=up").status_code == 303
    assert office.submit("/resources", action=f"{path}/verify").status_code == 303
    seen = volunteer.get("/resources").text
    assert seen.index("社区心理驿站") < seen.index("农村留守儿童")
    assert "尚未核实" in seen
    assert volunteer.get(path).status_code == 403
    assert "社区心理驿站" in volunteer.get("/calls/new").text
