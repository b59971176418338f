"""Chinese first, English second: which language a request is answered in, and the compiled catalogues.

The order is ``?lang=``, then the cookie that remembers it, then the account's own choice, then Accept-Language.
Strings are Chinese in the code, so Chinese needs no catalogue.
"""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import current_app, g, has_request_context, request
from flask_babel import Babel, get_locale

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response

    from casework.security.actor import Actor

DEFAULT: Final = "zh"
COOKIE: Final = "casework_lang"
ARGUMENT: Final = "lang"
ONE_YEAR: Final = 31_536_000
# Language code -> (value of the lang attribute, the language's own name).
LANGUAGES: Final = {"zh": ("zh-CN", "中文"), "en": ("en", "English")}
TRANSLATIONS: Final = Path(__file__).resolve().parent.parent / "translations"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The present page in a language."""

    code: str
    label: str
    html_lang: str
    href: str
    current: bool


def install(app: Flask, account_locale: Callable[[Actor], str | None] | None = None) -> None:
    """Choose a language for every request. ``account_locale`` tells what a signed-in person prefers."""
    compile_stale()

    def select() -> str:
        if not has_request_context():
            # A command says its errors in the language of the code.
            return DEFAULT
        actor = g.get("actor")
        preferred = account_locale(actor) if actor is not None and account_locale is not None else None
        return choose(
            request.args.get(ARGUMENT),
            request.cookies.get(COOKIE),
            preferred,
            request.accept_languages.best_match(list(LANGUAGES), default=DEFAULT),
        )

    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
    Babel(app, default_locale=DEFAULT, default_timezone="Asia/Shanghai", locale_selector=select)
    app.after_request(_remember)


def choose(*wishes: str | None) -> str:
    """Return the first wish that names a language we speak, else Chinese."""
    return next((wish for wish in wishes if wish in LANGUAGES), DEFAULT)


def current_code() -> str:
    """Return ``zh`` or ``en``: the language of this answer."""
    locale = get_locale()
    return choose(locale.language if locale is not None else None)


def html_lang() -> str:
    """Return the value for the page's lang attribute."""
    return LANGUAGES[current_code()][0]


def language_links() -> list[LanguageLink]:
    """Return the present address in every language. Only the query's ``lang`` changes; the host never does."""
    current = current_code()
    # A path of "//host" would otherwise become a link to another host.
    path = f"{request.script_root}/{request.path.lstrip('/')}"
    query: list[tuple[str, Any]] = [item for item in request.args.items(multi=True) if item[0] != ARGUMENT]
    return [
        LanguageLink(code, name, html, f"{path}?{urlencode([*query, (ARGUMENT, code)])}", code == current)
        for code, (html, name) in LANGUAGES.items()
    ]


def compile_stale(folder: Path = TRANSLATIONS) -> list[Path]:
    """Write the compiled catalogue of every language whose text is newer, and return those written.

    A folder that cannot be written (a hardened installation compiles when it is built) is left as it is.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            _compile(source, target)
        except OSError as error:
            _log.warning("catalogue of %s not compiled: %s", source.parent.parent.name, error.strerror)
            continue
        written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as text:
        catalog = read_po(text, locale=source.parent.parent.name)
    # Several workers start at once: each writes its own file and the last one wins, none is ever half read.
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
        write_mo(part, catalog)
    os.replace(part.name, target)  # noqa: PTH105 - a plain name from tempfile
    target.chmod(0o644)


def _remember(response: Response) -> Response:
    wish = request.args.get(ARGUMENT)
    if wish in LANGUAGES:
        response.set_cookie(
            COOKIE,
            wish,
            max_age=ONE_YEAR,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )
    return response
