"""Asks a server as fast as it answers. Requests are built beforehand and sent raw, so that asking costs little."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
CHUNK = 65536
END = b"\r\n\r\n"


class DriverError(Exception):
    """The server answered what it should not; a benchmark of errors measures nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did: answers a second, and the times in seconds within which half and 99 % came."""

    per_second: float
    p50: float
    p99: float


def request(method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """Return a request as bytes."""
    lines = {"Host": HOST, "Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def drive(port: int, build: Callable[[int], bytes], *, status: int, seconds: float = 3.0, clients: int = 8) -> Load:
    """Return what the server does for some clients that ask without pause; refused (DriverError) for other answers.

    ``build(client)`` returns the next request of a client, each with a connection of its own.
    """
    times: list[float] = []
    failures: list[Exception] = []
    stop = time.perf_counter() + seconds

    def client(number: int) -> None:
        own: list[float] = []
        try:
            with socket.create_connection((HOST, port), timeout=30) as connection:
                while time.perf_counter() < stop:
                    asked = build(number)
                    before = time.perf_counter()
                    answer = ask(connection, asked)
                    own.append(time.perf_counter() - before)
                    _check(answer, status)
        except (OSError, DriverError) as error:
            failures.append(error)
        times.extend(own)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if failures:
        raise failures[0]
    times.sort()
    return Load(len(times) / took, times[len(times) // 2], times[int(len(times) * 0.99)])


def once(port: int, asked: bytes) -> bytes:
    """Return the answer to one request on a connection of its own."""
    with socket.create_connection((HOST, port), timeout=30) as connection:
        return ask(connection, asked)


def repeat(port: int, asked: bytes, times: int, clients: int = 4) -> None:
    """Ask the same so many times in all, by some clients at once."""

    def client() -> None:
        with socket.create_connection((HOST, port), timeout=30) as connection:
            for _ in range(times // clients):
                ask(connection, asked)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def ask(connection: socket.socket, asked: bytes) -> bytes:
    """Send a request and return the whole answer."""
    connection.sendall(asked)
    answer = b""
    while END not in answer:
        answer += _more(connection)
    head, _, body = answer.partition(END)
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0)
    while len(body) < length:
        body += _more(connection)
    return head + END + body


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(CHUNK)
    if not data:
        msg = "the server closed the connection"
        raise DriverError(msg)
    return data


def _check(answer: bytes, status: int) -> None:
    if int(answer[9:12]) != status:
        msg = f"answered {answer[9:12].decode()} instead of {status}: {answer[:300]!r}"
        raise DriverError(msg)
