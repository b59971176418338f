"""Quality review: the supervisor's queue and form, what the call-taker is told, one person's course over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from casework.core import clock
from casework.core.errors import Conflict, Invalid, NotFound
from casework.intake import queries, service
from casework.intake.forms.reviews import review_form
from casework.intake.rules import applies, is_brief_type, is_high_risk, mean_score, trend
from casework.intake.types import CALL_TYPE_NAMES, REPEAT_NAMES
from casework.intake.types.reviews import (
    LANGUAGES,
    REASON_NAMES,
    RESULT_NAMES,
    RETURN_NAMES,
    RUBRIC,
    RUBRICS,
    RULE,
    ReturnReason,
    ReviewResult,
    ReviewState,
)
from casework.intake.views.base import UNPROCESSABLE, answer_again, blueprint
from casework.intake.views.show import facts_of
from casework.people import queries as people
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from casework.intake.forms.reviews import ReviewForm
    from casework.intake.models import Call, CallReview
    from casework.security.actor import Actor


@blueprint.get("/calls/reviews")
@permitted(Permission.CALLS_REVIEW_WRITE)
def reviews() -> str:
    """Show the drawn calls that wait for a review, and the latest that were reviewed."""
    actor = current_actor()
    page, done = queries.list_unreviewed(actor, request.args.get("cursor")), queries.list_done(actor)
    takers = _call_takers(actor)
    shown = {each.author_id for each in (*page.items, *done)} | {row.reviewer_id for row in done if row.reviewer_id}
    return render_template(
        "intake/reviews.html",
        page=page,
        done=done,
        rule=RULE,
        names=people.names_of(shown),
        takers=takers,
        reasons=REASON_NAMES,
        results=RESULT_NAMES,
    )


@blueprint.route("/calls/reviews/<uuid:review_id>", methods=["GET", "POST"])
@permitted(Permission.CALLS_REVIEW_WRITE)
def review(review_id: UUID) -> ResponseReturnValue:
    """Show a drawn call and score it; opening it leaves call.read with the part "review"."""
    actor = current_actor()
    found, call = queries.get_review(actor, review_id)
    if found.state == ReviewState.DONE and request.method == "GET":
        return _done_page(actor, found)
    codes = queries.codes_of(call)
    expected = [item.code for item in RUBRIC.items if applies(item, codes, str(call.repeat))]
    form = review_form(RUBRIC, _language(), expected)
    if request.method == "GET":
        return _review_page(actor, found, call, form, expected)
    if form.validate():
        try:
            return _write(actor, found, form)
        except (Invalid, Conflict) as error:
            form.refuse(error)
            return answer_again(lambda: _review_page(actor, found, call, form, expected), error.status)
    return answer_again(lambda: _review_page(actor, found, call, form, expected), UNPROCESSABLE)


@blueprint.get("/calls/reviews/people/<uuid:account_id>")
@permitted(Permission.CALLS_REVIEW_WRITE)
def reviews_of(account_id: UUID) -> str:
    """Show how the reviews of one call-taker went over time: this person alone, never beside others."""
    actor = current_actor()
    found = queries.person_reviews(actor, account_id)
    names = dict(_call_takers(actor))
    if account_id not in names and not found:
        raise NotFound(_("找不到这位接线员，或不在你的子项目。"))
    name = names.get(account_id) or people.names_of([account_id]).get(account_id, "")
    return render_template("intake/review_person.html", name=name, **_course(found))


@blueprint.get("/calls/feedback")
@permitted(Permission.CALLS_REVIEW_READ)
def feedback() -> str:
    """Show what was said about one's own calls, and one's own course over time."""
    actor = current_actor()
    found = queries.list_feedback(actor)
    return render_template(
        "intake/feedback.html",
        reviews=found,
        returned=queries.returned_calls(actor),
        results=RESULT_NAMES,
        means={each.id: mean_score(each.scores) for each in found},
        now=clock.now(),
        **_course(queries.person_reviews(actor, actor.account_id)),
    )


@blueprint.get("/calls/feedback/<uuid:review_id>")
@permitted(Permission.CALLS_REVIEW_READ)
def feedback_of(review_id: UUID) -> str:
    """Show scores and comment of a review of one's own call; leaves review.read."""
    actor = current_actor()
    found = queries.get_feedback(actor, review_id)
    return render_template("intake/feedback_of.html", **_shown(actor, found), is_own=True)


