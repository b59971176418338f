"""The application as ``wsgi.py`` makes it; all servers of the tests share what their templates compile to."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from jinja2 import FileSystemBytecodeCache

from casework.web import lean
from wsgi import app

__all__ = ("app",)

# What a template compiles to depends on what is done to it before, which the cache does not look at.
_PREPARED_BY = sha256(Path(lean.__file__).read_bytes()).hexdigest()[:8]

app.jinja_env.bytecode_cache = FileSystemBytecodeCache(pattern=f"casework_{_PREPARED_BY}_%s.cache")
