"""The watch sees what it is there for: each offence is planted once and must be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.support import styleguide
from tests.browser.support.watch import Watch, axe, overflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

PAGE = "<!doctype html><html lang=en><title>x</title><main><h1>x</h1>{}</main></html>"
OFFENCES = {
    "inline style": ('<p style="color:red">x</p>', "against the content security policy: style-src"),
    "inline script": ("<script>1</script>", "against the content security policy: script-src"),
    "another host": ('<link rel="stylesheet" href="http://192.0.2.1/x.css">', "request to another host"),
    "script error": ('<script src="/broken.js"></script>', "script error"),
    "console error": ('<script src="/noisy.js"></script>', "console error: noise"),
}


@pytest.fixture(scope="module")
def planted() -> Iterator[str]:
    """Give the style guide with pages that break the rules."""
    app = styleguide.make_app()
    scripts = {"broken": "null.x", "noisy": "console.error('noise')"}
    app.add_url_rule("/planted/<name>", "planted", lambda name: PAGE.format(OFFENCES[name][0]))
    app.add_url_rule("/<name>.js", "script", lambda name: (scripts[name], {"Content-Type": "text/javascript"}))
    app.add_url_rule("/unlabelled", "unlabelled", lambda: PAGE.format("<input>"))
    app.add_url_rule("/wide", "wide", lambda: PAGE.format('<table width="3000"><tr><td>x</table>'))
    yield from styleguide.serve(app)


@pytest.mark.parametrize("name", OFFENCES)
def test_an_offence_is_found(chromium: Browser, planted: str, name: str) -> None:
    context = chromium.new_context(base_url=planted)
    watch = Watch(context, planted)
    page = context.new_page()
    page.goto(f"/planted/{name}", wait_until="domcontentloaded")
    page.wait_for_timeout(200)
    context.close()
    with pytest.raises(AssertionError, match=OFFENCES[name][1]):
        watch.check()


def test_axe_finds_an_unlabelled_field(chromium: Browser, planted: str) -> None:
    page = chromium.new_page(base_url=planted)
    page.goto("/unlabelled")
    with pytest.raises(AssertionError, match="label"):
        axe(page)
    page.context.close()


def test_a_page_wider_than_its_window_is_found(chromium: Browser, planted: str) -> None:
    page = chromium.new_page(base_url=planted)
    page.goto("/wide")
    assert overflow(page)[-1] == "page is too wide"
    page.context.close()
