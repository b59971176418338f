"""The English catalogue holds exactly the strings of today, each translated."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from tests.support import catalogue


def catalog_of(**messages: str) -> Catalog:
    catalog = Catalog(locale="en")
    for name, words in messages.items():
        catalog.add(name, words)
    return catalog


def test_the_english_catalogue_is_complete() -> None:
    assert catalogue.CATALOGUE.exists(), "make translations"
    assert not catalogue.faults(catalogue.extract(), catalogue.load(catalogue.CATALOGUE))


@pytest.mark.parametrize(
    ("committed", "fault"),
    [
        ({}, "missing: 保存"),
        ({"保存": "Save", "删除": "Delete"}, "no longer used: 删除"),
        ({"保存": ""}, "not translated: 保存"),
        ({"保存": "保存"}, "Chinese in the English sentence: 保存"),
        ({"保存": "Save %(n)s"}, "other placeholders than the original: 保存"),
    ],
)
def test_a_gap_in_the_catalogue_is_found(committed: dict[str, str], fault: str) -> None:
    assert catalogue.faults(catalog_of(保存=""), catalog_of(**committed)) == [fault]


def test_a_doubtful_translation_is_found() -> None:
    committed = Catalog(locale="en")
    committed.add("保存", "Save", flags={"fuzzy"})
    assert catalogue.faults(catalog_of(保存=""), committed) == ["fuzzy: 保存"]


def test_a_complete_catalogue_passes() -> None:
    fresh, committed = Catalog(locale="en"), Catalog(locale="en")
    for catalog, words in ((fresh, ("", "")), (committed, ("%(num)s call", "%(num)s calls"))):
        catalog.add(("%(num)s 个来电", "%(num)s 个来电"), words)
    assert not catalogue.faults(fresh, committed)


@pytest.mark.parametrize(
    "words", ["Notice 国卫办疾控函〔2020〕194号, part four", "Write “无” for none", "After 《指南》"]
)
def test_what_is_cited_stays_chinese(words: str) -> None:
    assert not catalogue.faults(catalog_of(保存=""), catalog_of(保存=words))


def test_strings_of_code_and_templates_are_collected() -> None:
    found = {message.id for message in catalogue.extract() if message.id}
    # One from a template, one from lazy text in code.
    assert {"跳到正文", "请先登录"} <= found
