"""Whatever is typed into a field, it never breaks anything: every field of every form of every role, on both engines.

What is typed is spoiled once by each kind of hostile text while all choices stay good, so that it gets far; what is
hidden or chosen is spoiled by itself. No answer is a failure of the server, and a refusal shows the form again with a
message and with everything that was typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, cycle
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from werkzeug.datastructures import MultiDict

from tests.support import html, pages, seed
from tests.support.client import values_of
from tests.support.engines import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from xml.etree.ElementTree import Element

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.client import CheckedClient

OK: Final = 200
ACCEPTED: Final = range(200, 400)
FAILURE: Final = 500
REFUSED: Final = 422
# Not a field, but how the page is told from a forged one; it has a round of its own.
PROOF: Final = frozenset({"csrf_token", "_key"})
TYPED: Final = frozenset({"text", "tel", "search", "number", "date", "password"})
BUTTONS: Final = frozenset({"submit", "button", "image", "reset", "file"})
# What is hidden and then the choices are spoiled one by one, so many of them; all together after that.
MOST: Final = 8
FORGED: Final = ("somebody else's id", "control characters", "long text")
HOSTILE: Final = {
    "control characters": "a\x00b\x07c\x1b[31m\x7f",
    "emoji and directions": "👩‍👩‍👧‍👦🏳️‍🌈é\u202eabc\u202c\u2066\u200f",
    "half a character": "\ud800",
    "impossible date": "2020-02-30",
    "date before all dates": "0000-00-00T99:99",
    "long number": "9" * 400,
    "negative": "-1",
    "not a number": "NaN",
    "somebody else's id": str(UUID(int=7)),
    "markup": "=cmd|'\"><script>alert(1)</script>{{7*7}}%s../../etc/passwd",
    "blank": " \t\u3000 ",
    "long text": "长" * 30_000,
}
# What a column of PostgreSQL refuses and one of SQLite takes; all else is answered before any database is asked.
REFUSED_BY_COLUMNS: Final = ("control characters", "half a character", "impossible date", "long number", "long text")


@pytest.mark.long
@pytest.mark.parametrize("login", [*pages.LOGINS, pages.STRANGER])
def test_no_field_of_any_form_breaks_on_hostile_input(app: Flask, engine: Engine, login: str) -> None:
    with app.app_context():
        addresses = pages.by_login(pages.do_work())[login]
    client = seed.client_of(app) if login == pages.STRANGER else seed.sign_in(app, login)
    kinds = tuple(HOSTILE) if engine is Engine.SQLITE else REFUSED_BY_COLUMNS
    seen: set[tuple[str, frozenset[str]]] = set()
    faults = [fault for address in addresses for fault in walk(client, address, kinds, seen)]
    assert not faults, "\n".join(faults)


@dataclass(frozen=True, slots=True)
class Round:
    """Which fields of a form are spoiled by which kind of text."""

    kind: str
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return what the fields are filled with."""
        return HOSTILE[self.kind]


def walk(
    client: CheckedClient, address: str, kinds: Sequence[str], seen: set[tuple[str, frozenset[str]]]
) -> Iterator[str]:
    """Yield what is wrong with the answers to the spoiled forms of a page; a form that was ``seen`` is left out."""
    forms = _forms(client, address)
    for number in count():
        if number >= len(forms):
            return
        known = _endpoint(client, forms[number], address), frozenset(values_of(forms[number]))
        if known in seen:
            continue
        seen.add(known)
        for turn in _rounds(forms[number], kinds):
            answer, faults = _send(client, address, forms[number], turn)
            yield from faults
            if answer.status_code in ACCEPTED:
                # Something was stored: the page is fetched anew, as whoever goes on would have it.
                forms = _forms(client, address)
            if number >= len(forms):
                return


def _rounds(form: Element, kinds: Sequence[str]) -> list[Round]:
    """Return what is typed by each kind of text, what is hidden field by field, and the choices together."""
    fields = {
        name: element
        for element in form.iter()
        if (name := element.get("name")) and name not in PROOF and element.get("type") not in BUTTONS
    }
    typed = tuple(name for name, element in fields.items() if _is_text(element))
    others = sorted(fields.keys() - set(typed), key=lambda name: fields[name].get("type") != "hidden")
    rounds = [Round(kind, typed) for kind in kinds if typed]
    rounds += [Round(kind, (name,)) for name, kind in zip(others[:MOST], cycle(kinds), strict=False)]
    rounds += [Round(kind, tuple(others)) for kind in FORGED if others]
    return [*rounds, Round("markup", ("csrf_token",))]


def _endpoint(client: CheckedClient, form: Element, address: str) -> str:
    routes = client.application.url_map.bind("localhost")
    return str(routes.match(urlsplit(_target(form, address)).path, (form.get("method") or "get").upper())[0])


def _target(form: Element, address: str) -> str:
    """Return where a form goes: its own address, or that of its first button that has one."""
    buttons = (each.get("formaction") for each in form.iter("button"))
    return form.get("action") or next(filter(None, buttons), address)


def _forms(client: CheckedClient, address: str) -> list[Element]:
    """Return the forms of the content, or none when the page is gone by what was sent."""
    answer = client.get(address)
    if answer.status_code != OK:
        return []
    page = html.parse(answer.text)
    # What belongs to a dialog goes nowhere: a script takes it and sends JSON.
    return [form for form in page.all("form") if page.inside(form, "main") and form.get("method") != "dialog"]


def _send(client: CheckedClient, address: str, form: Element, turn: Round) -> tuple[TestResponse, list[str]]:
    sent = values_of(form)
    for name in turn.names:
        sent.setlist(name, [turn.text])
    target = _target(form, address)
    data = MultiDict((name, value.encode("utf-8", "surrogatepass")) for name, value in sent.items(multi=True))
    if (form.get("method") or "get").lower() == "get":
        answer = client.get(target, query_string=data)
    else:
        answer = client.post(target, data=data, content_type="application/x-www-form-urlencoded")
    found = [f"answers {answer.status_code}"] if answer.status_code >= FAILURE else []
    if answer.status_code == REFUSED:
        found += _lost(answer, form, sent)
    where = f"{target} ({', '.join(turn.names[:3])} …: {turn.kind})"
    return answer, [f"{where} {fault}" for fault in found]


def _lost(answer: TestResponse, form: Element, sent: MultiDict[str, str]) -> Iterator[str]:
    """Yield what a refusal lacks: a message beside the form that is shown again, and the words that were typed.

    A choice that the page never offered may be refused on a page of its own; there is nothing typed to lose.
    """
    page = html.parse(answer.text)
    again = MultiDict(pair for each in page.all("form") for pair in values_of(each).items(multi=True))
    is_shown = any(each.get("action") == form.get("action") for each in page.all("form"))
    if is_shown and not any(
        each.get("role") == "alert" or each.get("aria-invalid") == "true" for each in page.root.iter()
    ):
        yield "is refused without a message"
    for element in form.iter():
        name = element.get("name")
        if name and _is_typed(element, sent.get(name, "")):
            words = _words(sent.get(name, ""))
            if not any(words in _words(each) for each in again.getlist(name)):
                yield f"has lost what was typed into {name}"


def _is_typed(element: Element, text: str) -> bool:
    """Return whether somebody could have typed this text into the control, and may have it back."""
    return (
        _is_text(element)
        and element.get("type") != "password"
        and len(text) <= int(element.get("maxlength") or len(text))
    )


def _is_text(element: Element) -> bool:
    return element.tag == "textarea" or (element.tag == "input" and element.get("type", "text") in TYPED)


def _words(text: str) -> str:
    return "".join(each for each in text if each.isalnum())
