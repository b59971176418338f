"""The last supervisor of a sub-project lost the password: no record is lost, and nobody else read one on the way."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import pytest

from casework.core.crypto import CryptoError
from casework.core.db import session, write_transaction
from casework.core.errors import Refused
from casework.core.ids import new_id
from casework.people import queries
from casework.people import service as people
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import service as vault
from casework.vault.types import GrantReason, KeyPurpose, Place
from tests.integration.people.conftest import account_of, events
from tests.support import canaries
from tests.support.seed import PASSWORD, RECOVERY_FILE, client_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from flask import Flask

    from casework.vault.types import DataKey
    from tests.support.client import CheckedClient

NOTES = 12
OWN = "tangyuan lamp river"
Sealed = list[tuple["UUID", Place, bytes]]


def write_notes(supervisor: Actor, counselor_id: UUID) -> Sealed:
    """Seal notes as the case pages do: for the circle of the sub-project and the assigned counselor."""
    assert supervisor.subproject_id is not None
    written: Sealed = []
    with write_transaction():
        for number in range(NOTES):
            key = vault.create_key(KeyPurpose.CASE, new_id(), subproject_id=supervisor.subproject_id, actor=supervisor)
            vault.grant(key, to=counselor_id, reason=GrantReason.ASSIGNED, actor=supervisor)
            place = Place("cases_note", "sealed_text", new_id())
            written.append((key.id, place, vault.seal_text(key, place, f"{canaries.NOTE} {number}")))
    return written


def opened(notes: Sealed, reader: Actor) -> list[str]:
    found = []
    for key_id, place, sealed in notes:
        try:
            key: DataKey = vault.open_key(key_id, actor=reader)
            found.append(vault.open_text(key, place, sealed))
        except (Refused, CryptoError):
            continue
    session().rollback()
    return found


def printed_key(app: Flask, folder: Path) -> Path:
    """Write the recovery key as it is printed: base32 in lines."""
    private = (app.extensions["casework.settings"].instance_path / RECOVERY_FILE).read_bytes()
    words = base64.b32encode(private).decode().rstrip("=").lower()
    target = folder / "stick.txt"
    target.write_text("\n".join(words[start : start + 52] for start in range(0, len(words), 52)) + "\n")
    return target


def new_password(app: Flask, admin: CheckedClient, login: str, account_id: UUID) -> None:
    """Let the administrator issue keys for a lost password, and the colleague choose their own."""
    shown = re.search(r'<code class="secret">([^<]+)</code>', admin.submit(f"/admin/{account_id}/keys").text)
    assert shown is not None
    client = client_of(app)
    client.submit("/login", {"login": login, "password": shown[1]})
    assert client.submit("/password", {"current": shown[1], "new": OWN}).status_code == 303


def test_the_last_supervisors_loss_is_healed_and_no_note_is_lost(
    app: Flask, sign_in: Callable[[str], CheckedClient], actor: Callable[[str], Actor], tmp_path: Path
) -> None:
    supervisor, counselor = actor("dudao"), actor("zixun")
    assert queries.holders_of_role(Role.SUPERVISOR, supervisor.subproject_id) == [supervisor.account_id]
    session().rollback()
    notes = write_notes(supervisor, counselor.account_id)
    assert len(opened(notes, supervisor)) == NOTES
    admin = sign_in("guanli")
    new_password(app, admin, "dudao", supervisor.account_id)
    renewed = people.actor_of("dudao", OWN)
    assert opened(notes, renewed) == []
    assert not opened(notes, actor("guanli"))
    result = app.test_cli_runner().invoke(
        args=["casework", "recover", "dudao", "--key", str(printed_key(app, tmp_path))]
    )
    assert result.exit_code == 0, result.output
    healed = opened(notes, people.actor_of("dudao", OWN))
    assert healed == [f"{canaries.NOTE} {number}" for number in range(NOTES)]
    assert not opened(notes, actor("guanli"))
    assert len(opened(notes, actor("zixun"))) == NOTES
    (event,) = events("recovery.used", supervisor.account_id)
    assert event.details == {"circles": 1}
    session().rollback()
    assert not canaries.search_files([app.extensions["casework.settings"].instance_path], {"note": canaries.NOTE})


@pytest.mark.sqlite_only
def test_both_lost_theirs_and_the_healed_supervisor_gives_the_counselor_everything_back(
    app: Flask, sign_in: Callable[[str], CheckedClient], actor: Callable[[str], Actor], tmp_path: Path
) -> None:
    supervisor, counselor_id = actor("dudao"), account_of("zixun").id
    session().rollback()
    notes = write_notes(supervisor, counselor_id)
    admin = sign_in("guanli")
    new_password(app, admin, "zixun", counselor_id)
    new_password(app, admin, "dudao", supervisor.account_id)
    assert opened(notes, people.actor_of("zixun", OWN)) == []
    app.test_cli_runner().invoke(args=["casework", "recover", "dudao", "--key", str(printed_key(app, tmp_path))])
    client = client_of(app)
    client.submit("/login", {"login": "dudao", "password": OWN})
    assert client.submit("/keys", action=f"/keys/{counselor_id}").status_code == 303
    assert len(opened(notes, people.actor_of("zixun", OWN))) == NOTES


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("login", "words", "said"),
    [
        ("nobody", None, "there is no account"),
        ("zixun", None, "no supervisor"),
        ("dudao", "A" * 154, "恢复密钥"),
        ("dudao", "not a key 189", "no recovery key"),
    ],
)
def test_recovery_is_refused_without_the_key_or_for_somebody_else(
    app: Flask, tmp_path: Path, login: str, words: str | None, said: str
) -> None:
    source = printed_key(app, tmp_path)
    if words is not None:
        source.write_text(words)
    result = app.test_cli_runner().invoke(args=["casework", "recover", login, "--key", str(source)])
    assert result.exit_code != 0
    assert said in result.output


@pytest.mark.sqlite_only
def test_the_key_can_be_typed_and_is_not_shown(app: Flask, tmp_path: Path) -> None:
    words = printed_key(app, tmp_path).read_text().replace("\n", " ")
    result = app.test_cli_runner().invoke(args=["casework", "recover", "dudao"], input=words + "\n")
    assert result.exit_code == 0, result.output
    assert words[:20] not in result.output


@pytest.mark.sqlite_only
def test_a_lost_administrator_is_helped_at_the_machine(app: Flask, inside: Callable[[], Any]) -> None:
    runner = app.test_cli_runner()
    assert "guanli" in runner.invoke(args=["casework", "accounts", "list"]).output
    result = runner.invoke(args=["casework", "accounts", "reset", "guanli", "--yes"])
    assert result.exit_code == 0, result.output
    password = result.output.strip().rsplit(" ", 1)[-1]
    client = client_of(app)
    assert client.submit("/login", {"login": "guanli", "password": PASSWORD}).status_code == 422
    first = client.submit("/login", {"login": "guanli", "password": password}, follow_redirects=True)
    assert first.request.path == "/password"
    with inside():
        assert len(events("account.key_renewed", account_of("guanli").id)) == 1


@pytest.mark.sqlite_only
def test_database_and_keyring_without_a_password_open_nothing(
    sign_in: Callable[[str], CheckedClient], actor: Callable[[str], Actor]
) -> None:
    """A thief with both files tries every secret of the keyring on every sealed private key."""
    supervisor = actor("dudao")
    notes = write_notes(supervisor, account_of("zixun").id)
    sign_in("dudao")
    thief = Actor(
        account_id=supervisor.account_id, role=supervisor.role, subproject_id=supervisor.subproject_id, private_key=None
    )
    assert opened(notes, thief) == []
    for guess in ("", "dudao", "nuanxin", "password"):
        with pytest.raises(Exception, match="登录名或口令不正确"):
            people.open_private_key("dudao", guess)
