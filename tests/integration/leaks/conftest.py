"""One story on each database, told once, and everything it left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import request

from casework.app import create_app
from casework.core.db import db
from casework.security import guard
from tests.integration.leaks import story
from tests.integration.leaks.witness import Evidence, Witness
from tests.support import engines, seed
from tests.support.canaries import overheard
from tests.support.engines import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask


@guard.signed_in
def failing() -> str:
    """Fail as a careless program would, with somebody's words in the message."""
    raise ValueError(str(request.form))


@pytest.fixture(scope="module", params=list(Engine), ids=str)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Tell the story on every database."""
    chosen: Engine = request.param
    if chosen is Engine.POSTGRESQL and engines.postgresql_missing():
        pytest.skip(f"PostgreSQL {engines.postgresql_missing()}")
    return chosen


@pytest.fixture(scope="module")
def evidence(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """Give what the story left behind; the application still runs, so that its WAL lies there too."""
    folder = tmp_path_factory.mktemp(f"leaks-{engine}") / "instance"
    with engines.new_database(engine, "leaks") as name:
        url = engines.address_of(name) if name else ""
        seed.prepare_in(folder, url)
        with overheard() as heard:
            found = Evidence(_application(folder, url), folder, url, heard)
            story.tell(found)
            yield found
        with found.app.app_context():
            db.session.remove()
            db.engine.dispose()


def _application(folder: Path, url: str) -> Flask:
    app = create_app(engines.settings_of(folder, url))
    app.test_client_class = Witness
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule(story.FAILING, view_func=failing, methods=["POST"])
    return app
