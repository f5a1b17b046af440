"""The generated town: sizes, determinism, references, ids, rhythm, solvency, parts of bounded size."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from town_facts import Facts, facts_of

from core.clock import DAY_MS, HOUR_MS
from core.errors import BadInput, Conflict
from graph.model import arrow_schema
from graph.schema import NODES, RELS, rel_pairs
from loaders.town import generate, parts, seasons
from loaders.town.dice import popular, share, stream


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("towns") / "town"
    generate(folder, transfers=20_000, seed=11)
    return folder


@pytest.fixture(scope="module")
def facts(town: Path) -> Facts:
    return facts_of(town)


def test_same_seed_and_size_give_the_same_rows(town: Path, facts: Facts, tmp_path: Path) -> None:
    generate(tmp_path / "again", transfers=20_000, seed=11)
    again = facts_of(tmp_path / "again")
    assert again.keys() == facts.keys()
    for holds, frame in facts.items():
        assert frame.equals(again[holds]), holds


def test_another_seed_gives_other_rows(facts: Facts, tmp_path: Path) -> None:
    generate(tmp_path / "other", transfers=20_000, seed=12)
    assert not facts_of(tmp_path / "other")["Account-TRANSFER-Account"].equals(facts["Account-TRANSFER-Account"])


def test_as_many_transfers_as_asked_and_a_tenth_as_many_accounts(town: Path, facts: Facts) -> None:
    manifest = json.loads((town / "manifest.json").read_text(encoding="utf-8"))
    assert facts["Account-TRANSFER-Account"].height == manifest["transfers"] == 20_000
    assert facts["Account"].height == pytest.approx(2_000, rel=0.1)
    assert manifest["seed"] == 11


def test_tables_have_only_the_schemas_columns_and_every_required_one(facts: Facts) -> None:
    for holds, frame in facts.items():
        if holds in ("truth", "reports"):
            continue
        type_name = holds if holds in NODES else holds.split("-")[1]
        schema = arrow_schema(type_name)
        assert set(frame.columns) <= set(schema.names)
        wanted = {item.name for item in (NODES.get(type_name) or RELS[type_name]).columns if item.required} - {"id"}
        assert wanted <= set(frame.columns)
        assert all(frame[name].null_count() == 0 for name in wanted)


def test_ids_are_unique_and_every_relationship_ends_at_a_node(facts: Facts) -> None:
    known = {label: set(facts[label]["id"]) for label in NODES if label in facts}
    for label, ids in known.items():
        assert len(ids) == facts[label].height, label
    for start, type_name, end in rel_pairs():
        frame = facts.get(f"{start}-{type_name}-{end}")
        if frame is None:
            continue
        assert set(frame["from_id"]) <= known[start], (start, type_name, end)
        assert set(frame["to_id"]) <= known[end], (start, type_name, end)
        if RELS[type_name].event:
            assert frame["id"].is_unique().all()
        else:
            assert frame.select("from_id", "to_id").is_unique().all(), (start, type_name, end)
        if start == end:
            assert (frame["from_id"] != frame["to_id"]).all()


def test_exchanged_ids_are_unique_over_both_directions(facts: Facts) -> None:
    ids = pl.concat([facts[name]["id"] for name in facts if "EXCHANGED" in name])
    assert ids.is_unique().all()


def test_transfers_stand_in_time_order_within_the_calendar(facts: Facts) -> None:
    transfers = facts["Account-TRANSFER-Account"]
    assert transfers["at_ms"].is_sorted()
    assert transfers["at_ms"].min() >= seasons.START_MS
    assert transfers["at_ms"].max() < seasons.END_MS
    assert (transfers["amount_minor"] > 0).all()
    for name in ("Phone-CALLED-Phone", "Phone-TEXTED-Phone"):
        assert facts[name]["at_ms"].min() >= seasons.START_MS
        assert facts[name]["at_ms"].max() < seasons.END_MS


def test_nobody_overdraws(facts: Facts) -> None:
    """With the opening balance, no account but a cash machine ever falls below zero, coin trades included."""
    transfers = facts["Account-TRANSFER-Account"]
    moves = [
        transfers.select(account="from_id", at="at_ms", change=-pl.col("amount_minor")),
        transfers.select(account="to_id", at="at_ms", change="amount_minor"),
    ]
    for name, end, sign in (("Account-EXCHANGED-Wallet", "from_id", -1), ("Wallet-EXCHANGED-Account", "to_id", 1)):
        if name in facts:
            moves.append(facts[name].select(account=end, at="at_ms", change=pl.col("amount_minor") * sign))
    path = (
        pl.concat(moves)
        .sort("account", "at", pl.col("change"), descending=[False, False, True])
        .with_columns(balance=pl.col("change").cum_sum().over("account"))
        .join(facts["Account"].select(account="id", opening="opening_balance_minor", kind="kind"), on="account")
        .filter(pl.col("kind") != "cash")
    )
    assert (path["balance"] + path["opening"]).min() >= 0


def test_days_have_a_rhythm(facts: Facts) -> None:
    """Few transfers at four in the morning, many at noon; salaries peak on paydays; red packets on New Year's Eve."""
    transfers = facts["Account-TRANSFER-Account"].with_columns(
        hour=(pl.col("at_ms") - seasons.START_MS) // HOUR_MS % 24,
        day=(pl.col("at_ms") - seasons.START_MS) // DAY_MS,
    )
    hours = dict(transfers.group_by("hour").len().iter_rows())
    assert hours.get(4, 0) * 5 < hours[12]
    salaries = transfers.filter(pl.col("memo") == "工资", pl.col("channel") == "payroll")
    assert {seasons.day_of_month(day) for day in salaries["day"]} <= {5, 10, 15, 20, 25}
    packets = transfers.filter(pl.col("memo").is_in(["红包", "新年快乐"]))
    by_day = packets.group_by("day").len().sort("len", descending=True)
    assert by_day["day"][0] == 27
    assert by_day["len"][0] > 5 * by_day["len"].median()


