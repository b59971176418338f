"""What may be told to others without consent: the exceptions with their clauses, and what a record of it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from flask_babel import LazyString

LONGEST_FACTS: Final = 4_000
LONGEST_DOCUMENT: Final = 120


class Ground(StrEnum):
    """The exception to secrecy under which something was told. Without one nothing may be told."""

    SELF = "E1"
    OTHERS = "E2"
    MINOR = "E3"
    DOCUMENT = "E4"
    CONSENT = "E5"
    EMERGENCY = "E6"


class Receiver(StrEnum):
    """Who was told."""

    POLICE = "police"
    AMBULANCE = "ambulance"
    GUARDIAN = "guardian"
    CIVIL_AFFAIRS = "civil_affairs"
    EDUCATION = "education"
    HOSPITAL = "hospital"
    EMPLOYER = "employer"
    OTHER = "other"


class Told(StrEnum):
    """What was told, field by field: the least that the purpose needs."""

    NAME = "name"
    NUMBER = "number"
    PLACE = "place"
    AGE_SEX = "age_sex"
    RISK = "risk"
    MEANS = "means"
    SITUATION = "situation"
    HEALTH = "health"
    CONTACT = "contact"
    RECORD = "record"


class Consulted(StrEnum):
    """Whether a supervisor was asked; where seconds count, afterwards is allowed."""

    BEFORE = "before"
    AFTERWARDS = "afterwards"
    NOT_YET = "not_yet"


class NotTold(StrEnum):
    """Why the person was not told of it yet."""

    DANGER = "danger"
    UNREACHABLE = "unreachable"
    UNABLE = "unable"
    INVESTIGATION = "investigation"


GROUND_NAMES: Final = {
    Ground.SELF: _l("E1 有严重伤害自己的危险"),
    Ground.OTHERS: _l("E2 有严重伤害他人的危险"),
    Ground.MINOR: _l("E3 未成年人或无完全行为能力人受到侵害"),
    Ground.DOCUMENT: _l("E4 法律文书要求"),
    Ground.CONSENT: _l("E5 本人单独同意"),
    Ground.EMERGENCY: _l("E6 紧急情况下保护生命健康和财产"),
}
# Source and wording that a worker reads before deciding (domain-standards §6 and §7).
CLAUSES: Final[dict[Ground, tuple[LazyString, LazyString]]] = {
    Ground.SELF: (
        _l("中国心理学会伦理守则（第二版）3.2（1）、3.3"),
        _l("发现寻求专业服务者有伤害自身的严重危险时属于保密例外，须向其监护人或相关部门预警；只提供必要的信息。"),
    ),
    Ground.OTHERS: (
        _l("中国心理学会伦理守则（第二版）3.2（1）、3.3；《精神卫生法》第二十八条"),
        _l("有伤害他人的严重危险时，须向可识别的潜在受害者或相关部门预警；只提供必要的信息。"),
    ),
    Ground.MINOR: (
        _l("《未成年人保护法》第十一条第二款；《反家庭暴力法》第十四条；伦理守则 3.2（2）"),
        _l(
            "发现未成年人或无民事行为能力、限制民事行为能力人遭受或疑似遭受侵害、家庭暴力的，应当立即或及时报案、报告。报告人的信息予以保密。"
        ),
    ),
    Ground.DOCUMENT: (
        _l("中国心理学会伦理守则（第二版）3.2（3）、3.3"),
        _l("法律要求披露时，须要求出示正式的法律文书，遵循最少披露，并注意文书载明的范围。请登记文书编号。"),
    ),
    Ground.CONSENT: (
        _l("《个人信息保护法》第二十三条、第二十九条"),
        _l(
            "向他人提供个人信息的，应当告知接收方、目的、方式和种类，并取得本人的单独同意；未满十四周岁的，取得监护人同意。"
        ),
    ),
    Ground.EMERGENCY: (
        _l("《个人信息保护法》第十三条第一款第四项、第十八条第二款"),
        _l("紧急情况下为保护自然人的生命健康和财产安全所必需的，可以不经同意；紧急情况消除后应当及时告知本人。"),
    ),
}
RECEIVER_NAMES: Final = {
    Receiver.POLICE: _l("公安 110"),
    Receiver.AMBULANCE: _l("急救 120"),
    Receiver.GUARDIAN: _l("监护人或亲属"),
    Receiver.CIVIL_AFFAIRS: _l("民政部门"),
    Receiver.EDUCATION: _l("教育部门或学校"),
    Receiver.HOSPITAL: _l("医疗机构"),
    Receiver.EMPLOYER: _l("所在单位"),
    Receiver.OTHER: _l("其他"),
}
TOLD_NAMES: Final = {
    Told.NAME: _l("姓名或称呼"),
    Told.NUMBER: _l("电话号码"),
    Told.PLACE: _l("所在位置"),
    Told.AGE_SEX: _l("年龄和性别"),
    Told.RISK: _l("风险情况"),
    Told.MEANS: _l("危险物品或方法"),
    Told.SITUATION: _l("事情经过"),
    Told.HEALTH: _l("健康状况"),
    Told.CONTACT: _l("身边人或联系人"),
    Told.RECORD: _l("服务记录"),
}
CONSULTED_NAMES: Final = {
    Consulted.BEFORE: _l("事前已请示督导"),
    Consulted.AFTERWARDS: _l("事后已报告督导"),
    Consulted.NOT_YET: _l("尚未报告督导"),
}
NOT_TOLD_NAMES: Final = {
    NotTold.DANGER: _l("告知会增加危险"),
    NotTold.UNREACHABLE: _l("暂时联系不上"),
    NotTold.UNABLE: _l("本人目前无法理解或接听"),
    NotTold.INVESTIGATION: _l("办案机关要求暂不告知"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """One disclosure as it is recorded. ``told_at``: when the person was told of it, else why not yet."""

    ground: Ground
    receiver: Receiver
    fields: tuple[Told, ...]
    disclosed_at: datetime
    consulted: Consulted
    consulted_id: UUID | None = None
    told_at: datetime | None = None
    not_told: NotTold | None = None
    facts: str = field(default="", repr=False)
    document: str = field(default="", repr=False)
    outcome: str = field(default="", repr=False)
