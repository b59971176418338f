"""The application as ``wsgi.py`` makes it; all servers of the tests share what their templates compile to."""

from __future__ import annotations

from jinja2 import FileSystemBytecodeCache

from wsgi import app

__all__ = ("app",)

app.jinja_env.bytecode_cache = FileSystemBytecodeCache()
