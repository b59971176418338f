"""Codes of a call, in the order in which they are offered, and how they are called. Codes are never renamed."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from flask_babel import lazy_gettext as _l


class CallType(StrEnum):
    """What kind of call it is."""

    SELF = "self"
    THIRD_PARTY = "third_party"
    INFORMATION = "information"
    SILENT = "silent"
    NUISANCE = "nuisance"
    AGENCY = "agency"


class Brief(StrEnum):
    """What a call was that one press logs."""

    SILENT = "silent"
    NUISANCE = "nuisance"
    WRONG_NUMBER = "wrong_number"
    NUMBER_ENQUIRY = "number_enquiry"


class ForWhom(StrEnum):
    """How the person in need stands to the caller."""

    SELF = "self"
    CHILD = "child"
    PARTNER = "partner"
    PARENT = "parent"
    RELATIVE = "relative"
    FRIEND = "friend"
    SERVED = "served"
    OTHER = "other"


class Sex(StrEnum):
    """Of the person in need. GB/T 2261.1: 2 女, 1 男, 9 未说明, 0 未知."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class AgeBand(StrEnum):
    """Of the person in need, in full years. The bands add up to those of the report form."""

    UNDER_14 = "under_14"
    FROM_14 = "14_17"
    FROM_18 = "18_25"
    FROM_26 = "26_35"
    FROM_36 = "36_59"
    FROM_60 = "60_79"
    FROM_80 = "80_plus"
    UNKNOWN = "unknown"


class Category(StrEnum):
    """Who the person in need is in the epidemic (R15): front-line workers and their families apart."""

    INFECTED = "infected"
    ISOLATED_SITE = "isolated_site"
    ISOLATED_HOME = "isolated_home"
    RECOVERED = "recovered"
    CLOSE_CONTACT = "close_contact"
    BEREAVED_FAMILY = "bereaved_family"
    FALLEN_WORKER_FAMILY = "fallen_worker_family"
    PATIENT_FAMILY = "patient_family"
    MEDICAL = "medical"
    DISEASE_CONTROL = "disease_control"
    POLICE = "police"
    TRANSPORT = "transport"
    COMMUNITY = "community"
    FRONTLINE_FAMILY = "frontline_family"
    VOLUNTEER = "volunteer"
    HARDSHIP = "hardship"
    PUBLIC = "public"
    INBOUND = "inbound"


class Topic(StrEnum):
    """What the call was about; at most three, the most important first."""

    EMOTION = "emotion"
    EPIDEMIC_ANXIETY = "epidemic_anxiety"
    ISOLATION = "isolation"
    SLEEP = "sleep"
    FAMILY = "family"
    CHILDREN = "children"
    MARRIAGE = "marriage"
    WORK_STRESS = "work_stress"
    GRIEF = "grief"
    TRAUMA = "trauma"
    DOMESTIC_VIOLENCE = "domestic_violence"
    ILLNESS = "illness"
    MENTAL_ILLNESS = "mental_illness"
    HARDSHIP = "hardship"
    EMPLOYMENT = "employment"
    STUDY = "study"
    LOVE = "love"
    SEXUALITY = "sexuality"
    RELATIONSHIPS = "relationships"
    DISCRIMINATION = "discrimination"
    INFORMATION = "information"
    OTHER = "other"


class Risk(StrEnum):
    """The answer to the question about suicide and self-harm, from nothing to an act that is going on."""

    NONE = "none"
    IDEATION = "ideation"
    PLAN = "plan"
    PLAN_WEEK = "plan_week"
    PLAN_72H = "plan_72h"
    ATTEMPT = "attempt"
    NOT_ASSESSED = "not_assessed"


class RiskReason(StrEnum):
    """Why risk was not assessed. Not asked is not the same as none."""

    ENDED_EARLY = "ended_early"
    DECLINED = "declined"
    NOT_KNOWN = "not_known"
    UNABLE = "unable"


class Outcome(StrEnum):
    """How the call ended for the person."""

    SUPPORTED = "supported"
    REFERRED = "referred"
    FOLLOW_UP = "follow_up"
    TO_CASE = "to_case"
    EMERGENCY = "emergency"


class Consent(StrEnum):
    """What was told and agreed to on the telephone (K1, K2, K3, K4, K7). Refusing never blocks help."""

    CONFIDENTIALITY = "confidentiality"
    SENSITIVE = "sensitive"
    GUARDIAN = "guardian"
    RECORDING = "recording"
    CALL_BACK = "call_back"


