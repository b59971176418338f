"""What is measured, defined once. Screens, exports and reports take title, unit and definition from here.

After R-STAT1–5 and ``domain-standards`` §17: contacts (人次) and people (人) are different measures, both counted and
never typed in; a day is a day in Asia/Shanghai, and a call belongs to the day it was taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.cases import types as cases
from casework.intake import types as calls
from casework.options.types import OptionList
from casework.reports.types import Measure, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask_babel import LazyString

NOT_ASKED: Final = "not_asked"
# With these nobody was spoken with, so nothing is known of a person, and measures of people and needs are about the
# others. How many they are is one number, shown or hidden alike in all tables: else one would give another's gaps away.
_BRIEF: Final = frozenset({str(calls.CallType.SILENT), str(calls.CallType.NUISANCE)})
_TALKS: Final = frozenset(map(str, calls.CallType)) - _BRIEF
TALK, BRIEF = "talk", "brief"
HOURS: Final = 24
WEEKDAYS: Final = 7
SLOT_HOURS: Final = 3
_CALLS: Final = _l("通")
_TIMES: Final = _l("人次")
_PEOPLE: Final = _l("人")
_CASES: Final = _l("个")
_SHARED: Final[Mapping[str, LazyString]] = {calls.MISSING: _l("未填写"), NOT_ASKED: _l("未询问"), BRIEF: _l("不适用")}
LEVELS: Final[Mapping[str, str | LazyString]] = {
    "0": _l("无"),
    "1": _l("低"),
    "2": _l("中"),
    "high": _l("高危及以上"),
    "not_assessed": _l("未评估"),
}


def slot(weekday: int, hour: int) -> str:
    """Return the three hours of a weekday (Monday is 0) in which an hour lies: finer ones would tell single calls."""
    return f"{weekday}/{hour // SLOT_HOURS * SLOT_HOURS}"


def _names(names: Iterable[tuple[object, str | LazyString]]) -> dict[str, str | LazyString]:
    return {str(value): name for value, name in names} | dict(_SHARED)


_ALL: Final = (
    Measure(
        id="total",
        source=Source.CALLS,
        dimension=calls.Dimension.TOTAL,
        title=_l("来电量"),
        unit=_CALLS,
        definition=_l("已登记结束的全部来电，含沉默、骚扰和误拨；按接听当日（北京时间）计入。"),
        clause="R26",
        base="total",
        names={},
    ),
    Measure(
        id="kind",
        source=Source.CALLS,
        dimension=calls.Dimension.CALL_TYPE,
        title=_l("来电构成"),
        unit=_CALLS,
        definition=_l("沉默、骚扰和误拨没有谈话内容，不统计服务对象和问题，在其他各图中列为“不适用”。"),
        clause="R26",
        base="total",
        names={TALK: _l("求助、咨询和转介"), BRIEF: _l("沉默、骚扰和误拨")},
        ordered=True,
        merged=dict.fromkeys(_TALKS, TALK) | dict.fromkeys(_BRIEF, BRIEF),
    ),
    Measure(
        id="call_type",
        source=Source.CALLS,
        dimension=calls.Dimension.CALL_TYPE,
        title=_l("来电类型"),
        unit=_CALLS,
        definition=_l("每通来电计一类。“不适用”为沉默、骚扰和误拨，另图列出。"),
        clause="R26",
        base="total",
        part=TALK,
        only=_TALKS,
        names=_names(calls.CALL_TYPE_NAMES.items()),
    ),
    Measure(
        id="brief",
        source=Source.CALLS,
        dimension=calls.Dimension.CALL_TYPE,
        title=_l("沉默、骚扰和误拨"),
        unit=_CALLS,
        definition=_l("没有谈话内容的来电，每通计一类。"),
        clause="R26",
        base="total",
        part=BRIEF,
        only=_BRIEF,
        names=_names(calls.CALL_TYPE_NAMES.items()),
        options=OptionList.CALL_TYPE,
    ),
    Measure(
        id="sex",
        source=Source.CALLS,
        dimension=calls.Dimension.SEX,
        title=_l("当事人性别"),
        unit=_CALLS,
        definition=_l("需要帮助的人的性别；代他人来电按当事人计。"),
        clause="GB/T 2261.1",
        base="total",
        part=TALK,
        names=_names(calls.SEX_NAMES.items()),
        options=OptionList.SEX,
        ordered=True,
    ),
    Measure(
        id="age_band",
        source=Source.CALLS,
        dimension=calls.Dimension.AGE_BAND,
        title=_l("当事人年龄段"),
        unit=_CALLS,
        definition=_l("需要帮助的人的周岁年龄段；代他人来电按当事人计。"),
        clause="R12",
        base="total",
        part=TALK,
        names=_names(calls.AGE_NAMES.items()),
        options=OptionList.AGE_BAND,
        ordered=True,
    ),
    Measure(
        id="population",
        source=Source.CALLS,
        dimension=calls.Dimension.POPULATION,
        title=_l("重点人群"),
        unit=_CALLS,
        definition=_l("登记时必答，可多选；一通来电可同时计入几类，各类相加可能大于来电量。"),
        clause="R12",
        base="total",
        part=TALK,
        names=_names(cases.POPULATION_NAMES.items()),
        options=OptionList.POPULATION,
        exclusive=False,
    ),
    Measure(
        id="category",
        source=Source.CALLS,
        dimension=calls.Dimension.CATEGORY,
        title=_l("服务对象类别"),
        unit=_CALLS,
        definition=_l("感染、隔离、一线人员及家属等类别；一线人员与其家属分列。"),
        clause="R15",
        base="total",
        part=TALK,
        names=_names(calls.CATEGORY_NAMES.items()),
        options=OptionList.CATEGORY,
    ),
    Measure(
        id="topic",
        source=Source.CALLS,
        dimension=calls.Dimension.TOPIC,
        title=_l("来电问题"),
        unit=_CALLS,
        definition=_l("每通最多记 3 个问题；各类相加可能大于来电量。"),
        clause="R11",
        base="total",
        part=TALK,
        names=_names(calls.TOPIC_NAMES.items()),
        options=OptionList.TOPIC,
        exclusive=False,
    ),
    Measure(
        id="level",
        source=Source.CALLS,
        dimension=calls.Dimension.LEVEL,
        title=_l("自杀自伤风险等级"),
        unit=_CALLS,
        definition=_l("接线员确认的等级。“高危及以上”为 3 级和 4 级之和；“未评估”不等于“无”，单列。"),
        clause="R14",
        base="total",
        part=TALK,
        names=_names(LEVELS.items()),
        ordered=True,
        merged={"3": "high", "4": "high", calls.MISSING: "not_assessed"},
    ),
    Measure(
        id="outcome",
        source=Source.CALLS,
        dimension=calls.Dimension.OUTCOME,
        title=_l("处理结果"),
        unit=_CALLS,
        definition=_l("通话结束时的处理结果，每通计一项。"),
        clause="R14",
        base="total",
        part=TALK,
        names=_names(calls.OUTCOME_NAMES.items()),
        options=OptionList.OUTCOME,
    ),
    Measure(
        id="service",
        source=Source.CALLS,
        dimension=calls.Dimension.SERVICE,
        title=_l("通话中提供的服务"),
        unit=_CALLS,
        definition=_l("可多选；各项相加可能大于来电量。"),
        clause="R11、R17",
        base="total",
        part=TALK,
        names=_names(cases.SERVICE_NAMES.items()),
        options=OptionList.SERVICE,
        exclusive=False,
    ),
    Measure(
        id="repeat",
        source=Source.CALLS,
        dimension=calls.Dimension.REPEAT,
        title=_l("首次与重复来电"),
        unit=_CALLS,
        definition=_l("同一号码此前拨打过本子项目热线，计为重复来电；没有号码的不猜测，单列。"),
        clause="R-STAT1",
        base="total",
        names=_names(calls.REPEAT_NAMES.items()),
        ordered=True,
    ),
    Measure(
        id="hour",
        source=Source.CALLS,
        dimension=calls.Dimension.HOUR,
        title=_l("来电时段"),
        unit=_CALLS,
        definition=_l("按来电开始的星期和时间（北京时间）计，每 3 小时一段；期间最短为一个季度。"),
        clause="R26",
        base="total",
        names={},
        ordered=True,
        by_quarter=True,
        merged={f"{day}-{hour}": slot(day, hour) for day in range(WEEKDAYS) for hour in range(HOURS)},
    ),
    Measure(
        id="paper",
        source=Source.CALLS,
        dimension=calls.Dimension.PAPER,
        title=_l("其中纸质台账"),
        unit=_CALLS,
        definition=_l("从纸质记录转录的来电，已计入来电量。原件写“余、近、约、多”的为约数，各项合计因此也是约数。"),
        clause="R-STAT3",
        base="total",
        names=_names(calls.PAPER_KIND_NAMES.items()),
        exclusive=False,
        ordered=True,
    ),
    Measure(
        id="case_opened",
        source=Source.CASES,
        dimension=cases.Dimension.OPENED,
        title=_l("新开个案"),
        unit=_CASES,
        definition=_l("当期接案的个案数。"),
        clause="MZ/T 094",
        base="case_opened",
        names={},
    ),
    Measure(
        id="case_closed",
        source=Source.CASES,
        dimension=cases.Dimension.CLOSED,
        title=_l("结案"),
        unit=_CASES,
        definition=_l("当期结案或转介结束的个案数。"),
        clause="MZ/T 094",
        base="case_closed",
        names={},
    ),
    Measure(
        id="case_session",
        source=Source.CASES,
        dimension=cases.Dimension.SESSION,
        title=_l("个案服务"),
        unit=_TIMES,
        definition=_l("当期完成的个案服务次数；同一人多次服务计多次。"),
        clause="R-STAT1",
        base="case_session",
        names={},
    ),
    Measure(
        id="case_client",
        source=Source.CASES,
        dimension=cases.Dimension.CLIENT,
        title=_l("首次服务人数"),
        unit=_PEOPLE,
        definition=_l("当期第一次接受个案服务的人数；每人只计一次。"),
        clause="R-STAT1",
        base="case_client",
        names={},
    ),
    Measure(
        id="case_mode",
        source=Source.CASES,
        dimension=cases.Dimension.MODE,
        title=_l("线上与线下服务"),
        unit=_TIMES,
        definition=_l("电话、微信、视频为线上；面谈、家访、病房、隔离点为线下。每次服务必须登记渠道。"),
        clause="R16",
        base="case_session",
        names=_names(cases.MODE_NAMES.items()),
        ordered=True,
    ),
    Measure(
        id="case_service",
        source=Source.CASES,
        dimension=cases.Dimension.SERVICE,
        title=_l("个案服务内容"),
        unit=_TIMES,
        definition=_l("每次服务可含几项内容；各项相加可能大于服务人次。"),
        clause="R11、R13、R17",
        base="case_session",
        names=_names(cases.SERVICE_NAMES.items()),
        options=OptionList.SERVICE,
        exclusive=False,
    ),
)
MEASURES: Final = {each.id: each for each in _ALL}


def measure(measure_id: str) -> Measure:
    """Return a measure; refused (KeyError) for one that is not defined."""
    return MEASURES[measure_id]
