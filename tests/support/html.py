"""Inspects every page any test fetches: valid, one h1, labelled, unique ids, nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

import html5lib
from markupsafe import escape
from selectolax.lexbor import LexborHTMLParser, LexborNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LANGUAGES = frozenset({"zh-CN", "en"})
LABELLED = frozenset({"input", "select", "textarea"})
UNLABELLED_KINDS = frozenset({"hidden", "submit", "button", "reset", "image"})
# Blocks that browsers do not run.
DATA_SCRIPTS = frozenset({"application/json", "application/ld+json"})
ADDRESSES = {
    "script": ("src",),
    "link": ("href",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "form": ("action",),
    "button": ("formaction",),
    "object": ("data",),
    "use": ("href",),
}
REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "list", "form", "aria-activedescendant")
NAMING = ("aria-label", "aria-labelledby", "title")
# The parser was written before these were valid.
FORGIVEN = frozenset({"invalid-codepoint"})
# What differs from one showing of a page to the next has a digit in it: tokens, ids, times. Tags and entities stay.
_CHANGING: Final = re.compile(r"(?<![<&#/\w])[\w.+/=-]*\d[\w.+/=-]*", re.ASCII)
_found_clean: set[bytes] = set()
FEWEST: Final = 7


class PageFault(AssertionError):
    """A page broke a rule of this house; the message lists all of them."""


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page and the way from each element to its parent."""

    root: Element
    parents: dict[Element, Element]

    def all(self, *names: str) -> list[Element]:
        """Return the elements of these names in document order."""
        return [element for element in self.root.iter() if element.tag in names]

    def inside(self, element: Element, name: str) -> bool:
        """Return whether an ancestor has this name."""
        while element in self.parents:
            element = self.parents[element]
            if element.tag == name:
                return True
        return False


@lru_cache(maxsize=4)
def parse(text: str) -> Page:
    """Return the page as a browser would read it; not to be changed."""
    top = LexborHTMLParser(text).root
    assert top is not None
    root = Element("html", _attributes(top))
    _take(top, root)
    return Page(root, {child: parent for parent in root.iter() for child in parent})


def _take(node: LexborNode, into: Element) -> None:
    last = None
    for child in node.iter(include_text=True):
        if child.is_text_node:
            if last is None:
                into.text = (into.text or "") + (child.text_content or "")
            else:
                last.tail = (last.tail or "") + (child.text_content or "")
        elif child.is_element_node:
            last = SubElement(into, str(child.tag), _attributes(child))
            _take(_held(child) if child.tag == "template" else child, last)


def _held(template: LexborNode) -> LexborNode:
    """Return what a template holds, which is a document of its own to the parser."""
    written = str(template.html)[len("<template") : -len("</template>")]
    held = LexborHTMLParser(f"<div{written}</div>", is_fragment=True).css_first("div")
    assert held is not None
    return held


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}


def text_of(element: Element) -> str:
    """Return the words inside an element, blanks folded."""
    return " ".join("".join(element.itertext()).split())


def faults_of(text: str, *, fragment: bool = False) -> list[str]:
    """Return every rule the page breaks. A fragment, fetched into a page, has no frame of its own."""
    whole = f"<!doctype html><html lang=en><title>x</title><body>{text}" if fragment else text
    page = parse(whole)
    checks = [_ids, _references, _labels, _names, _inline, _addresses, _forms]
    if not fragment:
        checks.append(_frame)
    return [*_invalid(whole), *(fault for check in checks for fault in check(page))]


def check_page(text: str, address: str, *, fragment: bool = False, sent: Iterable[str] = ()) -> None:
    """Raise PageFault with everything that is wrong with the page at this address, which may repeat what was sent."""
    shape = _shape_of(text, sent, fragment=fragment)
    if shape in _found_clean:
        return
    faults = faults_of(text, fragment=fragment)
    if not faults:
        _found_clean.add(shape)
    else:
        msg = f"{address}:\n  " + "\n  ".join(faults)
        raise PageFault(msg)


def _shape_of(text: str, sent: Iterable[str], *, fragment: bool) -> bytes:
    """Return the same for two showings of a page that differ in tokens, ids, times and rightly escaped words only.

    Each is replaced by the number of its first appearance, so that what was equal stays equal: an id that is used
    twice makes another shape. The slow check of validity then runs once for a page and not once for a showing.
    """
    for words in sorted({str(escape(each)) for each in sent}, key=len, reverse=True):
        # Shorter ones are too likely to stand there by themselves.
        text = text.replace(words, "\x00") if len(words) > FEWEST else text
    numbers: dict[str, str] = {}
    following = count()
    named = _CHANGING.sub(lambda found: numbers.setdefault(found[0], f"\x00{next(following)}"), text)
    return sha256(f"{fragment}{named}".encode("utf-8", "surrogatepass")).digest()


