"""Error pages: what happened and what to do next, in the user's language; the same as JSON for programs.

A refusal names its rule and clause. A failure shows a reference number that is also in the log, where nothing else is.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import g, jsonify, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from casework.core.db import session
from casework.core.errors import CaseworkError
from casework.security.rules import RULES
from casework.web import navigation, shell

if TYPE_CHECKING:
    from flask import Flask, Response
    from flask_babel import LazyString

    from casework.security.rules import Rule

FIRST_ERROR: Final = 400
PLEDGE_RULE: Final = "R22"
PLEDGE: Final = "people.pledge"
READINESS_RULE: Final = "R25"
PRACTICE: Final = "intake.practice"


@dataclass(frozen=True, slots=True)
class Words:
    """What a status means to a person: a heading, what happened, and what to do next."""

    title: LazyString
    happened: LazyString
    advice: LazyString


@dataclass(frozen=True, slots=True)
class Way:
    """A link out of an error page."""

    label: LazyString
    href: str


WORDS: Final = {
    400: Words(
        _l("请求无法处理"),
        _l("提交的内容不完整，或页面已过期。"),
        _l("请返回上一页，刷新后再提交。已填写的内容不会被清除。"),
    ),
    401: Words(
        _l("请先登录"), _l("你还没有登录，或登录已过期。"), _l("登录后会回到原来的页面。已自动保存的内容没有丢失。")
    ),
    403: Words(
        _l("不能访问此页面"),
        _l("你当前的角色不能使用此功能。"),
        _l("如工作需要，请联系督导或系统管理员。本次访问已留痕。"),
    ),
    404: Words(
        _l("找不到此页面"), _l("地址有误，或此内容不在你的工作范围内。"), _l("请检查地址，或从左侧菜单重新进入。")
    ),
    405: Words(_l("不能这样打开此页面"), _l("此地址只接受表单提交。"), _l("请从菜单重新进入。")),
    409: Words(
        _l("内容已被他人更新"),
        _l("在你编辑期间，这条记录已有改动。"),
        _l("没有覆盖任何内容。请返回查看最新内容，再决定如何修改。"),
    ),
    413: Words(_l("提交的内容过大"), _l("一次提交的内容超过了上限。"), _l("请缩短文字后再提交。")),
    422: Words(_l("有内容需要补充"), _l("提交的内容不能这样保存。"), _l("请返回上一页修改后再提交。")),
    429: Words(_l("操作过于频繁"), _l("短时间内尝试次数过多。"), _l("请稍后再试。")),
    500: Words(
        _l("系统出现问题"),
        _l("刚才的操作没有完成，也没有保存一半。"),
        _l("请稍后再试。如再次出现，请把下面的编号告诉系统管理员。"),
    ),
    503: Words(_l("系统暂时不可用"), _l("系统正在维护或尚未就绪。"), _l("请稍后再试。")),
}
_OTHER: Final = Words(_l("请求无法处理"), _l("系统不能处理此请求。"), _l("请返回上一页，或从菜单重新进入。"))
_PLEDGE_ADVICE: Final = _l("签署只需几分钟。本次访问已留痕。")
_EXPIRED_FORM: Final = _l("页面已过期，这次提交没有保存。")


def install(app: Flask) -> None:
    """Register the frame of pages and the error handlers. An unforeseen exception still reaches the tests."""
    app.context_processor(lambda: {"shell": shell.build()})
    app.register_error_handler(CaseworkError, _on_casework_error)
    app.register_error_handler(CSRFError, _on_expired_form)
    app.register_error_handler(HTTPException, _on_http_error)


def wants_json() -> bool:
    """Return whether a program asks: an address of the API, a JSON body (autosave), or JSON preferred to HTML."""
    accepted = request.accept_mimetypes
    return request.path.startswith("/api/") or request.is_json or accepted["application/json"] > accepted["text/html"]


def error_response(
    status: int, message: str | LazyString | None = None, *, rule: str | None = None, field: str | None = None
) -> Response:
    """Return the error page (or its JSON) of a status, with the sentence given or the usual one."""
    words = WORDS.get(status, _OTHER)
    said = str(message or words.happened)
    found = RULES.get(rule) if rule else None
    if wants_json():
        return _as_json(status, said, found, field)
    page = render_template(
        "errors/error.html",
        status=status,
        title=words.title,
        happened=said,
        advice=_PLEDGE_ADVICE if rule == PLEDGE_RULE else words.advice,
        rule=found,
        ways=_ways(status, rule),
        reference=reference() if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None,
    )
    response = make_response(page, status)
    if status == HTTPStatus.UNAUTHORIZED and request.method == "GET":
        # Straight to the form: nobody needs to read a page that only says "sign in".
        response.headers["Refresh"] = f"0; url={_sign_in_address()}"
    return response


def reference() -> str:
    """Return the number by which this request is found in the log."""
    return str(g.get("request_id", "")) or "-"


def _as_json(status: int, message: str, rule: Rule | None, field: str | None) -> Response:
    error: dict[str, Any] = {"status": status, "message": message, "reference": reference()}
    if field is not None:
        error["field"] = field
    if rule is not None:
        error["rule"] = {"id": rule.id, "clause": str(rule.clause), "text": str(rule.text)}
    return make_response(jsonify({"error": error}), status)


def _ways(status: int, rule: str | None) -> list[Way]:
    if status == HTTPStatus.UNAUTHORIZED:
        return [Way(_l("登录"), _sign_in_address())]
    home = navigation.href(navigation.HOME)
    pledge = navigation.href(PLEDGE) if rule == PLEDGE_RULE else None
    practice = navigation.href(PRACTICE) if rule == READINESS_RULE else None
    ways = [Way(_l("阅读并签署承诺书"), pledge)] if pledge else []
    ways += [Way(_l("打开练习和上岗步骤"), practice)] if practice else []
    return [*ways, Way(_l("回到我的首页"), home)] if home else ways


def _sign_in_address() -> str:
    if navigation.href(navigation.SIGN_IN) is None:
        return "/"
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return url_for(navigation.SIGN_IN, next=target)


def _on_casework_error(error: CaseworkError) -> Response:
    # What the failed view had begun must not colour the page that says so.
    session().rollback()
    return error_response(error.status, error.message, rule=error.rule, field=error.field)


def _on_expired_form(_error: CSRFError) -> Response:
    return error_response(HTTPStatus.BAD_REQUEST, _EXPIRED_FORM)


def _on_http_error(error: HTTPException) -> Response | HTTPException:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status < FIRST_ERROR:
        return error
    session().rollback()
    # After a failure the page asks the database nothing: it may be the database that failed.
    g.bare_shell = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    response = error_response(status)
    if error.response is None:
        for name, value in error.get_headers():
            if name not in {"Content-Type", "Content-Length"}:
                response.headers.setdefault(name, value)
    return response
