"""Every verifier: what the bank is told, what counts as an answer, and that nothing kept gives the secret away."""

from __future__ import annotations

import pytest

from scoring.verifiers._base import catalog

#: For each verifier the right answer to what it told, and wrong ones.
ANSWERS = {
    "sms_code": (lambda told: told["code"], lambda told: ["", f"{(int(told['code']) + 1) % 1_000_000:06d}", told["code"] + "0"]),
    "call_back": (
        lambda told: f"{told['reference']} confirmed",
        lambda told: ["confirmed", told["reference"], f"{told['reference']} denied", f"{'0' * 16} confirmed"],
    ),
    "face_check": (
        lambda told: f"{told['reference']} live 0.97",
        lambda told: [
            f"{told['reference']} live 0.89", f"{told['reference']} still 0.97", f"{told['reference']} live nan",
            f"{told['reference']} live 1.2", f"{'0' * 16} live 0.97", told["reference"],
        ],
    ),
    "always_yes": (lambda _told: "yes", lambda _told: ["no", ""]),
}  # fmt: skip


def test_every_verifier_is_tried_here_and_only_the_trial_one_is_for_tests():
    assert set(catalog()) == set(ANSWERS)
    assert {name for name, item in catalog().items() if item.for_tests} == {"always_yes"}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_right_answer_passes_and_no_other(name):
    verifier = catalog()[name]
    task = verifier.begin()
    right, wrong = ANSWERS[name]
    assert verifier.accepts(task.expected, right(task.told))
    assert [text for text in wrong(task.told) if verifier.accepts(task.expected, text)] == []
    other = verifier.begin()
    assert verifier.for_tests or not verifier.accepts(other.expected, right(task.told)), "an answer is for its own task"
    secrets = [value for key, value in task.told.items() if key in ("code", "reference")]
    assert all(secret not in task.expected for secret in secrets)
