"""Gangs: identity across runs by hand, wordings, ages, and the gangs of a small generated town beside its truth."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes

from algorithms._base import Found, Task, catalog
from algorithms._gang_identity import relate
from algorithms._gang_profile import age_group, hours
from algorithms._run import Stamp, to_rowsets
from algorithms._scripts import plain, scripts
from algorithms.gang import GangParams, find, last_gangs
from algorithms.roles import RolesParams
from algorithms.roles import find as find_roles
from evaluation.shelf import Shelf, read
from evaluation.truth import Truth
from loaders.town.generate import generate


def gang(*names: str) -> frozenset[str]:
    return frozenset(names)


def test_a_gang_is_born_stays_grows_shrinks() -> None:
    (born,) = relate([gang("a", "b", "c")], {})
    assert (born.status, born.joined, born.parents) == ("born", ("a", "b", "c"), ())
    before = {born.gang_id: gang("a", "b", "c")}
    for now, status, joined, left in (
        (gang("a", "b", "c"), "same", (), ()), (gang("a", "b", "c", "d"), "grew", ("d",), ()),
        (gang("a", "b"), "shrank", (), ("c",)), (gang("a", "b", "x", "y"), "grew", ("x", "y"), ("c",)),
    ):  # fmt: skip
        (found,) = relate([now], before)
        assert (found.gang_id, found.status, found.joined, found.left) == (born.gang_id, status, joined, left)


def test_gangs_merge_and_split() -> None:
    before = {"g1": gang("a", "b", "c"), "g2": gang("x", "y")}
    (merged,) = relate([gang("a", "b", "c", "x", "y")], before)
    assert (merged.gang_id, merged.status, merged.parents, merged.joined) == ("g1", "merged", ("g1", "g2"), ("x", "y"))
    large, small = relate([gang("a", "b", "c"), gang("d", "e")], {"g": gang("a", "b", "c", "d", "e")})
    assert (large.gang_id, large.status, large.left) == ("g", "shrank", ("d", "e"))
    assert (small.status, small.parents) == ("split", ("g",)) and small.gang_id != "g"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.frozensets(st.sampled_from("abcdefghij"), min_size=1), max_size=5),
    st.lists(st.frozensets(st.sampled_from("abcdefghij"), min_size=1), max_size=5),
)
def test_ids_are_given_once_and_account_for_everybody(now: list[frozenset[str]], old: list[frozenset[str]]) -> None:
    before = {f"g{i}": members for i, members in enumerate(old)}
    made = relate(now, before)
    assert len({relation.gang_id for relation in made}) == len(now)
    assert made == relate(now, before)
    for group, relation in zip(now, made, strict=True):
        if relation.gang_id in before:
            assert (before[relation.gang_id] | set(relation.joined)) - set(relation.left) == group
            assert set(relation.joined).isdisjoint(before[relation.gang_id])


def test_wordings_are_found_whatever_is_filled_in() -> None:
    texts = [f"在家点赞做任务，每单返{i}元，日结{i * 5}元，加群号{i}00，接待员1380000{i}。" for i in range(1, 5)]
    texts += ["您的包裹已到3号柜，取件码1234。", "您的包裹已到9号柜，取件码5678。", "", "hello"]
    first, second = scripts(texts)
    assert (first.messages, second.messages) == ((0, 1, 2, 3), (4, 5))
    assert first.similarity > 0.9 and first.words and not any(word.isnumeric() for word in first.words)
    assert plain("ＡＢＣ 12 元") == "abc#元"
    assert scripts([]) == [] and scripts(["", " "]) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="abc点赞12 ", max_size=12), max_size=12))
def test_a_message_is_in_one_wording_at_most(texts: list[str]) -> None:
    places = [place for script in scripts(texts) for place in script.messages]
    assert len(places) == len(set(places))
    assert all(texts[place].strip() for place in places)


def test_ages_and_hours() -> None:
    at = 1_735_689_600_000  # 2025-01-01 00:00 UTC, a Wednesday: 08:00 in Shanghai
    for born, group in (("2010-01-01", "under 18"), ("2007-01-01", "18-29"), ("2007-01-02", "under 18"), ("1940-05-05", "60 and over"),
                        (None, "unknown"), ("no date", "unknown"), ("2030-01-01", "unknown")):  # fmt: skip
        assert age_group(born, at) == group, born
    import numpy as np

    table = hours(np.array([at, at + 1]), "Asia/Shanghai")
    assert table[2][8] == 2 and sum(map(sum, table)) == 2


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shelf, Truth]:
    folder: Path = tmp_path_factory.mktemp("gangs") / "town"
    generate(folder, transfers=20_000, seed=11, difficulty="easy")
    shelf, truth = read(folder, "synthetic")
    return shelf, truth


def test_gangs_of_a_town(town: tuple[Shelf, Truth]) -> None:
    shelf, truth = town
    found = find(Task(shelf), GangParams())  # type: ignore[arg-type]
    assert found == find(Task(shelf), GangParams())  # type: ignore[arg-type]
    of = {
        row["entity_id"]: row["gang"]
        for row in truth.table.to_pylist()
        if row["entity_type"] == "Account" and row["is_fraud"]
    }
    assert len(found) >= 2
    for item in found:
        accounts = [m.id for m in item.members if m.label == "Account" and m.role != "victim"]
        most = Counter(of.get(name) for name in accounts).most_common(1)[0]
        assert most[0] is not None and most[1] >= 0.8 * len(accounts)
        told = item.details
        assert sum(map(sum, told["hours"])) > 0 and len(told["hours"]) == 7
        assert all(day["kept_minor"] >= 0 for day in told["days"])
        assert sum(told["ages"].values()) <= told["victims"] == sum(m.role == "victim" for m in item.members)
        assert [entry["first_ms"] for entry in told["timeline"]] == sorted(
            entry["first_ms"] for entry in told["timeline"]
        )
        assert told["status"] == "born" and told["gang_id"].startswith("gang-")
    assert any(item.details["scripts"] for item in found)
    texts = set(shelf.scan_rels("TEXTED", ["text"])["text"].to_pylist())
    assert not any(text in str(item) for item in found for text in texts)  # wordings are named, not quoted


def test_the_last_run_is_remembered() -> None:
    def run(name: str, at: int, *members: str) -> list[object]:
        from algorithms._base import Member

        found = Found(
            "x",
            0.5,
            tuple(Member("Account", m, "victim" if m == "v" else "mule") for m in members),
            details={"gang_id": f"gang-{name}"},
        )
        return list(
            to_rowsets(
                [found], [f"F-{name}"], Stamp(f"run-{name}", "gang", "1", "local", 1, at), catalog()["gang"].params()
            )
        )

    store = MemoryStore([nodes("Account", ["a", "b", "v"]), *run("old", 1, "a"), *run("new", 2, "a", "b", "v")])  # type: ignore[list-item]
    assert last_gangs(store) == {"gang-new": frozenset({"a", "b"})}  # type: ignore[arg-type]


def test_roles_name_withhold_and_give_reasons(town: tuple[Shelf, Truth]) -> None:
    shelf, truth = town
    found = find_roles(Task(shelf), RolesParams())  # type: ignore[arg-type]
    gang_accounts = truth.ids("Account")
    named = [item for item in found if item.members[0].role not in ("victim", "unclear")]
    right = sum(item.members[0].id in gang_accounts for item in named)
    assert len(named) > 20 and right >= 0.9 * len(named)
    for item in found:
        chances = item.details["probabilities"]
        assert abs(sum(chances.values()) - 1) < 0.001 and 1 - chances["bystander"] >= 0.5 - 1e-4
        assert item.reasons and item.members[0].role in (*chances, "unclear")
        if item.members[0].role == "unclear":
            assert max(chances.values()) < 0.5 and item.score <= 0.5
    empty = MemoryStore([nodes("Account", [])])
    assert find_roles(Task(empty), RolesParams()) == [] and find(Task(empty), GangParams()) == []  # type: ignore[arg-type]
