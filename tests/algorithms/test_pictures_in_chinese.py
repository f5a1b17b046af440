"""Every sentence of every algorithm's hand-made picture is read in Chinese; only ids, currencies and named technical words stay Latin."""

from __future__ import annotations

import pytest
from memory_store import MemoryStore
from pictures import Picture, memory, pictures

from algorithms._base import Found, catalog
from algorithms._complete import completed
from algorithms._run import run_one
from core.message import say
from tests.chinese import sentences, untold

#: Algorithms that still write plain English.
IN_ENGLISH_STILL: set[str] = set()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Picture]:
    return pictures(tmp_path_factory.mktemp("models"))


def test_every_sentence_of_every_picture_is_read_in_chinese(drawn: dict[str, Picture]) -> None:
    english = {}
    for picture in drawn.values():
        outcome = run_one(catalog()[picture.algorithm], memory(picture), picture.params, run_id="run-1")
        assert all(len(sentences(item)) >= 3 for item in outcome.found), "title, for and against"
        if left := untold(outcome.found):
            english[picture.algorithm] = left
    assert {name: left for name, left in english.items() if name not in IN_ENGLISH_STILL} == {}
    assert set(english) == IN_ENGLISH_STILL, "one that is told in Chinese leaves the list"


def test_what_completes_a_finding_is_read_in_chinese() -> None:
    (whole,) = completed([Found(say("{n} accounts", n=3), 0.5, ())], MemoryStore())
    assert whole.reasons and whole.against
    assert untold([Found(say("cash out"), 0.5, (), whole.reasons, whole.against)]) == {}


def test_english_is_noticed() -> None:
    assert untold([Found("two accounts", 0.5, ())]) == {"two accounts": ["not", "sentence", "two", "accounts"]}
