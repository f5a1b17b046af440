"""What is true of a data set, from its truth rows and facts."""

from __future__ import annotations

import pytest
from evaluation_samples import GANG, TRANSFERS, shelf, transfer, truth

from evaluation.labels import known_events, labels_of


def test_culprits_victims_gangs_and_money():
    labels = labels_of(shelf(), GANG)
    assert labels.accounts == {"m1": {"mule"}, "m2": {"mule"}, "out": {"cash_out"}}
    assert labels.victims == {"v1", "v2"} and labels.groups == {"G1"} and labels.typology_of == {"G1": "loan"}
    assert set(labels.stolen) == {"T1", "T4"} and labels.stolen["T4"].payee == "m1"
    assert labels.first_ms == {"G1": TRANSFERS[0]["at_ms"]}
    assert labels.n_accounts == 7 and not labels.derived_accounts and labels.notes == ()


def test_currencies_are_added_in_median_payments_of_their_own():
    more = [
        *TRANSFERS,
        transfer("U1", "v1", "m1", 5, 9, "BTC"),
        transfer("U2", "h1", "h2", 1, 9, "BTC"),
        transfer("U3", "h1", "h2", 5, 9, "BTC"),
    ]
    labels = labels_of(shelf(transfers=more), truth(("TRANSFER", "U1", "G", "victim_payment", None, None, True),
                                                    ("TRANSFER", "T1", "G", "victim_payment", None, None, True)))  # fmt: skip
    assert labels.events["U1"].units == pytest.approx(1.0)
    assert labels.events["T1"].units == pytest.approx(1.0)


def test_without_account_labels_both_ends_count_and_it_says_so():
    labels = labels_of(
        shelf(),
        truth(
            ("TRANSFER", "T2", None, None, "attempt-1", "cycle", True),
            ("TRANSFER", "T5", None, None, None, None, False),
        ),
    )
    assert set(labels.accounts) == {"m1", "m2"} and labels.derived_accounts and "both ends" in labels.notes[0]
    assert labels.groups == {"attempt-1"} and set(labels.stolen) == {"T2"}


def test_without_event_labels_nothing_is_said_of_money():
    labels = labels_of(shelf(), truth(("Account", "m1", None, None, None, None, True)))
    assert (
        not labels.has_events and labels.stolen == {} and labels.groups == set() and "not labelled" in labels.notes[0]
    )


def test_truth_that_names_nothing_fraudulent_is_refused():
    with pytest.raises(ValueError, match="nothing fraudulent"):
        labels_of(shelf(), truth(("Account", "m1", None, "honest", None, None, False)))


def test_only_money_events_of_the_data_are_judged_as_evidence():
    assert known_events(shelf(), {"T1", "call-7", "T6"}) == {"T1", "T6"}
