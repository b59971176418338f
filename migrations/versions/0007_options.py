"""Make option lists data of the administrator, and keep a directory of resources that calls can name."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = ("emergency", "hotline", "medical", "aid", "community")
LISTS = (
    "call_type", "for_whom", "sex", "age_band", "population", "topic", "risk", "risk_reason", "outcome", "service",
    "consent", "category",
)  # fmt: skip
# Column -> its codes until now, its length until now, and what stands for a code of the administrator's own.
CLOSED = {
    "for_whom": (("self", "child", "partner", "parent", "relative", "friend", "served", "other"), 10, "'other'"),
    "category": (
        (
            "infected", "isolated_site", "isolated_home", "recovered", "close_contact", "bereaved_family",
            "fallen_worker_family", "patient_family", "medical", "disease_control", "police", "transport", "community",
            "frontline_family", "volunteer", "hardship", "public", "inbound",
        ),
        24,
        "NULL",
    ),
    "risk_reason": (("ended_early", "declined", "not_known", "unable"), 12, "'not_known'"),
}  # fmt: skip
LENGTH = 24


def upgrade() -> None:
    op.create_table(
        "options_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("option_list", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("offered_from", sa.Date(), nullable=True),
        sa.Column("offered_until", sa.Date(), nullable=True),
        sa.Column("is_built_in", sa.Boolean(), nullable=False),
        sa.Column("keywords", sa.String(length=200), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(_among("option_list", LISTS), name=op.f("ck_options_entry_option_list_known")),
        sa.CheckConstraint("name_zh <> '' AND name_en <> ''", name=op.f("ck_options_entry_names_given")),
        sa.CheckConstraint("code <> ''", name=op.f("ck_options_entry_code_given")),
        sa.CheckConstraint(
            "offered_from IS NULL OR offered_until IS NULL OR offered_until >= offered_from",
            name=op.f("ck_options_entry_days_in_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_options_entry")),
        sa.UniqueConstraint("option_list", "code", name=op.f("uq_options_entry_option_list_code")),
    )
    op.create_table(
        "directory_resource",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("phones", JSON, nullable=False),
        sa.Column("areas", JSON, nullable=False),
        sa.Column("hours", sa.String(length=100), nullable=False),
        sa.Column("eligibility", sa.String(length=500), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(_among("kind", KINDS), name=op.f("ck_directory_resource_kind_known")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_directory_resource_name_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_resource")),
        sa.UniqueConstraint("name", name=op.f("uq_directory_resource_name")),
    )
    for column in ("person_index", "sealed_plan"):
        op.add_column("intake_call", sa.Column(column, sa.LargeBinary(), nullable=True))
    op.add_column("intake_call", sa.Column("script_version", sa.Integer(), nullable=True))
    op.add_column("intake_call_revision", sa.Column("sealed_plan", sa.LargeBinary(), nullable=True))
    op.add_column("intake_call", sa.Column("told", JSON, nullable=False, server_default="[]"))
    _change_checks(
        removed=[f"ck_intake_call_{column}_known" for column in CLOSED],
        added={f"ck_intake_call_{column}_given": f"{column} <> ''" for column in CLOSED},
        lengths={column: (length, LENGTH) for column, (_, length, _) in CLOSED.items()},
    )


def downgrade() -> None:
    for column, (codes, _, other) in CLOSED.items():
        own = f"{column} IS NOT NULL AND NOT ({_among(column, codes)})"
        op.execute(f"UPDATE intake_call SET {column} = {other} WHERE {own}")  # noqa: S608 - constants of this file
    _change_checks(
        removed=[f"ck_intake_call_{column}_given" for column in CLOSED],
        added={f"ck_intake_call_{column}_known": _among(column, codes) for column, (codes, _, _) in CLOSED.items()},
        lengths={column: (LENGTH, length) for column, (_, length, _) in CLOSED.items()},
    )
    op.drop_column("intake_call_revision", "sealed_plan")
    for column in ("told", "script_version", "sealed_plan", "person_index"):
        op.drop_column("intake_call", column)
    op.execute("DELETE FROM intake_call_day WHERE dimension = 'told'")
    op.drop_table("directory_resource")
    op.drop_table("options_entry")


def _among(column: str, codes: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{code}'" for code in codes)
    return f"{column} IN ({listed})"


def _change_checks(removed: list[str], added: dict[str, str], lengths: dict[str, tuple[int, int]]) -> None:
    """Change checks and lengths of calls. On SQLite from the table's own words, since its checks are not reflected."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(removed, added, lengths)
        return
    for name in removed:
        op.drop_constraint(op.f(name), "intake_call", type_="check")
    for column, (before, after) in lengths.items():
        op.alter_column("intake_call", column, type_=sa.String(after), existing_type=sa.String(before))
    for name, condition in added.items():
        op.create_check_constraint(op.f(name), "intake_call", condition)


def _rebuild(removed: list[str], added: dict[str, str], lengths: dict[str, tuple[int, int]]) -> None:
    bind = op.get_bind()
    words = sa.text("SELECT sql FROM sqlite_master WHERE type = :kind AND tbl_name = 'intake_call' AND sql IS NOT NULL")
    made = str(bind.scalar(words, {"kind": "table"}))
    indexes = [*bind.scalars(words, {"kind": "index"}), *bind.scalars(words, {"kind": "trigger"})]
    for name in removed:
        made = re.sub(rf",\s*CONSTRAINT {name} CHECK \((?:[^()]|\([^()]*\))*\)", "", made)
    for column, (before, after) in lengths.items():
        made = re.sub(rf"(\b{column} VARCHAR)\({before}\)", rf"\1({after})", made)
    checks = "".join(f", CONSTRAINT {name} CHECK ({condition})" for name, condition in added.items())
    body = made[made.index("(") : made.rindex(")")]
    names = ", ".join(f'"{row[1]}"' for row in bind.exec_driver_sql("PRAGMA table_info(intake_call)"))
    bind.exec_driver_sql(f"CREATE TABLE intake_call_rebuilt {body}{checks})")
    copied = f"INSERT INTO intake_call_rebuilt ({names}) SELECT {names} FROM intake_call"  # noqa: S608 - names of columns
    bind.exec_driver_sql(copied)
    bind.exec_driver_sql("DROP TABLE intake_call")
    bind.exec_driver_sql("ALTER TABLE intake_call_rebuilt RENAME TO intake_call")
    for index in indexes:
        bind.exec_driver_sql(index)
