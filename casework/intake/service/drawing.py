"""Drawing calls for review, in the transaction that finishes them: whoever reviews did not choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casework.core import clock, crypto
from casework.core.db import session
from casework.core.ids import new_id
from casework.core.keyring import KeyClass, current_keyring
from casework.intake import queries
from casework.intake.models import CallReview
from casework.intake.queries.reviews import count_earlier
from casework.intake.rules import drawn, may_be_reviewed, review_rank, sample
from casework.intake.types.reviews import RULE, ReviewResult, ReviewState

if TYPE_CHECKING:
    from casework.intake.models import Call

_LABEL: Final = "reviews/drawing"


def draw_for_review(call: Call) -> None:
    """Let a finished call that was not drawn yet wait for a review when the rule of today draws it.

    The key that draws is in the keyring, so no id that a page could choose makes a call pass by.
    """
    if call.data_key_id is None or not may_be_reviewed(queries.codes_of(call)):
        return
    ring = current_keyring()
    kid = ring.active_kid(KeyClass.AUDIT)
    draw = drawn(crypto.mac(ring.secret(KeyClass.AUDIT, _LABEL, kid), call.id.bytes))
    earlier = count_earlier(call, RULE.first_calls)
    reason = sample(RULE, level=call.risk_level, earlier=earlier, draw=draw)
    if reason is None:
        return
    row = CallReview(
        id=new_id(),
        call_id=call.id,
        subproject_id=call.subproject_id,
        author_id=call.author_id,
        state=ReviewState.WAITING,
        reason=reason,
        rank=review_rank(RULE, level=call.risk_level, earlier=earlier),
        rule_version=RULE.version,
        drawn_with=kid,
        sampled_at=clock.now(),
        scores={},
    )
    session().add(row)
    session().flush()


def note_correction(call: Call) -> None:
    """Draw a corrected call when it was not drawn before; a returned one leaves its author's list."""
    review = queries.find_review(call.id)
    if review is None:
        draw_for_review(call)
    elif review.result == ReviewResult.RETURNED and review.corrected_at is None:
        review.corrected_at = clock.now()
