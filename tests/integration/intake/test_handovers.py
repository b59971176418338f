"""Shift handover: filled from what is open, signed and confirmed once each, its note for few."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.intake import queries, service
from casework.intake.models import Handover
from casework.intake.service import DraftKey
from casework.intake.types import LONGEST_NOTE, Outcome, Risk, SettleReason
from casework.vault.queries import can_open
from tests.support.canaries import NOTE

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.security.actor import Actor
    from tests.integration.intake.conftest import Desk

HIGH: dict[str, Any] = {"risk": Risk.PLAN_WEEK, "distress_before": 8}


def test_a_quiet_shift_is_handed_over_with_nothing_open(desk: Desk, actor: Callable[[str], Actor]) -> None:
    desk.finish()
    row = service.sign_handover(actor("dudao").account_id, "", actor=actor("zhiyuan"))
    assert (queries.items_of(row).count, row.data_key_id, row.confirmed_at) == (0, None, None)
    assert [each.id for each in queries.list_to_confirm(actor("dudao"))] == [row.id]
    assert queries.count_unconfirmed(actor("dudao")) == 1
    service.confirm_handover(row, actor=actor("dudao"))
    assert row.confirmed_at is not None
    assert queries.list_to_confirm(actor("dudao")) == []
    with pytest.raises(Conflict):
        service.confirm_handover(row, actor=actor("dudao"))


def test_what_is_open_is_kept_by_id_and_shown_as_it_stands_now(desk: Desk, actor: Callable[[str], Actor]) -> None:
    now = clock.now()
    with clock.frozen(now - timedelta(days=3)):
        late = desk.finish(**HIGH)
    with clock.frozen(now):
        fresh = desk.wait(**HIGH)
        short = desk.finish(outcome=Outcome.EMERGENCY, risk=Risk.ATTEMPT, sex=None)
        draft = new_id()
        service.save_draft(DraftKey(draft, 0, draft), {"summary": "…"}, actor=actor("zhiyuan"))
        row = service.sign_handover(actor("zixun").account_id, NOTE, actor=actor("zhiyuan"))
        items = queries.items_of(row)
        overdue = queries.followups_of_call(late.id)[0]
        assert (items.calls, items.followups) == ((short.id, fresh.id), (overdue.id,))
        assert (items.drafts, items.incomplete) == ((draft,), (fresh.id, short.id))
        assert NOTE not in str(row.items)
        service.settle(fresh, SettleReason.REFERRED, actor=actor("dudao"))
        service.try_followup(overdue, actor=actor("dudao"))
        service.discard_draft(draft, actor=actor("zhiyuan"))
        shown = queries.items_now(queries.items_of(row))
        assert {call.id: call.triage_state for call in shown.calls} == {fresh.id: "settled", short.id: "waiting"}
        assert [(each.id, each.tries) for each in shown.followups] == [(overdue.id, 1)]
        assert (shown.drafts, shown.incomplete) == (0, 2)


def test_the_note_is_for_the_two_and_the_supervisors_and_not_for_ever(actor: Callable[[str], Actor]) -> None:
    row = service.sign_handover(actor("zixun").account_id, NOTE, actor=actor("zhiyuan"))
    session().flush()
    assert row.data_key_id is not None
    for login in ("zhiyuan", "zixun", "dudao"):
        assert queries.open_note(actor(login), queries.get_handover(actor(login), row.id)) == NOTE
    for login in ("zixun2", "dudao2", "fuze", "bangong", "guanli", "shenji", "yishi"):
        assert not can_open(actor(login), row.data_key_id)
        with pytest.raises(NotFound):
            queries.get_handover(actor(login), row.id)
    with clock.frozen(clock.now() + timedelta(hours=29)):
        assert queries.open_note(actor("zixun"), row) is None
        assert queries.open_note(actor("dudao"), row) == NOTE


def test_nobody_hands_over_to_a_stranger_or_confirms_for_somebody_else(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    for login in ("zixun2", "fuze", "zhiyuan"):
        with pytest.raises(Invalid):
            service.sign_handover(actor(login).account_id, "", actor=actor("zhiyuan"))
    with pytest.raises(Invalid):
        service.sign_handover(actor("dudao").account_id, "长" * (LONGEST_NOTE + 1), actor=actor("zhiyuan"))
    with pytest.raises(Refused):
        service.sign_handover(actor("zixun").account_id, "", actor=actor("dudao"))
    row = service.sign_handover(actor("zixun").account_id, "", actor=actor("zhiyuan"))
    for login in ("dudao", "zhiyuan"):
        with pytest.raises(NotFound):
            service.confirm_handover(row, actor=actor(login))
    assert desk.line() is not None


def test_the_database_refuses_a_handover_to_oneself(desk: Desk, actor: Callable[[str], Actor]) -> None:
    service.sign_handover(actor("zixun").account_id, "", actor=desk.actor("zhiyuan"))
    with pytest.raises(sa.exc.IntegrityError):
        session().execute(sa.update(Handover).values(incoming_id=Handover.outgoing_id))
