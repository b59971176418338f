"""Words and values of the pages of this package: how the vocabulary of the trail and the matrix are shown."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _l

from casework.audit.events import Action
from casework.audit.types import Outcome
from casework.security.permissions import Permission as P  # noqa: N817 - the table is read as a whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from flask_babel import LazyString

# How the audit viewer names each action.
ACTION_NAMES: Final[Mapping[Action, LazyString]] = MappingProxyType(
    {
        Action.ACCESS_REFUSED: _l("访问被拒绝"),
        Action.ACCOUNT_CHANGED: _l("变更账户资料"),
        Action.ACCOUNT_CREATED: _l("建立账户"),
        Action.ACCOUNT_DISABLED: _l("停用账户"),
        Action.ACCOUNT_ENABLED: _l("启用账户"),
        Action.ACCOUNT_KEY_RENEWED: _l("更换账户密钥"),
        Action.ACCOUNT_PASSWORD_CHANGED: _l("更改密码"),
        Action.ACCOUNT_ROLE_ENDED: _l("收回角色"),
        Action.ACCOUNT_ROLE_GRANTED: _l("授予角色"),
        Action.ACCOUNT_ROLE_SWITCHED: _l("切换角色"),
        Action.ACCOUNT_SECOND_FACTOR_RESET: _l("重置第二重验证"),
        Action.ACCOUNT_SECOND_FACTOR_SET: _l("设置第二重验证"),
        Action.ACCOUNT_SIGNED_IN: _l("登录"),
        Action.ACCOUNT_SIGNED_OUT: _l("退出登录"),
        Action.ACCOUNT_SIGN_IN_FAILED: _l("登录失败"),
        Action.ALERT_ACKNOWLEDGED: _l("响应呼叫"),
        Action.ALERT_CANCELLED: _l("取消呼叫"),
        Action.ALERT_ESCALATED: _l("升级呼叫"),
        Action.ALERT_RAISED: _l("呼叫督导"),
        Action.AUDIT_READ: _l("查看操作留痕"),
        Action.CALLER_LOOKED_UP: _l("核对来电号码"),
        Action.CALL_ASSIGNED: _l("指派来电"),
        Action.CALL_DISCARDED: _l("放弃登记"),
        Action.CALL_DRAFT_SAVED: _l("保存来电草稿"),
        Action.CALL_DRAFT_STARTED: _l("开始登记来电"),
        Action.CALL_FINISHED: _l("完成来电登记"),
        Action.CALL_READ: _l("查看来电内容"),
        Action.CALL_REOPENED: _l("重开来电登记"),
        Action.CALL_SETTLED: _l("来电无需立案"),
        Action.CASE_ASSIGNED: _l("分派个案"),
        Action.CASE_CLOSED: _l("结案"),
        Action.CASE_JOINED: _l("来电并入个案"),
        Action.CASE_OPENED: _l("接案"),
        Action.CASE_READ: _l("查看个案"),
        Action.CASE_STAGE_CHANGED: _l("变更个案阶段"),
        Action.CASE_UNASSIGNED: _l("解除个案分派"),
        Action.CIRCLE_CREATED: _l("建立督导密钥圈"),
        Action.CIRCLE_MEMBER_ADDED: _l("加入督导密钥圈"),
        Action.CIRCLE_MEMBER_REMOVED: _l("移出督导密钥圈"),
        Action.CIRCLE_ROTATED: _l("更换督导密钥圈"),
        Action.CLIENT_IDENTIFIED: _l("识别服务对象"),
        Action.DEMO_LOADED: _l("载入演示数据"),
        Action.DIRECTORY_SEEDED: _l("载入资源目录"),
        Action.DISCLOSURE_READ: _l("查看对外披露"),
        Action.DISCLOSURE_RECORDED: _l("登记对外披露"),
        Action.DISCLOSURE_TOLD: _l("登记事后告知"),
        Action.DUTY_CHANGED: _l("变更值班状态"),
        Action.FOLLOWUP_BOOKED: _l("登记未接来电"),
        Action.FOLLOWUP_CANCELLED: _l("取消回访"),
        Action.FOLLOWUP_HANDED: _l("转交回访"),
        Action.FOLLOWUP_MOVED: _l("回访改期"),
        Action.FOLLOWUP_REACHED: _l("完成回访"),
        Action.FOLLOWUP_TRIED: _l("回访未接通"),
        Action.HANDOVER_CONFIRMED: _l("确认接班"),
        Action.HANDOVER_READ: _l("查看交班说明"),
        Action.HANDOVER_SIGNED: _l("签署交班"),
        Action.HOTLINE_CHANGED: _l("变更热线"),
        Action.IDENTITY_UNMASKED: _l("显示服务对象身份"),
        Action.KEYRING_ROTATED: _l("轮换系统密钥"),
        Action.KEY_CREATED: _l("生成数据密钥"),
        Action.KEY_EXPIRED: _l("密钥授权到期"),
        Action.KEY_GRANTED: _l("授予密钥"),
        Action.KEY_REGRANTED: _l("重新授予密钥"),
        Action.KEY_REVOKED: _l("收回密钥"),
        Action.KEY_SHREDDED: _l("销毁密钥"),
        Action.MEASURE_READ: _l("查看量表"),
        Action.MEASURE_RECORDED: _l("记录量表"),
        Action.NOTE_CORRECTED: _l("更正个案记录"),
        Action.NOTE_DRAFT_DISCARDED: _l("放弃记录草稿"),
        Action.NOTE_DRAFT_READ: _l("打开记录草稿"),
        Action.NOTE_DRAFT_SAVED: _l("保存记录草稿"),
        Action.NOTE_READ: _l("查看个案记录"),
        Action.NOTE_WRITTEN: _l("写个案记录"),
        Action.NUMBERS_JOINED: _l("合并来电号码"),
        Action.NUMBERS_PARTED: _l("拆分来电号码"),
        Action.NUMBER_UNMASKED: _l("显示完整电话号码"),
        Action.OPTIONS_PUBLISHED: _l("发布选项列表"),
        Action.OPTIONS_SEEDED: _l("载入选项列表"),
        Action.PAPER_CHECKED: _l("核对纸质台账"),
        Action.PAPER_IMPORTED: _l("导入纸质台账"),
        Action.PAPER_WITHDRAWN: _l("撤回纸质台账"),
        Action.PLAN_APPROVED: _l("批准来电预案"),
        Action.PLAN_GRANTED: _l("授权来电预案"),
        Action.PLAN_READ: _l("查看来电预案"),
        Action.PLAN_RETURNED: _l("退回来电预案"),
        Action.PLAN_REVISED: _l("修改来电预案"),
        Action.PLAN_WITHDRAWN: _l("撤回来电预案"),
        Action.PLAN_WRITTEN: _l("起草来电预案"),
        Action.PLEDGE_PUBLISHED: _l("发布承诺书"),
        Action.PLEDGE_SIGNED: _l("签署承诺书"),
        Action.PROGRAMME_LOADED: _l("载入项目资料"),
        Action.READINESS_ADMITTED: _l("准许接听真实来电"),
        Action.READINESS_CONFIRMED: _l("确认上岗步骤"),
        Action.READINESS_DONE: _l("完成上岗步骤"),
        Action.READINESS_ENDED: _l("收回接听真实来电的准许"),
        Action.READINESS_WITHDRAWN: _l("撤回上岗步骤的确认"),
        Action.RECOVERY_KEY_SET: _l("设置恢复密钥"),
        Action.RECOVERY_USED: _l("使用恢复密钥"),
        Action.REPORT_EXPORTED: _l("导出统计"),
        Action.REPORT_VIEWED: _l("查看统计"),
        Action.RESOURCE_ADDED: _l("增加资源"),
        Action.RESOURCE_CHANGED: _l("变更资源"),
        Action.REVIEW_ACKNOWLEDGED: _l("确认已读通话评议"),
        Action.REVIEW_READ: _l("查看通话评议"),
        Action.REVIEW_WRITTEN: _l("评议通话"),
        Action.STEP_RECORDED: _l("记录高危步骤"),
        Action.SUBPROJECT_CHANGED: _l("变更子项目"),
        Action.TELEPHONY_CALL_TAKEN: _l("接听登记来电"),
        Action.TELEPHONY_EVENT_RECEIVED: _l("收到话务事件"),
        Action.TELEPHONY_RECORDS_IMPORTED: _l("导入话单"),
        Action.TELEPHONY_SECRET_SHOWN: _l("显示话务接口密钥"),
    }
)
OUTCOME_NAMES: Final[dict[Outcome, LazyString]] = {
    Outcome.DONE: _l("完成"),
    Outcome.FAILED: _l("未成功"),
    Outcome.REFUSED: _l("被拒绝"),
}
PERMISSION_NAMES: Final[dict[P, LazyString]] = {
    P.ACCOUNTS_ACCOUNT_MANAGE: _l("管理账户与角色"),
    P.ACCOUNTS_KEY_REGRANT: _l("重新授予密钥"),
    P.ACCOUNTS_PLEDGE_MANAGE: _l("管理承诺书"),
    P.ALERTS_ALERT_WATCH: _l("查看呼叫督导"),
    P.AUDIT_ENTRY_READ: _l("查看操作留痕"),
    P.CALLS_CALL_ASSIGN: _l("指派来电"),
    P.CALLS_CALL_LOG: _l("登记来电"),
    P.CALLS_CALL_READ: _l("查看来电内容"),
    P.CALLS_PAPER_IMPORT: _l("导入纸质台账"),
    P.CALLS_READINESS_CONFIRM: _l("确认上岗步骤、准许接听"),
    P.CALLS_REVIEW_READ: _l("查看对自己通话的评议"),
    P.CALLS_REVIEW_WRITE: _l("评议通话质量"),
    P.CASES_CASE_CLOSE: _l("结案"),
    P.CASES_CASE_READ: _l("查看个案"),
    P.CASES_IDENTITY_READ: _l("显示姓名与电话"),
    P.CASES_MEASURE_RECORD: _l("记录量表"),
    P.CASES_NOTE_READ: _l("查看个案记录"),
    P.CASES_NOTE_WRITE: _l("写个案记录"),
    P.CLIENTS_NUMBER_JOIN: _l("合并与拆分来电号码"),
    P.CLIENTS_PLAN_APPROVE: _l("审批来电预案"),
    P.CLIENTS_PLAN_WRITE: _l("起草来电预案"),
    P.CONSULTS_REQUEST_ANSWER: _l("答复会诊"),
    P.DIRECTORY_RESOURCE_EDIT: _l("编辑资源目录"),
    P.DIRECTORY_RESOURCE_READ: _l("查看资源目录"),
    P.DISCLOSURES_REPORT_DECIDE: _l("复核对外披露"),
    P.GOODS_LEDGER_EDIT: _l("登记物资"),
    P.OPTIONS_LIST_PUBLISH: _l("发布选项列表"),
    P.PRIVACY_BREAK_GLASS_REVIEW: _l("复核应急查看"),
    P.PRIVACY_REQUEST_HANDLE: _l("处理本人权利请求"),
    P.PRIVACY_RULES_READ: _l("查看隐私规则"),
    P.PROGRAMME_SUBPROJECT_EDIT: _l("编辑项目与热线"),
    P.PROGRAMME_SUBPROJECT_READ: _l("查看项目与热线"),
    P.REFERRALS_PACK_SEND: _l("发出转介"),
    P.RELEASES_STORY_APPROVE: _l("审批发布"),
    P.RELEASES_STORY_EDIT: _l("编辑发布稿"),
    P.REPORTS_STATISTICS_EXPORT: _l("导出统计"),
    P.REPORTS_STATISTICS_READ: _l("查看统计"),
    P.ROSTER_SHIFT_EDIT: _l("编排班次"),
    P.ROSTER_SHIFT_READ: _l("查看班次"),
    P.SUPERVISION_RECORD_WRITE: _l("写督导记录"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """An entry as people read it: names instead of ids where there is a name, codes everywhere else."""

    chain: int
    seq: int
    at: datetime
    actor_id: UUID
    actor_name: str
    role_name: str
    action_name: str
    subject_kind: str
    subject_id: UUID | None
    outcome: str
    outcome_name: str
    rule: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySheet:
    """One entry with everything it holds. ``details`` are (key, value, name of the account if it is one)."""

    line: EntryLine
    action: str
    session_id: UUID | None
    details: tuple[tuple[str, str, str], ...]
    digest: str
    previous_mac: str
    kid: str
    mac: str
