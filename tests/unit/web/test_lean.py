"""Templates lose their indentation; what they show does not."""

from __future__ import annotations

from jinja2 import DictLoader, Environment

from casework.web.lean import Unindented

PAGE = "<div>\n  <p>\n\t  {{ words }}\n  </p>\n</div>"


def test_one_blank_at_the_start_of_a_line_stays_and_all_of_a_value() -> None:
    pages = Environment(loader=DictLoader({"page": PAGE}), extensions=[Unindented], autoescape=True)
    shown = pages.get_template("page").render(words="one\n  two")
    assert shown == "<div>\n <p>\n one\n  two\n </p>\n</div>"


def test_a_line_keeps_its_number() -> None:
    kept = Unindented(Environment(autoescape=True)).preprocess(PAGE, None)
    assert kept.count("\n") == PAGE.count("\n")
