"""Practice in a real browser: from the desk of a novice to the first real call, in both languages and both sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from casework.intake.rules import required_steps
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.support.watch import axe_faults, overflow, screenshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Request

    Open = Callable[..., Page]
    SignIn = Callable[..., None]

ABOUT: dict[str, list[str]] = {
    "call_type": ["self"],
    "sex": ["female"],
    "age_band": ["36_59"],
    "population": ["none"],
    "topics": ["sleep"],
    "risk": ["none"],
    "outcome": ["supported"],
}
WORDS = "睡不着两周，教了放松呼吸，约定必要时再打来。"
MARK = {"zh": "练习模式 不是真实来电", "en": "PRACTICE – not a real call"}
# How much a browser keeps for this site, of whatever kind; the desk makes an empty database.
STORED = """async () => {
  let count = localStorage.length + sessionStorage.length;
  for (const { name } of await indexedDB.databases()) {
    const base = await new Promise((done) => (indexedDB.open(name).onsuccess = (event) => done(event.target.result)));
    for (const store of base.objectStoreNames) {
      const asked = base.transaction(store).objectStore(store).count();
      count += await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
    }
    base.close();
  }
  return count;
}"""
STEPS = [*map(str, required_steps(3))]


def sound(page: Page, name: str) -> None:
    """Fail when the page is too wide or breaks a rule of axe."""
    faults = [*overflow(page), *axe_faults(page)]
    screenshot(page, f"practice-{name}", whole=True)
    assert not faults, "\n".join(faults)


def fill(page: Page, answers: dict[str, list[str]]) -> None:
    for name, values in answers.items():
        for value in values:
            # The panel of danger grows meanwhile and moves what is below it under the bar of buttons.
            page.locator(f"[name={name}][value='{value}']").evaluate("input => input.checked || input.click()")
    page.locator("[name=summary]").fill(WORDS)


def finish(page: Page) -> None:
    page.locator("button[value=finish]").click()
    page.wait_for_load_state()


def mark_of(page: Page) -> Any:  # noqa: ANN401 - what the browser computes
    return page.evaluate(
        """() => {
          const mark = document.querySelector('.watermark');
          const style = getComputedStyle(mark, '::before');
          return [style.content, getComputedStyle(mark).position, parseFloat(style.opacity) > 0.05,
                  getComputedStyle(mark).pointerEvents];
        }"""
    )


def routine(page: Page) -> None:
    page.goto("/calls/practice/practice_routine")
    finish(page)
    page.locator("[data-error-summary] a").first.wait_for()
    fill(page, ABOUT)
    finish(page)
    page.wait_for_url("**/calls/practice")


def silent(page: Page) -> None:
    page.goto("/calls/practice/practice_silent")
    page.locator("[name=call_type][value=silent]").check(force=True)
    finish(page)
    page.wait_for_url("**/calls/practice")


def high_risk(page: Page, size: str, language: str) -> None:
    """Go through the dangerous story: first without the steps, which are asked for, then with all of them."""
    page.goto("/calls/practice/practice_high_risk")
    assert mark_of(page) == [f'"{MARK[language]}"', "fixed", True, "none"]
    page.emulate_media(media="print")
    assert mark_of(page) == [f'"{MARK[language]}"', "fixed", True, "none"]
    page.emulate_media(media="screen")
    fill(page, {**ABOUT, "risk": ["plan_72h"], "hopelessness": ["9"], "distress_before": ["9"]})
    sound(page, f"high-{size}-{language}")
    finish(page)
    assert page.locator("[data-error-summary] li").count() == 1 + len(STEPS)
    sound(page, f"missing-{size}-{language}")
    page.keyboard.press("Alt+KeyU")
    page.locator("[data-help][data-state=acknowledged]").wait_for()
    for code in STEPS:
        page.locator(f"[data-step={code}] button[value=done]").click()
        page.locator(f"[data-step={code}][data-state=done]").wait_for()
    finish(page)
    page.wait_for_url("**/calls/practice")


def confirm_all(page: Page) -> None:
    page.goto("/calls/readiness")
    buttons = page.locator("form[action*='/steps/'] button[value=done]")
    while buttons.count():
        buttons.first.click()
        page.wait_for_load_state()


@pytest.mark.parametrize(("size", "language"), [("desk", "zh"), ("phone", "en")])
def test_a_novice_practises_is_let_in_and_logs_a_real_call(
    live: str, open_page: Open, sign_in: SignIn, size: str, language: str
) -> None:
    window = {"desk": DESKTOP, "phone": PHONE}[size]
    board, page = open_page(live, window), open_page(live, window)
    sign_in(board, "dudao")
    sign_in(page, "zhiyuan")
    for each in (board, page):
        each.goto(f"/me?lang={language}")
    board.goto("/calls/readiness")
    board.locator(".confirm summary").first.click()
    board.locator(".confirm-panel button[type=submit]").first.click()
    board.locator(".status-waiting").first.wait_for()
    sound(board, f"readiness-{size}-{language}")
    page.goto("/calls")
    assert page.locator(".btn-start").count() == 0
    sound(page, f"desk-{size}-{language}")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(_named(request)))
    page.goto("/calls/practice")
    sound(page, f"steps-{size}-{language}")
    routine(page)
    silent(page)
    high_risk(page, size, language)
    assert not [each for each in sent if "/calls/drafts" in each or "/calls/repeat" in each or "/calls/new" in each]
    if page.locator("form[action$='/guide'] button").count():
        page.locator("form[action$='/guide'] button").click()
        page.wait_for_load_state()
    confirm_all(board)
    board.locator("button[value=admit]").click()
    board.locator(".status-done").first.wait_for()
    page.goto("/calls")
    page.locator(".btn-start").click()
    fill(page, ABOUT)
    page.locator("#save-state[data-kind=saved]").wait_for()
    finish(page)
    page.wait_for_url("**/calls")
    assert page.locator("tbody tr").count() >= 1


def test_nothing_typed_in_practice_stays_in_the_browser(live: str, open_page: Open, sign_in: SignIn) -> None:
    page = open_page(live)
    sign_in(page, "zhiyuan")
    page.goto("/calls/practice/practice_routine")
    page.locator("[name=caller_phone]").fill("13800138000")
    fill(page, ABOUT)
    page.wait_for_timeout(2500)
    assert page.evaluate(STORED) == 0
    page.goto("/calls")
    assert not page.locator("[data-copies]").is_visible()


def _named(request: Request) -> str:
    return f"{request.method} {request.url}"
