"""The application: settings, database, gate, pages. The only place that knows all packages."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from flask import Flask, current_app, g, request
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy.engine import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from casework import cli
from casework.audit import trail
from casework.cases import views as cases_views
from casework.clients import service as clients
from casework.clients import views as clients_views
from casework.core import db as database
from casework.core import idempotency
from casework.core.db import Access, session
from casework.core.ids import new_id
from casework.core.keyring import Keyring
from casework.directory import views as directory_views
from casework.intake import queries as intake_queries
from casework.intake import service as intake
from casework.intake import views as intake_views
from casework.options import views as options_views
from casework.people import queries as people_queries
from casework.people import service as people
from casework.people import views as people_views
from casework.people.rules import keeps_duty
from casework.people.types import DUTY_NAMES, Place
from casework.privacy import views as privacy_views
from casework.programme import queries as programme_queries
from casework.programme import views as programme_views
from casework.reports import views as reports_views
from casework.security import guard, headers
from casework.security.actor import Actor
from casework.vault import service as vault
from casework.vault import views as vault_views
from casework.web import bodies, filters, i18n, pages, shell
from casework.web import views as web_views
from casework.web.lean import Unindented
from casework.web.navigation import FOLLOWUPS

if TYPE_CHECKING:
    from types import TracebackType

    from flask import Response
    from flask.typing import ResponseReturnValue

READING = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY = 1024 * 1024
COOKIE = "casework_session"
log = structlog.get_logger("casework")


class CaseworkApp(Flask):
    """A Flask application whose every request is one transaction, ended before the answer leaves."""

    json_provider_class = bodies.Json

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view, then commit its effect (or write its read events) while an error can still be shown."""
        response = self.make_response(super().dispatch_request())
        if request.endpoint == "static":
            return response
        if request.method not in READING and response.status_code < pages.FIRST_ERROR:
            idempotency.remember(response)
            session().commit()
        trail.flush_queue()
        return response

    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        """Log where it happened, never what was being handled: an exception text may hold somebody's words."""
        kind, _, stack = exc_info
        places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(stack)]
        log.error("unhandled", request=g.get("request_id"), kind=getattr(kind, "__name__", ""), places=places[-8:])


