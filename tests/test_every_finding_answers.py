"""Who, what, when, how much, by which version, on which data, what speaks against it, and how often its like is wrong."""

from __future__ import annotations

import json

import pytest

from algorithms._base import catalog
from evaluation import datasets, error_rates, running
from tests.chinese import untold

#: One score an account over other findings, or one change of it: its money is that of the findings it names.
WITHOUT_MONEY = {"risk", "roles", "sim_farm", "lookalike", "shared_device", "changed_accounts", "call_then_pay", "gang"}


@pytest.fixture(scope="module")
def data():
    """One generated town."""
    return datasets.town(20_000, 7, "easy")


@pytest.fixture(scope="module")
def moved(data):
    """Accounts that ever paid or were paid."""
    rows = data.base.scan_rels("TRANSFER", [])
    return set(rows["from_id"].to_pylist()) | set(rows["to_id"].to_pylist())


@pytest.fixture(scope="module")
def ran(data):
    """All algorithms, as `detect --all` runs them."""
    return {item.algorithm.name: item for item in running.run_all(data.base)}


@pytest.mark.parametrize("name", sorted(catalog()))
def test_each_finding_answers_every_question(ran, moved, name):
    item = ran[name]
    assert item.algorithm.version, "by which version"
    if item.reason:  # without a fitted model nothing is found, and the evaluation says so instead of counting misses
        assert "models" in item.algorithm.params.model_fields and "model" in item.reason and not item.found
    for found in item.found:
        assert found.members and all(member.id and member.role for member in found.members), "who"
        assert found.title and found.reasons, "what"
        if moved & {
            member.id for member in found.members
        }:  # who never moved money is found by other ties, which have no end
            assert found.starts_ms is not None and found.ends_ms is not None, ("when", found.title)
            assert found.starts_ms <= found.ends_ms
        has_money = found.amount_minor is not None and found.currency
        assert has_money or name in WITHOUT_MONEY or json.dumps(dict(found.details)).find("minor") >= 0, (
            "how much",
            found.title,
        )
        assert found.evidence_ids or found.details, "on what it rests"
        assert found.against and all(text.strip() for text in found.against), "what speaks against it"


@pytest.mark.parametrize("name", sorted(catalog()))
def test_each_finding_is_read_in_chinese(ran, name):
    assert untold(ran[name].found) == {}


@pytest.mark.parametrize("name", sorted(catalog()))
def test_each_finding_has_a_measured_error_rate_or_says_that_it_has_none(ran, name):
    measured = error_rates.merged([], error_rates.shipped())
    for found in ran[name].found:
        known = error_rates.look_up(measured, name, ran[name].algorithm.version, found.score)
        if known.first is None:
            assert known.why.startswith("not measured: ")
        else:
            low, high = known.first.wrong.interval
            assert (
                known.first.of > 0
                and known.first.holds(found.score)
                and 0 <= low <= known.first.wrong.share <= high <= 1
            )


def test_most_algorithms_found_something_here(ran):
    assert sum(bool(item.found) for item in ran.values()) > len(ran) / 2
