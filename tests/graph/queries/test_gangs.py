"""What the gang pages ask, on both stores."""

from __future__ import annotations

from graph_case import T0, _nodes, _rels, load

from graph.queries import gangs


def _gang(id: str, run: str, at_ms: int, score: float) -> dict:
    return {
        "id": id, "kind": "gang", "title": id, "score": score, "run_id": run, "algorithm_version": "1.0", "data_seq": 1, "created_at_ms": at_ms,
        "details": "{}",
    }  # fmt: skip


def test_runs_messages_and_regions(store):
    load(store)
    assert gangs.of_runs(store) == [] and gangs.messages(store, [], []) == []
    phones = ("+8613800138000", "+8613900139000")
    text = {"from_id": phones[0], "to_id": phones[1], "at_ms": T0, "text": "点赞返利"}
    store.apply(2, [
        _nodes("Finding", _gang("G1", "run-a", T0, 0.9), _gang("G2", "run-b", T0 + 5, 0.5), _gang("G3", "run-b", T0 + 5, 0.7)),
        _nodes("Account", {"id": "CCB-M1", "region": "东湖区"}), _rels("TEXTED", ("Phone", "Phone"), {**text, "id": "S1"}, {**text, "id": "S2"}),
    ])  # fmt: skip
    assert [node.id for node in gangs.of_runs(store)] == ["G3", "G2", "G1"]
    assert [node.id for node in gangs.of_runs(store, most_runs=1)] == ["G3", "G2"]
    (found,) = gangs.messages(store, ["S2", "nothing"], phones)
    assert (found.id, found.start, found.properties["text"]) == ("S2", ("Phone", phones[0]), "点赞返利")
    assert gangs.messages(store, ["S2"], phones[1:]) == []
    regions = gangs.accounts_by_region(store)
    assert regions["东湖区"] == 1 and regions[""] > 1
