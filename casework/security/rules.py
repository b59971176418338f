"""The privacy and care rules with their clauses: what each asks, what enforces it, whom it touches.

R1–R31: 国卫办疾控函〔2020〕194号 (2020-03-05). C1–C15: 国发明电〔2020〕8号 (2020-03-03) and the speech of 2020-02-23.
The table is the source of the page ``/privacy/rules`` and of the sentence in every refusal. A rule that is not yet
enforced by the running program says so (``Status.LATER``); its ``enforced_by`` then names what will.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.security.roles import Role

if TYPE_CHECKING:
    from flask_babel import LazyString

NOTICE: Final = "国卫办疾控函〔2020〕194号"
CARE_NOTICE: Final = "国发明电〔2020〕8号"


class Status(StrEnum):
    """Whether the running program enforces a rule today."""

    ENFORCED = "enforced"
    PARTLY = "partly"
    LATER = "later"


STATUS_NAMES: Final = {
    Status.ENFORCED: _l("已执行"),
    Status.PARTLY: _l("部分执行"),
    Status.LATER: _l("后续版本执行"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``tests`` names the acceptance scenarios (T1–T23) that prove it."""

    id: str
    source: str
    clause: LazyString
    text: LazyString
    enforced_by: LazyString
    status: Status
    touches: tuple[Role, ...]
    tests: tuple[str, ...] = ()


V, C, S, K, L, O, A, U = (  # noqa: E741 - one letter a role keeps a row readable
    Role.VOLUNTEER,
    Role.COUNSELOR,
    Role.SUPERVISOR,
    Role.CONSULTANT,
    Role.LEAD,
    Role.OFFICE,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
)
_ALL = (V, C, S, K, L, O, A, U)
_ONE, _TWO, _THREE, _FOUR, _FIVE = (
    _l("一、感染者"),
    _l("二、被隔离人员"),
    _l("三、一线工作人员"),
    _l("四、伦理、管理与评估"),
    _l("五、组织保障"),
)
_CARE = _l("关心关爱社区工作者")
E, P, N = Status.ENFORCED, Status.PARTLY, Status.LATER

