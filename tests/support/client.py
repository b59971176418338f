"""A client that fills in forms as a browser does and inspects every answer it gets."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, Any, cast

from flask.globals import _cv_app
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from casework.security.headers import HEADERS
from tests.support import html

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from werkzeug.test import TestResponse

REDIRECTS = range(300, 400)
UNSUCCESSFUL = frozenset({"submit", "button", "image", "reset", "file"})


class HeaderFault(AssertionError):
    """An answer went out without one of the headers that protect it."""


class CheckedClient(FlaskClient):
    """Every HTML answer is inspected (``tests.support.html``), every answer must carry the security headers."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 - Flask's own signature
        """Return the answer after its inspection.

        The request runs in a context of its own, so that it shares neither session nor ``g`` with the test around it.
        """
        data = kwargs.get("data")
        response = copy_context().run(self._open_alone, args, kwargs)
        inspect(response, [each for _, each in data.items(multi=True)] if isinstance(data, MultiDict) else ())
        return response

    def _open_alone(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TestResponse:
        _cv_app.set(cast("Any", None))
        return super().open(*args, **kwargs)

    def submit(
        self,
        path: str,
        data: Mapping[str, Any] | None = None,
        *,
        action: str | None = None,
        button: str | None = None,
        **kwargs: Any,  # noqa: ANN401 - handed to the client
    ) -> TestResponse:
        """Fetch the page at ``path``, change the named fields of its form and send it; return the answer.

        ``action`` chooses among several forms by its address (its end is enough), ``button`` names a pressed button
        as ``name=value``. A list sends several values; None leaves a field out.
        """
        page = self.get(path)
        assert page.status_code < REDIRECTS.start, f"{path} answers {page.status_code} instead of a form"
        form = find_form(page.text, path, action)
        sent = values_of(form)
        for name, value in (data or {}).items():
            given = value if isinstance(value, (list, tuple)) else [value]
            sent.setlist(name, [str(each) for each in given if each is not None])
        if button is not None:
            name, _, value = button.partition("=")
            sent.setlist(name, [value])
        target = form.get("action") or page.request.full_path.rstrip("?")
        return self.post(target, data=sent, **kwargs)


def inspect(response: TestResponse, sent: Iterable[object] = ()) -> None:
    """Raise PageFault or HeaderFault when the answer to what was ``sent`` breaks a rule."""
    address = f"{response.request.method} {response.request.path} -> {response.status_code}"
    missing = [name for name, value in HEADERS.items() if response.headers.get(name) != value]
    if missing:
        msg = f"{address} lacks {', '.join(missing)}"
        raise HeaderFault(msg)
    if response.mimetype == "text/html" and response.status_code not in REDIRECTS:
        text = response.get_data(as_text=True)
        fragment = response.request.headers.get("HX-Request") == "true"
        html.check_page(text, address, fragment=fragment, sent=map(_text, sent))


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def find_form(text: str, path: str, action: str | None = None) -> Element:
    """Return the form that is meant: by the end of its address, else the only one of the content that posts."""
    page = html.parse(text)
    posting = [form for form in page.all("form") if (form.get("method") or "get").lower() == "post"]
    if action is not None:
        found = [form for form in posting if (form.get("action") or path).endswith(action)]
    else:
        inner = [form for form in posting if page.inside(form, "main")]
        own = [form for form in inner if not form.get("action") or form.get("action") == path]
        found = own or inner
    known = ", ".join(str(form.get("action") or path) for form in posting) or "none"
    assert found, f"{path} has no such form; there are: {known}"
    assert len(found) == 1 or action is not None, f"{path} has several forms, choose by action: {known}"
    return found[0]


def values_of(form: Element) -> MultiDict[str, str]:
    """Return what a browser would send for an untouched form."""
    sent: MultiDict[str, str] = MultiDict()
    for element in form.iter():
        name = element.get("name")
        if name and element.get("disabled") is None:
            for value in _values(element):
                sent.add(name, value)
    return sent


def _values(element: Element) -> list[str]:
    if element.tag == "textarea":
        return ["".join(element.itertext()).removeprefix("\n")]
    if element.tag == "select":
        options = [option for option in element.iter() if option.tag == "option"]
        chosen = [option for option in options if option.get("selected") is not None]
        if not chosen and element.get("multiple") is None:
            chosen = options[:1]
        return [option.get("value", html.text_of(option)) for option in chosen]
    if element.tag != "input" or element.get("type", "text") in UNSUCCESSFUL:
        return []
    if element.get("type") in {"checkbox", "radio"}:
        return [element.get("value", "on")] if element.get("checked") is not None else []
    return [element.get("value", "")]
