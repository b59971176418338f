"""Writes of clients: one verb a function, one audit event each."""

from casework.clients.service.clients import identify, unmask
from casework.clients.service.listening import listen_to_vault
from casework.clients.service.persons import join_numbers, part_numbers
from casework.clients.service.plans import (
    approve_plan,
    change_plan,
    grant_missing,
    return_plan,
    withdraw_plan,
    write_plan,
)

__all__ = (
    "approve_plan",
    "change_plan",
    "grant_missing",
    "identify",
    "join_numbers",
    "listen_to_vault",
    "part_numbers",
    "return_plan",
    "unmask",
    "withdraw_plan",
    "write_plan",
)
