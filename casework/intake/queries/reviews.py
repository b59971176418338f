"""Reviews of calls: a supervisor's queue, what a call-taker was told, and one person's course over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from casework.audit import trail
from casework.audit.events import Action
from casework.core import clock
from casework.core.db import id_param, session
from casework.core.errors import NotFound
from casework.core.paging import Key, Page, keyset
from casework.intake.models import Call, CallReview
from casework.intake.queries.reach import within
from casework.intake.types import CallStatus
from casework.intake.types.reviews import ReviewResult, ReviewState
from casework.security.guard import require
from casework.security.permissions import Permission
from casework.security.reach import reach_clause
from casework.vault import service as vault
from casework.vault.types import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from casework.security.actor import Actor

SHOWN: Final = 20
REMEMBERED: Final = 500
_EARLIER: Final = sa.select(sa.func.count()).select_from(
    sa.select(Call.id)
    .where(
        Call.author_id == id_param("author"),
        Call.subproject_id == id_param("subproject"),
        Call.status == CallStatus.FINISHED,
        Call.brief.is_(None),
        Call.data_key_id.is_not(None),
        Call.finished_at <= sa.bindparam("until"),
        Call.id != id_param("call"),
    )
    .limit(sa.bindparam("most"))
    .subquery()
)


def find_review(call_id: UUID) -> CallReview | None:
    """Return the review for which a call was drawn, whoever it belongs to. Only for services."""
    return session().scalar(sa.select(CallReview).where(CallReview.call_id == call_id))


def hold_review(review_id: UUID) -> CallReview:
    """Return a review as it is now and keep other writers from it until the transaction ends."""
    held = sa.select(CallReview).where(CallReview.id == review_id).with_for_update()
    return session().scalars(held, execution_options={"populate_existing": True}).one()


def count_earlier(call: Call, most: int) -> int:
    """Return how many real calls its author had finished in the sub-project before this one; counting stops at most."""
    values = {
        "author": call.author_id,
        "subproject": call.subproject_id,
        "until": call.finished_at,
        "call": call.id,
        "most": most,
    }
    return session().scalar(_EARLIER, values) or 0


def list_unreviewed(actor: Actor, cursor: str | None = None) -> Page[CallReview]:
    """Return one page of the drawn calls that wait, new call-takers first, then high risk, then the oldest.

    Refused (R23) for roles that do not review.
    """
    found = sa.select(CallReview).where(*_reviewable(actor), CallReview.state == ReviewState.WAITING)
    order = [Key(CallReview.rank, descending=True), Key(CallReview.sampled_at), Key(CallReview.id)]
    return keyset(found, order, cursor, SHOWN)


def list_done(actor: Actor) -> Sequence[CallReview]:
    """Return the latest reviews of the sub-project, the newest first."""
    found = sa.select(CallReview).where(*_reviewable(actor), CallReview.state == ReviewState.DONE)
    order = (CallReview.reviewed_at.desc(), CallReview.id.desc())
    return session().scalars(found.order_by(*order).limit(SHOWN)).all()


def get_review(actor: Actor, review_id: UUID) -> tuple[CallReview, Call]:
    """Return a review of the acting supervisor's sub-project with its call; refused (NotFound) when out of reach.

    Out of reach are one's own calls, and calls of a case that one works on.
    """
    found = sa.select(CallReview, Call).join(Call, Call.id == CallReview.call_id)
    others = (_project(actor), CallReview.author_id != actor.account_id)
    row = session().execute(found.where(CallReview.id == review_id, *others, within(actor))).one_or_none()
    if row is None:
        raise NotFound(_l("找不到这次评议，或它不在你的工作范围内。"))
    return row[0], row[1]


def list_feedback(actor: Actor) -> Sequence[CallReview]:
    """Return the reviews of one's own calls that may still be read, the newest first."""
    found = sa.select(CallReview).where(*_own(actor))
    return session().scalars(found.order_by(CallReview.reviewed_at.desc(), CallReview.id.desc()).limit(SHOWN)).all()


def get_feedback(actor: Actor, review_id: UUID) -> CallReview:
    """Return a review of one's own call that may still be read; refused (NotFound) otherwise."""
    review = session().scalar(sa.select(CallReview).where(CallReview.id == review_id, *_own(actor)))
    if review is None:
        raise NotFound(_l("找不到这次评议，或已过了可查看的时间。"))
    return review


def returned_calls(actor: Actor) -> dict[UUID, CallReview]:
    """Return the returned and not yet corrected reviews of one's own calls, by the id of the call."""
    found = sa.select(CallReview).where(
        *_own(actor), CallReview.result == ReviewResult.RETURNED, CallReview.corrected_at.is_(None)
    )
    return {review.call_id: review for review in session().scalars(found.limit(REMEMBERED))}


def person_reviews(actor: Actor, account_id: UUID) -> Sequence[CallReview]:
    """Return the reviews of one call-taker, the oldest first: oneself, or somebody of the supervisor's sub-project.

    One person at a time: there is no list that sets call-takers against each other.
    """
    if account_id == actor.account_id:
        require(actor, Permission.CALLS_REVIEW_READ)
        reach = CallReview.subproject_id == actor.subproject_id
    else:
        reach = _project(actor)
    found = sa.select(CallReview).where(reach, CallReview.author_id == account_id, CallReview.state == ReviewState.DONE)
    latest = found.order_by(CallReview.reviewed_at.desc(), CallReview.id.desc()).limit(REMEMBERED)
    return list(reversed(session().scalars(latest).all()))


def open_comment(actor: Actor, review: CallReview) -> str:
    """Open the comment of a review for display and leave one read event; empty when nothing was written."""
    text = ""
    if review.sealed_comment is not None and review.data_key_id is not None:
        key = vault.open_key(review.data_key_id, actor=actor)
        text = vault.open_text(key, comment_place(review.id), review.sealed_comment)
    trail.record(
        Action.REVIEW_READ,
        actor=actor,
        subject_kind="review",
        subject_id=review.id,
        details={"call": review.call_id},
        digest=None if review.sealed_comment is None else trail.content_digest(review.sealed_comment),
    )
    return text


def comment_place(review_id: UUID) -> Place:
    """Return where the comment of a review belongs."""
    return Place("intake_review", "sealed_comment", review_id)


def sealed_comment(review_id: UUID) -> bytes | None:
    """Return the sealed comment of a review, to be compared with its recorded digest."""
    return session().scalar(sa.select(CallReview.sealed_comment).where(CallReview.id == review_id))


def _project(actor: Actor) -> sa.ColumnElement[bool]:
    return reach_clause(actor, require(actor, Permission.CALLS_REVIEW_WRITE), project=CallReview.subproject_id)


def _reviewable(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    calls = sa.select(Call.id).where(Call.id == CallReview.call_id, within(actor)).correlate(CallReview)
    return _project(actor), CallReview.author_id != actor.account_id, calls.exists()


def _own(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    require(actor, Permission.CALLS_REVIEW_READ)
    return (
        CallReview.author_id == actor.account_id,
        CallReview.subproject_id == actor.subproject_id,
        CallReview.state == ReviewState.DONE,
        CallReview.readable_until > clock.now(),
    )
