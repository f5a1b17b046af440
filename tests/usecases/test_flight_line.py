"""The line of requests that wait to be scored: in turn, durable before answered, an error for whom it concerns."""

from __future__ import annotations

import threading

import pytest

from usecases.flight_line import IN_TURN, Line, NotReady


class Bench:
    """Scores by doubling; keeps what was made durable and in which order pieces were taken."""

    def __init__(self):
        self.taken, self.kept, self.number = [], [], 0
        self.gate = threading.Event()
        self.gate.set()
        self.broken = None

    def score(self, pieces, context):
        self.gate.wait(10)
        if "bad" in pieces:
            raise ValueError("no such piece")
        self.taken.append((context, len(pieces)))
        self.number += len(pieces)
        return [piece * 2 for piece in pieces], self.number

    def keep(self, number):
        if self.broken is not None:
            raise self.broken
        self.kept.append(number)


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def line(bench):
    made = Line(bench.score, bench.keep)
    made.start()
    yield made
    bench.gate.set()
    made.stop()


def asked(line, *requests):
    """Every request from a thread of its own, in the line before the first is scored."""
    answers: dict[str, object] = {}

    def ask(work, context):
        try:
            answers[context] = line.ask(work, context)
        except Exception as error:
            answers[context] = error

    threads = [threading.Thread(target=ask, args=request) for request in requests]
    for thread in threads:
        thread.start()
    return threads, answers


def ended(threads):
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_results_come_in_order_once_the_last_is_durable(line, bench):
    assert line.ask(["a", "b"], "one") == ["aa", "bb"]
    assert bench.kept == [2]


def test_a_batch_does_not_keep_a_single_one_waiting(line, bench):
    bench.gate.clear()
    threads, answers = asked(line, (["x"] * (4 * IN_TURN), "batch"))
    while not line._queue.empty():
        pass  # the line holds the batch now, at the gate
    more, single = asked(line, (["y"], "single"))
    while line._queue.empty():
        pass
    bench.gate.set()
    ended([*threads, *more])
    assert single["single"] == ["yy"] and answers["batch"] == ["xx"] * (4 * IN_TURN)
    order = [context for context, _ in bench.taken]
    assert order.index("single") < len(order) - 1 and max(count for _, count in bench.taken) == IN_TURN


def test_an_error_is_told_to_whom_it_concerns_and_the_line_goes_on(line):
    threads, answers = asked(line, (["bad"], "wrong"), (["a"], "right"))
    ended(threads)
    assert isinstance(answers["wrong"], ValueError) and answers["right"] == ["aa"]


def test_what_could_not_be_made_durable_is_answered_to_nobody(line, bench):
    bench.broken = NotReady("the disk is full", 7)
    with pytest.raises(NotReady, match="the disk is full") as told:
        line.ask(["a"], "one")
    assert told.value.retry_after_s == 7 and told.value is not bench.broken
    bench.broken = None
    assert line.ask(["b"], "two") == ["bb"]


def test_a_line_that_ends_answers_who_waits_and_refuses_who_comes_after(bench):
    line = Line(bench.score, bench.keep)
    line.start()
    bench.gate.clear()
    threads, answers = asked(line, (["a"] * 60, "waiting"))
    while not line._queue.empty():
        pass
    bench.gate.set()
    line.stop()
    ended(threads)
    assert answers["waiting"] == ["aa"] * 60
    with pytest.raises(NotReady):
        line.ask(["late"], "late")
    line.stop()
