"""The real server on a free port: its own process, its own copy of the prepared system."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STARTS_WITHIN = 60
APPLICATION = "tests.browser.support.application:app"
# As cheap as key derivation can be; everything else is as in production.
SETTINGS = {
    "CASEWORK_MODE": "testing",
    "CASEWORK_SECOND_FACTOR": "off",
    "CASEWORK_ARGON2_MEMORY_KIB": "64",
    "CASEWORK_ARGON2_PASSES": "1",
    "CASEWORK_ARGON2_LANES": "1",
}


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The application on a copy of a prepared instance folder, always on the same port. It can be killed and come back.

    A process group of its own: the kill -9 of a test must reach the worker as well, which would keep the port.
    """

    def __init__(self, prepared: Path, folder: Path, **settings: str) -> None:
        """Copy the folder; nothing runs yet. ``settings`` are environment names without their prefix."""
        shutil.copytree(prepared, folder)
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = folder.parent / f"{folder.name}.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CASEWORK_")}
        chosen = {f"CASEWORK_{name.upper()}": value for name, value in settings.items()}
        self._environment = kept | SETTINGS | {"CASEWORK_INSTANCE_PATH": str(folder)} | chosen
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run; refused (AssertionError, with the end of the log) when there is no answer within a minute."""
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        # A stream holds the thread it is answered in.
        threads = 1 + int(self._environment.get("CASEWORK_PUSH_STREAMS", "0"))
        command += ["--port", str(self.port), "--workers", "1", "--blocking-threads", str(threads), "--no-ws"]
        command.append(APPLICATION)
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                command,
                cwd=config.ROOT,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _wait(self._process, self.address, self._log)

    def kill(self) -> None:
        """End every process at once, as a failing machine does: nothing is finished, nothing is said."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """End in order."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def controlled(prepared: Path, folder: Path, **settings: str) -> Iterator[Server]:
    """Give a running server that the test may kill and start again; what still runs in the end is stopped."""
    server = Server(prepared, folder, **settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def running(prepared: Path, folder: Path) -> Iterator[str]:
    """Start the application on a copy of a prepared instance folder and give its address."""
    with controlled(prepared, folder) as server:
        yield server.address


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310 - our own loopback address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    end = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    msg = f"the server did not start:\n{end}"
    raise AssertionError(msg)