@blueprint.post("/calls/feedback/<uuid:review_id>/read")
@permitted(Permission.CALLS_REVIEW_READ)
def acknowledge_review(review_id: UUID) -> ResponseReturnValue:
    """Say that one has read it."""
    service.acknowledge_review(review_id, actor=current_actor())
    flash(_("已确认阅读。"))
    return redirect(url_for("intake.feedback"), 303)


def _write(actor: Actor, found: CallReview, form: ReviewForm) -> ResponseReturnValue:
    made = service.write_review(
        found.id,
        form.scores(),
        (form.comment.data or "").strip(),
        form.review_result(),
        actor=actor,
        return_reason=form.reason(),
    )
    returned = made.result == ReviewResult.RETURNED
    flash(_("已退回，接线员可在三天内更正。") if returned else _("评议已保存，接线员会在值班台看到。"))
    return redirect(url_for("intake.reviews"), 303)


def _review_page(actor: Actor, found: CallReview, call: Call, form: ReviewForm, expected: list[str]) -> str:
    opened = queries.open_call(actor, call, part="review")
    codes = queries.codes_of(call)
    return render_template(
        "intake/review.html",
        form=form,
        review=found,
        call=call,
        words=opened.words,
        title=CALL_TYPE_NAMES[codes.call_type],
        facts=[] if is_brief_type(codes.call_type) else facts_of(codes),
        repeat=REPEAT_NAMES[call.repeat],
        is_high=is_high_risk(call.risk_level),
        author=people.names_of([call.author_id]).get(call.author_id, ""),
        reason=REASON_NAMES[found.reason],
        anchors=[anchor[_language()] for anchor in RUBRIC.anchors],
        expected=[form[f"score_{code}"] for code in expected],
        others=[form[f"score_{item.code}"] for item in RUBRIC.items if item.code not in expected],
    )


def _done_page(actor: Actor, found: CallReview) -> str:
    return render_template("intake/feedback_of.html", **_shown(actor, found), is_own=False)


def _shown(actor: Actor, found: CallReview) -> dict[str, Any]:
    """Return a finished review as it is shown, with the items of the list by which it was scored."""
    rubric, language = RUBRICS.get(found.rubric_version or 0, RUBRIC), _language()
    names = {item.code: f"{item.code} {item.names[language]}" for item in rubric.items}
    people_named = people.names_of({each for each in (found.author_id, found.reviewer_id) if each is not None})
    call = queries.find_call(found.call_id)
    return {
        "review": found,
        "comment": queries.open_comment(actor, found),
        "items": [(names.get(code, code), score) for code, score in found.scores.items()],
        "anchors": [anchor[language] for anchor in rubric.anchors],
        "result": RESULT_NAMES[ReviewResult(str(found.result))],
        "return_reason": RETURN_NAMES[ReturnReason(found.return_reason)] if found.return_reason else "",
        "names": people_named,
        "started_at": None if call is None else call.started_at,
        "may_correct": call is not None and call.author_id == actor.account_id and call.reopen_until > clock.now(),
        "correct_until": None if call is None else call.reopen_until,
    }


def _course(found: Sequence[CallReview]) -> dict[str, Any]:
    months = trend(
        [(f"{clock.local(each.reviewed_at):%Y-%m}", each.scores, each.result) for each in found if each.reviewed_at]
    )
    return {"months": months, "bars": [(each, round(20 * each.mean)) for each in months[-12:] if each.mean is not None]}


def _call_takers(actor: Actor) -> list[tuple[UUID, str]]:
    """Return who takes calls in the sub-project, by name; nothing else decides their order."""
    ids = {
        each for role in (Role.VOLUNTEER, Role.COUNSELOR) for each in people.holders_of_role(role, actor.subproject_id)
    }
    names = people.names_of(ids - {actor.account_id})
    return sorted(names.items(), key=lambda item: (item[1], item[0]))


def _language() -> str:
    locale = get_locale()
    return locale.language if locale is not None and locale.language in LANGUAGES else LANGUAGES[0]
