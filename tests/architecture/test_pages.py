"""The inspection of pages and answers, shown to catch what it is there for."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from markupsafe import escape

from casework.security import headers
from tests.support import html
from tests.support.client import CheckedClient, HeaderFault, find_form, values_of

GOOD = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>来电</title></head>
<body><main><h1>来电</h1>
<form method="post"><input type="hidden" name="csrf_token" value="a"><input type="hidden" name="_key" value="b">
<label for="line">热线</label><select id="line" name="line">
<option value="1">一</option><option value="2" selected>二</option></select>
<label>摘要<textarea name="summary">
原文</textarea></label><label><input type="checkbox" name="topics" value="x" checked>甲</label>
<label><input type="checkbox" name="topics" value="y">乙</label>
<fieldset><legend>性别</legend><label><input type="radio" name="sex" value="f" checked>女</label></fieldset>
<button name="do" value="save">保存</button></form></main></body></html>"""


def test_a_good_page_passes() -> None:
    assert not html.faults_of(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<h1>来电</h1>", "", "0 h1"),
        ("<h1>来电</h1>", "<h1>来电</h1><h1>二</h1>", "2 h1"),
        ("<h1>来电</h1>", "<h1> </h1>", "an empty h1"),
        ("<title>来电</title>", "<title></title>", "no title"),
        ('lang="zh-CN"', 'lang="fr"', "lang is"),
        ("<main>", "<div>", "not valid HTML"),
        ("<!doctype html>", "", "not valid HTML"),
        ("<h1>来电</h1>", "<h1>来电</h1><p><div>x</div></p>", "not valid HTML"),
        ('<label for="line">', "<label>", "has no label"),
        ('<label for="line">', '<label for="other">', "leads nowhere"),
        ("<label>摘要<textarea", "<label>摘要</label><textarea", "has no label"),
        ('id="line"', 'id="line" aria-describedby="hint"', "leads nowhere"),
        ("<h1>", '<p id="line"></p><h1>', "is used 2 times"),
        ("<h1>", '<p id="a b"></p><h1>', "has a blank"),
        ("<h1>", '<p style="color:red">x</p><h1>', "inline style"),
        ("<h1>", '<template>x<p style="color:red">x</p></template><h1>', "inline style"),
        ("<h1>", "<script>x()</script><h1>", "an inline script"),
        ("<h1>", '<p onclick="x()">x</p><h1>', "the handler onclick"),
        ("<h1>", '<a href="javascript:x()">x</a><h1>', "javascript:"),
        ("</head>", "<style>p{}</style></head>", "a <style> element"),
        ("</head>", '<script src="https://example.org/x.js"></script></head>', "leaves this host"),
        ("<h1>", '<img src="/x.svg"><h1>', "has no alt"),
        ("<h1>", '<a href="/x"></a><h1>', "has no name"),
        ("<legend>性别</legend>", "", "no legend"),
        ('name="_key"', 'name="key"', "lacks _key"),
        ('name="csrf_token"', 'name="token"', "lacks csrf_token"),
    ],
)
def test_a_bad_page_is_found(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    html.check_page(GOOD, "good")
    with pytest.raises(html.PageFault, match=re.escape(fault)):
        html.check_page(GOOD.replace(old, new, 1), "bad")


ROWS = GOOD.replace("<h1>", '<p id="row-11">12:05</p><p id="row-12">12:06</p><h1>')


@pytest.mark.parametrize(
    ("old", "new"),
    [("row-12", "row-11"), ("<h1>来电</h1>", "<h2>来电</h2>"), ("12:06", "12:06 &#0;"), ('"row-12"', '"row-12"" x=3')],
)
def test_a_page_that_differs_from_a_clean_one_in_more_than_its_tokens_is_looked_at_again(old: str, new: str) -> None:
    html.check_page(ROWS, "good")
    html.check_page(ROWS.replace("row-12", "row-13").replace("12:05", "9:30"), "the same with other tokens")
    with pytest.raises(html.PageFault):
        html.check_page(ROWS.replace(old, new, 1), "bad")


def test_words_that_were_sent_and_come_back_unescaped_are_found() -> None:
    words = 'x" onclick="y()'
    again = GOOD.replace("原文", "{}")
    html.check_page(again.format("原文在此重复一遍"), "other words", sent=["原文在此重复一遍"])
    html.check_page(again.format(escape(words)), "rightly escaped", sent=[words])
    bad = GOOD.replace('name="_key" value="b"', f'name="_key" value="{words}"')
    html.check_page(
        GOOD.replace('name="_key" value="b"', f'name="_key" value="{escape(words)}"'), "again", sent=[words]
    )
    with pytest.raises(html.PageFault, match="the handler onclick"):
        html.check_page(bad, "not escaped", sent=[words])


def test_a_form_is_sent_as_a_browser_would_send_it() -> None:
    sent = values_of(find_form(GOOD, "/calls/new"))
    assert sent.to_dict(flat=False) == {
        "csrf_token": ["a"],
        "_key": ["b"],
        "line": ["2"],
        "summary": ["原文"],
        "topics": ["x"],
        "sex": ["f"],
    }


def small_app(*, secured: bool) -> Flask:
    app = Flask(__name__)
    app.test_client_class = CheckedClient
    if secured:
        headers.install(app)
        app.config["SESSION_COOKIE_SECURE"] = False
    app.add_url_rule("/good", view_func=lambda: GOOD, endpoint="good")
    app.add_url_rule("/bad", view_func=lambda: GOOD.replace("<h1>", "<h2>"), endpoint="bad")
    return app


def test_every_page_a_client_fetches_is_inspected() -> None:
    client = small_app(secured=True).test_client()
    assert client.get("/good").status_code == 200
    with pytest.raises(html.PageFault, match="0 h1"):
        client.get("/bad")


def test_an_answer_without_its_headers_is_found() -> None:
    with pytest.raises(HeaderFault, match="Content-Security-Policy"):
        small_app(secured=False).test_client().get("/good")
