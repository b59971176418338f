"""Practice calls: the call screen with an invented caller. Nothing of it is stored but that it was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import SelectField, SelectMultipleField

from casework.core import clock
from casework.core.errors import Invalid, NotFound
from casework.intake import queries, service
from casework.intake.forms.call import TO_CASE
from casework.intake.rules import look_at
from casework.intake.types import (
    STEP_NAMES,
    AlertState,
    Outcome,
    StepCode,
    StepReason,
)
from casework.intake.types.readiness import HELP, PRACTICES, READY_STEP_NAMES, STORIES, ReadyStep
from casework.intake.views.base import UNPROCESSABLE, answer_again, blueprint, call_form, fresh
from casework.intake.views.call import shown
from casework.intake.views.panel import DONE, OPEN, REASON, StepLine, step_lines
from casework.security.guard import current_actor, permitted
from casework.security.permissions import Permission
from casework.web.bodies import sent_json

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from casework.intake.forms import CallForm
    from casework.intake.rules import Looked
    from casework.intake.types.readiness import Point, Story

_TRIED: Final = frozenset({HELP, *StepCode})


@dataclass(frozen=True, slots=True)
class _Said:
    """What the page says of a practice call that was looked at."""

    good: list[str]


@blueprint.get("/calls/practice")
@permitted(Permission.CALLS_CALL_LOG)
def practice() -> str:
    """Show the steps before the first real call, and the practice calls."""
    return render_template(
        "intake/practice.html",
        standing=queries.own_standing(current_actor()),
        names=READY_STEP_NAMES,
        practices=PRACTICES,
    )


@blueprint.post("/calls/practice/guide")
@permitted(Permission.CALLS_CALL_LOG)
def read_guide() -> ResponseReturnValue:
    """Keep that the guide was read."""
    service.complete_step(ReadyStep.GUIDE_READ, actor=current_actor())
    flash(_("已记录：阅读使用说明。"))
    return redirect(url_for("intake.practice"), 303)


@blueprint.route("/calls/practice/<story>", methods=["GET", "POST"])
@permitted(Permission.CALLS_CALL_LOG)
def practice_call(story: str) -> ResponseReturnValue:
    """Show a practice call, or look at what was logged: what is missing stands in the form, else the step is done."""
    found, actor = _story(story), current_actor()
    form = call_form(actor, service.require_practice(actor))
    if request.method == "GET":
        return _page(fresh(form, actor, service.require_practice(actor)), found)
    if request.form.get("intent") == TO_CASE:
        form.outcome.data = str(Outcome.TO_CASE)
    is_complete = form.complete(clock.today())
    found = _answerable(form, found)
    looked = look_at(found, _answers(form, found), _tried())
    if not is_complete or not looked.is_done:
        _refuse(form, looked)
        said = _Said([*_points(looked), *(_("已试过“%(step)s”。", step=_step_name(code)) for code in looked.tried)])
        return answer_again(lambda: _page(form, found, said), UNPROCESSABLE)
    service.complete_step(found.code, actor=actor)
    flash(_("练习完成：%(points)s", points=" ".join(_points(looked))))
    return redirect(url_for("intake.practice"), 303)


@blueprint.post("/calls/practice/<story>/steps/<code>")
@permitted(Permission.CALLS_CALL_LOG)
def practice_step(story: str, code: str) -> ResponseReturnValue:
    """Try a step (JSON, or with the whole form); it is shown on the page and stored nowhere."""
    found = _story(story)
    if code not in set(StepCode):
        raise NotFound(_("找不到这个步骤。"))
    sent = (
        sent_json()
        if request.is_json
        else {"step": request.form.get("step"), "reason": request.form.get(f"reason-{code}")}
    )
    state, reason = str(sent.get("step") or DONE), str(sent.get("reason") or "")
    if state not in {DONE, REASON, OPEN} or (state == REASON and reason not in set(StepReason)):
        raise Invalid(_("请选择没有完成的原因。"))
    if request.is_json:
        return jsonify(state=state, said="" if state == OPEN else _("练习：已记下"))
    return _again(found, _tried() - {code} if state == OPEN else _tried() | {code})


@blueprint.post("/calls/practice/<story>/help")
@permitted(Permission.CALLS_CALL_LOG)
def practice_help(story: str) -> ResponseReturnValue:
    """Try the call for a supervisor; nobody is told."""
    found = _story(story)
    if request.is_json:
        at = f"{clock.local(clock.now()):%H:%M:%S}"
        return jsonify(state=str(AlertState.OPEN), text=_("练习：已呼叫 %(at)s，没有通知任何人", at=at), help=True)
    return _again(found, _tried() | {HELP})


@blueprint.post("/calls/practice/<story>/help/cancel")
@permitted(Permission.CALLS_CALL_LOG)
def practice_cancel(story: str) -> ResponseReturnValue:
    """Try taking the call for a supervisor back."""
    found = _story(story)
    if request.is_json:
        return jsonify(state="none", text=_("练习：已取消呼叫。"), help=False)
    return _again(found, _tried() - {HELP})


@blueprint.get("/calls/practice/<story>/alert")
@permitted(Permission.CALLS_CALL_LOG)
def practice_alert(story: str) -> ResponseReturnValue:
    """Answer how a call for a supervisor would stand by now (JSON)."""
    _story(story)
    return jsonify(**_alert(answered=True))


def _story(code: str) -> Story:
    found = STORIES.get(ReadyStep(code)) if code in set(ReadyStep) else None
    if found is None:
        raise NotFound(_("找不到这个练习。"))
    return found


def _page(form: CallForm, story: Story, looked: _Said | None = None, tried: frozenset[str] | None = None) -> str:
    done = _tried() if tried is None else tried
    language = _language()
    scenes = [{"section": each.section, "says": each.says[language], "do": each.do[language]} for each in story.scenes]
    return render_template(
        "intake/practice_call.html",
        **shown(form),
        call=None,
        stored=None,
        copy_keys="",
        restored=False,
        other=[],
        steps=_steps(done),
        alert=_alert(answered=HELP in done),
        urls=_addresses(story),
        tried=sorted(done),
        title=story.titles[language],
        intro=story.intros[language],
        scenes=scenes,
        looked=looked,
    )


def _again(story: Story, tried: frozenset[str]) -> ResponseReturnValue:
    """Return the page as it was sent, with what was tried; without scripts this is how a press is seen."""
    actor = current_actor()
    form = call_form(actor, service.require_practice(actor))
    return answer_again(lambda: _page(form, story, tried=tried), 200)


def _addresses(story: Story) -> dict[str, str]:
    """Return where the page of a practice call sends what: no number is asked about, and nothing is saved."""
    own = url_for("intake.practice_call", story=story.code)
    return {
        "form": own,
        "steps": f"{own}/steps/",
        "help": url_for("intake.practice_help", story=story.code),
        "cancel": url_for("intake.practice_cancel", story=story.code),
        "state": url_for("intake.practice_alert", story=story.code),
        "draft": "",
        "page": "",
        "repeat": "",
    }


def _alert(*, answered: bool) -> dict[str, Any]:
    if not answered:
        return {"state": "none", "text": "", "help": False}
    text = _("练习：真实来电时，督导会在这里响应。没有通知任何人。")
    return {"state": str(AlertState.ACKNOWLEDGED), "text": text, "help": True}


def _steps(tried: frozenset[str]) -> list[StepLine]:
    return [
        replace(line, state=DONE, said=_("练习：已记下")) if line.code in tried else line for line in step_lines({})
    ]


def _tried() -> frozenset[str]:
    return frozenset(request.form.getlist("tried")) & _TRIED


def _answerable(form: CallForm, story: Story) -> Story:
    """Return the story without points whose answer the administrator has retired: nobody is held up by them."""

    def can_be_met(point: Point) -> bool:
        field = form[point.field]
        if not isinstance(field, (SelectField, SelectMultipleField)):
            return True
        return bool({str(value) for value, *_rest in field.iter_choices()} & set(point.values))

    return replace(story, points=tuple(filter(can_be_met, story.points)))


def _answers(form: CallForm, story: Story) -> dict[str, list[str]]:
    found = {}
    for point in story.points:
        value = form[point.field].data
        found[point.field] = [str(each) for each in (value if isinstance(value, list) else [value or ""])]
    return found


def _refuse(form: CallForm, looked: Looked) -> None:
    """Say what is missing where a refused form says it; a rule of the form comes before a point of the story."""
    for point in looked.missing:
        if not form[point.field].errors:
            form[point.field].errors = [point.missing[_language()]]
    for code in looked.untried:
        form.form_errors.append(_("还没有试过“%(step)s”。", step=_step_name(code)))


def _points(looked: Looked) -> list[str]:
    return [point.good[_language()] for point in looked.good]


def _step_name(code: str) -> str:
    return _("呼叫督导") if code == HELP else str(STEP_NAMES[StepCode(code)])


def _language() -> str:
    return "en" if str(get_locale()).startswith("en") else "zh"
