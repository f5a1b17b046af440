"""A six-digit code that the bank sends to the customer's registered number and the customer types back."""

from __future__ import annotations

import secrets

from scoring.verifiers._base import Task, Verifier, opens, sealed


def begin() -> Task:
    """A fresh code."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    return Task(
        {"send": "sms", "code": code, "to": "the number registered with the account, not one the caller names"},
        sealed(code),
    )


def accepts(expected: str, answer: str) -> bool:
    """The code itself."""
    return opens(expected, answer.strip())


VERIFIER = Verifier("sms_code", "Code by text message", begin, accepts)
