"""What is told to others has a ground, sealed facts, and an end: the person was told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.cases import queries as cases
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.intake import queries, service
from casework.intake.models import Disclosure
from casework.intake.types import Consulted, Disclosed, Ground, NotTold, Receiver, Told
from tests.support.canaries import NOTE, NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.security.actor import Actor
    from tests.integration.intake.conftest import Desk

NOW = datetime(2020, 4, 30, 23, 30, tzinfo=clock.LOCAL_ZONE)


def told_to_the_police(actor: Callable[[str], Actor], **changes: object) -> Disclosed:
    said = Disclosed(
        ground=Ground.SELF,
        receiver=Receiver.POLICE,
        fields=(Told.PLACE, Told.NUMBER),
        disclosed_at=clock.now() - timedelta(minutes=5),
        consulted=Consulted.BEFORE,
        consulted_id=actor("dudao").account_id,
        not_told=NotTold.DANGER,
        facts=NOTE,
        outcome=f"已出警，回电 {NUMBER}。",
    )
    return replace(said, **changes)  # type: ignore[arg-type]  # fields by name


def test_the_author_records_it_and_the_supervisors_close_it(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(NOW):
        call = desk.finish()
        row = service.record_disclosure(call, told_to_the_police(actor), actor=actor("zhiyuan"))
        opened = queries.open_disclosures(actor("zhiyuan"), call)
        assert [(each.facts, each.document) for each in opened] == [(NOTE, "")]
        assert NUMBER in opened[0].outcome
        assert [each.id for each in queries.list_untold(actor("dudao"))] == [row.id]
        assert queries.list_untold(actor("dudao2")) == []
        with pytest.raises(Invalid):
            service.note_told(row, row.disclosed_at - timedelta(seconds=1), actor=actor("dudao"))
        service.note_told(row, clock.now(), actor=actor("dudao"))
        assert queries.list_untold(actor("dudao")) == []
        with pytest.raises(Conflict, match="王督导"):
            service.note_told(row, clock.now(), actor=actor("dudao"))
        assert row.not_told == NotTold.DANGER


def test_a_month_is_one_of_shanghai(desk: Desk, actor: Callable[[str], Actor]) -> None:
    with clock.frozen(NOW):
        call = desk.finish()
        april = service.record_disclosure(call, told_to_the_police(actor), actor=actor("zhiyuan"))
    with clock.frozen(NOW + timedelta(hours=1)):
        may = service.record_disclosure(call, told_to_the_police(actor), actor=actor("zhiyuan"))
    for month, expected in ((date(2020, 4, 1), [april.id]), (date(2020, 5, 1), [may.id]), (date(2020, 12, 1), [])):
        assert [each.id for each in queries.list_disclosures(actor("dudao"), month).items] == expected
    with pytest.raises(Refused):
        queries.list_disclosures(actor("zhiyuan"), date(2020, 4, 1))


def test_only_the_author_in_time_and_the_supervisor_may_record(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.wait()
    service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    for login in ("zixun", "zixun2", "dudao2", "fuze", "guanli", "shenji"):
        assert not service.may_disclose(call, actor(login))
        with pytest.raises(Refused):
            service.record_disclosure(call, told_to_the_police(actor), actor=actor(login))
    row = service.record_disclosure(call, told_to_the_police(actor), actor=actor("dudao"))
    assert row.recorded_by == actor("dudao").account_id
    with clock.frozen(call.reopen_until), pytest.raises(Refused):
        service.record_disclosure(call, told_to_the_police(actor), actor=actor("zhiyuan"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"fields": ()}, "fields"), ({"ground": Ground.DOCUMENT}, "document"), ({"not_told": None}, "not_told")],
)
def test_what_a_record_lacks_is_refused_at_its_field(
    desk: Desk, actor: Callable[[str], Actor], changes: dict[str, object], field: str
) -> None:
    call = desk.finish()
    with pytest.raises(Invalid) as refused:
        service.record_disclosure(call, told_to_the_police(actor, **changes), actor=actor("zhiyuan"))
    assert refused.value.field == field
    stranger = told_to_the_police(actor, consulted_id=actor("dudao2").account_id)
    with pytest.raises(Invalid):
        service.record_disclosure(call, stranger, actor=actor("zhiyuan"))
    assert queries.disclosures_of([call.id]) == {}


@pytest.mark.parametrize(
    "change", ["ground = 'E7'", "ground = 'E4'", "receiver = 'press'", "not_told = NULL", "consulted = 'not_yet'"]
)
def test_the_database_refuses_a_disclosure_without_its_ground(
    desk: Desk, actor: Callable[[str], Actor], change: str
) -> None:
    service.record_disclosure(desk.finish(), told_to_the_police(actor), actor=actor("zhiyuan"))
    with pytest.raises(sa.exc.IntegrityError):
        session().execute(sa.text(f"UPDATE intake_disclosure SET {change}"))  # noqa: S608 - our own table


def test_a_legal_document_is_kept_sealed(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish()
    order = told_to_the_police(
        actor, ground=Ground.DOCUMENT, document="调证字 2020-17 号", told_at=clock.now(), not_told=None
    )
    service.record_disclosure(call, order, actor=actor("dudao"))
    assert queries.open_disclosures(actor("dudao"), call)[0].document == order.document
    assert session().scalar(sa.select(Disclosure.told_by)) == actor("dudao").account_id


def test_the_timeline_of_the_case_says_to_whom_and_never_what(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.wait()
    service.record_disclosure(call, told_to_the_police(actor), actor=actor("zhiyuan"))
    case = service.assign(call, actor("zixun").account_id, actor=actor("dudao"))
    (item,) = [each for each in cases.timeline(actor("zixun"), case).items if each.id == call.id]
    assert "已对外提供：公安 110" in [str(tag) for tag in item.tags]
    assert NOTE not in str(item)
    with pytest.raises(NotFound):
        queries.get_disclosure(actor("dudao2"), queries.disclosures_of([call.id])[call.id][0].id)
