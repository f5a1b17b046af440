"""A liveness and face check in the bank's own app; the bank reports the check's outcome with our reference."""

from __future__ import annotations

import secrets

from scoring.verifiers._base import Task, Verifier, opens, sealed

#: Share of likeness below which a check counts as failed.
LEAST_SCORE = 0.9


def begin() -> Task:
    """A reference the check's report must carry."""
    reference = secrets.token_hex(8)
    return Task(
        {"check": "face with liveness, in the bank's app on the customer's own device", "reference": reference},
        sealed(reference),
    )


def accepts(expected: str, answer: str) -> bool:
    """`<reference> live <score>` with a score of at least LEAST_SCORE."""
    parts = answer.split()
    if len(parts) != 3 or parts[1] != "live":
        return False
    try:
        score = float(parts[2])
    except ValueError:
        return False
    return LEAST_SCORE <= score <= 1 and opens(expected, parts[0])


VERIFIER = Verifier("face_check", "Face check", begin, accepts)
