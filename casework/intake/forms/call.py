"""The call screen as a form: its field names are relied on by others and never change."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from casework.cases.types import ServiceType
from casework.clients.rules import normalise
from casework.intake.rules import Problem, adjusted, clean_line, clean_text, problems
from casework.intake.types import (
    LEVEL_NAMES,
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_PLAN,
    LONGEST_SUMMARY,
    PLAN_STEPS,
    SEVERAL,
    SIGN_NAMES,
    AgeBand,
    CallType,
    Codes,
    ForWhom,
    Outcome,
    Risk,
    Sex,
    Sign,
    Words,
    divisions,
)
from casework.options.types import OptionList
from casework.web.forms import BaseForm, options

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date
    from enum import StrEnum
    from typing import TypeVar

    from flask_babel import LazyString

    from casework.options.types import Catalogue

    Code = TypeVar("Code", bound=StrEnum)

FINISH, TO_CASE, KEEP = "finish", "to_case", "draft"
_SCALE: Final = {str(step): str(step) for step in range(11)}
# What a draft keeps; everything else that arrives is dropped.
CONTENT: Final = (
    "line", "caller_phone", "caller_name", "call_type", "for_whom", "sex", "age_band", "division", "category",
    "population", "topics", "risk", "risk_reason", "risk_level", "distress_before", "distress_after", "hopelessness",
    "intention", "signs", "summary", "services", "outcome", "followup_on", "consent", "told",
    "person_phone", "person_name", *PLAN_STEPS,
)  # fmt: skip
# Which field offers which list.
LISTS: Final = {
    "call_type": OptionList.CALL_TYPE,
    "for_whom": OptionList.FOR_WHOM,
    "sex": OptionList.SEX,
    "age_band": OptionList.AGE_BAND,
    "population": OptionList.POPULATION,
    "topics": OptionList.TOPIC,
    "risk": OptionList.RISK,
    "risk_reason": OptionList.RISK_REASON,
    "services": OptionList.SERVICE,
    "outcome": OptionList.OUTCOME,
    "category": OptionList.CATEGORY,
    "consent": OptionList.CONSENT,
}
_SENTENCES: Final[Mapping[tuple[str, Problem], LazyString]] = {
    ("for_whom", Problem.MISSING): _l("请选择求助者是来电者的什么人。"),
    ("for_whom", Problem.CONTRADICTION): _l("代他人来电时，请选择求助者与来电者的关系。"),
    ("sex", Problem.MISSING): _l("请选择性别（可选“未知”）。"),
    ("age_band", Problem.MISSING): _l("请选择年龄段（可选“未知”）。"),
    ("division", Problem.MISSING): _l("请选择地区（可选“未知”）。"),
    ("division", Problem.UNKNOWN): _l("请从列表中选择地区。"),
    ("population", Problem.MISSING): _l("请选择重点人群；不属于或不清楚也请选择。"),
    ("population", Problem.CONTRADICTION): _l("重点人群的选项互相矛盾，请核对。"),
    ("topics", Problem.MISSING): _l("请选择主要问题，最多三项。"),
    ("topics", Problem.TOO_MANY): _l("主要问题最多选三项，请保留最主要的。"),
    ("risk", Problem.MISSING): _l("请选择自杀自伤风险；没有问到请选“未评估”。"),
    ("risk_reason", Problem.MISSING): _l("请选择未评估的原因。"),
    ("distress_before", Problem.MISSING): _l("对方有自杀计划，请补充求助前的困扰程度。"),
    ("hopelessness", Problem.MISSING): _l("对方有自杀计划，请补充绝望感。"),
    ("risk_level", Problem.MISSING): _l("各项合计的建议等级高于风险回答，请由你选择风险等级。"),
    ("summary", Problem.MISSING): _l("请填写通话摘要。"),
    ("outcome", Problem.MISSING): _l("请选择处理结果。"),
    ("followup_on", Problem.MISSING): _l("请选择回访日期。"),
    ("followup_on", Problem.PAST): _l("回访日期不能早于今天。"),
    ("followup_on", Problem.TOO_FAR): _l("回访日期应在一年之内。"),
}


def _line(value: str | None) -> str:
    return clean_line(value or "")


def _text(value: str | None) -> str:
    return clean_text(value or "")


def _radio(label: LazyString) -> RadioField:
    return RadioField(label, choices=[], validators=[Optional()])


def _several(label: LazyString, names: Mapping[Any, Any] | None = None) -> SelectMultipleField:
    return SelectMultipleField(
        label,
        choices=options(names or {}),
        validators=[Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def _step(label: LazyString) -> TextAreaField:
    return TextAreaField(label, filters=[_text], validators=[Length(max=LONGEST_PLAN)])


class CallForm(BaseForm):
    """One call. ``draft``, ``rev`` and ``writer`` say which draft it continues, ``started_at`` when it was opened."""

    line = SelectField(_l("线路"), validators=[Optional()])
    caller_phone = StringField(_l("来电号码"), filters=[_line], validators=[Length(max=LONGEST_NUMBER)])
    caller_name = StringField(_l("来电者称呼"), filters=[_line], validators=[Length(max=LONGEST_NAME)])
    person_phone = StringField(_l("当事人电话"), filters=[_line], validators=[Length(max=LONGEST_NUMBER)])
    person_name = StringField(_l("当事人称呼"), filters=[_line], validators=[Length(max=LONGEST_NAME)])
    call_type = RadioField(_l("来电类型"), choices=[], validators=[InputRequired()])
    for_whom = _radio(_l("求助者是"))
    sex = _radio(_l("性别"))
    division = SelectField(_l("地区"), validators=[Optional()])
    age_band = _radio(_l("年龄段"))
    population = _several(_l("重点人群"))
    topics = _several(_l("主要问题"))
    risk = _radio(_l("自杀自伤风险"))
    risk_reason = _radio(_l("未评估原因"))
    risk_level = RadioField(_l("风险等级"), choices=options(LEVEL_NAMES), validators=[Optional()])
    distress_before = RadioField(_l("求助前困扰"), choices=options(_SCALE), validators=[Optional()])
    distress_after = RadioField(_l("求助后困扰"), choices=options(_SCALE), validators=[Optional()])
    hopelessness = RadioField(_l("绝望感"), choices=options(_SCALE), validators=[Optional()])
    intention = RadioField(_l("自杀意念强度"), choices=options(_SCALE), validators=[Optional()])
    signs = _several(_l("危险因素"), SIGN_NAMES)
    summary = TextAreaField(_l("通话摘要"), filters=[_text], validators=[Length(max=LONGEST_SUMMARY)])
    outcome = _radio(_l("处理结果"))
    followup_on = DateField(_l("回访日期"), validators=[Optional()])
    services = _several(_l("服务内容"))
    category = SelectField(_l("人员类别"), validators=[Optional()])
    consent = _several(_l("知情同意"))
    told = _several(_l("已告知的资源"))
    plan_signs = _step(_l("1. 要变糟的信号"))
    plan_coping = _step(_l("2. 自己能做的事"))
    plan_distraction = _step(_l("3. 能转移注意的人和地方"))
    plan_people = _step(_l("4. 可以求助的亲友"))
    plan_help = _step(_l("5. 可以联系的专业帮助"))
    plan_means = _step(_l("6. 让身边环境更安全"))
    draft = HiddenField(validators=[InputRequired()])
    rev = HiddenField(default="0")
    writer = HiddenField(validators=[InputRequired()])
    started_at = HiddenField()

    def offer(
        self,
        *,
        lines: Sequence[tuple[UUID, str]],
        home: str | None,
        services: Collection[ServiceType],
        lists: Catalogue,
        resources: Sequence[Any] = (),
        recent: Sequence[str] = (),
    ) -> None:
        """Offer open lines, places with the home province first, what the lists offer, and the services of the role.

        ``resources`` have an id, a name and say whether they are active. ``recent`` topics of the call-taker stand
        first. What was chosen before it was retired stays choosable.
        """
        self._home, self._services, self._lists, self._recent = home, services, lists, tuple(recent)
        self.resources = tuple(resources)
        self.line.choices = options(lines)
        self._offer_answers()

    def _offer_answers(self) -> None:
        self.division.choices = _places(self._home, self.division.data)
        told = set(self.told.data or ())
        self.told.choices = options(
            (each.id, each.name) for each in self.resources if each.is_active or str(each.id) in told
        )
        for name, option_list in LISTS.items():
            field: Any = self[name]
            chosen = field.data if isinstance(field.data, list) else [field.data]
            pairs = self._lists.choices(option_list, [each for each in chosen if each])
            if name == "services":
                pairs = [(code, text) for code, text in pairs if code in set(self._services) | set(chosen)]
            if name == "for_whom":
                pairs = [(code, text) for code, text in pairs if code != ForWhom.SELF]
            if name == "topics":
                pairs.sort(key=lambda pair: _place_of(pair[0], (*chosen, *self._recent)))
            field.choices = options(pairs, first=_l("未询问") if name == "category" else None)

    def restore(self, content: Mapping[str, Any]) -> None:
        """Put typed answers back as they were, also those that are not yet right."""
        self.process(formdata=MultiDict(_pairs(content)))
        self._offer_answers()

    def content(self) -> dict[str, Any]:
        """Return what was typed, as a draft keeps it."""
        return kept({name: self[name].raw_data or [] for name in CONTENT})

    def complete(self, today: date) -> bool:
        """Return whether the call may be finished; every field that stops it has its sentence."""
        self.validate()
        # Without a type the rest is looked at as in a call for oneself, so that everything missing is said at once.
        codes = adjusted(self.codes())
        for name, problem in problems(codes, self.summary.data or "", today):
            if not self[name].errors:
                self[name].errors = [str(_SENTENCES.get((name, problem), _l("请检查此项。")))]
        self._check_number(codes)
        return not any(field.errors for field in self) and not self.form_errors

    def codes(self) -> Codes:
        """Return the answers that are codes; what is no code of ours is left out."""
        return Codes(
            call_type=_code(CallType, self.call_type.data) or CallType.SELF,
            for_whom=self._known("for_whom"),
            sex=_code(Sex, self.sex.data),
            age_band=_code(AgeBand, self.age_band.data),
            division=self.division.data or None,
            category=self._known("category"),
            population=self._all_known("population"),
            topics=self._all_known("topics"),
            risk=_code(Risk, self.risk.data),
            risk_reason=self._known("risk_reason"),
            risk_level=_number(self.risk_level.data),
            distress_before=_number(self.distress_before.data),
            distress_after=_number(self.distress_after.data),
            hopelessness=_number(self.hopelessness.data),
            intention=_number(self.intention.data),
            signs=_codes(Sign, self.signs.data),
            services=_codes(ServiceType, self.services.data),
            outcome=_code(Outcome, self.outcome.data),
            followup_on=self.followup_on.data,
            consent=self._all_known("consent"),
            told=tuple(str(each.id) for each in self.resources if str(each.id) in set(self.told.data or ())),
        )

    def words(self) -> Words:
        """Return the parts that are sealed."""
        return Words(
            caller_name=self.caller_name.data or "",
            caller_phone=self.caller_phone.data or "",
            person_name=self.person_name.data or "",
            person_phone=self.person_phone.data or "",
            summary=(self.summary.data or "").strip(),
            plan={name: text for name in PLAN_STEPS if (text := (self[name].data or "").strip())},
        )

    def fill(self, codes: Codes, words: Words, line_id: UUID | None) -> None:
        """Begin with what a finished call says."""
        typed: dict[str, Any] = {"line": str(line_id or ""), "followup_on": codes.followup_on or ""}
        for name in CONTENT:
            value = getattr(codes, name, None) if name not in typed else None
            if value is not None:
                typed[name] = [str(each) for each in value] if isinstance(value, tuple) else str(value)
        typed |= {"caller_name": words.caller_name, "caller_phone": words.caller_phone, "summary": words.summary}
        typed |= {"person_name": words.person_name, "person_phone": words.person_phone, **words.plan}
        self.restore({name: str(value) if name == "followup_on" else value for name, value in typed.items()})

    def line_id(self) -> UUID | None:
        """Return the chosen line."""
        return parsed_id(self.line.data)

    def begun(self) -> datetime | None:
        """Return when the page was opened, or None when it does not say so."""
        with suppress(ValueError, TypeError):
            moment = datetime.fromisoformat(self.started_at.data or "")
            return moment if moment.tzinfo is not None else None
        return None

    def _known(self, name: str) -> str | None:
        chosen: str | None = self[name].data
        return chosen if self._lists.knows(LISTS[name], chosen) else None

    def _all_known(self, name: str) -> tuple[str, ...]:
        return tuple(each for each in self[name].data or () if self._lists.knows(LISTS[name], each))

    def _check_number(self, codes: Codes) -> None:
        # In an emergency a number that cannot be read is kept as it was typed.
        if codes.outcome is Outcome.EMERGENCY:
            return
        for field in (self.caller_phone, self.person_phone):
            if field.data and not field.errors and normalise(field.data) is None:
                field.errors = [_("请填写完整号码，座机请加区号；没有号码请留空。")]


def kept(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a draft keeps of what was typed: known fields only, texts cleaned, nothing empty."""
    found: dict[str, Any] = {}
    for name in CONTENT:
        value = typed.get(name)
        listed = value if isinstance(value, list) else [value]
        texts = [clean_text(each) for each in listed if isinstance(each, str) and each]
        if texts:
            found[name] = texts if name in SEVERAL else texts[0]
    return found


