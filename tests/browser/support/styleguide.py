"""A small application that shows every macro in every state, on the real frame, without a database."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Flask, flash, g, render_template, request
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

import config
from casework.core import clock
from casework.core.errors import Conflict, Invalid, Refused, SignInRequired, TooMany
from casework.core.idempotency import new_form_key
from casework.core.paging import Page
from casework.security import headers
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.web import filters, i18n, pages, shell
from casework.web.forms import BaseForm, options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

SAMPLES = Path(__file__).resolve().parent / "pages"
FACTS = shell.Facts(programme="暖心守护 心心向阳", subproject="广州社区困难人员计划", several_roles=True)
PEOPLE = {"volunteer": Role.VOLUNTEER, "supervisor": Role.SUPERVISOR, "counselor": Role.COUNSELOR}
RISKS = ("无", "有想法无计划", "有计划无时间", "1 周内计划", "72 小时内计划", "正在或刚刚实施", "未评估")
ADDRESSES = {
    "people.sign_in": "/login",
    "people.sign_out": "/logout",
    "people.pledge": "/pledge",
    "people.switch_role": "/switch",
    "people.account": "/me",
    "people.accounts": "/admin",
    "people.pledges": "/admin/pledges",
    "intake.desk": "/calls",
    "intake.new_call": "/calls/new",
    "intake.triage": "/triage",
    "cases.index": "/cases",
    "reports.dashboard": "/reports",
    "programme.index": "/programme",
    "privacy.audit": "/audit",
    "privacy.rules": "/privacy/rules",
    "web.help_page": "/help",
    "web.home": "/",
}


def _pairs(*words: str) -> list[SelectChoice]:
    return options(enumerate(words))


class CallForm(BaseForm):
    """The shape of the call screen, with as many options as the real one."""

    call_type = RadioField(
        "来电类型",
        choices=_pairs("本人求助", "代他人求助", "信息咨询", "沉默挂断", "骚扰误拨", "机构转介"),
        validators=[InputRequired()],
    )
    sex = RadioField("性别", choices=_pairs("女", "男", "其他", "未知"), validators=[InputRequired()])
    age_band = RadioField(
        "年龄段",
        choices=_pairs("<12", "12–17", "18–25", "26–35", "36–45", "46–59", "≥60", "未知"),
        validators=[InputRequired()],
    )
    division = SelectField(
        "地区", choices=options({"4401": "广州市", "4403": "深圳市"}, "请选择"), validators=[InputRequired()]
    )
    population = SelectMultipleField(
        "重点人群",
        choices=_pairs("儿童", "老人", "残障", "原发疾病", "病亡者家属", "殉职者家属", "无", "未知"),
        validators=[InputRequired()],
    )
    topics = SelectMultipleField(
        "主要问题", choices=_pairs("疫情焦虑", "家庭关系", "睡眠", "哀伤", "学业", "就业"), description="最多 3 项"
    )
    risk = RadioField("自杀自伤风险", choices=_pairs(*RISKS), validators=[InputRequired()])
    distress_before = RadioField("困扰（前）", choices=_pairs(*map(str, range(11))))
    summary = TextAreaField("通话摘要", validators=[InputRequired(), Length(max=40)])
    outcome = RadioField(
        "处理结果",
        choices=_pairs("当次支持结束", "资源转介", "预约回访", "转个案", "紧急处置"),
        validators=[InputRequired()],
    )
    followup_on = DateField("回访日期")
    caller_name = StringField("称呼", description="只写来电者愿意被称呼的名字。", validators=[Length(max=10)])
    minutes = IntegerField("时长")
    consent = BooleanField("已说明保密边界，来电者同意回访", validators=[InputRequired()])


@dataclass(frozen=True)
class Row:
    """One waiting call of the sample board."""

    number: str
    risk: int | None
    topic: str
    waited: int
    taken_by: str


def make_app(*, demo: bool = True) -> Flask:
    """Return the style guide: ``/`` shows the macros, ``/call`` the dense form, ``/error/<status>`` the error pages."""
    app = Flask("styleguide", root_path=str(config.ROOT), template_folder="templates", static_folder="static")
    app.jinja_loader = ChoiceLoader([FileSystemLoader(config.ROOT / "templates"), FileSystemLoader(SAMPLES)])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["new_form_key"] = new_form_key
    app.config.update(SECRET_KEY="style-guide", DEMO=demo, SESSION_COOKIE_SECURE=False, WTF_CSRF_TIME_LIMIT=None)
    headers.install(app)
    i18n.install(app)
    filters.install(app)
    pages.install(app)
    CSRFProtect(app)
    shell.tell(app, lambda _actor: FACTS)
    app.before_request(_sign_in)
    _register(app)
    return app


def serve(app: Flask) -> Iterator[str]:
    """Serve an application on a free port and yield its address; stops when the generator is closed."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _sign_in() -> None:
    role = PEOPLE.get(request.args.get("as", "supervisor"))
    g.request_id = UUID(int=7)
    if role is None:
        return
    g.actor = Actor(
        account_id=UUID(int=1),
        role=role,
        subproject_id=UUID(int=2),
        pledge_current=True,
        second_factor_ok=True,
        display_name="李督导",
    )


def _register(app: Flask) -> None:
    views: dict[str, Callable[..., Any]] = {"cases.index": _macros, "intake.new_call": _call, "web.help_page": _help}
    for endpoint, address in ADDRESSES.items():
        app.add_url_rule(address, endpoint, views.get(endpoint, _nowhere), methods=["GET", "POST"])
    app.add_url_rule("/error/<int:status>", "error", _error)


def _nowhere() -> str:
    return ""


def _help() -> str:
    return render_template("web/help.html")


def _macros() -> tuple[str, int]:
    form = CallForm(meta={"csrf": False})
    if request.method == "POST":
        form.validate()
    flash("已指派给张老师。", "success")
    flash("新增 2 条待分派来电。", "info")
    now = clock.now()
    page: Page[Row] = Page([], "next", None)
    rows = [
        Row("LD-2020-0412", 4, "有实施计划", 95, "陈志愿者"),
        Row("LD-2020-0409", 3, "家庭冲突", 640, "周志愿者"),
        Row("LD-2020-0398", 2, "睡眠", 4300, "陈志愿者"),
        Row("LD-2020-0377", 0, "就业", 90000, "吴志愿者"),
        Row("LD-2020-0370", None, "信息咨询", 200000, "吴志愿者"),
    ]
    dates = [now - timedelta(days=2), now, now + timedelta(days=1), now + timedelta(days=3), now + timedelta(days=40)]
    html = render_template(
        "styleguide.html", form=form, page=page, rows=rows, dates=dates, at=datetime(2020, 4, 5, 6, 5, tzinfo=UTC)
    )
    return html, 422 if form.errors else 200


def _call() -> tuple[str, int]:
    form = CallForm(meta={"csrf": False})
    if request.method == "POST":
        form.validate()
    return render_template("styleguide_call.html", form=form), 422 if form.errors else 200


def _error(status: int) -> Any:  # noqa: ANN401 - whatever Flask answers with
    raised = {
        401: SignInRequired("请先登录。"),
        403: Refused("请先阅读并签署保密承诺书，签署后即可继续。", rule="R22"),
        409: Conflict("已由王督导于 14:03 指派给李老师。"),
        422: Invalid("请选择年龄段。", field="age_band"),
        429: TooMany("尝试次数过多，请在 5 分钟后再试。"),
    }
    if status in raised:
        raise raised[status]
    g.bare_shell = status >= 500
    return pages.error_response(status)
