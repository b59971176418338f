"""What every test may ask for, and what none may do."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.engine import Engine as SqlEngine
from werkzeug.routing import Rule

from casework.core.db import db
from tests.support import engines, seed
from tests.support.client import CheckedClient
from tests.support.engines import Engine, Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

    from casework.security.actor import Actor

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_prepared: dict[tuple[Engine, Callable[[Engine, Path], Prepared]], Prepared] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Stop before the first test when something required is missing."""
    if not hasattr(config, "workerinput") and not config.option.collectonly and engines.unmet():
        raise pytest.UsageError("\n".join(engines.unmet()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out engines that would prove nothing, and say why what cannot run does not.

    Long tests come first, so that in the end no process waits for the last of another.
    """
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        (left if _pointless(item) else kept).append(item)
    items[:] = sorted(kept, key=lambda item: item.get_closest_marker("long") is None)
    config.hook.pytest_deselected(items=left)
    for item in kept:
        reason = _impossible(item)
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


def _engine_of(item: pytest.Item) -> Engine | None:
    params: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return params.get("engine")


def _pointless(item: pytest.Item) -> bool:
    marks = {Engine.SQLITE: "postgresql_only", Engine.POSTGRESQL: "sqlite_only"}
    engine = _engine_of(item)
    return engine is not None and item.get_closest_marker(marks[engine]) is not None


def _impossible(item: pytest.Item) -> str | None:
    if item.get_closest_marker("browser") is not None and engines.browser_missing():
        return engines.browser_missing()
    if _engine_of(item) is Engine.POSTGRESQL and engines.postgresql_missing():
        return f"PostgreSQL {engines.postgresql_missing()}"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which databases and browser took part, and why the others did not."""
    passed = [report.nodeid for report in terminalreporter.stats.get("passed", []) if report.when == "call"]

    def line(name: str, missing: str | None, ran: int) -> str:
        return f"{name}: did not run: {missing}" if missing else f"{name}: {ran} tests passed on it"

    terminalreporter.section("engines")
    on = {engine: sum(f"[{engine}" in name or f"-{engine}" in name for name in passed) for engine in Engine}
    terminalreporter.write_line(line("SQLite", None, on[Engine.SQLITE]))
    terminalreporter.write_line(line("PostgreSQL", engines.postgresql_missing(), on[Engine.POSTGRESQL]))
    in_browser = sum("tests/browser/" in name for name in passed)
    terminalreporter.write_line(line("Browser", engines.browser_missing(), in_browser))


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    genuine = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - sockets take what their family takes
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in LOOPBACK:
            msg = f"a test tried to reach {address[0]}"
            raise PermissionError(msg)
        genuine(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


@pytest.fixture(autouse=True)
def _no_database_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let unit tests run in milliseconds: a database access is a fault of the test or of the design."""
    if "/tests/unit/" not in request.path.as_posix():
        return

    def refuse(_self: object, *_args: object, **_kwargs: object) -> None:
        msg = "a unit test touched the database"
        raise PermissionError(msg)

    monkeypatch.setattr(SqlEngine, "connect", refuse)
    monkeypatch.setattr(SqlEngine, "raw_connection", refuse)


@pytest.fixture(autouse=True, scope="session")
def _addresses_built_once() -> Iterator[None]:
    """Let all applications of this process share what Werkzeug compiles for a rule, most of what making one costs."""
    genuine = Rule._compile_builder
    built: dict[str, Any] = {}

    def build(self: Rule, append_unknown: bool = True) -> Any:  # noqa: ANN401 - Werkzeug's own
        key = f"{self._trace} {self.defaults} {append_unknown}"
        if key not in built:
            built[key] = genuine(self, append_unknown)
        return built[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", build)
        yield


@pytest.fixture(params=list(Engine), ids=str)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Run the test on every database, unless it is marked ``sqlite_only`` or ``postgresql_only``."""
    chosen: Engine = request.param
    return chosen


@pytest.fixture(scope="session")
def _template_databases() -> Iterator[None]:
    yield
    engines.drop_copies()
    for prepared in _prepared.values():
        if prepared.database:
            engines.drop_database(prepared.database)
    _prepared.clear()


@pytest.fixture(scope="session")
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Give a shelf of compiled templates: each test has an application of its own, and compiling took most of it."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def prepared(engine: Engine, tmp_path_factory: pytest.TempPathFactory, _template_databases: None) -> Prepared:
    """Give the migrated and initialised database of which each test gets a copy; made once in a process."""
    return _made_once(engine, seed.prepare, tmp_path_factory)


def _made_once(
    engine: Engine, make: Callable[[Engine, Path], Prepared], tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    if (engine, make) not in _prepared:
        _prepared[engine, make] = make(engine, tmp_path_factory.mktemp(f"prepared-{engine}") / "instance")
    return _prepared[engine, make]


@pytest.fixture
def app(prepared: Prepared, tmp_path: Path, _compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """Give the application on a database of its own: migrated, with programme, pledges and demo accounts."""
    from casework.app import create_app  # noqa: PLC0415 - unit tests must not pay for all packages

    with engines.copied(prepared, tmp_path / "instance") as settings:
        application = create_app(settings)
        application.jinja_env.bytecode_cache = _compiled_templates
        application.test_client_class = CheckedClient
        yield application
        with application.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def bare_app(
    engine: Engine, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, _template_databases: None
) -> Iterator[Flask]:
    """Give an application without views: settings, keyring, languages and the tables of all models, but no row."""
    prepared = _made_once(engine, seed.prepare_bare, tmp_path_factory)
    with engines.copied(prepared, tmp_path / "instance") as settings:
        application = seed.bare_app(settings)
        yield application
        with application.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    """Give a client that nobody is signed in with."""
    return seed.client_of(app)


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], CheckedClient]:
    """Give a function that returns a client in which a demo account is signed in."""
    return lambda login: seed.sign_in(app, login)


@pytest.fixture
def actor(app: Flask) -> Iterator[Callable[[str], Actor]]:
    """Give a function that returns a demo account as an actor with an open private key.

    The test stands in an application context in write mode until it ends; it commits by itself where others must see
    what it wrote. Requests made through a client run in contexts of their own.
    """
    with ExitStack() as stack:
        stack.enter_context(app.app_context())
        yield seed.actor
        db.session.rollback()
