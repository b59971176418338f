"""The scored form of a review. Its items are data with a version, so its fields are made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from casework.intake.types.reviews import (
    LONGEST_COMMENT,
    NOT_APPLICABLE,
    RESULT_NAMES,
    RETURN_NAMES,
    SCORES,
    ReturnReason,
    ReviewResult,
)
from casework.web.forms import BaseForm, options

if TYPE_CHECKING:
    from collections.abc import Collection

    from casework.intake.types.reviews import Rubric

PREFIX = "score_"


class ReviewForm(BaseForm):
    """Result and words of a review; the scores are added by ``review_form``."""

    comment = TextAreaField(
        _l("给接线员的评语"),
        description=_l("先写做得好的地方，再写一处可以改进的。不写来电者的姓名和号码。"),
        validators=[Length(max=LONGEST_COMMENT)],
    )
    result = RadioField(_l("结果"), choices=options(RESULT_NAMES), validators=[InputRequired()])
    return_reason = SelectField(
        _l("退回原因"), choices=options(RETURN_NAMES, first=_l("请选择")), validators=[Optional()]
    )

    def scores(self) -> dict[str, str]:
        """Return what was scored, by the code of the item; an item left open is left out."""
        found = {field.name.removeprefix(PREFIX): field.data for field in self if field.name.startswith(PREFIX)}
        return {code: str(score) for code, score in found.items() if score}

    def review_result(self) -> ReviewResult:
        """Return the result of a valid form."""
        return ReviewResult(self.result.data)

    def reason(self) -> ReturnReason | None:
        """Return why a call is returned."""
        return ReturnReason(self.return_reason.data) if self.return_reason.data else None


def review_form(rubric: Rubric, language: str, expected: Collection[str]) -> ReviewForm:
    """Return the form for one call; what is expected to be scored must be answered, the rest may be."""
    fields: dict[str, Any] = {}
    for item in rubric.items:
        choices = [(str(score), str(score)) for score in SCORES]
        fields[f"{PREFIX}{item.code}"] = RadioField(
            f"{item.code} {item.names[language]}",
            description=item.hints[language],
            choices=options([*choices, (NOT_APPLICABLE, _("不适用"))]),
            validators=[InputRequired() if item.code in expected else Optional()],
        )
    made = cast("type[ReviewForm]", type("ScoredReviewForm", (ReviewForm,), fields))
    return made()
