"""The device, or a new address, is used by many accounts: a phone farm or a GoIP box."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule


class P(Params):
    min_device_users: int = 5
    min_ip_users: int = 12
    min_amount_minor: int = 100_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    shared = (f.device_users >= p.min_device_users) | ((f.new_ip == 1) & (f.ip_users >= p.min_ip_users))
    return shared & (f.amount >= p.min_amount_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "the device is used by {device:.0f} accounts, the address by {address:.0f}",
        device=max(f.device_users, 0), address=max(f.ip_users, 0),
    )  # fmt: skip


RULE = Rule("shared_device", "Device or address of many accounts", P, fires, explain)
