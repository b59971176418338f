"""The invented people of the demonstration: age, sex, group and category agree, and so does what they may speak of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
# By sex: under 18, from 18 to 35, from 36 to 59, from 60.
TITLES: Final = {
    "female": ("同学", "女士", "阿姨", "奶奶"),
    "male": ("同学", "先生", "叔叔", "爷爷"),
    "unknown": ("同学", "某", "某", "老人家"),
}
CATEGORIES: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "YH": (("medical", 8), ("frontline_family", 3), ("recovered", 1)),
    "ZK": (("community", 8), ("frontline_family", 2), ("volunteer", 1)),
    "BC": (("public", 5), ("isolated_home", 2), ("isolated_site", 1), ("patient_family", 1), ("bereaved_family", 1)),
}
USUAL: Final = (("hardship", 6), ("public", 4), ("isolated_home", 1), ("bereaved_family", 0.5))
# Whoever has such an occupation is grown up and not yet retired.
OCCUPATIONS: Final = frozenset({"medical", "community", "volunteer"})
SEXES: Final = (("female", 62), ("male", 33), ("unknown", 5))
# The age bands from the youngest: under 14, 14 to 17, 18 to 25, 26 to 35, 36 to 59, 60 to 79, 80 and more.
TEENS, YOUNG, GROWN, MIDDLE, ELDER = 1, 2, 3, 4, 5
AGES: Final = (7, 6, 14, 23, 31, 16, 3)
WORKING_AGES: Final = (0, 0, 14, 42, 44, 0, 0)
# Of what is asked beside age: the usual answer first.
GROUPS_OF_MINORS: Final = (("", 70), ("left_behind", 20), ("illness", 5), ("disabled", 5))
GROUPS_OF_ELDERS: Final = (("", 50), ("alone", 25), ("illness", 20), ("disabled", 5))
GROUPS_OF_OTHERS: Final = (("none", 66), ("unknown", 12), ("illness", 9), ("alone", 9), ("disabled", 4))
PREGNANT: Final = 0.07


@dataclass(frozen=True, slots=True)
class Caller:
    """An invented person in need, who perhaps calls again. ``age`` indexes the age bands from the youngest."""

    phone: str = field(repr=False)
    name: str = field(repr=False)
    sex: str
    age: int
    groups: tuple[str, ...]
    category: str
    subproject: str


# About whom a sentence may be written. No sex is guessed for those of whom it is not known.
FITS: Final[Mapping[str, Callable[[Caller], bool]]] = {
    "any": lambda _: True,
    "minor": lambda caller: caller.age <= TEENS,
    "student": lambda caller: caller.age <= YOUNG,
    "young": lambda caller: caller.age == YOUNG,
    "grown": lambda caller: caller.age >= YOUNG,
    "working": lambda caller: YOUNG <= caller.age <= MIDDLE,
    "seeking work": lambda caller: YOUNG <= caller.age <= MIDDLE and caller.category not in OCCUPATIONS,
    "settled": lambda caller: caller.age >= GROWN,
    "parent": lambda caller: GROWN <= caller.age <= MIDDLE,
    "elder": lambda caller: caller.age >= ELDER,
    "wife": lambda caller: caller.age >= GROWN and caller.sex == "female",
    "husband": lambda caller: caller.age >= GROWN and caller.sex == "male",
    "medical": lambda caller: caller.category == "medical",
    "community": lambda caller: caller.category == "community",
}
# Who speaks of these; everybody may speak of the others.
SPEAKS_OF: Final = {
    "children": "settled",
    "employment": "seeking work",
    "hardship": "grown",
    "marriage": "settled",
    "study": "student",
    "work_stress": "working",
}
# Topics about a partner.
BETWEEN_TWO: Final = frozenset({"domestic_violence", "marriage"})


def fits(who: str, caller: Caller) -> bool:
    """Return whether a sentence for ``who`` may be written about somebody."""
    return FITS[who](caller)


def may_speak_of(topic: str, caller: Caller) -> bool:
    """Return whether a topic agrees with somebody's age."""
    return fits(SPEAKS_OF.get(topic, "any"), caller)


def new_caller(random: Random, code: str, *, phone: str) -> Caller:
    """Return somebody who could call a sub-project."""
    category = pick(random, CATEGORIES.get(code, USUAL))
    age = random.choices(range(7), WORKING_AGES if category in OCCUPATIONS else AGES)[0]
    sex = pick(random, SEXES)
    if code == "SZ" and age > TEENS:
        # A project for women and children.
        sex = "female"
    groups = _groups(random, age, sex, category)
    return Caller(phone, name_of(random, sex, age), sex, age, groups, category, code)


def name_of(random: Random, sex: str, age: int) -> str:
    """Return a form of address, as callers give it."""
    stage = 0 if age <= TEENS else 1 if age <= GROWN else 2 if age <= MIDDLE else 3
    return random.choice(SURNAMES) + TITLES[sex][stage]


def phone_of(random: Random) -> str:
    """Return a number of the data-card range 145, in which no person has a telephone."""
    return f"145{random.randrange(10**8):08d}"


def for_whom(random: Random, kind: str, caller: Caller, topics: Sequence[str]) -> str:
    """Return how the person in need stands to whoever calls about them; empty where they call themselves."""
    if kind == "agency":
        return "served"
    if kind != "third_party":
        return ""
    if caller.age <= TEENS:
        return "child"
    if caller.age >= ELDER:
        return "parent"
    # What goes on between two partners is told by a third.
    return "friend" if BETWEEN_TWO & set(topics) else random.choice(("partner", "friend"))


def pick(random: Random, weighted: Sequence[tuple[str, float]]) -> str:
    """Return one of the names, by weight."""
    names, weights = zip(*weighted, strict=True)
    return str(random.choices(names, weights)[0])


def _groups(random: Random, age: int, sex: str, category: str) -> tuple[str, ...]:
    found = ["bereaved"] if category == "bereaved_family" else []
    if age <= TEENS:
        found += ["child", pick(random, GROUPS_OF_MINORS)]
    elif age >= ELDER:
        found += ["elder", pick(random, GROUPS_OF_ELDERS)]
    elif sex == "female" and age <= GROWN and random.random() < PREGNANT:
        found.append("pregnant")
    elif not found:
        found.append(pick(random, GROUPS_OF_OTHERS))
    return tuple(filter(None, found))
