"""Values of option lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from flask_babel import LazyString

LONGEST_NAME: Final = 60
LONGEST_CODE: Final = 24
LONGEST_KEYWORDS: Final = 200


class OptionList(StrEnum):
    """Which list. The order is that of the call screen."""

    CALL_TYPE = "call_type"
    FOR_WHOM = "for_whom"
    SEX = "sex"
    AGE_BAND = "age_band"
    POPULATION = "population"
    TOPIC = "topic"
    RISK = "risk"
    RISK_REASON = "risk_reason"
    OUTCOME = "outcome"
    SERVICE = "service"
    CONSENT = "consent"
    CATEGORY = "category"


LIST_NAMES: Final = {
    OptionList.CALL_TYPE: _l("来电类型"),
    OptionList.FOR_WHOM: _l("求助者是"),
    OptionList.SEX: _l("性别"),
    OptionList.AGE_BAND: _l("年龄段"),
    OptionList.POPULATION: _l("重点人群"),
    OptionList.TOPIC: _l("主要问题"),
    OptionList.RISK: _l("自杀自伤风险"),
    OptionList.RISK_REASON: _l("未评估原因"),
    OptionList.OUTCOME: _l("处理结果"),
    OptionList.SERVICE: _l("服务内容"),
    OptionList.CONSENT: _l("知情同意"),
    OptionList.CATEGORY: _l("人员类别"),
}


class Problem(StrEnum):
    """What is wrong with one row, or with the list as a whole."""

    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_TAKEN = "name_taken"
    CODE_WRONG = "code_wrong"
    CODE_TAKEN = "code_taken"
    DAYS_REVERSED = "days_reversed"
    PROTECTED = "protected"
    CLOSED_LIST = "closed_list"
    NOTHING_OFFERED = "nothing_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """A list as the code knows it. ``protected`` codes are what rules decide by: always offered, never retired.

    ``is_open``: codes of the administrator's own may be added, because no rule and no column knows them all.
    """

    names: Mapping[Any, str | LazyString]
    protected: frozenset[str] = frozenset()
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One option as it is kept. The days bound when it is offered, both included; it stays readable for ever.

    ``search`` holds what finds it: spellings in pinyin, initials, the code and further keywords.
    """

    code: str
    name_zh: str
    name_en: str
    offered_from: date | None = None
    offered_until: date | None = None
    is_built_in: bool = True
    keywords: str = ""
    search: str = ""

    def is_offered(self, today: date) -> bool:
        """Return whether the option may be chosen on a day."""
        return (self.offered_from is None or self.offered_from <= today) and (
            self.offered_until is None or today <= self.offered_until
        )


class Names(dict[str, str]):
    """Names by code. A code that no list knows (any more) is shown as it is, never as an error."""

    def __missing__(self, code: str) -> str:
        """Return the code itself."""
        return str(code)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All lists as one request sees them: in its language, on its day. ``search`` by list and code."""

    names: Mapping[OptionList, Names]
    offered: Mapping[OptionList, Sequence[str]]
    search: Mapping[OptionList, Mapping[str, str]] = field(default_factory=dict)

    def knows(self, option_list: OptionList, code: str | None) -> bool:
        """Return whether a code is or was one of the list."""
        return code is not None and code in self.names[option_list]

    def choices(self, option_list: OptionList, also: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Return code and name of what is offered, in order, then retired codes of ``also``: a record keeps them."""
        names = self.names[option_list]
        offered = self.offered[option_list]
        kept = [code for code in dict.fromkeys(also) if code in names and code not in offered]
        return [(code, names[code]) for code in (*offered, *kept)]

    def only(self, option_list: OptionList, codes: Collection[str], also: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Return the same for some codes of a list only, such as the services of a role."""
        kept = set(codes) | set(also)
        return [(code, name) for code, name in self.choices(option_list, also) if code in kept]
