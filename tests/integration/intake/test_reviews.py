"""Quality review: drawn when a call is finished, read through the circle, told to the call-taker, put right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from casework.audit.models import AuditEntry
from casework.core import clock, crypto
from casework.core.db import session
from casework.core.errors import Conflict, Invalid, NotFound, Refused
from casework.core.ids import new_id
from casework.core.keyring import current_keyring
from casework.intake import queries, service
from casework.intake.rules import drawn, sample
from casework.intake.service import DraftKey
from casework.intake.types import Brief, Risk
from casework.intake.types.reviews import RUBRIC, RULE, ReturnReason, ReviewResult, SampleReason
from casework.vault.queries import can_open
from tests.integration.intake.conftest import CODES, WORDS, Desk
from tests.support import canaries
from tests.support.canaries import CORRECTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.intake.models import Call, CallReview
    from casework.security.actor import Actor

SCORES = {item.code: "3" if item.code.startswith("C") else "na" for item in RUBRIC.items}
COMMENT = CORRECTION


def waiting(who: Actor) -> list[CallReview]:
    return list(queries.list_unreviewed(who).items)


def review(desk: Desk, supervisor: Actor, result: ReviewResult = ReviewResult.PASSED, **changes: Any) -> CallReview:  # noqa: ANN401 - fields of Codes
    call = desk.finish(**changes)
    found = queries.find_review(call.id)
    assert found is not None
    reason = ReturnReason.MIXED if result is ReviewResult.RETURNED else None
    return service.write_review(found.id, SCORES, COMMENT, result, actor=supervisor, return_reason=reason)


def correct(call: Call, volunteer: Actor) -> Call:
    key = DraftKey(call.id, call.rev, new_id())
    return service.correct(key, CODES, replace(WORDS, summary="改过了。"), actor=volunteer, line_id=call.line_id)


def test_the_first_calls_are_drawn_then_only_what_the_secret_draws(desk: Desk) -> None:
    calls = [desk.finish() for _ in range(RULE.first_calls + 25)]
    ring = current_keyring()
    for earlier, call in enumerate(calls):
        found = queries.find_review(call.id)
        kid = ring.active_kid("audit")
        draw = drawn(crypto.mac(ring.secret("audit", "reviews/drawing", kid), call.id.bytes))
        expected = sample(RULE, level=0, earlier=min(earlier, RULE.first_calls), draw=draw)
        assert (found.reason if found else None) == expected
        assert found is None or (found.drawn_with, found.rule_version) == (kid, RULE.version)
    assert queries.find_review(calls[0].id) is not None


def test_every_high_risk_call_is_drawn_also_when_it_becomes_one_by_correction(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    for _ in range(RULE.first_calls):
        desk.finish()
    high = desk.finish(risk=Risk.PLAN_72H, distress_before=9)
    found = queries.find_review(high.id)
    assert found is not None
    assert found.reason == SampleReason.HIGH_RISK
    call = next(each for each in (desk.finish() for _ in range(40)) if queries.find_review(each.id) is None)
    key = DraftKey(call.id, call.rev, new_id())
    codes = replace(CODES, risk=Risk.ATTEMPT, distress_before=9)
    service.correct(key, codes, WORDS, actor=actor("zhiyuan"), line_id=call.line_id)
    corrected = queries.find_review(call.id)
    assert corrected is not None
    assert corrected.reason == SampleReason.HIGH_RISK


def test_a_press_and_a_call_that_is_not_stored_are_not_drawn(desk: Desk, actor: Callable[[str], Actor]) -> None:
    service.log_brief(Brief.SILENT, new_id(), actor=actor("zhiyuan"), line_id=desk.line())
    assert waiting(actor("dudao")) == []
    with session().begin_nested() as savepoint:
        desk.finish()
        savepoint.rollback()
    assert waiting(actor("dudao")) == []


def test_new_call_takers_stand_first_and_only_the_own_sub_project_is_seen(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    for _ in range(RULE.first_calls):
        desk.finish("zixun")
    experienced = desk.finish("zixun", risk=Risk.ATTEMPT, distress_before=9)
    newcomer = desk.finish("zhiyuan")
    ranked = [each.call_id for each in waiting(actor("dudao"))]
    assert ranked.index(newcomer.id) < ranked.index(experienced.id)
    assert waiting(actor("dudao2")) == []
    found = queries.find_review(newcomer.id)
    assert found is not None
    with pytest.raises(NotFound):
        queries.get_review(actor("dudao2"), found.id)
    for login in ("zhiyuan", "zixun", "fuze", "bangong", "guanli", "shenji"):
        with pytest.raises(Refused):
            queries.list_unreviewed(actor(login))


def test_nobody_reviews_a_call_they_took(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish()
    found = queries.find_review(call.id)
    assert found is not None
    # The same person, who is a supervisor as well.
    oneself = replace(actor("dudao"), account_id=actor("zhiyuan").account_id, opened={})
    assert waiting(oneself) == []
    with pytest.raises(NotFound):
        service.write_review(found.id, SCORES, "", ReviewResult.PASSED, actor=oneself)
    found.reviewer_id = found.author_id
    with pytest.raises(sa.exc.IntegrityError, match="not_by_oneself"), session().begin_nested():
        session().flush()


def test_what_is_missing_is_named_at_its_field(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish()
    found = queries.find_review(call.id)
    assert found is not None
    cases: list[tuple[dict[str, str], str, ReviewResult, ReturnReason | None, str]] = [
        ({**SCORES, "C4": ""}, COMMENT, ReviewResult.PASSED, None, "score_C4"),
        ({**SCORES, "C4": "7"}, COMMENT, ReviewResult.PASSED, None, "score_C4"),
        (SCORES, COMMENT, ReviewResult.RETURNED, None, "return_reason"),
        (SCORES, "", ReviewResult.RETURNED, ReturnReason.RISK, "comment"),
        (SCORES, "长" * 4001, ReviewResult.PASSED, None, "comment"),
    ]
    for scores, comment, result, reason, field in cases:
        with pytest.raises(Invalid) as refused:
            service.write_review(found.id, scores, comment, result, actor=actor("dudao"), return_reason=reason)
        assert refused.value.field == field
    service.write_review(found.id, SCORES, "", ReviewResult.PASSED, actor=actor("dudao"))
    with pytest.raises(Conflict):
        service.write_review(found.id, SCORES, "", ReviewResult.PASSED, actor=actor("dudao"))


def test_the_call_taker_reads_the_comment_when_the_call_is_closed_to_them(
    desk: Desk, actor: Callable[[str], Actor]
) -> None:
    now = clock.now()
    call = desk.finish()
    found = queries.find_review(call.id)
    assert found is not None
    assert call.data_key_id is not None
    with clock.frozen(now + timedelta(days=2)):
        service.write_review(found.id, SCORES, COMMENT, ReviewResult.PASSED, actor=actor("dudao"))
    with clock.frozen(now + timedelta(days=15)):
        volunteer = actor("zhiyuan")
        mine = queries.get_feedback(volunteer, found.id)
        assert queries.open_comment(volunteer, mine) == COMMENT
        assert mine.scores["C1"] == 3
        assert mine.scores["S8"] is None
        assert not can_open(volunteer, call.data_key_id)
        with pytest.raises(NotFound):
            queries.get_call(volunteer, call.id)
        service.acknowledge_review(found.id, actor=volunteer)
        assert mine.acknowledged_at == clock.now()
        for login in ("zixun", "zixun2"):
            with pytest.raises(NotFound):
                queries.get_feedback(actor(login), found.id)
    with clock.frozen(now + timedelta(days=17)):
        assert queries.list_feedback(actor("zhiyuan")) == []
        assert found.data_key_id is not None
        assert not can_open(actor("zhiyuan"), found.data_key_id)


def test_a_returned_call_is_open_to_its_author_until_it_is_corrected(desk: Desk, actor: Callable[[str], Actor]) -> None:
    now = clock.now()
    call = desk.finish()
    found = queries.find_review(call.id)
    assert found is not None
    with clock.frozen(now + timedelta(days=2)):
        with pytest.raises(NotFound):
            queries.get_own(actor("zhiyuan"), call.id)
        service.write_review(
            found.id, SCORES, COMMENT, ReviewResult.RETURNED, actor=actor("dudao"), return_reason=ReturnReason.MIXED
        )
        assert set(queries.returned_calls(actor("zhiyuan"))) == {call.id}
        assert [each.id for each in queries.list_shift(actor("zhiyuan")).items] == [call.id]
        correct(queries.get_own(actor("zhiyuan"), call.id), actor("zhiyuan"))
        assert found.corrected_at == clock.now()
        assert queries.returned_calls(actor("zhiyuan")) == {}
    with clock.frozen(now + timedelta(days=6)), pytest.raises(NotFound):
        queries.get_own(actor("zhiyuan"), call.id)


def test_somebody_who_has_left_is_granted_nothing(desk: Desk, actor: Callable[[str], Actor]) -> None:
    call = desk.finish()
    found = queries.find_review(call.id)
    assert found is not None
    session().execute(sa.text("UPDATE people_role_grant SET ended_at = granted_at WHERE role = 'volunteer'"))
    service.write_review(
        found.id, SCORES, COMMENT, ReviewResult.RETURNED, actor=actor("dudao"), return_reason=ReturnReason.MIXED
    )
    assert found.data_key_id is not None
    assert not can_open(actor("zhiyuan"), found.data_key_id)
    assert call.reopen_until < clock.now() + timedelta(days=2)


def test_a_course_is_one_persons_and_never_a_list_of_people(desk: Desk, actor: Callable[[str], Actor]) -> None:
    mine = review(desk, actor("dudao"))
    assert list(queries.person_reviews(actor("dudao"), mine.author_id)) == [mine]
    assert list(queries.person_reviews(actor("zhiyuan"), mine.author_id)) == [mine]
    assert list(queries.person_reviews(actor("dudao2"), mine.author_id)) == []
    with pytest.raises(Refused):
        queries.person_reviews(actor("zixun"), mine.author_id)


def test_reading_and_reviewing_leave_one_event_each(desk: Desk, actor: Callable[[str], Actor]) -> None:
    supervisor = actor("dudao")
    call = desk.finish()
    found = queries.find_review(call.id)
    assert found is not None
    queries.open_call(supervisor, queries.get_review(supervisor, found.id)[1], part="review")
    service.write_review(found.id, SCORES, COMMENT, ReviewResult.PASSED, actor=supervisor)
    queries.open_comment(actor("zhiyuan"), queries.get_feedback(actor("zhiyuan"), found.id))
    service.acknowledge_review(found.id, actor=actor("zhiyuan"))
    session().commit()
    rows = session().execute(sa.select(AuditEntry.action, AuditEntry.details).order_by(AuditEntry.at, AuditEntry.seq))
    events = [(action, details) for action, details in rows if action.startswith("review.") or action == "call.read"]
    assert events == [
        ("call.read", {"part": "review"}),
        ("review.written", {"call": str(call.id), "result": "passed"}),
        ("review.read", {"call": str(call.id)}),
        ("review.acknowledged", {}),
    ]


def test_no_row_holds_a_word_of_a_comment(desk: Desk, actor: Callable[[str], Actor]) -> None:
    review(desk, actor("dudao"))
    session().flush()
    assert canaries.search_rows(session().connection()) == []
