"""Shape and messages of the forms about cases."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateTimeLocalField,
    HiddenField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from casework.assessments.types import DISTRESS
from casework.cases.rules import is_open
from casework.cases.types import (
    CHANNEL_NAMES,
    KIND_NAMES,
    LONGEST_SESSION,
    LONGEST_TEXT,
    REASON_NAMES,
    STAGE_NAMES,
    CaseFilters,
    Channel,
    ClosingReason,
    NoteFields,
    NoteKind,
    ServiceType,
    Stage,
)
from casework.core.clock import LOCAL_ZONE
from casework.core.errors import Invalid
from casework.options.types import OptionList
from casework.web.forms import BaseForm, WholeNumberField, options

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from casework.cases.types import OpenedNote
    from casework.options.types import Catalogue

OPEN, ENDED, EVERY = "open", "ended", "all"
HIGH = "high"
NOBODY = "nobody"
_DATE_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]


class NoteForm(BaseForm):
    """A note. ``occurred_at`` is a time in Asia/Shanghai without zone, as browsers send it."""

    kind = RadioField(_l("类型"), choices=options(KIND_NAMES), default=NoteKind.SESSION, validators=[InputRequired()])
    channel = RadioField(_l("服务方式"), choices=options(CHANNEL_NAMES), validators=[Optional()])
    services = SelectMultipleField(
        _l("服务内容"), validators=[Optional()], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    occurred_at = DateTimeLocalField(_l("发生时间"), format=_DATE_FORMATS, validators=[InputRequired()])
    minutes = WholeNumberField(_l("时长"), validators=[Optional(), NumberRange(1, LONGEST_SESSION)])
    text = TextAreaField(_l("记录内容"), validators=[InputRequired(), Length(max=LONGEST_TEXT)])
    rev = HiddenField(default="0")

    def offer(self, services: Collection[ServiceType], lists: Catalogue) -> None:
        """Offer the services that the role gives (R5, R6); what was chosen before it was retired stays choosable."""
        chosen = [each for each in self.services.data or () if each in services]
        self.services.choices = options(lists.only(OptionList.SERVICE, services, chosen))

    def note_fields(self) -> NoteFields:
        """Return what was entered beside the text. What only a session has is left out of other notes."""
        moment = self.occurred_at.data
        if moment is None:
            raise Invalid(_l("请填写发生时间。"), field="occurred_at")
        kind = NoteKind(self.kind.data)
        is_session = kind is NoteKind.SESSION
        return NoteFields(
            kind=kind,
            occurred_at=moment.replace(tzinfo=LOCAL_ZONE),
            channel=Channel(self.channel.data) if is_session and self.channel.data else None,
            services=tuple(ServiceType(each) for each in self.services.data or ()) if is_session else (),
            minutes=self.minutes.data if is_session else None,
        )

    def restore(self, content: Mapping[str, Any], rev: int) -> None:
        """Put an unsaved note back as it was typed; what is no answer is left at its default."""
        if content.get("kind") in set(NoteKind):
            self.kind.data = content["kind"]
        if content.get("channel") in set(Channel):
            self.channel.data = content["channel"]
        self.services.data = [each for each in content.get("services", ()) if each in set(ServiceType)]
        self.text.data = str(content.get("text", ""))
        minutes = str(content.get("minutes", ""))
        self.minutes.data = int(minutes) if minutes.isascii() and minutes.isdigit() else None
        with suppress(ValueError):
            self.occurred_at.data = datetime.strptime(str(content.get("occurred_at")), _DATE_FORMATS[0])  # noqa: DTZ007 - local by definition
        self.rev.data = str(rev)


class CorrectionForm(NoteForm):
    """A correction: the same, and the version of the note that its author saw."""

    version = HiddenField(validators=[InputRequired()])

    def fill(self, note: OpenedNote) -> None:
        """Begin with what the note says."""
        fields = note.fields
        self.kind.data, self.channel.data = str(fields.kind), str(fields.channel) if fields.channel else None
        self.services.data = [str(each) for each in fields.services]
        self.occurred_at.data = fields.occurred_at.astimezone(LOCAL_ZONE).replace(tzinfo=None, second=0, microsecond=0)
        self.minutes.data, self.text.data = fields.minutes, note.text
        self.version.data = str(note.version)


class StageForm(BaseForm):
    """The next stage of a case, as seen at a version."""

    stage = SelectField(_l("阶段"), validators=[InputRequired()])
    version = HiddenField(validators=[InputRequired()])

    def offer(self, stages: Iterable[Stage]) -> None:
        """Offer the stages a case may move to from here."""
        offered = set(stages)
        self.stage.choices = options((each, STAGE_NAMES[each]) for each in Stage if each in offered)


class CloseForm(BaseForm):
    """Why a case ends, as seen at a version."""

    reason = RadioField(_l("结案原因"), choices=options(REASON_NAMES), validators=[InputRequired()])
    version = HiddenField(validators=[InputRequired()])

    def closing_reason(self) -> ClosingReason:
        """Return the chosen reason."""
        return ClosingReason(self.reason.data)


class AssignForm(BaseForm):
    """Who shall work on a case, as seen at a version."""

    counselor = SelectField(_l("指派给"), validators=[InputRequired()])
    version = HiddenField(validators=[InputRequired()])

    def offer(self, people: Iterable[tuple[UUID, str]]) -> None:
        """Offer these people, each with the words that describe them."""
        self.counselor.choices = options(people, _l("请选择"))


class DistressForm(BaseForm):
    """The scale 困扰程度 0–10."""

    answer = RadioField(
        _l("现在的困扰程度"),
        choices=options(
            (value, str(value)) for value in range(DISTRESS.items[0].lowest, DISTRESS.items[0].highest + 1)
        ),
        validators=[InputRequired()],
    )


class FilterForm(BaseForm):
    """What narrows the list; its values live in the address, so it has no token and no secret."""

    class Meta(BaseForm.Meta):
        """Sent by GET."""

        csrf = False

    state = SelectField(
        _l("状态"), choices=options({OPEN: _l("在办"), ENDED: _l("已结束"), EVERY: _l("全部")}), default=OPEN
    )
    stage = SelectField(_l("阶段"), choices=options(STAGE_NAMES, _l("全部阶段")), default="")
    risk = SelectField(_l("风险"), choices=options({HIGH: _l("高危及以上")}, _l("全部风险")), default="")
    population = SelectField(_l("重点人群"), default="")
    counselor = SelectField(_l("负责人"), default="")
    number = SearchField(_l("个案编号"), validators=[Optional(), Length(max=24)])

    def offer(self, people: Iterable[tuple[UUID, str]], populations: Mapping[str, str]) -> None:
        """Offer people (nobody at all hides the choice) and groups, retired ones too, to filter by."""
        self.population.choices = options(populations, _l("全部人群"))
        self.counselor.choices = options([(NOBODY, _l("尚未指派")), *people], _l("全部负责人"))

    def offer_open_only(self) -> None:
        """Offer open stages only, to people whose reach ends with the case."""
        self.stage.choices = options(((each, STAGE_NAMES[each]) for each in Stage if is_open(each)), _l("全部阶段"))

    def filters(self) -> CaseFilters:
        """Return what was chosen; anything that is not offered narrows nothing."""
        data = {name: field.data for name, field in self._fields.items() if not field.errors}
        stage = Stage(data["stage"]) if data.get("stage") else None
        # Whoever asks for an ended stage means ended cases.
        state = EVERY if stage and not is_open(stage) else data.get("state") or OPEN
        counselor = data.get("counselor") or ""
        return CaseFilters(
            stage=stage,
            is_open={OPEN: True, ENDED: False}.get(state),
            high_risk=data.get("risk") == HIGH,
            population=data.get("population") or None,
            unassigned=counselor == NOBODY,
            counselor_id=UUID(counselor) if counselor and counselor != NOBODY else None,
            number=(data.get("number") or "").upper(),
        )
