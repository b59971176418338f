"""Numbers as people write them, and what may be shown of them; who is one person; when an alert plan holds.

Numbers after E.164, RFC 3966 and GB 11643.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from typing import TYPE_CHECKING, Final, TypeVar

import phonenumbers
from phonenumbers import PhoneNumberType

from casework.clients.types import MaskedIdentity, NumberKind, PhoneNumber, PlanState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date
    from uuid import UUID

Number = TypeVar("Number")

# Numbers that are dialled as they are: emergencies, the lines of the national directory, and the operators'.
SERVICE_NUMBERS: Final = frozenset(
    {
        "110", "114", "119", "120", "122", "999", "10000", "10001", "10010", "10011", "10050", "10060", "10086",
        "10099", "11185", "12110", "12117", "12121", "12123", "12221", "12300", "12305", "12306", "12308", "12309",
        "12310", "12313", "12315", "12316", "12317", "12318", "12319", "12320", "12321", "12322", "12325", "12326",
        "12328", "12329", "12331", "12333", "12336", "12337", "12338", "12339", "12340", "12342", "12343", "12345",
        "12348", "12349", "12350", "12351", "12355", "12356", "12358", "12361", "12363", "12366", "12367", "12368",
        "12369", "12371", "12377", "12378", "12379", "12380", "12381", "12385", "12386", "12388", "12389", "12390",
        "12391", "12393", "12394", "95598", "95338", "96110", "988",
    }
)  # fmt: skip
LONGEST: Final = 60
_CHINA: Final = "CN"
_HOME: Final = 86
# Hong Kong, Macau, Taiwan: written without a plus sign as often as with one.
_NEIGHBOURS: Final = ("852", "853", "886")
_NEIGHBOUR_LENGTHS: Final = {"852": (11,), "853": (11,), "886": (11, 12)}
_EXTENSION: Final = re.compile(
    r"(?:;ext=|转|分机号?|内线|(?<![a-z])ext(?:ension)?\.?|(?<![a-z])x|#|(?<=\d)p|,|;)[:\s]*(\d{1,8})\D*$",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"^\s*(?:联系)?(?:电话|手机|座机|号码|来电|tel|phone|mobile|cell)\w{0,4}?\s*[::]?\s*(?=[+0-9(])", re.IGNORECASE
)
_ALLOWED: Final = re.compile(r"^[(\[\s'\"]*\+?[\d()\[\]\s.\-/·_*~'\"]*$")
# 020-87654321-123: a switchboard and its extension, written with dashes only.
_DASHED_EXTENSION: Final = re.compile(r"^(0\d{2,3}-\d{7,8})-(\d{1,6})$")
_DIGITS: Final = re.compile(r"\D+")
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−－ー─﹣_~〜～"), "-")
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_TOLL_FREE: Final = re.compile(r"[48]00[0-9]\d{6}")
_KINDS: Final = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.SHARED_COST: NumberKind.TOLL_FREE,
    PhoneNumberType.UAN: NumberKind.TOLL_FREE,
}
# GB 11643-1999: weights of the first seventeen digits, and the check character by remainder.
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_ID_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{16}[0-9Xx])(?![0-9A-Za-z])")
_HIDDEN: Final = "****"
# An alert plan speaks about somebody who cannot see it; half a year without a new look at it is the most.
PLAN_MONTHS: Final = 6
# (where it stands, what is done) -> where it stands then; what is not here is refused.
_PLAN_STEPS: Final = {
    (PlanState.DRAFT, "save"): PlanState.DRAFT,
    (PlanState.DRAFT, "submit"): PlanState.WAITING,
    (PlanState.WAITING, "save"): PlanState.DRAFT,
    (PlanState.WAITING, "submit"): PlanState.WAITING,
    (PlanState.WAITING, "return"): PlanState.DRAFT,
    (PlanState.WAITING, "approve"): PlanState.ACTIVE,
    (PlanState.DRAFT, "withdraw"): PlanState.ENDED,
    (PlanState.WAITING, "withdraw"): PlanState.ENDED,
    (PlanState.ACTIVE, "withdraw"): PlanState.ENDED,
    (PlanState.ACTIVE, "replace"): PlanState.ENDED,
}


def normalise(text: str) -> PhoneNumber | None:
    """Return the number that a text means, or None when it means none.

    Accepts full-width digits, 0086 and +86, blanks, dashes, brackets, a label before it and an extension after it;
    numbers of Hong Kong, Macau and Taiwan with their prefix, and any other country with a plus sign or 00.
    """
    if len(text) > LONGEST:
        return None
    plain = _plain(text)
    body, extension = _split_extension(plain)
    if not _ALLOWED.match(body):
        return None
    digits = _DIGITS.sub("", body)
    if digits in SERVICE_NUMBERS and "+" not in body:
        return PhoneNumber(digits, NumberKind.SERVICE)
    dialled = _dialled(body, digits)
    if dialled is None:
        return None
    return _parsed(dialled, extension)


def mask(canonical: str) -> str:
    """Return what may be shown of a number: 138****5678, 020****4321, +852****4567. Service numbers are nobody's."""
    number, _, extension = canonical.partition(";ext=")
    if number in SERVICE_NUMBERS or not number:
        return number
    tail = f"转{_HIDDEN}" if extension else ""
    return _masked(number) + tail


def mask_name(name: str) -> str:
    """Return the first character of a name and as many stars for every length; empty for nobody's name."""
    return f"{name[0]}**" if name else ""


