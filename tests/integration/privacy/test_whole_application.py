"""The auditor in the whole application: signed in through the front door, on a migrated database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from casework.core.db import session, write_transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.support.client import CheckedClient


def test_the_auditor_sees_who_signed_in_and_the_trail_is_sound(
    app: Flask, sign_in: Callable[[str], CheckedClient]
) -> None:
    client = sign_in("shenji")
    assert "登录" in client.get("/audit?action=account.signed_in").text
    assert client.get("/privacy/rules").status_code == 200
    result = app.test_cli_runner().invoke(args=["casework", "audit", "verify"])
    assert result.exit_code == 0, result.output
    assert "结论：审计记录完整。" in result.output


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET role = 'lead'", "DELETE FROM audit_entry"])
def test_a_migrated_database_refuses_to_change_or_delete_entries(app: Flask, statement: str) -> None:
    with app.app_context():
        count = session().scalar(sa.text("SELECT count(*) FROM audit_entry"))
        assert count, "the programme was loaded, so there are entries"
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), write_transaction() as current:
            current.execute(sa.text(statement))