class CallStatus(StrEnum):
    """A draft is being written; a discarded call was a slip and counts nowhere."""

    DRAFT = "draft"
    FINISHED = "finished"
    DISCARDED = "discarded"


class TriageState(StrEnum):
    """Whether a supervisor has to decide about the call, and what was decided."""

    NONE = "none"
    WAITING = "waiting"
    ASSIGNED = "assigned"
    SETTLED = "settled"


class SettleReason(StrEnum):
    """Why a waiting call becomes no case."""

    SUPPORTED = "supported"
    REFERRED = "referred"
    CALLED_BACK = "called_back"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    BEYOND_SCOPE = "beyond_scope"


class Repeat(StrEnum):
    """Whether the number had called this sub-project before. Without a number nobody guesses."""

    FIRST = "first"
    REPEAT = "repeat"
    UNKNOWN = "unknown"


class Dimension(StrEnum):
    """What ``CallDay`` counts. LINE is a column of its own and summed on reading."""

    TOTAL = "total"
    LINE = "line"
    CALL_TYPE = "call_type"
    BRIEF = "brief"
    FOR_WHOM = "for_whom"
    SEX = "sex"
    AGE_BAND = "age_band"
    CATEGORY = "category"
    POPULATION = "population"
    TOPIC = "topic"
    RISK = "risk"
    LEVEL = "level"
    OUTCOME = "outcome"
    SERVICE = "service"
    TOLD = "told"
    PROVINCE = "province"
    CITY = "city"
    HOUR = "hour"
    REPEAT = "repeat"
    DISTRESS = "distress"
    HOPELESSNESS = "hopelessness"
    MINUTES = "minutes"
    PAPER = "paper"


ALL: Final = "all"
# A question that should have been answered and was not: shown in reports as missing, never guessed.
MISSING: Final = "missing"

