"""A client that remembers everything that went over the wire, for whom, and under which address."""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tests.support import seed
from tests.support.client import CheckedClient, inspect

if TYPE_CHECKING:
    from io import StringIO
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as far as somebody else could see or keep it."""

    login: str
    method: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    @property
    def place(self) -> str:
        """What to say about where something was found; the query may be what leaked."""
        return f"{self.login}: {self.method} {self.url.partition('?')[0]} -> {self.status}"


class Witness(CheckedClient):
    """A browser of one person. ``traffic`` is shared by all of one evidence."""

    login = ""
    inspecting = True
    traffic: list[Exchange]

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 - Flask's own signature
        """Return the answer and remember it."""
        response = copy_context().run(self._open_alone, args, kwargs)
        if self.inspecting:
            inspect(response)
        headers = tuple((name, value) for name, value in response.headers)
        request = response.request
        self.traffic.append(
            Exchange(self.login, request.method, request.url, response.status_code, headers, response.get_data())
        )
        return response


@dataclass
class Evidence:
    """Everything that the story leaves behind, and where it lies."""

    app: Flask
    folder: Path
    database: str
    heard: StringIO = field(repr=False)
    traffic: list[Exchange] = field(default_factory=list, repr=False)
    # What lay in files while the story went on; later pages may overwrite it.
    leaks_on_the_way: list[str] = field(default_factory=list)
    # Ids that the story's pages belong to, by the name of the variable in the address.
    known: dict[str, list[str]] = field(default_factory=dict)

    def anybody(self, login: str = "nobody") -> Witness:
        """Return a browser in which nobody is signed in yet."""
        client = cast("Witness", self.app.test_client())
        client.login, client.traffic = login, self.traffic
        return client

    def enter(self, login: str, password: str = seed.PASSWORD) -> Witness:
        """Return a browser in which somebody has signed in through the page."""
        client = self.anybody(login)
        answer = client.submit("/login", {"login": login, "password": password})
        assert answer.status_code in range(300, 400), f"{login} could not sign in: {answer.status_code}"
        return client

    def shown_to(self, *logins: str) -> bytes:
        """Return everything these people were shown."""
        return b"\n".join(each.body for each in self.traffic if each.login in logins and each.status < 300)
