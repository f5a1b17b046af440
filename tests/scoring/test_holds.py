"""Holds: whatever is tried in whatever order, an ended hold stays ended, the clock holds, people's steps need a person."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput, Conflict
from scoring.holds import MAX_TOTAL_S, OPEN, PEOPLE_ONLY, State, Verb, due, start, step

STEPS = st.lists(
    st.tuples(st.sampled_from(list(Verb)), st.integers(0, 50_000_000), st.sampled_from(["", "wang"]), st.integers(0, 900_000)),
    max_size=12,
)  # fmt: skip


@given(st.integers(1, 5_000_000), STEPS)
@settings(max_examples=300, deadline=None)
def test_no_order_of_steps_breaks_a_hold(amount, steps):
    hold, now = start(amount, 0, auto_limit_minor=1_000_000, auto_s=86_400, person_s=7_200), 0
    assert hold.state is (State.WAITING if amount <= 1_000_000 else State.PERSON)
    for verb, later, person, extend_s in steps:
        now += later
        try:
            after = step(hold, verb, now, person=person, extend_s=extend_s)
        except (Conflict, BadInput):
            continue
        assert person or verb not in PEOPLE_ONLY
        assert (now >= hold.until_ms) == (verb is Verb.EXPIRE) or hold.state not in OPEN
        assert after.until_ms - after.started_ms <= MAX_TOTAL_S * 1000
        if hold.state not in OPEN:
            assert after.state is hold.state or verb is Verb.APPEAL_GRANTED, "only an appeal reopens an end"
        if hold.state is State.RELEASED:
            raise AssertionError("nothing follows a release")
        hold = after
    assert due(hold, hold.until_ms) == (hold.state in OPEN)


def test_three_failed_verifications_make_it_a_persons():
    hold = start(100, 0, auto_limit_minor=1_000_000, auto_s=600, person_s=60)
    for _ in range(3):
        assert hold.state is State.WAITING
        hold = step(hold, Verb.VERIFY_FAILED, 1)
    assert hold.state is State.PERSON
