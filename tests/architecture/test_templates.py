"""What no template may hold, and the words every reader must understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import templates

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.source import Offence

# The page that shows all parts to developers is filled with samples.
SAMPLES = frozenset({"styleguide.html"})


def plant(folder: Path, text: str) -> list[Path]:
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return [path]


def said(offences: list[Offence]) -> str:
    return "\n".join(map(str, sorted(offences)))


def test_templates_hold_no_inline_code_and_escape_everything() -> None:
    assert not said(list(templates.forbidden(templates.files())))


@pytest.mark.parametrize(
    "text",
    [
        "<style>p{}</style>",
        '<p style="color:red">x</p>',
        "<script>let a</script>",
        '<button onclick="x()">x</button>',
        '<a href="javascript:x()">x</a>',
        "{{ note | safe }}",
        "{% autoescape false %}{% endautoescape %}",
        '<script src="https://example.org/x.js"></script>',
    ],
)
def test_inline_code_is_found(tmp_path: Path, text: str) -> None:
    assert len(list(templates.forbidden(plant(tmp_path, text)))) == 1


def test_what_is_allowed_is_not_taken_for_an_offence(tmp_path: Path) -> None:
    text = '{# style="" #}<script src="{{ x }}"></script><script type="application/json">{}</script><p class="style">'
    assert not list(templates.forbidden(plant(tmp_path, text)))


def test_every_posting_form_has_its_keys() -> None:
    assert not said(list(templates.unkeyed_forms(templates.files())))


def test_a_form_without_keys_is_found(tmp_path: Path) -> None:
    text = '<form method="post"><button>{{ _("保存") }}</button></form><form method="get"></form>'
    assert len(list(templates.unkeyed_forms(plant(tmp_path, text)))) == 1


def test_every_chinese_word_is_translatable() -> None:
    shown = [path for path in templates.files() if path.name not in SAMPLES]
    assert not said(list(templates.untranslated(shown)))


@pytest.mark.parametrize(
    "text", ["<p>保存</p>", '{{ badge("高") }}', '{% set a = "高" %}', '{{ _("好") }}{{ x or "无" }}']
)
def test_an_untranslated_word_is_found(tmp_path: Path, text: str) -> None:
    assert len(list(templates.untranslated(plant(tmp_path, text)))) == 1


def test_translated_words_are_not_taken_for_an_offence(tmp_path: Path) -> None:
    text = '{# 说明 #}{{ _("保存") }}{{ badge(_("高")) }}{{ ngettext("%(num)s 条", "%(num)s 条", n) }}'
    assert not list(templates.untranslated(plant(tmp_path, text)))