_NOTICE_ROWS: Final[tuple[tuple[object, ...], ...]] = (
    (
        "R1",
        _ONE,
        _l("服务纳入疫情防控整体部署，统一安排和管理。"),
        _l("每条热线、每个个案都隶属一个子项目；没有子项目的记录无法建立。"),
        E,
        (O, S),
    ),
    ("R2", _ONE, _l("在定点医院和方舱医院组织服务。"), _l("服务点及其类型随服务点管理提供。"), N, (O, C), ("T22",)),
    (
        "R3",
        _ONE,
        _l("按精神卫生资源、医务社工和对口支援力量统筹人员。"),
        _l("人员资质与来源登记随排班提供。"),
        N,
        (O, S),
    ),
    ("R4", _ONE, _l("按服务场所的工作方案开展服务。"), _l("服务点启用前须有工作方案版本，随服务点管理提供。"), N, (O,)),
    (
        "R5",
        _ONE,
        _l("为感染者提供心理支持和心理危机干预。"),
        _l("服务类型代码表；危机干预只向有资格的角色开放。"),
        E,
        (C, S),
    ),
    (
        "R6",
        _ONE,
        _l("有精神行为问题的感染者及时得到精神科会诊。"),
        _l("诊断和用药字段不向咨询师、社工提供；会诊申请与时限随会诊功能提供。"),
        P,
        (C, K),
        ("T7",),
    ),
    ("R7", _ONE, _l("可试点方舱医院医务社会工作。"), _l("服务点的试点标记与牵头单位，随服务点管理提供。"), N, (O,)),
    ("R8", _TWO, _l("疫情严重地区建立多部门联动机制。"), _l("成员部门与联络人登记，随项目管理提供。"), N, (O,)),
    ("R9", _TWO, _l("链接精神卫生、社会工作和志愿服务资源。"), _l("资源目录随转介功能提供。"), N, (C, S)),
    (
        "R10",
        _TWO,
        _l("服务团队由心理、社工和相关志愿者组成。"),
        _l("团队启用前检查三类人员，随排班提供。"),
        N,
        (S,),
        ("T17",),
    ),
    ("R11", _TWO, _l("集中隔离点提供八类服务。"), _l("服务类型代码表恰含这八类，并分别计数。"), E, (V, C)),
    (
        "R12",
        _TWO,
        _l("重点人群须识别并优先服务。"),
        _l("来电登记的重点人群为必填（含“无/未知”）；未填不能保存。"),
        E,
        (V, C, S),
        ("T6",),
    ),
    (
        "R13",
        _TWO,
        _l("重点人群得到困难救助、心理疏导、哀伤辅导和支持网络修复。"),
        _l("四类服务可选并分别计数；服务计划建议随计划功能提供。"),
        P,
        (C,),
    ),
    (
        "R14",
        _TWO,
        _l("对重点人群进行评估、危机干预和转介。"),
        _l("重点人群的个案没有评估不能结案；危机干预记录和转介包随转介功能提供。"),
        P,
        (C, S),
        ("T6",),
    ),
    ("R15", _THREE, _l("一线工作人员及其家属为服务对象。"), _l("服务对象类别代码分列一线人员与家属。"), E, (V, C)),
    (
        "R16",
        _THREE,
        _l("服务以“线上＋线下”方式提供。"),
        _l("服务记录的渠道为必填；统计分列线上与线下。"),
        E,
        (C, L),
        ("T16",),
    ),
    (
        "R17",
        _THREE,
        _l("社工与志愿者提供心理疏导、情绪支持和保障支持。"),
        _l("三类服务分别可选、分别计数。"),
        E,
        (V, C),
    ),
    (
        "R18",
        _THREE,
        _l("为心理援助提供合适环境和渠道，支持自我调适。"),
        _l("服务点的渠道、房间与自助材料，随服务点管理提供。"),
        N,
        (O,),
        ("T22",),
    ),
    ("R19", _THREE, _l("民政部门动员社工和志愿者。"), _l("招募与排班情况随排班提供。"), N, (S, L)),
    (
        "R20",
        _FOUR,
        _l("在党委政府统一领导下开展工作，未经批准不得自行服务。"),
        _l("子项目未登记批准单位和日期时，不能登记来电，也不能立案。"),
        E,
        (V, S, O),
        ("T5",),
    ),
    (
        "R21",
        _FOUR,
        _l("遵守心理工作和社会工作伦理。"),
        _l("伦理要求写入承诺书；首次使用前须签署，新版本须重新签署。"),
        E,
        _ALL,
    ),
    (
        "R22",
        _FOUR,
        _l("参与人员承诺严格保护服务对象隐私。"),
        _l("未签署现行保密承诺书的人员，任何业务页面均拒绝访问并留痕。"),
        E,
        _ALL,
        ("T1",),
    ),
    (
        "R23",
        _FOUR,
        _l("严格保护隐私。"),
        _l(
            "默认拒绝；内容用个人密钥加密，只有被分派人员和本子项目督导能打开；负责人只见数字；每次查看留痕；列表脱敏。"
        ),
        E,
        _ALL,
        ("T2", "T3", "T4"),
    ),
    (
        "R24",
        _FOUR,
        _l("遵守信息发布规则。"),
        _l("统计中 1–4 的数字显示为“<5”并作互补隐藏；发布审批随发布功能提供。"),
        P,
        (L, O),
        ("T8", "T9"),
    ),
    (
        "R25",
        _FOUR,
        _l("加强服务管理。"),
        _l("志愿者完成练习和上岗步骤、经督导准许后才能登记真实来电；分派和通话评议均有记录。"),
        P,
        (V, S),
    ),
    (
        "R26",
        _FOUR,
        _l("建立心理援助工作报告制度。"),
        _l("工作报告随报告功能提供；当前统计由记录自动生成，无人手填。"),
        N,
        (L, O),
        ("T10",),
    ),
    ("R27", _FOUR, _l("及时评估服务效果。"), _l("个案可记录量表；成效评估随评估功能提供。"), P, (C, L), ("T11",)),
    ("R28", _FIVE, _l("纳入疫情防控整体工作，加强领导。"), _l("项目、子项目逐级登记负责人。"), P, (O,)),
    ("R29", _FIVE, _l("为参与人员提供防护用品和工作场所。"), _l("物资发放台账随物资功能提供。"), N, (O,), ("T21",)),
    ("R30", _FIVE, _l("宣传先进事迹和经验。"), _l("案例库须经本人同意和发布审批，随发布功能提供。"), N, (L,), ("T8",)),
    ("R31", _FIVE, _l("奖励表现突出的集体和个人。"), _l("表彰登记随物资与表彰功能提供。"), N, (O,)),
)
_CARE_ROWS: Final[tuple[tuple[object, ...], ...]] = (
    (
        "C1",
        _CARE,
        _l("坚决制止多头重复派任务、要表格。"),
        _l("来电转个案时，已登记的内容自动带入，不再重复填写；统计由记录生成。"),
        P,
        (V, C, L),
        ("T14",),
    ),
    ("C2", _CARE, _l("向社区新派任务须经省级批准。"), _l("数据需求登记随工作报告提供。"), N, (L, O)),
    ("C3", _CARE, _l("只可要求社区出具两类证明。"), _l("系统不索取、也不出具任何证明。"), E, (C,)),
    ("C4", _CARE, _l("以信息化手段减轻负担。"), _l("自动保存、自动统计，手机可用。"), E, (V, C)),
    ("C5", _CARE, _l("安排好就餐和休息场所。"), _l("服务点资料随服务点管理提供。"), N, (O,)),
    ("C6", _CARE, _l("安排轮休、补休。"), _l("轮休与补休余额随排班提供。"), N, (S, V), ("T12",)),
    ("C7", _CARE, _l("对长时间高负荷工作的人员强制休息。"), _l("休息规则随排班提供。"), N, (S, V), ("T12",)),
    ("C8", _CARE, _l("防止带病上岗。"), _l("上岗健康自查随排班提供。"), N, (V, S), ("T13",)),
    ("C9", _CARE, _l("疫情后安排体检和心理减压。"), _l("关爱任务清单随排班提供。"), N, (S, O)),
    ("C10", _CARE, _l("走访慰问感染、负伤、患病人员和牺牲人员家属。"), _l("走访记录随活动功能提供。"), N, (O,)),
    ("C11", _CARE, _l("帮助一线人员家属解决照料困难。"), _l("“一线人员家属”可登记为服务对象类别。"), P, (V, C)),
    ("C12", _CARE, _l("落实补助、工伤保障、防护和培训。"), _l("补助与发放记录随物资功能提供。"), N, (O,)),
    ("C13", _CARE, _l("表彰先进，优先招录。"), _l("表彰登记随物资与表彰功能提供。"), N, (O,)),
    ("C14", _CARE, _l("宣传先进典型。"), _l("须经本人同意和发布审批，随发布功能提供。"), N, (L,)),
    ("C15", _CARE, _l("下沉人员充实社区力量。"), _l("下沉人员类别与截止日期随排班提供。"), N, (S, O)),
)


def _table() -> dict[str, Rule]:
    rows = [(NOTICE, row) for row in _NOTICE_ROWS] + [(CARE_NOTICE, row) for row in _CARE_ROWS]
    made = [Rule(row[0], source, *row[1:]) for source, row in rows]  # type: ignore[arg-type]  # rows are written in field order
    return {rule.id: rule for rule in made}


RULES: Final = _table()
