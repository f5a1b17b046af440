"""Runs: order, parameters, and the rows that go to the ledger."""

from __future__ import annotations

import json

import pytest
from memory_store import MemoryStore, town

from algorithms import _run, community
from algorithms._base import Algorithm, Found, Member, Params
from algorithms._run import Stamp, order, run_one, to_rowsets
from core.errors import BadInput, NotFound
from graph.model import arrow_schema


def plain(name: str, *after: str, found: tuple[Found, ...] = ()) -> Algorithm:
    return Algorithm(name, "1", name, Params, lambda _task, _params: list(found), after=after)


def use(monkeypatch: pytest.MonkeyPatch, *algorithms: Algorithm) -> None:
    monkeypatch.setattr(_run, "catalog", lambda: {item.name: item for item in algorithms})


STAMP = Stamp("run-1", "community", "1", "local", 7, 1_000)
MEMBERS = (Member("Account", "A", "mule", 1, 0.9, "why"), Member("Phone", "P", "shared_identifier"))


def test_order_respects_after_and_is_alphabetical_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, plain("z"), plain("b", "z"), plain("a", "*"), plain("c"))
    assert [item.name for item in order()] == ["c", "z", "b", "a"]
    assert [item.name for item in order(["b"])] == ["b"]


def test_order_names_what_is_unknown_and_what_waits_in_a_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, plain("x", "y"), plain("y", "x"))
    with pytest.raises(NotFound, match="no algorithm named 'q': choose from x, y"):
        order(["q"])
    with pytest.raises(ValueError, match="wait for each other"):
        order()


def test_risk_comes_last_of_the_real_ones() -> None:
    assert order()[-1].name == "risk"
    assert len(order()) == len({item.name for item in order()})


def test_rows_conform_and_carry_the_run() -> None:
    one = Found("t", 0.5, MEMBERS, ("r",), ("no",), ("e1", "e2"), 12, "CNY", 1, 2, {"a": [1], "ü": None})
    finding, *involves = to_rowsets([one, Found("empty", 0.0, ())], ["f1", "f2"], STAMP, community.CommunityParams())
    assert finding.table.schema == arrow_schema("Finding")
    row = finding.table.to_pylist()[0]
    assert (row["kind"], row["run_id"], row["data_seq"], row["engine"]) == ("community", "run-1", 7, "local")
    assert (row["size"], row["evidence_ids"], row["reasons"], row["against"]) == (2, ["e1", "e2"], ["r"], ["no"])
    assert json.loads(row["details"]) == {"a": [1], "ü": None}
    assert json.loads(row["parameters"])["seed"] == 7
    assert [(item.from_label, item.to_label, len(item)) for item in involves] == [
        ("Finding", "Account", 1), ("Finding", "Phone", 1),
    ]  # fmt: skip
    assert all(item.table.schema == arrow_schema("INVOLVES") for item in involves)
    account = involves[0].table.to_pylist()[0]
    assert (account["from_id"], account["to_id"], account["role"], account["layer"]) == ("f1", "A", "mule", 1)


def test_two_roles_of_one_member_are_two_rows() -> None:
    twice = Found("t", 0.5, (Member("Account", "A", "victim"), Member("Account", "A", "mule")))
    _, involves = to_rowsets([twice], ["f"], STAMP, Params())
    assert len(set(involves.table["id"].to_pylist())) == 2


def test_nothing_found_writes_nothing_and_a_wrong_score_is_a_fault() -> None:
    assert to_rowsets([], [], STAMP, Params()) == ()
    for score in (1.2, -0.1, float("nan")):
        with pytest.raises(ValueError, match="not between 0 and 1"):
            to_rowsets([Found("t", score, ())], ["f"], STAMP, Params())


def test_run_one_gives_ids_that_depend_on_the_run() -> None:
    algorithm = plain("plain", found=(Found("a", 0.9, MEMBERS), Found("b", 0.8, MEMBERS)))
    store = town([("A", "B", 1, 1)])
    first, second = run_one(algorithm, store, run_id="r1"), run_one(algorithm, store, run_id="r2", data_seq=5)
    assert len({*first.finding_ids, *second.finding_ids}) == 4
    assert first.rowsets[0].table["data_seq"].to_pylist() == [1, 1]
    assert second.rowsets[0].table["data_seq"].to_pylist() == [5, 5]
    assert first.seconds >= 0


def test_run_one_refuses_wrong_engine_and_parameters_in_one_line() -> None:
    with pytest.raises(BadInput, match="community runs on local or gds, not on 'spark'"):
        run_one(community.ALGORITHM, MemoryStore(), run_id="r", engine="spark")
    with pytest.raises(BadInput, match=r"community: scope_accounts: .* greater than or equal to 2") as caught:
        run_one(community.ALGORITHM, MemoryStore(), {"scope_accounts": 1}, run_id="r")
    assert "\n" not in str(caught.value)
    with pytest.raises(BadInput, match="community: nonsense"):
        run_one(community.ALGORITHM, MemoryStore(), {"nonsense": 1}, run_id="r")