CALL_TYPE_NAMES: Final = {
    CallType.SELF: _l("本人求助"),
    CallType.THIRD_PARTY: _l("代他人求助"),
    CallType.INFORMATION: _l("信息咨询"),
    CallType.SILENT: _l("沉默挂断"),
    CallType.NUISANCE: _l("骚扰误拨"),
    CallType.AGENCY: _l("机构转介"),
}
BRIEF_NAMES: Final = {
    Brief.SILENT: _l("沉默"),
    Brief.NUISANCE: _l("骚扰"),
    Brief.WRONG_NUMBER: _l("误拨"),
    Brief.NUMBER_ENQUIRY: _l("咨询电话号码"),
}
FOR_WHOM_NAMES: Final = {
    ForWhom.SELF: _l("本人"),
    ForWhom.CHILD: _l("子女"),
    ForWhom.PARTNER: _l("配偶或伴侣"),
    ForWhom.PARENT: _l("父母"),
    ForWhom.RELATIVE: _l("其他亲属"),
    ForWhom.FRIEND: _l("朋友同事"),
    ForWhom.SERVED: _l("机构服务对象"),
    ForWhom.OTHER: _l("其他人"),
}
SEX_NAMES: Final = {
    Sex.FEMALE: _l("女"),
    Sex.MALE: _l("男"),
    Sex.OTHER: _l("其他"),
    Sex.UNKNOWN: _l("未知"),
}
AGE_NAMES: Final = {
    AgeBand.UNDER_14: _l("14 岁以下"),
    AgeBand.FROM_14: "14–17",
    AgeBand.FROM_18: "18–25",
    AgeBand.FROM_26: "26–35",
    AgeBand.FROM_36: "36–59",
    AgeBand.FROM_60: "60–79",
    AgeBand.FROM_80: _l("80 岁以上"),
    AgeBand.UNKNOWN: _l("未知"),
}
CATEGORY_NAMES: Final = {
    Category.INFECTED: _l("感染者"),
    Category.ISOLATED_SITE: _l("集中隔离人员"),
    Category.ISOLATED_HOME: _l("居家隔离人员"),
    Category.RECOVERED: _l("治愈康复者"),
    Category.CLOSE_CONTACT: _l("密切接触者"),
    Category.BEREAVED_FAMILY: _l("病亡者家属"),
    Category.FALLEN_WORKER_FAMILY: _l("因公殉职者家属"),
    Category.PATIENT_FAMILY: _l("患者家属"),
    Category.MEDICAL: _l("医护人员"),
    Category.DISEASE_CONTROL: _l("疾控人员"),
    Category.POLICE: _l("公安人员"),
    Category.TRANSPORT: _l("交通运输人员"),
    Category.COMMUNITY: _l("社区工作者"),
    Category.FRONTLINE_FAMILY: _l("一线人员家属"),
    Category.VOLUNTEER: _l("志愿者"),
    Category.HARDSHIP: _l("困难居民"),
    Category.PUBLIC: _l("普通公众"),
    Category.INBOUND: _l("入境人员"),
}
TOPIC_NAMES: Final = {
    Topic.EMOTION: _l("情绪"),
    Topic.EPIDEMIC_ANXIETY: _l("疫情焦虑"),
    Topic.ISOLATION: _l("隔离适应"),
    Topic.SLEEP: _l("睡眠"),
    Topic.FAMILY: _l("家庭关系"),
    Topic.CHILDREN: _l("子女教育"),
    Topic.MARRIAGE: _l("婚姻"),
    Topic.WORK_STRESS: _l("职业耗竭"),
    Topic.GRIEF: _l("哀伤"),
    Topic.TRAUMA: _l("创伤"),
    Topic.DOMESTIC_VIOLENCE: _l("家庭暴力"),
    Topic.ILLNESS: _l("身体健康"),
    Topic.MENTAL_ILLNESS: _l("精神疾病"),
    Topic.HARDSHIP: _l("经济困难"),
    Topic.EMPLOYMENT: _l("就业"),
    Topic.STUDY: _l("学业"),
    Topic.LOVE: _l("恋爱"),
    Topic.SEXUALITY: _l("性"),
    Topic.RELATIONSHIPS: _l("人际关系"),
    Topic.DISCRIMINATION: _l("歧视"),
    Topic.INFORMATION: _l("信息咨询"),
    Topic.OTHER: _l("其他"),
}
RISK_NAMES: Final = {
    Risk.NONE: _l("无"),
    Risk.IDEATION: _l("有想法无计划"),
    Risk.PLAN: _l("有计划无时间"),
    Risk.PLAN_WEEK: _l("1 周内计划"),
    Risk.PLAN_72H: _l("72 小时内计划"),
    Risk.ATTEMPT: _l("正在或刚刚实施"),
    Risk.NOT_ASSESSED: _l("未评估"),
}
RISK_REASON_NAMES: Final = {
    RiskReason.ENDED_EARLY: _l("通话提前结束"),
    RiskReason.DECLINED: _l("对方不愿谈"),
    RiskReason.NOT_KNOWN: _l("来电者不了解当事人情况"),
    RiskReason.UNABLE: _l("对方当时无法交谈"),
}
LEVEL_NAMES: Final = {0: _l("无"), 1: _l("低"), 2: _l("中"), 3: _l("高危"), 4: _l("危急")}
OUTCOME_NAMES: Final = {
    Outcome.SUPPORTED: _l("当次支持结束"),
    Outcome.REFERRED: _l("资源转介"),
    Outcome.FOLLOW_UP: _l("预约回访"),
    Outcome.TO_CASE: _l("转为个案"),
    Outcome.EMERGENCY: _l("紧急处置"),
}
CONSENT_NAMES: Final = {
    Consent.CONFIDENTIALITY: _l("已说明保密边界"),
    Consent.SENSITIVE: _l("同意登记敏感信息"),
    Consent.GUARDIAN: _l("监护人同意（14 岁以下）"),
    Consent.RECORDING: _l("同意录音"),
    Consent.CALL_BACK: _l("同意回访"),
}
SETTLE_NAMES: Final = {
    SettleReason.SUPPORTED: _l("当次支持已足够"),
    SettleReason.REFERRED: _l("已转介其他机构"),
    SettleReason.CALLED_BACK: _l("已回访，情况稳定"),
    SettleReason.DECLINED: _l("本人不需要后续服务"),
    SettleReason.UNREACHABLE: _l("没有联系方式"),
    SettleReason.BEYOND_SCOPE: _l("超出服务范围"),
}
REPEAT_NAMES: Final = {
    Repeat.FIRST: _l("首次来电"),
    Repeat.REPEAT: _l("重复来电"),
    Repeat.UNKNOWN: _l("未显示号码"),
}
