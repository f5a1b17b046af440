"""The bank calls the customer back on the registered number and reports what the customer said."""

from __future__ import annotations

import secrets

from scoring.verifiers._base import Task, Verifier, opens, sealed


def begin() -> Task:
    """A word the clerk must read to us with the outcome, so that only who got this task can answer it."""
    word = secrets.token_hex(8)
    ask = "call the registered number; ask who asked for the payment and whether anybody is on another line"
    return Task({"call": ask, "reference": word}, sealed(word))


def accepts(expected: str, answer: str) -> bool:
    """`<reference> confirmed`; anything else is no confirmation."""
    reference, _, outcome = answer.strip().partition(" ")
    return outcome == "confirmed" and opens(expected, reference)


VERIFIER = Verifier("call_back", "Call back", begin, accepts, good_for_s=7_200)
