"""How long to wait, which password is good enough, where a link may lead: without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.people import rules
from casework.people.rules import Weakness
from casework.people.service import passwords, pledge_texts
from casework.people.types import Subject
from casework.security.roles import PROJECT_ROLES, Role

NOW = datetime(2020, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize("subject", list(Subject))
def test_the_first_failures_are_free_and_then_the_delay_doubles_up_to_a_quarter_of_an_hour(subject: Subject) -> None:
    free = rules.FREE[subject]
    assert all(rules.delay_after(subject, count) == timedelta() for count in range(free + 1))
    assert [rules.delay_after(subject, free + n).total_seconds() for n in (1, 2, 3, 4)] == [5, 10, 20, 40]
    assert rules.delay_after(subject, free + 9) == timedelta(minutes=15)
    assert rules.delay_after(subject, 10**9) == timedelta(minutes=15)


@given(st.sampled_from(list(Subject)), st.integers(0, 500))
def test_the_delay_never_shrinks(subject: Subject, failures: int) -> None:
    assert rules.delay_after(subject, failures) <= rules.delay_after(subject, failures + 1)


def test_a_delay_is_over_at_its_very_end() -> None:
    assert rules.is_blocked(NOW, NOW - timedelta(microseconds=1))
    assert not rules.is_blocked(NOW, NOW)
    assert not rules.is_blocked(None, NOW)


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("Ab3-Ab3-A", Weakness.SHORT),
        ("铁锅炖大鹅真好吃", Weakness.SHORT),
        ("x" * 201, Weakness.LONG),
        ("li.wei-tangyuan", Weakness.HAS_LOGIN),
        ("LI.WEI-tangyuan", Weakness.HAS_LOGIN),
        ("aaaaaaaaaaaa", Weakness.COMMON),
        ("abcabcabcabc", Weakness.COMMON),
        ("1234567890", Weakness.COMMON),
        ("9876543210", Weakness.COMMON),
        ("woaini1314520", Weakness.COMMON),
        ("WOAINI1314520", Weakness.COMMON),
        ("ｗｏａｉｎｉ１３１４５２０", Weakness.COMMON),
        ("Password123!", Weakness.COMMON),
        ("wuhanjiayou2020", Weakness.COMMON),
        ("nuanxinshouhu123", Weakness.COMMON),
        ("qwertyuiop", Weakness.COMMON),
        ("铁锅炖大鹅真的很好吃", None),
        ("tangyuan lamp river 7", None),
    ],
)
def test_a_password_is_long_uncommon_and_without_the_login(password: str, weakness: Weakness | None) -> None:
    assert rules.weakness(password, "li.wei", passwords.common_passwords()) is weakness


@pytest.mark.parametrize(
    ("password", "kinds"),
    [("tangyuan lamp river", 2), ("tangyuanlampriver", 1), ("Tangyuan-lamp", 3), ("Tangyuan7lamp", 3), ("a1-B", 4)],
)
def test_kinds_of_characters_count_only_under_the_protection_scheme(password: str, kinds: int) -> None:
    assert rules.kinds_of(password) == kinds
    if len(password) >= rules.PASSWORD_LEAST:
        assert rules.weakness(password, "li.wei", ()) is None
        expected = None if kinds >= 3 else Weakness.FEW_KINDS
        assert rules.weakness(password, "li.wei", (), mlps=True) is expected


def test_a_password_grows_old_only_under_the_protection_scheme() -> None:
    old = NOW - timedelta(days=90)
    assert rules.is_expired(old, NOW, mlps=True)
    assert not rules.is_expired(old + timedelta(seconds=1), NOW, mlps=True)
    assert not rules.is_expired(old, NOW, mlps=False)


def test_one_time_passwords_pass_every_rule_and_differ() -> None:
    made = [passwords.one_time_password() for _ in range(200)]
    assert len(set(made)) == len(made)
    assert all(rules.weakness(each, "li.wei", passwords.common_passwords(), mlps=True) is None for each in made)


def test_the_list_of_common_passwords_has_thousands_and_only_what_the_length_lets_through() -> None:
    listed = passwords.common_passwords()
    assert len(listed) > 5000
    assert min(map(len, listed)) >= rules.PASSWORD_LEAST
    assert all(rules.fold(each) == each for each in listed)


@pytest.mark.parametrize(
    "target",
    ["/", "/calls/new", "/cases?stage=open&cursor=abc", "/a//b", "/calls#top"],
)
def test_a_path_on_this_host_is_a_target(target: str) -> None:
    assert rules.safe_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "calls",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        " /calls",
        "/calls\x00",
        "http:evil.example",
    ],
)
def test_anything_else_is_none(target: str | None) -> None:
    assert rules.safe_target(target) is None


@pytest.mark.parametrize("role", list(Role))
def test_roles_of_a_sub_project_have_one_and_the_others_have_none(role: Role) -> None:
    assert rules.may_hold(role, uuid4()) is (role in PROJECT_ROLES)
    assert rules.may_hold(role, None) is (role not in PROJECT_ROLES and role is not Role.SYSTEM)


def test_every_role_has_a_pledge_in_both_languages_that_cites_its_grounds() -> None:
    texts = pledge_texts.initial_texts()
    assert set(texts) == set(Role) - {Role.SYSTEM}
    for chinese, english in texts.values():
        for body in (chinese, english):
            assert "国卫办疾控函〔2020〕194号" in body
        assert "第二十三条" in chinese
        assert "不因服务、岗位或项目结束而终止" in chinese
        assert "article 23" in english
    assert len({chinese for chinese, _ in texts.values()}) == len(texts)


def test_a_pledge_is_set_as_headings_paragraphs_and_points() -> None:
    text = "第一行\n第二行\n\n# 标题\n\n- 一\n- 二\n\n# 紧接\n- 三"
    assert rules.blocks(text) == [
        ("text", ["第一行 第二行"]),
        ("heading", ["标题"]),
        ("list", ["一", "二"]),
        ("heading", ["紧接"]),
        ("list", ["三"]),
    ]
