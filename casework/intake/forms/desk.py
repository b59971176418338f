"""Forms of the desk and of the triage board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from casework.intake.types import SETTLE_NAMES, Brief, SettleReason
from casework.web.forms import BaseForm, options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


class QuickForm(BaseForm):
    """A call that one press logs: the pressed button says what it was."""

    line = SelectField(_l("线路"), validators=[Optional()])

    def offer(self, lines: Sequence[tuple[UUID, str]], last: UUID | None) -> None:
        """Offer the lines that are open, the one last used first."""
        self.line.choices = options(lines)
        if not self.is_submitted() and last is not None:
            self.line.data = str(last)

    @staticmethod
    def brief_of(pressed: str) -> Brief | None:
        """Return which button was pressed, or None for anything else."""
        return Brief(pressed) if pressed in set(Brief) else None


class AssignForm(BaseForm):
    """To whom a call goes."""

    counselor = SelectField(_l("咨询师"), validators=[InputRequired()])

    def offer(self, counselors: Sequence[tuple[UUID, str]]) -> None:
        """Offer the counselors with their load."""
        self.counselor.choices = options(counselors, first=_l("请选择"))


class SettleForm(BaseForm):
    """Why a call becomes no case."""

    reason = SelectField(_l("处理说明"), validators=[InputRequired()])

    def offer(self) -> None:
        """Offer the reasons."""
        self.reason.choices = options(SETTLE_NAMES, first=_l("请选择"))

    def settle_reason(self) -> SettleReason:
        """Return the reason of a valid form."""
        return SettleReason(self.reason.data)