def test_shops_are_unequally_popular_and_phones_are_shared(facts: Facts) -> None:
    merchants = facts["Account"].filter(pl.col("kind") == "merchant")["id"]
    visits = (
        facts["Account-TRANSFER-Account"].filter(pl.col("to_id").is_in(merchants.implode())).group_by("to_id").len()
    )
    assert visits["len"].max() > 8 * visits["len"].median()
    users = facts["Account-CONNECTED_FROM-IP"].group_by("to_id").len()["len"]
    assert users.max() >= 15
    owners = facts["Account-REGISTERED_WITH-Phone"].group_by("to_id").len()["len"]
    assert owners.max() >= 3


def test_honest_life_has_look_alikes_of_every_pattern(facts: Facts) -> None:
    """Fan-in, cycles and quick pass-through also happen between honest accounts, so that none of them is proof."""
    truth = facts["truth"].filter(pl.col("entity_type") == "TRANSFER").select(id="entity_id")
    honest = facts["Account-TRANSFER-Account"].join(truth, on="id", how="anti")
    gifts = honest.filter(pl.col("memo") == "份子钱").group_by("to_id").agg(pl.col("from_id").n_unique())
    assert gifts["from_id"].max() >= 10
    club = honest.filter(pl.col("memo") == "会钱").select("from_id", "to_id").unique()
    assert club.join(club, left_on=["from_id", "to_id"], right_on=["to_id", "from_id"]).height > 0
    relayed = (
        honest.filter(pl.col("amount_minor") > 50_000)
        .sort("at_ms")
        .join_asof(
            honest.select(to_id="from_id", at_ms="at_ms", sent="amount_minor").sort("at_ms"),
            on="at_ms", by="to_id", strategy="forward", tolerance=3 * HOUR_MS, check_sortedness=False,
        )
        .filter(pl.col("sent").is_between(pl.col("amount_minor") * 0.9, pl.col("amount_minor")))
    )  # fmt: skip
    fraud = facts["truth"].filter(pl.col("entity_type") == "Account", pl.col("is_fraud"))["entity_id"].n_unique()
    assert relayed["to_id"].n_unique() > fraud


