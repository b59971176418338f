"""An empty machine is set up by one command; a demonstration and production never meet in one database."""

from __future__ import annotations

import json
import re
import stat
from typing import TYPE_CHECKING

import click
import pytest
import sqlalchemy as sa
import structlog

from casework.app import create_app
from casework.cli.demo import accounts, history
from casework.core.db import db, write_transaction
from casework.intake import queries as intake
from casework.intake.rules import is_high_risk
from casework.intake.types import Repeat
from casework.people import queries as people
from casework.people.service import actor_of
from casework.programme import queries as programme_queries
from casework.programme import service as programme
from casework.security.actor import Actor
from casework.security.roles import Role
from casework.vault import service as vault
from config import LogLevel, Mode, Settings, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from flask import Flask

pytestmark = pytest.mark.sqlite_only


def invoked(app: Flask, *words: str) -> Result:
    # The ``flask`` command runs every command inside the application; the runner of tests does not.
    with app.app_context():
        return app.test_cli_runner().invoke(args=["casework", *words])


def run(app: Flask, *words: str) -> str:
    answer = invoked(app, *words)
    assert answer.exit_code == 0, answer.output
    return answer.output


def released(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def production(folder: Path) -> Settings:
    return Settings(instance_path=folder)


def demonstration(folder: Path) -> Settings:
    return Settings(instance_path=folder, mode=Mode.DEMO)


def test_production_begins_with_one_administrator_and_a_one_time_password(tmp_path: Path) -> None:
    app = create_app(production(tmp_path))
    said = run(app, "init", "--recovery-key", str(tmp_path / "recovery.key"))
    found = re.search(r"sign in as (\S+) with the one-time password (\S+)", said)
    assert found is not None
    with app.app_context():
        actor = actor_of(found[1], found[2])
        assert actor.role is Role.ADMINISTRATOR
        account = people.get_account(actor, actor.account_id)
        assert account.must_change_password
    assert stat.S_IMODE((tmp_path / "keyring.json").stat().st_mode) == 0o400
    assert stat.S_IMODE((tmp_path / "recovery.key").stat().st_mode) == 0o600
    again = run(app, "init")
    assert "one-time" not in again
    assert again.count("already there") == 4
    released(app)


def test_the_recovery_key_is_printed_where_no_file_is_named(tmp_path: Path) -> None:
    app = create_app(production(tmp_path))
    said = run(app, "init")
    lines = re.findall(r"^  ([A-Z2-7]+)$", said, re.MULTILINE)
    assert len("".join(lines)) == 154
    assert not (tmp_path / "recovery.key").exists()
    released(app)


def has_recovery_key(app: Flask) -> bool:
    with app.app_context():
        return vault.has_recovery_key()


def test_a_recovery_key_that_cannot_be_written_is_not_made_and_init_can_be_repeated(tmp_path: Path) -> None:
    app = create_app(production(tmp_path / "instance"))
    answer = invoked(app, "init", "--recovery-key", str(tmp_path / "missing" / "recovery.key"))
    assert answer.exit_code == 1
    assert "cannot be created (No such file or directory)" in answer.output
    assert not has_recovery_key(app)
    target = tmp_path / "recovery.key"
    assert "recovery key: written" in run(app, "init", "--recovery-key", str(target))
    assert len(target.read_text().strip()) == 154
    assert has_recovery_key(app)
    released(app)


def test_a_file_that_is_there_is_never_overwritten_by_the_recovery_key(tmp_path: Path) -> None:
    app, target = create_app(production(tmp_path / "instance")), tmp_path / "recovery.key"
    target.write_text("the key of another system\n")
    answer = invoked(app, "init", "--recovery-key", str(target))
    assert answer.exit_code == 1
    assert "File exists" in answer.output
    assert target.read_text() == "the key of another system\n"
    assert not has_recovery_key(app)
    released(app)


def test_a_recovery_key_that_the_database_does_not_take_leaves_no_file(tmp_path: Path) -> None:
    app, target = create_app(production(tmp_path / "instance")), tmp_path / "recovery.key"

    def fail_once_written(_connection: sa.Connection) -> None:
        if target.exists():
            msg = "the database is gone"
            raise OSError(msg)

    with app.app_context():
        sa.event.listen(db.engine, "commit", fail_once_written)
    assert isinstance(invoked(app, "init", "--recovery-key", str(target)).exception, OSError)
    assert not target.exists()
    assert not has_recovery_key(app)
    released(app)


def test_a_recovery_key_that_nobody_could_read_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, genuine = create_app(production(tmp_path)), click.echo

    def echo(message: str) -> None:
        if "recovery key" in message:
            raise BrokenPipeError
        genuine(message)

    with monkeypatch.context() as patch:
        patch.setattr(click, "echo", echo)
        assert invoked(app, "init").exit_code != 0
    assert not has_recovery_key(app)
    assert "recovery key: print this" in run(app, "init")
    released(app)


def another_programme(folder: Path) -> Path:
    content = json.loads(programme.BUNDLED.read_text(encoding="utf-8"))
    content["programme"]["name"] = "另一个项目"
    path = folder / "other.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_init_leaves_the_programme_that_is_there_and_says_when_another_one_is_asked_for(tmp_path: Path) -> None:
    app, other = create_app(production(tmp_path / "instance")), another_programme(tmp_path)
    assert "programme: loaded" in run(app, "init", "--programme", str(other))
    assert "programme: already there" in run(app, "init")
    assert "programme: already there" in run(app, "init", "--programme", str(other))
    with app.app_context():
        found = programme_queries.find_programme()
        assert found is not None
        assert found.name == "另一个项目"
    answer = invoked(app, "init", "--programme", str(programme.BUNDLED))
    assert answer.exit_code == 1
    assert answer.output.splitlines()[-1].startswith("Error: 系统里已有另一个项目")
    released(app)


def test_a_programme_file_with_faults_is_named_and_nothing_is_loaded(tmp_path: Path) -> None:
    app, broken = create_app(production(tmp_path / "instance")), tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    answer = invoked(app, "init", "--programme", str(broken))
    assert answer.exit_code == 1
    assert answer.output.splitlines()[-1].startswith("Error: 项目文件不能读取")
    assert "programme: loaded" in run(app, "init")
    released(app)


def test_demonstration_data_stays_out_of_production_and_production_out_of_the_demonstration(tmp_path: Path) -> None:
    app = create_app(production(tmp_path / "real"))
    run(app, "init")
    assert invoked(app, "demo", "--calls", "5").exit_code != 0
    released(app)
    for mode in (Mode.DEMO, Mode.TESTING):
        with pytest.raises(SettingsError, match="not a demonstration"):
            create_app(Settings(instance_path=tmp_path / "real", mode=mode))


def test_a_demonstration_is_filled_once_and_production_refuses_to_start_on_it(tmp_path: Path) -> None:
    app = create_app(demonstration(tmp_path))
    run(app, "init")
    said = run(app, "demo", "--calls", "300", "--seed", "7")
    assert "calls: 300" in said
    assert "already there" in run(app, "demo", "--calls", "40")
    assert "CASEWORK_MODE=demo" in (tmp_path / "casework.env").read_text()
    with app.app_context(), write_transaction():
        names = people.names_of(people.holders_of_role(Role.OFFICE, None))
        assert list(names.values()) == ["吴主任"]
        assert Actor.system().private_key is None
        codes = [place.code for place in programme_queries.list_subprojects(Actor.system())]
        logins = [each for each in history.everybody() if each.role is Role.SUPERVISOR]
    assert {each.place for each in logins} == set(codes)
    for each in logins:
        with app.app_context():
            supervisor = accounts.signed_in(each)
            waiting = intake.list_waiting(supervisor).items
        assert any(is_high_risk(call.risk_level) for call in waiting), f"{each.place}: nobody at high risk waits"
        assert any(call.repeat == Repeat.REPEAT for call in waiting), f"{each.place}: nobody who called before waits"
        assert len(waiting) >= 3
    released(app)
    with pytest.raises(SettingsError, match="production refuses"):
        create_app(production(tmp_path))


def test_production_refuses_to_start_on_a_database_of_tests(tmp_path: Path) -> None:
    app = create_app(Settings(instance_path=tmp_path, mode=Mode.TESTING))
    run(app, "init")
    released(app)
    with pytest.raises(SettingsError, match="production refuses"):
        create_app(production(tmp_path))


@pytest.mark.parametrize("address", ["sqlite:///{0}", "postgresql+psycopg://nobody@127.0.0.1:1/nothing"])
@pytest.mark.parametrize("mode", Mode)
def test_a_database_that_does_not_answer_is_not_taken_for_an_empty_one(
    tmp_path: Path, address: str, mode: Mode
) -> None:
    # A folder is no database file, and nobody listens on the first port.
    settings = Settings(instance_path=tmp_path, mode=mode, database_url=address.format(tmp_path))
    with pytest.raises(sa.exc.OperationalError):
        create_app(settings)


def test_what_is_less_important_than_the_log_level_is_not_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = structlog.get_logger("casework")
    for level, said in ((LogLevel.INFO, "begins ends"), (LogLevel.ERROR, "ends")):
        released(create_app(Settings(instance_path=tmp_path, log_level=level)))
        log.info("begins")
        log.error("ends")
        heard = capsys.readouterr().out
        assert " ".join(word for word in ("begins", "ends") if word in heard) == said
    released(create_app(production(tmp_path)))
