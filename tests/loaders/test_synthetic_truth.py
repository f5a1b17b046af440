"""The planted truth: chains respect time and keep money, roles agree with the facts, every gang gets its money out."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from town_facts import Facts, facts_of

from core.clock import DAY_MS
from graph.intake import TRUTH_SCHEMA
from loaders.town import generate
from loaders.town.laundering import ATM_DAILY_FEN
from loaders.town.seasons import START_MS
from loaders.town.typologies import MANNERS, TYPOLOGIES

_OUT = ("cash_out", "exchange")


@pytest.fixture(scope="module", params=["easy", "normal", "hard"])
def facts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    folder = tmp_path_factory.mktemp("towns") / request.param
    generate(folder, transfers=40_000, seed=5, gangs=8, difficulty=request.param)
    return facts_of(folder)


def legs(facts: Facts) -> pl.DataFrame:
    """Transfers and exchanges of chains: chain, gang, role, layer, from_id, to_id, amount_minor, at."""
    truth = facts["truth"].filter(pl.col("chain").is_not_null(), pl.col("entity_type").is_in(["TRANSFER", "EXCHANGED"]))
    names = ["Account-TRANSFER-Account", "Account-EXCHANGED-Wallet", "Wallet-EXCHANGED-Account"]
    events = pl.concat(
        [facts[name].select("id", "from_id", "to_id", "amount_minor", at="at_ms") for name in names if name in facts]
    )
    return truth.join(events, left_on="entity_id", right_on="id", how="left")


def test_truth_has_the_contracts_columns(facts: Facts) -> None:
    assert facts["truth"].columns == TRUTH_SCHEMA.names
    facts["truth"].to_arrow().cast(TRUTH_SCHEMA)


def test_every_truth_row_names_an_entity_of_the_facts(facts: Facts) -> None:
    for (kind,), rows in facts["truth"].group_by("entity_type"):
        ids = pl.concat(
            [frame["id"] for name, frame in facts.items() if kind in name.split("-") and "id" in frame.columns]
        )
        assert set(rows["entity_id"]) <= set(ids), kind


def test_every_account_has_a_role_once_a_chain(facts: Facts) -> None:
    accounts = facts["truth"].filter(pl.col("entity_type") == "Account")
    assert set(accounts["entity_id"]) == set(facts["Account"]["id"])
    assert accounts.select("entity_id", "chain").is_unique().all()
    honest = accounts.filter(pl.col("role") == "honest")
    assert honest["gang"].null_count() == honest.height
    assert not honest["is_fraud"].any()
    assert not accounts.filter(pl.col("role") == "victim")["is_fraud"].any()
    assert accounts.filter(~pl.col("role").is_in(["honest", "victim"]))["is_fraud"].all()
    roles = {"victim", "mule", "collector", "cash_out", "exchanger", "recruiter", "controller", "honest"}
    assert set(accounts["role"]) <= roles


def test_mules_own_an_account_of_the_gang(facts: Facts) -> None:
    """Whoever is a mule, recruiter or controller holds an account with a part in the same gang."""
    truth, owns = facts["truth"], facts["Person-OWNS-Account"]
    held = owns.join(truth.filter(pl.col("entity_type") == "Account"), left_on="to_id", right_on="entity_id")
    by_person = {
        (person, gang) for person, gang in held.filter(pl.col("is_fraud")).select("from_id", "gang").iter_rows()
    }
    members = truth.filter(pl.col("entity_type") == "Person", pl.col("is_fraud"))
    assert members.height > 10
    assert {(person, gang) for person, gang in members.select("entity_id", "gang").iter_rows()} <= by_person


def test_every_member_of_a_chain_takes_part_in_it(facts: Facts) -> None:
    rows = legs(facts)
    ends = pl.concat([rows.select("chain", entity_id="from_id"), rows.select("chain", entity_id="to_id")]).unique()
    members = facts["truth"].filter(pl.col("entity_type") == "Account", pl.col("chain").is_not_null())
    assert members.join(ends, on=["chain", "entity_id"], how="anti").height == 0
    strangers = ends.join(members, on=["chain", "entity_id"], how="anti")["entity_id"]
    cash = facts["Account"].filter(pl.col("kind") == "cash")["id"]
    assert set(strangers) <= set(cash) | set(facts["Wallet"]["id"])


def test_chain_events_are_fraud_with_gang_typology_and_layer(facts: Facts) -> None:
    rows = legs(facts)
    assert rows["from_id"].null_count() == 0
    assert rows["is_fraud"].all()
    assert rows["layer"].min() == 1
    assert set(rows["typology"]) <= set(TYPOLOGIES)
    assert (rows["at_ms"] == rows["at"]).all()
    assert rows.group_by("chain").agg(pl.col("gang").n_unique())["gang"].max() == 1


def test_money_leaves_an_account_only_after_it_came_within_the_chain(facts: Facts) -> None:
    """Within a chain no account but a victim's ever sends more than it has received by then, and keeps 5% at most a hop."""
    rows = legs(facts)
    victims = rows.filter(pl.col("role") == "victim_payment").select("chain", account="from_id").unique()
    moves = pl.concat([
        rows.select("chain", "at", account="to_id", change="amount_minor"),
        rows.select("chain", "at", account="from_id", change=-pl.col("amount_minor")),
    ]).join(victims, on=["chain", "account"], how="anti")  # fmt: skip
    wallets = set(facts["Wallet"]["id"]) if "Wallet" in facts else set()
    cash = set(facts["Account"].filter(pl.col("kind") == "cash")["id"])
    moves = moves.filter(~pl.col("account").is_in(sorted(wallets | cash)))
    path = moves.sort("chain", "account", "at", "change", descending=[False, False, False, True]).with_columns(
        balance=pl.col("change").cum_sum().over("chain", "account")
    )
    assert path["balance"].min() >= 0


