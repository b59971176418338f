"""Reads the templates as a parser does: what a page may not hold, and words that no translator sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jinja2 import Environment, TemplateSyntaxError, nodes

from tests.support.source import CHINESE, ROOT, TRANSLATORS, Offence, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FOLDER = ROOT / "templates"
FORBIDDEN = {
    r"<style\b": "a <style> element",
    r"\sstyle\s*=": "an inline style",
    r"<script\b(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)": "an inline script",
    r"\son[a-z]+\s*=\s*[\"']": "an inline handler",
    r"\bhx-on": "an inline handler",
    r"javascript:": "a javascript: address",
    r"\{\{[^}]*\|\s*safe\b": "|safe: what is shown must be escaped",
    r"\{%-?\s*autoescape\s+false": "autoescape off: what is shown must be escaped",
    r"(?:src|href)\s*=\s*[\"']https?://": "an address of another host",
}
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
FORM = re.compile(r"<form\b(?P<head>[^>]*)>(?P<body>.*?)</form>", re.DOTALL | re.IGNORECASE)
LINK = re.compile(r"url_for\(\s*[\"']([a-z_.]+)[\"']")
ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def files(folder: Path = FOLDER) -> list[Path]:
    """Return all templates, in order."""
    return sorted(folder.rglob("*.html"))


def forbidden(paths: Iterable[Path]) -> Iterator[Offence]:
    """Find inline code, outside addresses and unescaped output."""
    for path in paths:
        text = _without_comments(path)
        for pattern, what in FORBIDDEN.items():
            for found in re.finditer(pattern, text, re.IGNORECASE):
                yield Offence(name_of(path), _line(text, found.start()), what)


def unkeyed_forms(paths: Iterable[Path]) -> Iterator[Offence]:
    """Find posting forms without ``form_keys``: neither protected against forgery nor against a double click."""
    for path in paths:
        text = _without_comments(path)
        for found in FORM.finditer(text):
            posts = re.search(r"method\s*=\s*[\"']?post", found["head"], re.IGNORECASE)
            if posts and "form_keys(" not in found["body"]:
                yield Offence(name_of(path), _line(text, found.start()), "a form that posts without form_keys")


def untranslated(paths: Iterable[Path]) -> Iterator[Offence]:
    """Find Chinese outside ``_()``, in the text as well as in expressions."""
    for path in paths:
        try:
            tree = ENVIRONMENT.parse(path.read_text(encoding="utf-8"))
        except TemplateSyntaxError as error:
            yield Offence(name_of(path), error.lineno, f"does not parse: {error.message}")
            continue
        yield from (Offence(name_of(path), line, f"not translated: {words[:20]}") for line, words in _bare(tree))


def linked(paths: Iterable[Path]) -> set[str]:
    """Return the endpoints that templates link to by ``url_for``."""
    return {name for path in paths for name in LINK.findall(_without_comments(path))}


def _bare(node: nodes.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATORS:
        return
    if isinstance(node, nodes.TemplateData) and CHINESE.search(node.data):
        yield node.lineno, node.data.strip()
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and CHINESE.search(node.value):
        yield node.lineno, node.value
    for child in node.iter_child_nodes():
        yield from _bare(child)


def _without_comments(path: Path) -> str:
    # Lines are kept, so that an offence is found where it stands.
    return COMMENT.sub(lambda found: "\n" * found[0].count("\n"), path.read_text(encoding="utf-8"))


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
