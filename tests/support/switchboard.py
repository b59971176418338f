"""A switchboard of the tests: signs events as the manual says, with the secret an operator would read."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from casework.core import clock

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.client import CheckedClient

PATH = "/api/v1/telephony/events"


def secret_of(app: Flask) -> bytes:
    """Return what ``flask casework telephony secret`` prints."""
    answer = app.test_cli_runner().invoke(args=["casework", "telephony", "secret"], catch_exceptions=False)
    return bytes.fromhex(answer.output.strip())


def signed(secret: bytes, body: bytes, at: float | None = None) -> dict[str, str]:
    """Return the headers of a signed body."""
    stamp = str(int(clock.now().timestamp() if at is None else at))
    tag = hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Casework-Time": stamp, "X-Casework-Signature": f"sha256={tag}", "Content-Type": "application/json"}


class Switchboard:
    """Sends events about calls of one line."""

    def __init__(self, client: CheckedClient, secret: bytes, line: str) -> None:
        """Send to an application as nobody who is signed in."""
        self.client, self.secret, self.line = client, secret, line
        self.count = 0

    def body(self, kind: str, call: str, at: datetime | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields
        """Return an event with an id of its own."""
        self.count += 1
        moment = (at or clock.now()).isoformat()
        return {"id": f"e-{self.count}", "call": call, "event": kind, "line": self.line, "at": moment} | more

    def send(self, kind: str, call: str, at: datetime | None = None, **more: Any) -> TestResponse:  # noqa: ANN401 - fields
        """Send an event and return the answer."""
        return self.post(json.dumps(self.body(kind, call, at, **more)).encode())

    def post(self, body: bytes, headers: dict[str, str] | None = None) -> TestResponse:
        """Send a body, signed unless headers are given."""
        return self.client.post(PATH, data=body, headers=signed(self.secret, body) if headers is None else headers)
