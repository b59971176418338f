"""Server-sent events where an operator allows them: each holds a thread of its process, so their number is bounded.

A stream carries no content. It says "news", and the page asks for them as it would by itself.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from casework.core import clock
from casework.core.db import read_transaction
from casework.people import queries as people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from casework.security.actor import Actor

PAUSE_SECONDS: Final = 0.5
# A page asks again by itself; nothing is held for ever.
LONGEST: Final = timedelta(minutes=5)
_held: dict[int, int] = {}
_lock: Final = threading.Lock()


class Stream:
    """What a server iterates over and closes: gives its place back exactly once, also when it was never read."""

    def __init__(self, app: Flask, actor: Actor, mark: Callable[[], str]) -> None:
        """Begin to watch for an actor who may; the place is taken already."""
        self._place: int | None = id(app)
        self._events = _watch(app, actor, mark)

    def __iter__(self) -> Iterator[str]:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next event; at the end the place is free again."""
        try:
            return next(self._events)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the place back."""
        place, self._place = self._place, None
        if place is not None:
            with _lock:
                _held[place] -= 1


def opened(app: Flask, actor: Actor, mark: Callable[[], str]) -> Stream | None:
    """Return a stream that says whenever the mark changes, until the session ends; None beyond the allowed number."""
    allowed = app.extensions["casework.settings"].push_streams
    with _lock:
        if _held.get(id(app), 0) >= allowed:
            return None
        _held[id(app)] = _held.get(id(app), 0) + 1
    return Stream(app, actor, mark)


def held(app: Flask) -> int:
    """Return how many streams this process holds at present."""
    return _held.get(id(app), 0)


def _watch(app: Flask, actor: Actor, mark: Callable[[], str]) -> Iterator[str]:
    until, last = clock.now() + LONGEST, ""
    yield ": open\n\n"
    while clock.now() < until:
        with app.app_context(), read_transaction():
            if not people.session_lives(actor):
                return
            now = mark()
        yield "event: news\ndata:\n\n" if now != last else ":\n\n"
        last = now
        time.sleep(PAUSE_SECONDS)
