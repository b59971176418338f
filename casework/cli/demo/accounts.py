"""The people of the demonstration: one account a role with a known password, and colleagues in every sub-project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casework.intake import service as intake
from casework.people import queries
from casework.people import service as people
from casework.programme import queries as programme
from casework.security.actor import Actor
from casework.security.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

PASSWORD: Final = "nuanxin-demo-2020"  # noqa: S105 - public by design; production refuses a database that holds it
CASELOAD: Final = 24


@dataclass(frozen=True, slots=True)
class Person:
    """One account: login, staff name, role, and the code of the sub-project for roles that belong to one."""

    login: str
    name: str
    role: Role
    place: str | None = None


NAMED: Final = (
    Person("dudao", "王督导", Role.SUPERVISOR, "GZ"),
    Person("dudao2", "刘督导", Role.SUPERVISOR, "SZ"),
    Person("zixun", "李咨询师", Role.COUNSELOR, "GZ"),
    Person("zixun2", "陈社工", Role.COUNSELOR, "SZ"),
    Person("zhiyuan", "张志愿者", Role.VOLUNTEER, "GZ"),
    Person("fuze", "周负责人", Role.LEAD, "GZ"),
    Person("bangong", "吴主任", Role.OFFICE),
    Person("guanli", "郑管理员", Role.ADMINISTRATOR),
    Person("shenji", "孙审计", Role.AUDITOR),
    Person("yishi", "赵医师", Role.CONSULTANT),
)
_COLLEAGUES: Final = (
    Person("zixun-gz", "林咨询师", Role.COUNSELOR, "GZ"),
    Person("zhiyuan-gz", "高志愿者", Role.VOLUNTEER, "GZ"),
    Person("zixun-sz", "梁咨询师", Role.COUNSELOR, "SZ"),
    Person("zhiyuan-sz", "谢志愿者", Role.VOLUNTEER, "SZ"),
)
_CREW_NAMES: Final = (
    ("唐督导", "韩咨询师", "于志愿者"),
    ("董督导", "萧咨询师", "曹志愿者"),
    ("袁督导", "邓咨询师", "傅志愿者"),
    ("沈督导", "曾咨询师", "吕志愿者"),
    ("苏督导", "卢咨询师", "蔡志愿者"),
)
_CREW: Final = (("dudao", Role.SUPERVISOR), ("zixun", Role.COUNSELOR), ("zhiyuan", Role.VOLUNTEER))


def colleagues(codes: list[str]) -> Iterator[Person]:
    """Yield further staff, who share the password: a crew for every sub-project that has no named account."""
    yield from _COLLEAGUES
    staffed = {person.place for person in NAMED}
    others = [code for code in codes if code not in staffed]
    for code, names in zip(others, _CREW_NAMES, strict=False):
        for (login, role), name in zip(_CREW, names, strict=True):
            yield Person(f"{login}-{code.lower()}", name, role, code)


def create(persons: tuple[Person, ...], *, actor: Actor) -> dict[str, UUID]:
    """Create the accounts that are missing, with role and signed pledge, and return all ids by login."""
    places = {each.code: each.id for each in programme.list_subprojects(actor)}
    ids = {}
    for person in persons:
        known = queries.account_by_login(person.login)
        ids[person.login] = known.id if known else _create(person, places, actor)
    return ids


def signed_in(person: Person) -> Actor:
    """Return one of them as an actor with an open private key, as after signing in."""
    return people.actor_of(person.login, PASSWORD, person.role)


def _create(person: Person, places: dict[str, UUID], actor: Actor) -> UUID:
    account = people.create_account(person.login, person.name, password=PASSWORD, actor=actor)
    place = places[person.place] if person.place else None
    people.grant_role(account.id, person.role, place, actor=actor, caseload_limit=CASELOAD)
    pledge = queries.current_pledge(person.role)
    if pledge is not None:
        people.sign_pledge(pledge.id, actor=Actor(account_id=account.id, role=person.role, subproject_id=place))
    if place is not None and person.role is Role.VOLUNTEER:
        intake.admit_existing(account.id, place, actor=actor)
    return account.id
