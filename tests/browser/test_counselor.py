"""A counselor's day in a real browser: read, write, lose nothing, correct, measure, close."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from casework.app import create_app
from casework.cases import queries, service
from casework.core.db import db, write_transaction
from tests.browser.conftest import LOOKS, SIZES
from tests.browser.support import server
from tests.browser.support.watch import axe, overflow, screenshot
from tests.support import casefile, engines, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

MOST_INTERACTIONS = 5
NOTE = "通话五十分钟。谈到父亲住院那一周夜里常醒，一起练习了腹式呼吸，约好睡前做两次。"
LONG = "她说孩子上网课不肯开摄像头，一催就摔门。听她讲完，一起列出三件今晚能做的小事。" * 14


@pytest.fixture(scope="module")
def file() -> dict[str, str]:
    """Give the numbers of the cases of this module by what they are for; filled by ``live``."""
    return {}


@pytest.fixture(scope="module")
def live(_instance: Path, tmp_path_factory: pytest.TempPathFactory, file: dict[str, str]) -> Iterator[str]:
    """Give the running system with cases in several states."""
    folder = tmp_path_factory.mktemp("counselor")
    shutil.copytree(_instance, folder / "prepared")
    _fill(folder / "prepared", file)
    file["database"] = str(folder / "live" / "casework.sqlite")
    with server.running(folder / "prepared", folder / "live") as address:
        yield address


def _fill(folder: Path, file: dict[str, str]) -> None:
    app = create_app(engines.settings_of(folder, ""))
    for index, what in enumerate(("read", "write", "draft", "conflict", "close", "phone", "plain")):
        groups = ("bereaved", "elder") if what in {"read", "close"} else ("none",)
        notes = (NOTE, LONG) if what == "read" else (NOTE,) if what in {"conflict", "close"} else ()
        opened = casefile.open_case(app, groups, risk=index % 5, notes=notes, phone=f"+86138001380{index:02d}")
        file[what] = opened.number
    with app.app_context():
        counselor = seed.actor("zixun")
        with write_transaction():
            case = queries.get_case(counselor, file["read"])
            note = queries.list_notes(case.id)[0]
            service.correct_note(note, f"{NOTE}（补充：孩子也在旁边。）", version=1, actor=counselor)
            for answer in (8, 6, 3):
                service.record_measure(case, "distress", {"now": answer}, actor=counselor)
        db.session.remove()
        db.engine.dispose()


def test_a_routine_note_takes_five_interactions(
    live: str, open_page: Callable[..., Page], sign_in_by_hand: Callable[..., None], file: dict[str, str]
) -> None:
    page = open_page(live)
    sign_in_by_hand(page, "zixun")
    page.goto(f"/cases/{file['write']}")
    steps: list[Callable[[], object]] = [
        lambda: page.get_by_label("电话", exact=True).check(force=True),
        lambda: page.get_by_label("情绪支持", exact=True).check(force=True),
        lambda: page.get_by_label("记录内容").fill(NOTE),
        lambda: page.get_by_label("时长").fill("50"),
        lambda: page.get_by_role("button", name="保存记录").click(),
    ]
    for step in steps:
        step()
    page.wait_for_url(f"**/cases/{file['write']}")
    page.locator(".timeline").get_by_text(NOTE).wait_for()
    assert len(steps) <= MOST_INTERACTIONS
    assert page.locator(".notice-success").inner_text().strip() == "已保存。"


def test_the_whole_note_is_written_with_the_keyboard(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], file: dict[str, str]
) -> None:
    page = open_page(live)
    sign_in(page, "zixun")
    page.goto(f"/cases/{file['plain']}")
    page.locator("#kind-0").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "text":
            break
    page.keyboard.type("键盘写的记录")
    page.keyboard.press("Control+Enter")
    page.locator(".timeline").get_by_text("键盘写的记录").wait_for()


def test_words_survive_the_loss_of_the_window(
    live: str, open_page: Callable[..., Page], sign_in_by_hand: Callable[..., None], file: dict[str, str]
) -> None:
    page = open_page(live)
    sign_in_by_hand(page, "zixun")
    page.goto(f"/cases/{file['draft']}")
    page.get_by_label("家访", exact=True).check(force=True)
    page.get_by_label("记录内容").fill("写到一半就断电")
    page.get_by_text("已自动保存").wait_for(timeout=2000)
    page.close()
    again = open_page(live)
    sign_in_by_hand(again, "zixun")
    again.get_by_text("有写了一半的记录").wait_for()
    again.get_by_role("link", name=file["draft"]).first.click()
    assert again.get_by_label("记录内容").input_value() == "写到一半就断电"
    assert again.get_by_label("家访", exact=True).is_checked()
    screenshot(again, "counselor-draft-restored", whole=True)
    axe(again)
    again.get_by_role("button", name="删除草稿").click()
    again.wait_for_url(f"**/cases/{file['draft']}")
    assert again.get_by_label("记录内容").input_value() == ""


def test_words_survive_the_end_of_the_session(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], file: dict[str, str]
) -> None:
    page = open_page(live)
    sign_in(page, "zixun")
    page.goto(f"/cases/{file['draft']}")
    with closing(sqlite3.connect(file["database"], timeout=15)) as database:
        database.execute("DELETE FROM people_session")
        database.commit()
    page.get_by_label("记录内容").fill("登录过期时写的话")
    page.get_by_text("登录已过期，已填写的内容没有丢失").wait_for()
    page.get_by_role("button", name="保存记录").click()
    assert page.get_by_label("记录内容").input_value() == "登录过期时写的话"
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="在新窗口登录").click()
    sign_in(opened.value, "zixun")
    page.get_by_text("已自动保存").wait_for()
    page.get_by_label("电话", exact=True).check(force=True)
    page.get_by_role("button", name="保存记录").click()
    page.locator(".timeline").get_by_text("登录过期时写的话").wait_for()


def test_two_windows_show_both_texts_and_overwrite_neither(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], file: dict[str, str]
) -> None:
    first = open_page(live)
    sign_in(first, "zixun")
    second = first.context.new_page()
    for page in (first, second):
        page.goto(f"/cases/{file['conflict']}")
    first.get_by_label("记录内容").fill("第一个窗口写的")
    first.get_by_text("已自动保存").wait_for()
    second.get_by_label("记录内容").fill("第二个窗口写的")
    second.get_by_text("第一个窗口写的").wait_for()
    assert second.get_by_label("记录内容").input_value() == "第二个窗口写的"
    screenshot(second, "counselor-draft-conflict", whole=True)
    axe(second)
    second.get_by_role("button", name="保留这里的内容").click()
    second.get_by_text("已自动保存").wait_for()


def test_two_corrections_of_one_note_stand_side_by_side(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], file: dict[str, str]
) -> None:
    first = open_page(live)
    sign_in(first, "zixun")
    second = first.context.new_page()
    for page in (first, second):
        page.goto(f"/cases/{file['conflict']}")
        page.locator(".note-action a").first.click()
    first.get_by_label("记录内容").fill("第一个窗口的更正")
    first.get_by_role("button", name="保存更正").click()
    first.locator(".timeline").get_by_text("第一个窗口的更正").wait_for()
    second.get_by_label("记录内容").fill("第二个窗口的更正")
    second.get_by_role("button", name="保存更正").click()
    second.get_by_text("现在的版本", exact=True).wait_for()
    assert "第一个窗口的更正" in second.locator("#theirs").inner_text()
    assert second.get_by_label("记录内容").input_value() == "第二个窗口的更正"
    screenshot(second, "counselor-correction-conflict", whole=True)
    axe(second)
    second.get_by_role("button", name="以你的版本更正").click()
    second.locator(".timeline").get_by_text("第二个窗口的更正").wait_for()


def test_a_session_without_channel_is_refused_and_nothing_is_lost(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], file: dict[str, str]
) -> None:
    page = open_page(live)
    sign_in(page, "zixun")
    page.goto(f"/cases/{file['phone']}")
    page.get_by_label("记录内容").fill(NOTE)
    page.get_by_role("button", name="保存记录").click()
    summary = page.locator("[data-error-summary]")
    summary.wait_for()
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
    assert page.get_by_label("记录内容").input_value() == NOTE
    summary.get_by_role("link").click()
    assert page.evaluate("document.activeElement.name") == "channel"
    screenshot(page, "counselor-error", whole=True)
    axe(page)


def test_typing_with_an_input_method_submits_nothing(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], file: dict[str, str]
) -> None:
    page = open_page(live)
    sign_in(page, "zixun")
    page.goto(f"/cases/{file['phone']}")
    page.get_by_label("记录内容").fill("候选词")
    page.get_by_label("记录内容").dispatch_event(
        "keydown", {"key": "Enter", "ctrlKey": True, "isComposing": True, "bubbles": True}
    )
    page.wait_for_timeout(300)
    assert page.url.endswith(f"/cases/{file['phone']}")
    assert page.locator("[data-error-summary]").count() == 0


def test_everything_works_without_scripts(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], file: dict[str, str]
) -> None:
    page = open_page(live, java_script_enabled=False)
    sign_in(page, "zixun")
    page.goto(f"/cases/{file['phone']}")
    page.get_by_label("记录内容").fill("没有脚本时的草稿")
    page.get_by_role("button", name="存草稿").click()
    assert page.get_by_label("记录内容").input_value() == "没有脚本时的草稿"
    page.get_by_label("微信", exact=True).check(force=True)
    page.get_by_role("button", name="保存记录").click()
    assert page.locator(".timeline").get_by_text("没有脚本时的草稿").count() == 1


def test_a_case_is_measured_moved_and_closed(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], file: dict[str, str]
) -> None:
    page = open_page(live)
    sign_in(page, "zixun")
    page.goto(f"/cases/{file['close']}")
    page.get_by_role("button", name="进入此阶段").click()
    page.locator(".steps [aria-current=step]").get_by_text("预估").wait_for()
    page.get_by_role("link", name="结束个案").click()
    page.get_by_label("服务对象要求结束").check(force=True)
    page.get_by_role("button", name="确认结案").click()
    page.locator("[data-error-summary]").get_by_text("还没有做过评估").wait_for()
    screenshot(page, "counselor-close-refused", whole=True)
    axe(page)
    page.get_by_role("link", name="评估与量表").first.click()
    page.get_by_label("4", exact=True).check(force=True)
    page.get_by_role("button", name="保存评估").click()
    page.goto(f"/cases/{file['close']}/close")
    page.get_by_label("服务对象要求结束").check(force=True)
    page.get_by_role("button", name="确认结案").click()
    page.wait_for_url("**/cases")
    assert page.locator(".notice-success").inner_text().strip() == f"个案 {file['close']} 已结案。"


def test_unmasking_is_one_press_and_gone_after_it(
    live: str, open_page: Callable[..., Page], sign_in: Callable[..., None], file: dict[str, str]
) -> None:
    page = open_page(live)
    sign_in(page, "zixun")
    page.goto(f"/cases/{file['read']}")
    page.get_by_role("button", name="显示身份").click()
    page.get_by_text("本次查看已留痕").wait_for()
    assert "欧阳金丝雀" in page.locator("main").inner_text()
    screenshot(page, "counselor-identity", whole=True)
    axe(page)
    page.get_by_role("link", name="返回个案").click()
    assert "欧阳金丝雀" not in page.locator("body").inner_text()


@LOOKS
@pytest.mark.parametrize("login", ["zixun", "dudao"])
def test_every_page_is_accessible_and_fits(
    open_page: Callable[..., Page],
    sign_in: Callable[..., None],
    file: dict[str, str],
    login: str,
    *,
    live: str,
    size: str,
    language: str,
) -> None:
    page = open_page(live, SIZES[size])
    sign_in(page, login)
    number = file["read"]
    faults = []
    for name, path in (
        ("list", "/cases"),
        ("filtered", "/cases?risk=high&population=child"),
        ("case", f"/cases/{number}"),
        ("notes", f"/cases/{number}?kind=note"),
        ("measures", f"/cases/{number}/measures"),
        ("close", f"/cases/{number}/close"),
    ):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        screenshot(page, f"counselor-{login}-{name}-{size}-{language}", whole=True)
        faults += [f"{name}: {each}" for each in overflow(page)]
        axe(page, f"{name} {size} {language}")
    if login == "zixun":
        page.goto(f"/cases/{number}")
        page.locator(".note-action a").first.click()
        screenshot(page, f"counselor-{login}-correct-{size}-{language}", whole=True)
        axe(page, f"correct {size} {language}")
    assert not faults, "\n".join(faults)