def test_identity_numbers_carry_a_right_check_digit_and_no_real_area(facts: Facts) -> None:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for number in facts["Person"]["id_number"].head(200):
        assert number.startswith("9901")
        total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
        assert number[17] == "10X98765432"[total % 11]


def test_parts_are_bounded_and_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, facts: Facts) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 3_000)
    generate(tmp_path / "small", transfers=20_000, seed=11)
    listed = json.loads((tmp_path / "small" / "manifest.json").read_text(encoding="utf-8"))["files"]
    transfers = [entry for entry in listed if entry["holds"] == "Account-TRANSFER-Account"]
    assert [entry["rows"] for entry in transfers] == [3_000] * 6 + [2_000]
    assert max(entry["rows"] for entry in listed) <= 3_000
    assert facts_of(tmp_path / "small")["Account-TRANSFER-Account"].equals(facts["Account-TRANSFER-Account"])


def test_a_writer_never_holds_a_whole_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 100)
    writer = parts.PartWriter(tmp_path, "x", "x")
    for _ in range(7):
        writer.add(pl.DataFrame({"a": np.arange(90)}))
        assert writer._waiting < 100
    assert [part.rows for part in writer.close()] == [100] * 6 + [30]


@pytest.mark.parametrize("size", [0, 999, 10_000_001])
def test_a_size_out_of_range_is_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(BadInput, match="1,000 to 10,000,000"):
        generate(tmp_path / "x", transfers=size)
    assert not (tmp_path / "x").exists()


def test_too_many_gangs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="gangs must be"):
        generate(tmp_path / "x", transfers=1_000, gangs=50)


def test_as_many_gangs_as_are_allowed_find_room(tmp_path: Path) -> None:
    summary = generate(tmp_path / "x", transfers=5_000, gangs=10)
    assert (summary.gangs, summary.transfers) == (10, 5_000)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(Conflict, match="already holds something"):
        generate(tmp_path, transfers=1_000)
    assert [item.name for item in tmp_path.iterdir()] == ["mine.txt"]


def test_nothing_is_left_of_a_town_that_was_interrupted(tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done > 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "town", transfers=1_000, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    generate(tmp_path / "town", transfers=1_000, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (1_000, 1_000)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**31), size=st.integers(1_000, 4_000), difficulty=st.sampled_from(["easy", "normal", "hard"])
)
def test_every_seed_makes_a_whole_town(
    tmp_path_factory: pytest.TempPathFactory, seed: int, size: int, difficulty: str
) -> None:
    folder = tmp_path_factory.mktemp("seeds") / "town"
    summary = generate(folder, transfers=size, seed=seed, difficulty=difficulty)  # type: ignore[arg-type]
    facts = facts_of(folder)
    assert summary.transfers == size == facts["Account-TRANSFER-Account"].height
    assert summary.gangs >= 1
    accounts = set(facts["Account"]["id"])
    assert len(accounts) == summary.accounts == facts["Account"].height
    assert (
        set(facts["Account-TRANSFER-Account"]["from_id"]) | set(facts["Account-TRANSFER-Account"]["to_id"]) <= accounts
    )
    assert set(facts["reports"]["account_id"]) <= accounts


@given(st.integers(0, 10**6), st.integers(1, 50))
def test_spread_adds_up(total: int, parts_: int) -> None:
    pieces = seasons.spread(total, np.arange(1, parts_ + 1, dtype=np.float64))
    assert pieces.sum() == total
    assert (pieces >= 0).all()


@given(st.integers(0, 2**31), st.integers(1, 1000))
def test_draws_stay_in_bounds(seed: int, bound: int) -> None:
    drawn = popular(stream(seed, "x"), 50, bound)
    assert drawn.min() >= 0
    assert drawn.max() < bound
    traits = share(np.arange(50), seed)
    assert ((traits >= 0) & (traits < 1)).all()
