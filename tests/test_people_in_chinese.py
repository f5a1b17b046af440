"""What the scorecard, the risk model and the typology guess say of anybody is said in Chinese, whatever the figures are."""

from __future__ import annotations

import pytest

from algorithms.features.spec import DEFAULT
from algorithms.learned.words import tell as of_column
from algorithms.role_model.features import NAMES, NEIGHBOURS
from algorithms.role_model.words import tell as of_figure
from algorithms.typology.classify import classify
from algorithms.typology.model import LABELS, Evidence
from algorithms.typology.rules import graph_reasons
from core.message import say
from tests.chinese import english_left

HOUR, DAY = 3600, 86_400
#: Victims' losses that together hold every rule about the graph.
LOSSES = (
    Evidence(payments=1, amounts_minor=(6_000_000,), span_s=HOUR, paybacks=0, victims=7, longest_call_s=2_000, visited_page=True, coin=True),
    Evidence(payments=3, amounts_minor=(10_000, 20_000, 90_000), span_s=2 * DAY, paybacks=1),
    Evidence(payments=3, amounts_minor=(10_000, 20_000, 90_000), span_s=9 * DAY, paybacks=1),
    Evidence(payments=6, span_s=30 * DAY, paybacks=0), Evidence(payments=1, amounts_minor=(10_000,)),
)  # fmt: skip


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.6, 3.0, 200_000.0])
def test_every_figure_of_the_scorecard_and_every_column_of_the_model(value: float) -> None:
    told = [of_figure(name, value) for name in (*NAMES, *NEIGHBOURS)]
    told += [of_column(name, value) for name in DEFAULT.columns]
    assert {text: left for text in told if (left := english_left(text))} == {}


def test_every_rule_about_the_graph() -> None:
    told = [reason.says for loss in LOSSES for reasons in graph_reasons(loss).values() for reason in reasons]
    assert len(set(told)) == 11
    assert {text: left for text in told if (left := english_left(text))} == {}


def test_what_the_text_model_read() -> None:
    (told,) = [reason.says for reason in classify("刷单返利，先垫付再返佣").reasons if reason.source == "text"]
    assert english_left(told) == [] and told.startswith("reads like such reports: ")


def test_the_kinds_of_fraud_in_a_sentence() -> None:
    told = [say("wording and payments look like {kind} ({probability:.0%})", kind=say(label.replace("_", " ")), probability=0.7) for label in LABELS]  # fmt: skip
    assert {text: left for text in told if (left := english_left(text))} == {}
