"""Numbers as people write them: more than two hundred spellings, and what may be shown of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.clients.rules import (
    SERVICE_NUMBERS,
    holds_id_number,
    is_id_number,
    mask,
    mask_identity,
    mask_name,
    normalise,
)
from casework.clients.types import NumberKind

MOBILE = "+8613812345678"
GUANGZHOU = "+862087654321"
SHENZHEN = "+8675526812345"
FREE = "+864001619995"


def words(text: str) -> list[str]:
    return text.split()


SPELLINGS = {
    MOBILE: words(
        """
        13812345678 138-1234-5678 138.1234.5678 138_1234_5678 138·1234·5678
        138/1234/5678 138~1234~5678 +8613812345678 +86-13812345678
        +86-138-1234-5678 (+86)13812345678 (86)13812345678 008613812345678
        0086-13812345678 0086-138-1234-5678 8613812345678 86-13812345678
        86-138-1234-5678 013812345678 0-13812345678 １３８１２３４５６７８ １３８－１２３４－５６７８
        ＋８６１３８１２３４５６７８ （＋８６）13812345678 ００８６１３８１２３４５６７８ 138—1234—5678
        138–1234–5678 138‐1234‐5678 138−1234−5678 138ー1234ー5678 [86]13812345678
        (138)1234-5678 138(1234)5678 13812345678. '13812345678' "13812345678"
        13812345678* tel:13812345678 tel:+8613812345678
        电话:13812345678 电话：13812345678 手机13812345678 手机：138-1234-5678
        手机号:13812345678 联系电话:13812345678 来电13812345678 号码：13812345678
        Tel:13812345678 TEL：138-1234-5678 Phone:13812345678 mobile:13812345678
        Cell:13812345678 ๑๓๘๑๒๓๔๕๖๗๘ ١٣٨١٢٣٤٥٦٧٨ १३८१२३४५६७८ 𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖
        +86(0)13812345678 1-3-8-1-2-3-4-5-6-7-8 1381-234-5678 138-12345678
        13812-345678 +86.138.1234.5678 +86/138/1234/5678
        """
    ),
    GUANGZHOU: words(
        """
        020-87654321 02087654321 (020)87654321 （020）87654321 （０２０）８７６５４３２１
        020.8765.4321 020/87654321 020-8765-4321 +862087654321 +86-20-87654321
        +86(20)87654321 +86(0)2087654321 +86-020-87654321 0086-20-87654321
        0086-020-87654321 008602087654321 862087654321 86-20-87654321
        86-020-87654321 (86)20-87654321 ０２０－８７６５４３２１ 020—87654321 020–8765–4321
        电话:020-87654321 座机020-87654321 座机：（020）8765-4321 tel:020-87654321
        [020]87654321
        """
    ),
    SHENZHEN: words(
        """
        0755-26812345 (0755)26812345 （0755）2681-2345 075526812345
        +86-755-26812345 +8675526812345 0086-755-26812345 86-0755-26812345
        8675526812345 ０７５５－２６８１２３４５ 0755.2681.2345 +86(755)26812345
        0755—2681—2345
        """
    ),
    FREE: words(
        """
        400-161-9995 4001619995 400-1619995 4001-619-995 400.161.9995 ４００１６１９９９５
        +864001619995 0086-400-161-9995 864001619995 (400)161-9995
        """
    ),
    "+8610" + "62345678": ["010-62345678", "01062345678", "(010)6234-5678", "+86-10-62345678", "8610-62345678"],
    "+86312" + "5012345": ["0312-5012345", "03125012345", "(0312)501-2345", "+86-312-5012345", "0086-0312-5012345"],
    "+85291234567": [
        "+85291234567", "+852-9123-4567", "0085291234567", "00852-91234567", "85291234567", "852-9123-4567",
    ],
    "+85366123456": [
        "+85366123456", "+853-6612-3456", "0085366123456", "85366123456", "853-6612-3456", "(853)66123456",
    ],
    "+886912345678": [
        "+886912345678", "+886-912-345-678", "00886912345678", "886912345678", "886-912-345-678", "(886)912345678",
    ],
    "+12025550123": ["+12025550123", "+1-202-555-0123", "0012025550123", "+1(202)5550123", "001-202-555-0123"],
    "+442079460958": ["+442079460958", "+44-20-7946-0958", "00442079460958"],
    "+862087654321;ext=123": [
        "020-87654321转123", "020-87654321-123", "(020)87654321转123", "020-87654321分机123", "02087654321ext123",
        "020-87654321ext.123", "020-87654321x123", "020-87654321#123", "020-87654321,123", "020-87654321分机号123",
        "020-87654321内线123", "+862087654321;ext=123", "020-87654321转１２３", "020-87654321转123分机",
    ],
    "+8614512345678": ["14512345678", "145-1234-5678"],
}  # fmt: skip
SPACED = {
    MOBILE: ("138 1234 5678", " 13812345678 ", "+86 138 1234 5678", "0086-138 1234 5678", "1 3 8 1 2 3 4 5 6 7 8",
             "(+86) 138 1234 5678", "138　1234　5678", "138\u00a01234\u00a05678", "\t13812345678\n", "86 138 1234 5678",
             "\u200b13812345678\u200b", "\u202d13812345678\u202c", "\ufeff13812345678", "+86 (0) 138 1234 5678",
             "手机 138 1234 5678", "电话: +86 138 1234 5678", "0 138 1234 5678", "138 12345678", "1381234 5678"),
    GUANGZHOU: ("(020)8765 4321", "020 8765 4321", "+86 20 8765 4321", "+86 (0)20 8765 4321", "0086 20 8765 4321",
                "（020） 8765 4321", "86 020 8765 4321", "020 87654321", "座机 020 8765 4321", "+86 (20) 8765-4321"),
    FREE: ("400 161 9995", "400 1619995", "+86 400 161 9995", "４００ １６１ ９９９５", "电话 400 161 9995"),
    "+85291234567": ("+852 9123 4567", "00852 9123 4567", "852 9123 4567"),
    "+886912345678": ("+886 912 345 678", "00886 912 345 678"),
    "+862087654321;ext=123": ("020 8765 4321 转 123", "020-87654321 ext. 123", "020-87654321 分机 123"),
}  # fmt: skip
TABLE = [
    (text, number) for table in (SPELLINGS, SPACED) for number, texts in table.items() for text in texts
]  # fmt: skip
NONE = [
    "", " ", "-", "+", "abc", "未显示", "没有", "1381234567", "138123456789", "12345678901", "8765 4321", "87654321",
    "0755-2681234", "020-1", "13812345678a", "a13812345678", "++8613812345678", "138+12345678", "0", "00", "000000",
    "86", "+86", "1", "11", "13812345678 13912345678", "10812345678", "12812345678", "13812345678或13912345678",
    "+999123456", "+8521234", "9" * 61, "<b>13812345678</b>", "138 1234 567", "११",
]  # fmt: skip


def test_the_table_has_more_than_two_hundred_spellings() -> None:
    assert len({text for text, _ in TABLE} | set(SERVICE_NUMBERS)) >= 200
    assert len({text for text, _ in TABLE}) >= 200


@pytest.mark.parametrize(("text", "canonical"), TABLE)
def test_a_spelling_means_one_number(text: str, canonical: str) -> None:
    found = normalise(text)
    assert found is not None
    assert found.canonical == canonical


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_means_none(text: str) -> None:
    assert normalise(text) is None


@pytest.mark.parametrize("number", sorted(SERVICE_NUMBERS))
def test_a_service_number_is_kept_and_identifies_nobody(number: str) -> None:
    found = normalise(number)
    assert found is not None
    assert (found.canonical, found.kind, found.identifies) == (number, NumberKind.SERVICE, False)


def test_an_unknown_mobile_range_is_kept_and_marked() -> None:
    found = normalise("16812345678")
    assert found is not None
    assert found.canonical == "+8616812345678"
    assert found.doubtful
    known = normalise("13812345678")
    assert known is not None
    assert not known.doubtful


def test_a_number_never_shows_in_a_representation() -> None:
    assert "12345678" not in repr(normalise("13812345678转99"))


@pytest.mark.parametrize("number", sorted({number for _, number in TABLE}))
def test_the_canonical_spelling_is_its_own_normal_form(number: str) -> None:
    found = normalise(number)
    assert found is not None
    assert found.canonical == number


@pytest.mark.parametrize(
    ("canonical", "shown"),
    [
        (MOBILE, "138****5678"),
        (GUANGZHOU, "020****4321"),
        (SHENZHEN, "0755****2345"),
        ("+863125012345", "0312****2345"),
        (FREE, "400****9995"),
        ("+85291234567", "+852****4567"),
        ("+12025550123", "+1****0123"),
        ("12356", "12356"),
        ("+862087654321;ext=123", "020****4321转****"),
        ("", ""),
    ],
)
def test_a_number_is_shown_masked(canonical: str, shown: str) -> None:
    assert mask(canonical) == shown


@given(st.integers(min_value=10**8, max_value=10**9 - 1))
def test_masking_hides_the_middle_of_every_mobile_number(tail: int) -> None:
    number = normalise(f"13{tail}")
    assert number is not None
    shown = mask(number.canonical)
    assert shown == f"13{str(tail)[0]}****{str(tail)[-4:]}"


@given(st.text(max_size=70))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = normalise(text)
    if found is not None:
        again = normalise(found.canonical)
        assert again is not None
        assert again.canonical == found.canonical
        assert mask(found.canonical)


def test_a_name_is_shown_by_its_first_character_and_hides_its_length() -> None:
    assert mask_name("陈阿姨") == mask_name("陈小") == "陈**"
    assert mask_name("") == ""
    masked = mask_identity("陈阿姨", MOBILE)
    assert (masked.name, masked.phone) == ("陈**", "138****5678")


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("440524188001010014", True),
        ("440524188001010015", False),
        ("01010519491231002X", False),
        ("1101051949123100", False),
    ],
)
def test_identity_numbers_carry_their_check_character(text: str, valid: bool) -> None:
    assert is_id_number(text) is valid


def test_an_identity_number_is_found_inside_a_text() -> None:
    assert holds_id_number("她报了身份证11010519491231002X，已提醒")
    assert holds_id_number("１１０１０５１９４９１２３１００２Ｘ")
    assert not holds_id_number("来电编号 110105194912310021，无其他")
    assert not holds_id_number("没有证件号码")
