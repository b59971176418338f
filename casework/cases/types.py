"""Values of cases: stages, kinds of notes, channels, services, groups, and what a timeline is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from flask_babel import LazyString

LONGEST_TEXT: Final = 20_000
LONGEST_SESSION: Final = 600
NO_REV: Final = 0


class Stage(StrEnum):
    """Where a case stands: the steps of MZ/T 094-2017, and the two ways it ends."""

    INTAKE = "intake"
    ASSESSING = "assessing"
    PLANNED = "planned"
    INTERVENING = "intervening"
    EVALUATING = "evaluating"
    CLOSED = "closed"
    TRANSFERRED = "transferred"


class ClosingReason(StrEnum):
    """Why a case ends (结案表)."""

    GOAL_MET = "goal_met"
    CLIENT_WISH = "client_wish"
    OUT_OF_CONTACT = "out_of_contact"
    TRANSFERRED = "transferred"
    DEATH = "death"
    BEYOND_SCOPE = "beyond_scope"


class NoteKind(StrEnum):
    """What a note is about: a session with the person, work without them, or supervision received."""

    SESSION = "session"
    INTERNAL = "internal"
    SUPERVISION = "supervision"


class Mode(StrEnum):
    """线上 or 线下, the split that R16 asks for."""

    ONLINE = "online"
    OFFLINE = "offline"


class Channel(StrEnum):
    """How a session took place; required for every session (R16)."""

    PHONE = "phone"
    WECHAT = "wechat"
    VIDEO = "video"
    FACE_TO_FACE = "face_to_face"
    HOME_VISIT = "home_visit"
    WARD = "ward"
    ISOLATION_SITE = "isolation_site"


class ServiceType(StrEnum):
    """The eight services of R11, and the others of the code table."""

    EPIDEMIC_INFORMATION = "epidemic_information"
    HEALTH_GUIDANCE = "health_guidance"
    EMOTIONAL_COUNSELING = "emotional_counseling"
    CRISIS_ASSESSMENT = "crisis_assessment"
    FAMILY_SUPPORT = "family_support"
    RELATIONSHIP_REPAIR = "relationship_repair"
    POLICY_ADVICE = "policy_advice"
    REFERRAL = "referral"
    PSYCHOLOGICAL_SUPPORT = "psychological_support"
    CRISIS_INTERVENTION = "crisis_intervention"
    PSYCHOLOGICAL_COUNSELING = "psychological_counseling"
    EMOTIONAL_SUPPORT = "emotional_support"
    PRACTICAL_SUPPORT = "practical_support"
    HARDSHIP_RELIEF = "hardship_relief"
    BEREAVEMENT_COUNSELING = "bereavement_counseling"
    NETWORK_REPAIR = "network_repair"
    STAFF_DECOMPRESSION = "staff_decompression"
    PSYCHIATRIC_CONSULTATION = "psychiatric_consultation"


class Population(StrEnum):
    """Focus groups of R12 and the code table; ``NONE`` and ``UNKNOWN`` are answers too, silence is not."""

    CHILD = "child"
    ELDER = "elder"
    DISABLED = "disabled"
    ILLNESS = "illness"
    FALLEN_FAMILY = "fallen_family"
    BEREAVED = "bereaved"
    PREGNANT = "pregnant"
    ALONE = "alone"
    LEFT_BEHIND = "left_behind"
    WOMAN_IN_HARDSHIP = "woman_in_hardship"
    GUARDIANSHIP_GAP = "guardianship_gap"
    COMMUNICATION = "communication"
    NONE = "none"
    UNKNOWN = "unknown"


class Dimension(StrEnum):
    """What ``CaseDay`` counts. ``CLIENT`` counts people at their first session, the others count events."""

    OPENED = "opened"
    OPENED_POPULATION = "opened_population"
    OPENED_RISK = "opened_risk"
    CLOSED = "closed"
    STAGE = "stage"
    SESSION = "session"
    MODE = "mode"
    SERVICE = "service"
    MINUTES = "minutes"
    CLIENT = "client"
    MEASURE = "measure"


ALL: Final = "all"

STAGE_NAMES: Final = {
    Stage.INTAKE: _l("接案"),
    Stage.ASSESSING: _l("预估"),
    Stage.PLANNED: _l("计划"),
    Stage.INTERVENING: _l("介入"),
    Stage.EVALUATING: _l("评估"),
    Stage.CLOSED: _l("结案"),
    Stage.TRANSFERRED: _l("转介"),
}
REASON_NAMES: Final = {
    ClosingReason.GOAL_MET: _l("目标达成"),
    ClosingReason.CLIENT_WISH: _l("服务对象要求结束"),
    ClosingReason.OUT_OF_CONTACT: _l("失去联系"),
    ClosingReason.TRANSFERRED: _l("转介其他机构"),
    ClosingReason.DEATH: _l("服务对象离世"),
    ClosingReason.BEYOND_SCOPE: _l("超出服务范围"),
}
KIND_NAMES: Final = {
    NoteKind.SESSION: _l("服务记录"),
    NoteKind.INTERNAL: _l("内部记录"),
    NoteKind.SUPERVISION: _l("督导记录"),
}
MODE_NAMES: Final = {Mode.ONLINE: _l("线上"), Mode.OFFLINE: _l("线下")}
CHANNEL_NAMES: Final = {
    Channel.PHONE: _l("电话"),
    Channel.WECHAT: _l("微信"),
    Channel.VIDEO: _l("视频"),
    Channel.FACE_TO_FACE: _l("面谈"),
    Channel.HOME_VISIT: _l("家访"),
    Channel.WARD: _l("病房"),
    Channel.ISOLATION_SITE: _l("隔离点"),
}
SERVICE_NAMES: Final = {
    ServiceType.EPIDEMIC_INFORMATION: _l("疫情认知"),
    ServiceType.HEALTH_GUIDANCE: _l("健康指导"),
    ServiceType.EMOTIONAL_COUNSELING: _l("心理情绪辅导"),
    ServiceType.CRISIS_ASSESSMENT: _l("心理危机评估"),
    ServiceType.FAMILY_SUPPORT: _l("家庭支援"),
    ServiceType.RELATIONSHIP_REPAIR: _l("社会关系修复"),
    ServiceType.POLICY_ADVICE: _l("政策咨询"),
    ServiceType.REFERRAL: _l("转介服务"),
    ServiceType.PSYCHOLOGICAL_SUPPORT: _l("心理支持"),
    ServiceType.CRISIS_INTERVENTION: _l("心理危机干预"),
    ServiceType.PSYCHOLOGICAL_COUNSELING: _l("心理疏导"),
    ServiceType.EMOTIONAL_SUPPORT: _l("情绪支持"),
    ServiceType.PRACTICAL_SUPPORT: _l("保障支持"),
    ServiceType.HARDSHIP_RELIEF: _l("困难救助"),
    ServiceType.BEREAVEMENT_COUNSELING: _l("哀伤辅导"),
    ServiceType.NETWORK_REPAIR: _l("社会支持网络修复"),
    ServiceType.STAFF_DECOMPRESSION: _l("减压支持"),
    ServiceType.PSYCHIATRIC_CONSULTATION: _l("精神科会诊"),
}
POPULATION_NAMES: Final = {
    Population.CHILD: _l("儿童"),
    Population.ELDER: _l("老人"),
    Population.DISABLED: _l("残障人士"),
    Population.ILLNESS: _l("有原发疾病"),
    Population.FALLEN_FAMILY: _l("因公殉职者家属"),
    Population.BEREAVED: _l("病亡者家属"),
    Population.PREGNANT: _l("孕产期"),
    Population.ALONE: _l("独居"),
    Population.LEFT_BEHIND: _l("留守"),
    Population.WOMAN_IN_HARDSHIP: _l("困境妇女"),
    Population.GUARDIANSHIP_GAP: _l("监护缺失"),
    Population.COMMUNICATION: _l("语言或听力障碍"),
    Population.NONE: _l("不属于重点人群"),
    Population.UNKNOWN: _l("未知"),
}


class ItemKind(StrEnum):
    """What a line of the timeline tells; also how the page draws it."""

    CALL = "call"
    NOTE = "note"
    ASSIGNMENT = "assignment"
    STAGE = "stage"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """What a corrected note said before: kept, and shown beside the correction."""

    id: UUID
    at: datetime
    byline: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """Sealed content opened for display; whoever made it has recorded the read. ``before``: what was corrected."""

    text: str = field(repr=False)
    before: tuple[Superseded, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineItem:
    """One thing that happened in a case.

    ``reveal`` opens its sealed content and records the read event. It is called once, for items that are shown, and
    its result becomes ``opened``; items on other pages stay sealed. ``href`` leads to the thing itself (None: no
    link). ``corrects``: the version of a note that its author may correct.
    """

    at: datetime
    kind: ItemKind
    id: UUID
    title: str | LazyString
    byline: str = ""
    tags: tuple[str | LazyString, ...] = ()
    risk: int | None = None
    show_risk: bool = False
    href: str | None = None
    reveal: Callable[[], Opened] | None = field(default=None, repr=False, compare=False)
    opened: Opened | None = field(default=None, repr=False, compare=False)
    is_corrected: bool = False
    corrects: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFields:
    """What a note says beside its text. ``minutes`` of the session; channel and services belong to sessions only."""

    kind: NoteKind
    occurred_at: datetime
    channel: Channel | None = None
    services: tuple[ServiceType, ...] = ()
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedNote:
    """A note whose text was opened for display; its read event is recorded."""

    id: UUID
    author_id: UUID
    fields: NoteFields
    text: str = field(repr=False)
    written_at: datetime
    version: int
    corrects_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilters:
    """What a case list is narrowed to; each None lets everything through."""

    stage: Stage | None = None
    is_open: bool | None = True
    high_risk: bool = False
    ready_to_close: bool = False
    unassigned: bool = False
    counselor_id: UUID | None = None
    population: str | None = None
    number: str = ""
