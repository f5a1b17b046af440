"""A generated town read into memory: what detection finds in it against its truth."""

from __future__ import annotations

from pathlib import Path

from algorithms import mule_chain
from algorithms._base import Task
from evaluation.curve import curve, member_scores
from evaluation.shelf import read
from evaluation.truth import CHAIN_ROLES
from loaders.town.generate import generate


def test_town_read_and_judged(tmp_path: Path) -> None:
    generate(tmp_path / "town", transfers=10_000, seed=5)
    shelf, truth = read(tmp_path / "town", "synthetic")
    accounts = shelf.scan_nodes("Account", ["id", "kind"])
    assert accounts["id"].to_pylist() == sorted(set(accounts["id"].to_pylist()))
    assert len(shelf.scan_rels("TRANSFER", ["id"])) == 10_000
    found = mule_chain.find(Task(shelf), mule_chain.MuleChainParams())
    made = curve(member_scores(found, CHAIN_ROLES), truth.ids("Account", CHAIN_ROLES, in_chain=True))
    # Far above chance (about one account in a hundred); the curves themselves are in bench/quality.py.
    assert made.average_precision > 0.5