def _invalid(text: str) -> Iterator[str]:
    """Yield what a validator would say."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    parser.parse(text)
    for position, code, data in parser.errors:
        if code not in FORGIVEN:
            yield f"not valid HTML at line {position[0]}: {code} {data}"


def _frame(page: Page) -> Iterator[str]:
    headings = page.all("h1")
    if len(headings) != 1:
        yield f"{len(headings)} h1 instead of one"
    yield from ("an empty h1" for heading in headings if not text_of(heading))
    titles = [title for title in page.all("title") if not page.inside(title, "svg")]
    if not titles or not text_of(titles[0]):
        yield "no title"
    if page.root.get("lang") not in LANGUAGES:
        yield f"lang is {page.root.get('lang')!r}"
    if len(page.all("main")) != 1:
        yield f"{len(page.all('main'))} main instead of one"


def _ids(page: Page) -> Iterator[str]:
    counted = Counter(element.get("id") for element in page.root.iter() if element.get("id") is not None)
    yield from (f"id {name!r} is used {count} times" for name, count in counted.items() if count > 1)
    yield from (f"id {name!r} is empty or has a blank" for name in counted if not name or name.split() != [name])


def _references(page: Page) -> Iterator[str]:
    known = {element.get("id") for element in page.root.iter()}
    for element in page.root.iter():
        names = ("for", *REFERENCES) if element.tag == "label" else REFERENCES
        for name in names:
            for target in (element.get(name) or "").split():
                if target not in known:
                    yield f"{name}={target!r} of <{element.tag}> leads nowhere"


def _labels(page: Page) -> Iterator[str]:
    labelled = {label.get("for") for label in page.all("label")} - {None}
    for element in page.all(*LABELLED):
        if element.tag == "input" and element.get("type", "text") in UNLABELLED_KINDS:
            continue
        named = any(element.get(name) for name in NAMING) or element.get("id") in labelled
        if not named and not page.inside(element, "label"):
            yield f"<{element.tag} name={element.get('name')!r}> has no label"
    for fieldset in page.all("fieldset"):
        if not any(child.tag == "legend" for child in fieldset):
            yield "a fieldset has no legend"


def _names(page: Page) -> Iterator[str]:
    for element in page.all("a", "button", "summary"):
        drawn = any(child.get("alt") or child.get("aria-label") for child in element.iter())
        if not text_of(element) and not drawn and not any(element.get(name) for name in NAMING):
            yield f"<{element.tag} {dict(element.attrib)}> has no name"
    yield from (f"<img src={image.get('src')!r}> has no alt" for image in page.all("img") if image.get("alt") is None)


def _inline(page: Page) -> Iterator[str]:
    yield from (fault for element in page.root.iter() for fault in _inline_attributes(element))
    yield from ("a <style> element" for _ in page.all("style"))
    for script in page.all("script"):
        if not script.get("src") and script.get("type") not in DATA_SCRIPTS:
            yield "an inline script"


def _inline_attributes(element: Element) -> Iterator[str]:
    for name, value in element.attrib.items():
        if name == "style":
            yield f"<{element.tag}> has an inline style, which the policy blocks silently"
        if name.startswith(("on", "hx-on")):
            yield f"<{element.tag}> has the handler {name}"
        if value.strip().lower().startswith("javascript:"):
            yield f"<{element.tag}> has a javascript: address"


def _addresses(page: Page) -> Iterator[str]:
    for element in page.root.iter():
        for name in ADDRESSES.get(str(element.tag), ()):
            address = urlsplit(element.get(name) or "")
            if address.netloc or address.scheme not in {"", "data"}:
                yield f"<{element.tag} {name}={element.get(name)!r}> leaves this host"


def _forms(page: Page) -> Iterator[str]:
    for form in page.all("form"):
        if (form.get("method") or "get").lower() != "post":
            continue
        names = {element.get("name") for element in form.iter() if element.tag == "input"}
        missing = {"csrf_token", "_key"} - names
        if missing:
            yield f"the form to {form.get('action') or 'itself'!r} lacks {', '.join(sorted(missing))}"
