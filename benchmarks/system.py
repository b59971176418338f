"""A whole system to measure: migrated, with programme and accounts, at the strength of production."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from casework.core.db import db
from tests.support import engines, seed
from tests.support.engines import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    import config


@dataclass(frozen=True, slots=True)
class System:
    """An application in this process, and what a server in another needs to run the same."""

    app: Flask
    engine: Engine
    settings: config.Settings

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings as a server process reads them."""
        given = {
            "CASEWORK_MODE": "testing",
            "CASEWORK_SECOND_FACTOR": "off",
            "CASEWORK_INSTANCE_PATH": str(self.settings.instance_path),
        }
        return given | ({"CASEWORK_DATABASE_URL": self.settings.database_url} if self.settings.database_url else {})


def chosen_engine() -> Engine:
    """Return the database of production where one is reachable, else the embedded one."""
    return Engine.SQLITE if engines.postgresql_missing() else Engine.POSTGRESQL


@contextmanager
def prepared_system(engine: Engine) -> Iterator[System]:
    """Give a fresh system; everything of it is gone afterwards."""
    from casework.app import create_app  # noqa: PLC0415 - the packages are loaded when a measurement begins

    with tempfile.TemporaryDirectory() as name, engines.new_database(engine, "bench") as database:
        folder = Path(name) / "instance"
        seed.prepare_in(folder, engines.address_of(database) if database else "")
        cheap = engines.settings_of(folder, engines.address_of(database) if database else "")
        settings = replace(cheap, argon2_memory_kib=64 * 1024, argon2_passes=3, argon2_lanes=4)
        app = create_app(settings)
        yield System(app, engine, settings)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