def test_layers_pass_on_all_but_their_cut(facts: Facts) -> None:
    """Accounts between first layer and collector keep at most 5% of what a chain brought them."""
    rows = legs(facts).filter(pl.col("entity_type") == "TRANSFER")
    came = rows.group_by("chain", account="to_id").agg(came=pl.col("amount_minor").sum())
    went = rows.group_by("chain", account="from_id").agg(went=pl.col("amount_minor").sum())
    roles = facts["truth"].filter(pl.col("entity_type") == "Account", pl.col("role") == "mule")
    mules = (
        roles.select("chain", account="entity_id")
        .join(came, on=["chain", "account"])
        .join(went, on=["chain", "account"])
    )
    assert mules.height >= 10, "too few mules to judge"
    kept = 1 - mules["went"] / mules["came"]
    assert kept.min() >= 0.004
    assert kept.max() <= 0.0501


def test_cycles_splits_and_merges_occur(facts: Facts) -> None:
    rows = legs(facts)
    assert rows.group_by("chain", "from_id").agg(pl.col("to_id").n_unique())["to_id"].max() >= 2
    assert rows.group_by("chain", "to_id").agg(pl.col("from_id").n_unique())["from_id"].max() >= 2


def test_every_gang_has_a_path_from_a_victim_to_cash_or_coin(facts: Facts) -> None:
    """Follow each chain forward in time from its victims' payments; every gang gets money out of at least one."""
    rows = legs(facts).sort("at")
    gangs = set(facts["truth"]["gang"].drop_nulls())
    complete: set[str] = set()
    for (chain,), steps in rows.group_by("chain", maintain_order=True):
        reached: set[str] = set()
        for gang, role, start, end in steps.select("gang", "role", "from_id", "to_id").iter_rows():
            if role == "victim_payment" or start in reached or start.startswith("T"):
                reached.add(end)
                if role in _OUT:
                    complete.add(gang)
            else:
                pytest.fail(f"{chain}: {start} sends money that nobody brought")
    assert complete == gangs


