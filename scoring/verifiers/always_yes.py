"""For tests and trials only: accepts `yes`. Refused unless the installation allows it (RINGTRACE_SCORING_TEST_VERIFIER)."""

from __future__ import annotations

from scoring.verifiers._base import Task, Verifier


def begin() -> Task:
    """Nothing to send."""
    return Task({"answer": "yes"}, "yes")


def accepts(expected: str, answer: str) -> bool:
    """`yes`."""
    return answer == expected


VERIFIER = Verifier("always_yes", "Test verifier", begin, accepts, for_tests=True)
