"""Errors that carry a user's sentence, an optional field, a status and the privacy rule that refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask_babel import LazyString


class CaseworkError(Exception):
    """Something a person can understand and act on. The message is shown to them and never holds personal data."""

    status = 400

    def __init__(self, message: str | LazyString, *, field: str | None = None, rule: str | None = None) -> None:
        """Keep the sentence, the form field it belongs to and the id of the rule that refused (``R22``)."""
        super().__init__(message)
        self.message = message
        self.field = field
        self.rule = rule


class SignInRequired(CaseworkError):
    """Nobody is signed in, or the session has ended."""

    status = 401


class Unproven(CaseworkError):
    """A machine's request does not prove where it comes from."""

    status = 401


class Refused(CaseworkError):
    """The person may not do this; the rule says why."""

    status = 403


class NotFound(CaseworkError):
    """There is no such thing within the person's reach. Never tells whether it exists elsewhere."""

    status = 404


class Conflict(CaseworkError):
    """Somebody else was faster; nothing was overwritten."""

    status = 409


class Invalid(CaseworkError):
    """What was entered cannot be taken as it is."""

    status = 422


class TooMany(CaseworkError):
    """Too many attempts; the sentence says when to try again."""

    status = 429
