"""Reviewing a call: scores and a comment for the call-taker, and a returned call opened to its author again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import session
from casework.core.errors import Conflict, Invalid
from casework.intake import queries
from casework.intake.rules import missing_scores
from casework.intake.types.reviews import LONGEST_COMMENT, NOT_APPLICABLE, RUBRIC, ReviewResult, ReviewState
from casework.people import queries as people
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.vault import queries as keys
from casework.vault import service as vault
from casework.vault.types import GrantReason, KeyPurpose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from casework.intake.models import Call, CallReview
    from casework.intake.types.reviews import ReturnReason
    from casework.security.actor import Actor

# How long a call-taker can read what was said about a call, and put a returned one right.
READABLE_FOR: Final = timedelta(days=14)
CORRECTED_WITHIN: Final = timedelta(days=3)


def write_review(
    review_id: UUID,
    scores: Mapping[str, str],
    comment: str,
    result: ReviewResult,
    *,
    actor: Actor,
    return_reason: ReturnReason | None = None,
) -> CallReview:
    """Review a drawn call and return the review; its author can read it for two weeks.

    A returned call is open to its author again for three days. Its event is review.written. Refused: out of reach, or
    one's own call (NotFound), reviewed meanwhile (Conflict), a score missing, or a return without reason and comment
    (Invalid with field).
    """
    require(actor, Permission.CALLS_REVIEW_WRITE)
    _, call = queries.get_review(actor, review_id)
    review = queries.hold_review(review_id)
    if review.state != ReviewState.WAITING:
        raise Conflict(_l("这通来电已由其他督导评议，没有改动任何内容。"))
    _check(call, scores, comment, result, return_reason)
    review.state, review.result, review.rubric_version = ReviewState.DONE, result, RUBRIC.version
    review.return_reason = return_reason if result is ReviewResult.RETURNED else None
    review.reviewer_id, review.reviewed_at = actor.account_id, clock.now()
    review.scores = {code: None if score == NOT_APPLICABLE else int(score) for code, score in scores.items() if score}
    review.readable_until = clock.now() + READABLE_FOR
    _seal(review, comment, actor)
    if result is ReviewResult.RETURNED:
        _open_again(call, actor)
    session().flush()
    trail.record(
        Action.REVIEW_WRITTEN,
        actor=actor,
        subject_kind="review",
        subject_id=review.id,
        details={"call": review.call_id, "result": str(result)},
        digest=None if review.sealed_comment is None else trail.content_digest(review.sealed_comment),
    )
    return review


def acknowledge_review(review_id: UUID, *, actor: Actor) -> CallReview:
    """Say that one has read the review of one's own call; saying it again changes nothing.

    Its event is review.acknowledged. Refused (NotFound): somebody else's, or no longer readable.
    """
    queries.get_feedback(actor, review_id)
    review = queries.hold_review(review_id)
    if review.acknowledged_at is None:
        review.acknowledged_at = clock.now()
    trail.record(Action.REVIEW_ACKNOWLEDGED, actor=actor, subject_kind="review", subject_id=review.id, details={})
    return review


def _check(
    call: Call, scores: Mapping[str, str], comment: str, result: ReviewResult, return_reason: ReturnReason | None
) -> None:
    missing = missing_scores(RUBRIC, queries.codes_of(call), str(call.repeat), scores)
    if missing:
        raise Invalid(_l("请为此项打分，不适用也请选择。"), field=f"score_{missing[0]}")
    if len(comment) > LONGEST_COMMENT:
        raise Invalid(_l("评语最多 %(most)s 个字。", most=LONGEST_COMMENT), field="comment")
    if result is not ReviewResult.RETURNED:
        return
    if return_reason is None:
        raise Invalid(_l("请选择退回的原因。"), field="return_reason")
    if not comment:
        raise Invalid(_l("退回时请写明要补充或改动什么。"), field="comment")


def _seal(review: CallReview, comment: str, actor: Actor) -> None:
    """Seal the comment under a key of its own: the call itself stays closed to the call-taker."""
    if not comment:
        return
    key = vault.create_key(KeyPurpose.REVIEW, review.id, subproject_id=review.subproject_id, actor=actor)
    review.data_key_id = key.id
    review.sealed_comment = vault.seal_text(key, queries.comment_place(review.id), comment)
    session().flush()
    if _works_here(review.author_id, review.subproject_id):
        vault.grant(key, to=review.author_id, reason=GrantReason.AUTHOR, actor=actor, expires_at=review.readable_until)


def _open_again(call: Call, actor: Actor) -> None:
    """Let the author of a call correct it, for some days from now."""
    until = max(clock.now() + CORRECTED_WITHIN, call.reopen_until)
    if call.data_key_id is None or not _works_here(call.author_id, call.subproject_id):
        return
    key = vault.open_key(call.data_key_id, actor=actor)
    vault.grant(key, to=call.author_id, reason=GrantReason.AUTHOR, actor=actor, expires_at=until)
    held = queries.hold_call(call.id)
    if held is not None:
        held.reopen_until = until


def _works_here(account_id: UUID, subproject_id: UUID) -> bool:
    """Return whether somebody who took a call may still hold keys here; whoever has left gets none (R23)."""
    return keys.holds_keys_in(account_id, subproject_id) and people.current_pair(account_id) is not None