def parsed_id(text: str | None) -> UUID | None:
    """Return the id a text spells, or None."""
    with suppress(ValueError):
        return UUID(text or "")
    return None


def _pairs(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = []
    for name in CONTENT:
        value = content.get(name)
        if value is not None:
            pairs += [(name, str(each)) for each in (value if isinstance(value, list) else [value])]
    return pairs


def _code(kind: type[Code], value: str | None) -> Code | None:
    return kind(value) if value in set(kind) else None


def _codes(kind: type[Code], values: Sequence[str] | None) -> tuple[Code, ...]:
    return tuple(kind(each) for each in values or () if each in set(kind))


def _place_of(code: str, first: Sequence[str]) -> int:
    return first.index(code) if code in first else len(first)


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None


def _places(home: str | None, chosen: str | None) -> list[Any]:
    """Return the cities of the home province and the other provinces; what was chosen before stays choosable.

    The search (static/app/areas.json) finds every city and district; all of them here would make the page too heavy.
    """
    first = divisions.province_of(home or "")
    found: list[Any] = options({divisions.UNKNOWN: _l("未知")}, first=_l("请选择"))
    if first in divisions.PROVINCES:
        name, cities = divisions.PROVINCES[first]
        found += _grouped(name, {**cities, first: _l("%(name)s（全省）", name=name)} if cities else {first: name})
    others = {code: name for code, (name, _) in divisions.PROVINCES.items() if code != first}
    found += _grouped(_l("其他省份"), others)
    if chosen and divisions.is_division(chosen) and chosen not in {each.value for each in found}:
        found += _grouped(_l("已登记"), {chosen: f"{divisions.name_of(chosen)} {chosen}"})
    return found


def _grouped(group: str | LazyString, names: Mapping[str, str | LazyString]) -> list[Any]:
    found: list[Any] = options(names)
    for each in found:
        each.optgroup = group
    return found