def mask_identity(name: str, phone: str) -> MaskedIdentity:
    """Return what a screen shows of an identity without being asked for more."""
    return MaskedIdentity(name=mask_name(name), phone=mask(phone))


def is_id_number(text: str) -> bool:
    """Return whether eighteen characters are a valid identity number: length, digits and check character."""
    if not _ID_NUMBER.fullmatch(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == text[17].upper()


def holds_id_number(text: str) -> bool:
    """Return whether a text holds a valid identity number, which nobody here needs to know."""
    return any(is_id_number(found) for found in _ID_NUMBER.findall(unicodedata.normalize("NFKC", text)))


def together(start: Iterable[Number], joins: Collection[tuple[Number, Number]]) -> frozenset[Number]:
    """Return every number that is one person with these: joined to them, or to one that is.

    A person is nothing but the joins that hold, so ending a join gives exactly what was before it.
    """
    found = set(start)
    grown = True
    while grown:
        added = {end for join in joins if found.intersection(join) for end in join} - found
        found |= added
        grown = bool(added)
    return frozenset(found)


def latest_end(today: date) -> date:
    """Return the latest last day of an alert plan that is approved today: the same day six months on."""
    months = today.month - 1 + PLAN_MONTHS
    year, month = today.year + months // 12, months % 12 + 1
    return today.replace(year=year, month=month, day=min(today.day, calendar.monthrange(year, month)[1]))


def next_plan_state(state: PlanState, step: str) -> PlanState | None:
    """Return where an alert plan stands after a step; None when the step is refused."""
    return _PLAN_STEPS.get((state, step))


def shown_state(state: PlanState, ends_on: date, today: date) -> PlanState:
    """Return where an alert plan stands on a day: after its last day an active one has ended."""
    return PlanState.ENDED if state is PlanState.ACTIVE and ends_on < today else state


def may_approve(author_id: UUID, approver_id: UUID) -> bool:
    """Return whether somebody may approve an alert plan: never their own, not even as the only supervisor.

    A plan that one person alone writes and puts before every call-taker would be the opinion of one about somebody who
    is not there. The only supervisor lets a counselor write and approves that.
    """
    return author_id != approver_id


def _plain(text: str) -> str:
    """Return the text with every digit, bracket and dash in its plain form."""
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES)
    folded = "".join(each for each in folded if unicodedata.category(each) not in {"Cf", "Cc"} or each == "\t")
    digits = (str(unicodedata.digit(each)) if each.isdigit() and not each.isascii() else each for each in folded)
    return _LABEL.sub("", "".join(digits).strip()).strip().removeprefix("tel:")


def _split_extension(text: str) -> tuple[str, str]:
    dashed = _DASHED_EXTENSION.match(text)
    if dashed is not None:
        return dashed.group(1), dashed.group(2)
    found = _EXTENSION.search(text)
    if found is None or len(_DIGITS.sub("", text[: found.start()])) < len("1234567"):
        return text, ""
    return text[: found.start()], found.group(1)


def _dialled(body: str, digits: str) -> str | None:
    """Return the number with its country, or as dialled within China."""
    if body.lstrip("([ ").startswith("+") or _has_country(digits):
        return f"+{_without_trunk(digits.lstrip('0'))}"
    # Some switchboards put the trunk zero before a mobile number.
    mobile = digits.removeprefix("0")
    return (mobile if _MOBILE.fullmatch(mobile) else digits) or None


def _has_country(digits: str) -> bool:
    return (
        digits.startswith("00")
        or _is_neighbour(digits)
        or (digits.startswith("86") and len(digits) > len("86") + len("1234567"))
    )


def _without_trunk(digits: str) -> str:
    """Return the number without the zero of +86 (0)20."""
    return f"86{digits[2:].lstrip('0')}" if digits.startswith("860") else digits


def _is_neighbour(digits: str) -> bool:
    prefix = digits[:3]
    return prefix in _NEIGHBOURS and len(digits) in _NEIGHBOUR_LENGTHS[prefix]


def _parsed(dialled: str, extension: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(dialled, _CHINA)
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(number)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.country_code != _HOME:
        valid = phonenumbers.is_valid_number(number)
        return PhoneNumber(e164, NumberKind.ABROAD, extension) if valid else None
    if _MOBILE.fullmatch(national):
        return PhoneNumber(e164, NumberKind.MOBILE, extension, doubtful=not phonenumbers.is_valid_number(number))
    if _TOLL_FREE.fullmatch(national):
        return PhoneNumber(e164, NumberKind.TOLL_FREE, extension)
    # Seven or eight digits without an area code could be anybody's in any city.
    if not phonenumbers.is_valid_number(number) or not _has_area(dialled):
        return None
    return PhoneNumber(e164, _KINDS.get(phonenumbers.number_type(number), NumberKind.FIXED), extension)


def _has_area(dialled: str) -> bool:
    return dialled.startswith(("+86", "0"))


def _masked(number: str) -> str:
    tail = number[-4:]
    if not number.startswith("+86"):
        country = phonenumbers.parse(number).country_code
        return f"+{country}{_HIDDEN}{tail}"
    national = number.removeprefix("+86")
    if _MOBILE.fullmatch(national) or _TOLL_FREE.fullmatch(national):
        return f"{national[:3]}{_HIDDEN}{tail}"
    parsed = phonenumbers.parse(number)
    area = national[: phonenumbers.length_of_geographical_area_code(parsed)]
    return f"0{area}{_HIDDEN}{tail}"
