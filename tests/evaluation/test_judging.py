"""Findings beside the truth: what counts as right, found, covered, and whom it accuses."""

from __future__ import annotations

import pytest
from evaluation_samples import GANG, found, shelf, truth
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from evaluation.curve import curve
from evaluation.judging import BANDS, band_of, judge, sample, scores_of
from evaluation.labels import known_events, labels_of

LABELS = labels_of(shelf(), GANG)
EVENTS = known_events(shelf(), {f"T{n}" for n in range(1, 7)})


@pytest.mark.parametrize(
    ("members", "evidence", "right"),
    [
        ([("v1", "victim"), ("m1", "mule"), ("out", "cash_out")], ["T1", "T2"], True),
        ([("h1", "mule"), ("h2", "mule")], ["T5"], False),
        ([("h1", "mule"), ("m1", "mule")], [], True),  # half of the accused
        ([("h1", "mule"), ("h2", "mule"), ("m1", "mule")], ["T5", "T6", "T1"], False),
        ([("h1", "mule"), ("h2", "mule"), ("m1", "mule")], ["T5", "T1"], True),  # half of the money cited
        ([("v1", "mule")], [], False),  # accuses a victim
        ([("v1", "victim")], ["call-1"], None),  # nothing to compare
        ([("m1", "mule", 0.9), ("h1", "payer", 0.1), ("h2", "payer", 0.1)], [], True),  # low own scores accuse nobody
    ],
)
def test_what_is_right(members, evidence, right):
    assert judge(found(0.8, members, evidence), LABELS, EVENTS).right is right


def test_a_wrong_finding_alerts_no_gang():
    wrong = judge(found(0.8, [("h1", "mule"), ("h2", "mule"), ("m1", "mule")], ["T5", "T6", "T1"]), LABELS, EVENTS)
    assert wrong.groups == set()


def test_figures_of_a_hand_made_run():
    run = [
        found(0.9, [("v1", "victim"), ("m1", "mule"), ("m2", "collector")], ["T1", "T2"]),
        found(0.8, [("h1", "mule")], ["T5"]),
        found(0.3, [("out", "cash_out")], ["T3"]),
    ]
    ratios = sample(run, LABELS, EVENTS).ratios

    def at(*key):
        return ratios[key].top, ratios[key].bottom

    assert at("findings", "precision", "0.7") == (1, 2) and at("findings", "precision", "0.0") == (2, 3)
    assert at("accounts", "precision", "0.7") == (2, 3) and at("accounts", "recall", "0.7") == (2, 3)
    assert at("accounts", "f1", "0.0") == (6, 7)
    assert at("events", "recall", "0.7") == (2, 4)
    assert at("groups", "recall", "0.7") == (1, 1) and at("groups", "alerts_each", "0.7") == (2, 1)
    # T1 (1 unit) is cited, T4 (3 units) reached the accused m1
    assert ratios["money", "recall", "0.7"].top == ratios["money", "recall", "0.7"].bottom
    assert at("role", "recall", "mule", "0.7") == (2, 2) and at("role", "named_so", "mule", "0.7") == (1, 2)
    assert at("role", "recall", "cash_out", "0.7") == (0, 1)
    assert at("role", "recall", "victim", "0.7") == (1, 2) and at("role", "victim_accused", "victim", "0.7") == (0, 2)
    assert at("typology", "recall", "loan", "0.7") == (1, 1)


def test_who_recruits_is_named_controller_and_an_algorithm_without_roles_is_not_judged_by_them():
    herd = truth(
        ("Account", "m1", "G1", "recruiter", "K1", "loan", True), ("Account", "m2", "G1", "mule", "K1", "loan", True),
        ("TRANSFER", "T1", "G1", "victim_payment", "K1", "loan", True),
    )  # fmt: skip
    labels = labels_of(shelf(), herd)
    named = sample([found(0.9, [("m1", "controller"), ("m2", "collector")])], labels, EVENTS).ratios
    assert (named["role", "named_so", "recruiter", "0.7"].top, named["role", "named_so", "mule", "0.7"].top) == (1, 0)
    shared = sample([found(0.9, [("m1", "sharer"), ("m2", "sharer")])], labels, EVENTS).ratios
    assert shared["role", "recall", "recruiter", "0.7"].top == 1
    assert not [key for key in shared if key[:2] == ("role", "named_so")]


def test_nothing_found_is_zero_recall_and_no_precision():
    ratios = sample([], LABELS, EVENTS).ratios
    assert ratios["findings", "precision", "0.7"].bottom == 0
    assert ratios["accounts", "recall", "0.7"].top == 0 and ratios["money", "recall", "0.7"].top == 0


def test_a_victim_named_as_such_is_accused_of_nothing():
    assert scores_of([found(0.9, [("v1", "victim"), ("m1", "mule", 0.4)])]) == {"m1": 0.4}


def test_bands_take_every_score_once():
    for score in (0.0, 0.29, 0.3, 0.7, 0.89, 0.9, 1.0):
        low, high = BANDS[band_of(score)]
        assert low <= score < high or score == high == 1.0


@given(st.dictionaries(st.sampled_from("abcdefghij"), st.sampled_from([0.0, 0.2, 0.5, 0.5, 0.9]), min_size=10, max_size=10),
       st.sets(st.sampled_from("abcdefghij"), min_size=1))  # fmt: skip
def test_average_precision_is_scikit_learns(scores, positive):
    names = sorted(scores)
    peer = average_precision_score([name in positive for name in names], [scores[name] for name in names])
    assert curve(scores, positive).average_precision == pytest.approx(peer)
