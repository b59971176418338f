"""The demonstration is loud on every page, and nothing else claims to be one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from casework.app import create_app
from casework.core.db import db
from config import Mode, Settings
from tests.support import seed
from tests.support.client import CheckedClient

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

pytestmark = pytest.mark.sqlite_only

BANNER = '<p class="demo-banner">'
WORDS = "口令公开，请勿录入真实信息。"
PUBLIC = ("/login", "/help", "/nothing-here")


def is_loud(page: str) -> bool:
    assert (BANNER in page) == (WORDS in page)
    return BANNER in page


def released(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_every_page_of_the_demonstration_says_that_its_password_is_public(app: Flask) -> None:
    loud = create_app(replace(app.extensions["casework.settings"], mode=Mode.DEMO))
    loud.test_client_class = CheckedClient
    stranger, volunteer, lead = seed.client_of(loud), seed.sign_in(loud, "zhiyuan"), seed.sign_in(loud, "fuze")
    pages = [stranger.get(path).text for path in PUBLIC]
    pages += [volunteer.get(path).text for path in ("/calls/new", "/calls", "/reports")]
    pages += [lead.get(path).text for path in ("/reports", "/privacy/rules", "/calls/new")]
    assert all(map(is_loud, pages))
    assert seed.PASSWORD in pages[0]
    released(loud)


def test_no_page_of_production_does(tmp_path: Path) -> None:
    app = create_app(Settings(instance_path=tmp_path))
    with app.app_context():
        assert app.test_cli_runner().invoke(args=["casework", "init"]).exit_code == 0
    app.test_client_class = CheckedClient
    pages = [seed.client_of(app).get(path).text for path in PUBLIC]
    assert not any(map(is_loud, pages))
    assert not any(seed.PASSWORD in page for page in pages)
    released(app)
