from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casework.audit.verify import contents, register_digest_source
from casework.core.db import db
from tests.integration.audit.ledger import Ledger, create_tables, make_app, read_sealed
from tests.support import engines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.engines import Engine


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    # Digest sources belong to the process; here there is only the ledger's own.
    monkeypatch.setattr(contents, "_sources", {})
    register_digest_source("thing", read_sealed)
    with engines.new_database(engine, "ledger") as name:
        url = engines.address_of(name) if name else f"sqlite:///{tmp_path / 'ledger.sqlite'}"
        app = make_app(url, tmp_path)
        with app.app_context():
            create_tables()
            yield Ledger(app, url, tmp_path)
            db.session.remove()
            db.engine.dispose()