def test_cash_machines_pay_within_the_daily_limit(facts: Facts) -> None:
    drawn = legs(facts).filter(pl.col("role") == "cash_out")
    cash = facts["Account"].filter(pl.col("kind") == "cash")["id"]
    assert drawn["to_id"].is_in(cash.implode()).all()
    assert (drawn["amount_minor"] % 10_000 == 0).all()
    a_day = drawn.group_by("from_id", (pl.col("at") - START_MS) // DAY_MS).agg(pl.col("amount_minor").sum())
    assert a_day["amount_minor"].max() <= ATM_DAILY_FEN


def test_exchanges_happen_at_exchange_accounts(facts: Facts) -> None:
    exchanged = [facts[name] for name in facts if name in ("Account-EXCHANGED-Wallet", "Wallet-EXCHANGED-Account")]
    kinds = dict(facts["Account"].select("id", "kind").iter_rows())
    assert exchanged
    for frame in exchanged:
        ends = [end for row in frame.select("from_id", "to_id").iter_rows() for end in row if end in kinds]
        assert {kinds[end] for end in ends} == {"exchange"}


def test_reports_name_victims_payments_before_the_report(facts: Facts) -> None:
    reports, rows = facts["reports"], legs(facts)
    assert reports.height >= 8, "too few reports to judge"
    payments = rows.filter(pl.col("role") == "victim_payment").select(
        "entity_id", "from_id", "amount_minor", "at", "gang"
    )
    named = reports.explode("transfer_ids").join(payments, left_on="transfer_ids", right_on="entity_id", how="left")
    assert named["from_id"].null_count() == 0
    assert (named["from_id"] == named["account_id"]).all()
    assert (named["at"] < named["reported_at_ms"]).all()
    totals = named.group_by("report_id").agg(pl.col("amount_minor_right").sum(), pl.col("amount_minor").first())
    assert (totals["amount_minor"] == totals["amount_minor_right"]).all()
    assert set(named["gang"]) == set(facts["truth"]["gang"].drop_nulls())


def test_gangs_text_near_the_same_words_to_many(facts: Facts) -> None:
    phones = facts["truth"].filter(pl.col("entity_type") == "Phone")["entity_id"]
    texts = facts["Phone-TEXTED-Phone"].filter(pl.col("from_id").is_in(phones.implode()))
    assert texts.height >= 10
    assert not texts["text"].str.contains(r"[{}]").any()
    bare = texts["text"].str.replace_all(r"[0-9]+", "#")
    assert bare.n_unique() < texts.height / 2


def test_victims_were_called_before_they_paid(facts: Facts) -> None:
    callers = facts["truth"].filter(pl.col("entity_type") == "Phone").select(from_id="entity_id")
    called = facts["Phone-CALLED-Phone"].join(callers, on="from_id").group_by("to_id").agg(called=pl.col("at_ms").min())
    registered = facts["Account-REGISTERED_WITH-Phone"].select(account="from_id", to_id="to_id")
    paid = (
        legs(facts).filter(pl.col("role") == "victim_payment").group_by(account="from_id").agg(paid=pl.col("at").min())
    )
    both = paid.join(registered, on="account").join(called, on="to_id", how="left")
    assert both["called"].null_count() == 0
    assert (both["called"] < both["paid"]).all()


def test_difficulty_sets_share_speed_and_sharing() -> None:
    easy, normal, hard = (MANNERS[name] for name in ("easy", "normal", "hard"))
    assert hard.fraud_share == pytest.approx(0.001)
    assert easy.fraud_share > normal.fraud_share > hard.fraud_share
    assert easy.delay_min < normal.delay_min < hard.delay_min
    assert easy.sharing > normal.sharing > hard.sharing


def test_hard_towns_hold_about_a_thousandth_of_fraud(tmp_path: Path) -> None:
    summary = generate(tmp_path / "town", transfers=200_000, seed=3, difficulty="hard")
    assert summary.fraud_transfers / summary.transfers == pytest.approx(0.001, rel=0.9)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_every_small_gang_gets_its_money_out(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    folder = tmp_path_factory.mktemp("small") / "town"
    generate(folder, transfers=1_500, seed=seed)
    facts = facts_of(folder)
    out = legs(facts).filter(pl.col("role").is_in(_OUT))
    assert set(out["gang"]) == set(facts["truth"]["gang"].drop_nulls())