def create_app(settings: config.Settings | None = None) -> Flask:
    """Return the application. Refused (SettingsError) for an unsafe configuration or a view without an audience."""
    settings = settings or config.load()
    app = CaseworkApp(
        "casework",
        root_path=str(config.ROOT),
        template_folder="templates",
        static_folder="static",
        instance_path=str(settings.instance_path.absolute()),
    )
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(settings.log_level.lower()))
    _configure(app, settings)
    database.install(app)
    trail.install(app)
    Migrate(app, database.db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    app.before_request(_begin_request)
    app.after_request(_end_request)
    app.teardown_request(_forget_request)
    headers.install(app)
    i18n.install(app, people.locale_of)
    filters.install(app)
    pages.install(app)
    shell.tell(app, _frame_facts)
    people.install(app)
    guard.install(app, people.load_actor)
    csrf = CSRFProtect(app)
    app.before_request(_replay)
    _register(app)
    for view in guard.signed_views(app):
        # A machine has no session whose forms could be forged; its request proves itself.
        csrf.exempt(view)
    cli.install(app)
    _refuse_undeclared(app)
    _refuse_wrong_mode(app, settings)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # Flask documents this assignment
    return app


def _register(app: Flask) -> None:
    for module in (
        web_views,
        people_views,
        vault_views,
        directory_views,
        options_views,
        programme_views,
        clients_views,
        cases_views,
        intake_views,
        privacy_views,
        reports_views,
    ):
        app.register_blueprint(module.blueprint)
    # The arrows that run against the package order: a lower package is told who listens to it.
    people.register_places(_places)
    vault.listen_to_people()
    clients.listen_to_vault()
    intake.listen_to_cases()
    intake.declare_options()


def _places() -> list[Place]:
    found = programme_queries.list_subprojects(Actor.system())
    return [Place(each.id, each.name) for each in found]


def _frame_facts(actor: Actor | None) -> shell.Facts:
    programme, subproject = programme_queries.frame_names(actor.subproject_id if actor else None)
    if actor is None:
        return shell.Facts(programme, subproject)
    several = len(people_queries.own_holdings(actor)) > 1
    counts = {FOLLOWUPS.endpoint: intake_queries.count_in_menu(actor)}
    return shell.Facts(programme, subproject, several, intake_views.frame_alerts(actor), _duty(actor), counts)


def _duty(actor: Actor) -> shell.Duty | None:
    if not keeps_duty(actor.role):
        return None
    state = people_queries.duty_of(actor)
    return shell.Duty(
        str(state), str(DUTY_NAMES[state]), tuple((str(code), str(name)) for code, name in DUTY_NAMES.items())
    )


def _configure(app: Flask, settings: config.Settings) -> None:
    settings.instance_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring = Keyring.load(settings.keyring) if settings.keyring.exists() else None
    app.extensions["casework.settings"] = settings
    app.extensions["casework.keyring"] = keyring
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(Unindented)
    app.jinja_env.globals["new_form_key"] = idempotency.new_form_key
    app.config.update(
        TESTING=settings.mode is config.Mode.TESTING,
        DEMO=settings.is_demo,
        SECRET_KEY=keyring.secret("cookie", "flask") if keyring else None,
        SECRET_KEY_FALLBACKS=keyring.older_secrets("cookie", "flask") if keyring else None,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        SESSION_COOKIE_NAME=f"__Host-{COOKIE}" if settings.secure_cookies else COOKIE,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # A call may last longer than Flask-WTF's default hour; the token is bound to the session instead.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # Referrer-Policy is no-referrer, so there is none to compare.
    )
    if settings.public_host:
        app.config["TRUSTED_HOSTS"] = [settings.public_host, "127.0.0.1", "localhost"]


def _engine_options(url: str) -> dict[str, Any]:
    # Parameters of a failing statement are sealed texts and numbers' indexes: never in a log.
    options: dict[str, Any] = {"hide_parameters": True}
    if make_url(url).get_backend_name() == "postgresql":
        options |= {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 10}
    return options


def _begin_request() -> ResponseReturnValue | None:
    g.request_id = new_id()
    g.access_before = database.access()
    database.set_access(Access.READ if request.method in READING else Access.WRITE)
    if current_app.extensions["casework.keyring"] is None and request.endpoint != "static":
        return "casework is not initialised: run `flask casework init`\n", 503
    return None


def _replay() -> ResponseReturnValue | None:
    """Answer a form that was already accepted; JSON requests carry their own revision instead of a form key."""
    actor = g.get("actor")
    if request.method in READING or actor is None or request.is_json:
        return None
    return idempotency.replay(actor.account_id)


def _end_request(response: Response) -> Response:
    if request.endpoint != "static":
        # Whatever was not committed by dispatch_request is an effect nobody was promised.
        session().rollback()
        trail.flush_queue()
    return response


def _forget_request(_error: BaseException | None) -> None:
    if "access_before" in g:
        database.set_access(g.access_before)


def _refuse_undeclared(app: Flask) -> None:
    missing = guard.undeclared(app)
    if missing:
        msg = f"these views declare no audience: {', '.join(missing)}"
        raise config.SettingsError(msg)


def _refuse_wrong_mode(app: Flask, settings: config.Settings) -> None:
    """Keep public and real data apart: known passwords and cheap keys must never guard real people.

    A database is real or public from its first programme on. Production opens the real one, and neither the
    demonstration nor a test does.
    """
    is_public = _find_mark(app)
    is_production = settings.mode is config.Mode.PRODUCTION
    if is_public is None or is_public is not is_production:
        return
    if is_production:
        msg = "this database holds demonstration accounts with a known password; production refuses to start on it"
    else:
        msg = f"this database is not a demonstration; CASEWORK_MODE={settings.mode} refuses to start on it"
    raise config.SettingsError(msg)


def _find_mark(app: Flask) -> bool | None:
    """Return whether the database is marked as public, None before it has a programme.

    A database that does not answer is no empty one: its error goes on, and nothing starts.
    """
    marks = sa.table("programme_programme", sa.column("is_demo", sa.Boolean))
    with app.app_context(), database.read_transaction() as reading:
        if not sa.inspect(reading.connection()).has_table(marks.name):
            return None
        return reading.scalar(sa.select(marks.c.is_demo).limit(1))
