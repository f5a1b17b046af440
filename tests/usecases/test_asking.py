"""One person's many questions to the graph leave places for everybody else's."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from graph import budget
from security.roles import Actor
from usecases import asking as module
from usecases.asking import TooManyQuestions, asking

ANA, BEN = (Actor(f"user-{name}", name, frozenset({"investigator"})) for name in ("ana", "ben"))


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(module, "WAIT_S", 0.01)


def test_one_person_asks_a_few_questions_at_once_and_others_go_on():
    with ExitStack() as open_ones:
        for _ in range(module._PLACES.each):
            open_ones.enter_context(asking(ANA, 60))
        with pytest.raises(TooManyQuestions) as refused, asking(ANA, 60):
            pass
        assert (refused.value.status, refused.value.code) == (429, "too_many_questions")
        with asking(BEN, 60):
            assert 0 < budget.left_s() <= 60
    with asking(ANA, 60):
        pass
    assert module._PLACES.is_empty()


def test_a_question_that_fails_gives_its_place_back():
    with pytest.raises(ZeroDivisionError), asking(ANA, 60):
        raise ZeroDivisionError
    assert module._PLACES.is_empty() and budget.left_s() is None


def test_all_together_leave_threads_of_the_server():
    from webui.serve import SCORING_THREADS

    assert module._PLACES.most <= SCORING_THREADS // 2
