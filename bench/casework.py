"""Casework: from a lead's text to ranked orders; pages of long queues; many people at once; money still reachable.

`python -m bench.casework [TRANSFERS [ROWS]]`; 2,000,000 transfers and 1,000,000 rows unless said, and 0 leaves that part out. Peers in the same run: the same
trace over the whole graph projected at once, OFFSET paging, and an oracle that knows every account of the gangs.
With RINGTRACE_BENCH_POSTGRES_URL set (an empty database!), the queues are measured on PostgreSQL too.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import insert, select, text

from bench import _casework_crowd
from bench.measure import machine
from cases.order_tables import OrderRow
from core.db import make_engine
from core.settings import Settings
from security.roles import Actor, system_actor
from usecases import bootstrap, casefiles, leads, schema_version
from usecases import trace as tracing
from usecases.leads import Report
from usecases.services import AbsentStore, Services

MINUTE = 60_000
DELAYS = (5, 30, 120)
CHIEF = Actor("bench", "bench", frozenset({"supervisor"}))


def main(transfers: int, rows: int) -> None:
    """Print every figure."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="ringtrace-casework-") as folder:
        home = Path(folder)
        if transfers:
            traces(home, transfers)
        for name, url in (("SQLite", ""), ("PostgreSQL", os.environ.get("RINGTRACE_BENCH_POSTGRES_URL", ""))):
            if not rows:
                continue
            if name == "PostgreSQL" and not url:
                print("PostgreSQL: not measured, RINGTRACE_BENCH_POSTGRES_URL is not set")
                continue
            queues(name, home / name, url, rows)


def traces(home: Path, transfers: int) -> None:
    """Lead text to ranked orders on a generated town, and how much of the gangs' money the orders still reach."""
    from loaders.town import generate
    from usecases.load import load

    town = home / "town"
    generate(town, transfers=transfers, seed=7, difficulty="normal")
    services = bootstrap.open_services(Settings(home=home / "home", buffer_pool_mb=4096))
    load(services, system_actor(), town, dangling_ends="stub")
    reports = pl.read_parquet(town / "truth" / "reports-*.parquet")
    truth = pl.read_parquet(town / "truth" / "truth-*.parquet")
    counts = services.store.counts()
    print(f"\ntown: {counts['TRANSFER']:,} transfers, {counts['Account']:,} accounts, {len(reports):,} reports")
    lead_times(services, reports)
    reach(services, reports, truth)
    bootstrap.close(services)


def lead_times(services: Services, reports: pl.DataFrame) -> None:
    """Seconds from a lead's text to its ranked proposal, whole use case with its writes and audit lines."""
    took, why, money = [], Counter[str](), tracing.GraphMoney(services.store)
    leads.file(services, CHIEF, Report("hotline", "warm up: the typology model and the kernels are loaded"))
    tracing.trace(tracing.GraphMoney(services.store), _some_payment(services, reports), 2**50)
    for row in reports.sample(min(60, len(reports)), seed=7).iter_rows(named=True):
        words = f"The victim's account {row['account_id']} paid {row['amount_minor'] / 100:.2f} yuan to strangers"
        at = row["reported_at_ms"] + 5 * MINUTE
        one = Services(services.settings, services.engine, services.ledger, services.store, lambda at=at: at)
        paid = _reported(money, row, set(row["transfer_ids"]))  # a victim knows when the last payment was
        when = max((item.at_ms for item in paid), default=None)
        started = time.perf_counter()
        filed = leads.file(one, CHIEF, Report("hotline", words, occurred_at_ms=when))
        view = leads.one(one, CHIEF, filed.lead_id)
        took.append(time.perf_counter() - started)
        why[_outcome(view)] += 1
    tell("lead text to ranked orders, ms", [1000 * second for second in took])
    print(f"  how the {len(took)} leads ended: " + ", ".join(f"{name} {count}" for name, count in why.most_common()))
    whole_graph(services)


def _outcome(view: leads.LeadView) -> str:
    """Orders proposed, or why there are none."""
    if casefiles.proposed(view.trace):
        return "orders proposed"
    if view.lead.trace_failed or not view.trace:
        return f"no payment found ({view.lead.trace_failed})"
    return "all of it out of reach" if view.trace["gone_minor"] or view.trace["remaining_minor"] else "nothing remains"


def _some_payment(services: Services, reports: pl.DataFrame) -> list[Any]:
    row = reports.row(0, named=True)
    found = tracing.GraphMoney(services.store).payments([row["account_id"]], 0, 2**50)
    return [item for item in found if item.id in row["transfer_ids"]][:1]


def whole_graph(services: Services) -> None:
    """The peer: every transfer projected and linked at once, as detection does."""
    from algorithms._base import Task
    from algorithms.mule_chain import MuleChainParams, find

    started = time.perf_counter()
    find(Task(services.store), MuleChainParams(limit=1))
    print(f"  peer, the whole graph at once: {1000 * (time.perf_counter() - started):,.0f} ms")


def reach(services: Services, reports: pl.DataFrame, truth: pl.DataFrame) -> None:
    """Share of the loss that 20 orders would still find, ours beside the 20 best an oracle names that knows the chains."""
    chains = Chains(services, truth)
    source = tracing.GraphMoney(services.store)
    rows = list(reports.sample(min(120, len(reports)), seed=11).iter_rows(named=True))
    print("\nmoney still reachable when orders are proposed (share of the loss, at most 20 orders a report)")
    for since, after_last in (("the generator's report", False), ("the last payment, as if reported at once", True)):
        for minutes in DELAYS:
            ours = oracle = loss = 0.0
            for row in rows:
                wanted = set(row["transfer_ids"])
                seeds = _reported(source, row, wanted)
                begins = max(item.at_ms for item in seeds) if after_last and seeds else row["reported_at_ms"]
                until = begins + minutes * MINUTE
                true = chains.held(wanted, until)
                loss += sum(item.amount_minor for item in seeds)
                told = tracing.trace(source, seeds, until)
                picked = [item for item in told.positions if item.stoppable and item.remaining_minor > 0][:20]
                ours += sum(min(item.remaining_minor, true.get(item.account, 0.0)) for item in picked)
                oracle += sum(sorted(true.values(), reverse=True)[:20])
            share, most = ours / max(loss, 1), oracle / max(loss, 1)
            ratio = share / most if most else 1
            print(f"  {minutes:>3} min after {since}: ours {share:6.1%}   oracle {most:6.1%}   ratio {ratio:.2f}")


def _reported(source: Any, row: dict[str, Any], wanted: set[str]) -> list[Any]:
    """The report's payments that are in the store."""
    paid = source.payments([row["account_id"]], 0, row["reported_at_ms"])
    return list({item.id: item for item in paid if item.id in wanted}.values())


class Chains:
    """The generator's truth: every transfer of every chain. What an account holds of a chain is what came in less what left."""

    def __init__(self, services: Services, truth: pl.DataFrame) -> None:
        told = truth.filter(pl.col("entity_type").is_in(["TRANSFER", "EXCHANGED"]) & pl.col("chain").is_not_null())
        parts = [
            pl.DataFrame(services.store.scan_rels(kind, ["id", "amount_minor", "at_ms"], pair).to_pydict())
            for kind, pair in (("TRANSFER", ("Account", "Account")), ("EXCHANGED", ("Account", "Wallet")))
        ]
        known = pl.concat(parts)
        moved = told.select("entity_id", "chain", "role").join(known, left_on="entity_id", right_on="id")
        accounts = services.store.scan_nodes("Account", ["id", "kind"]).to_pylist()
        in_reach = {row["id"] for row in accounts if row["kind"] not in ("cash", "merchant")}
        self.out_of_reach = set(known["to_id"].unique()) - in_reach  # wallets too
        self.chain_of: dict[str, str] = {}
        self.moves: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in moved.sort("at_ms").iter_rows(named=True):
            self.chain_of[row["entity_id"]] = row["chain"]
            self.moves[row["chain"]].append(row)

    def held(self, reported: set[str], until: int) -> dict[str, float]:
        """By account, the reported payments' part of what the account holds of their chains at `until`."""
        found: dict[str, float] = defaultdict(float)
        for chain in {self.chain_of[id] for id in reported if id in self.chain_of}:
            balance: dict[str, float] = defaultdict(float)
            inside = {row["to_id"] for row in self.moves[chain]}
            total = part = 0
            for row in self.moves[chain]:
                if row["at_ms"] > until:
                    break
                if row["from_id"] not in inside:
                    total += row["amount_minor"]
                    part += row["amount_minor"] if row["entity_id"] in reported else 0
                balance[row["from_id"]] -= row["amount_minor"]
                balance[row["to_id"]] += row["amount_minor"]
            for account, amount in balance.items():
                if amount > 0 and account in inside and account not in self.out_of_reach and total:
                    found[account] += amount * part / total
        return found


def queues(name: str, home: Path, url: str, rows: int) -> None:
    """A page of 50 from `rows` leads and as many cases, keyset beside OFFSET; then 200 people at once."""
    settings = Settings(home=home, database_url=url)
    engine = make_engine(settings.sql_url)
    schema_version.bring_up_to_date(engine)
    fill(engine, rows)
    store: Any = AbsentStore()
    services = Services(settings, engine, None, store)  # type: ignore[arg-type]
    print(f"\n{name}: {rows:,} leads and {rows:,} cases")
    middle = (10**12 + rows // 2 * 1000, "z")
    for what, page in (
        (
            "leads, first page of the open queue",
            lambda: leads.listed(services, CHIEF, ["new", "assigned", "verified", "proposed"]),
        ),
        ("leads, a page in the middle", lambda: leads.listed(services, CHIEF, ["adopted"], "", middle)),
        ("cases, first page of the open ones", lambda: casefiles.listed(services, CHIEF, "open")),
        ("cases, a page in the middle", lambda: casefiles.listed(services, CHIEF, "", "", middle)),
    ):
        print(f"  {what}: the first call {timed(page):,.1f} ms")  # connects, compiles the query, reads from disk
        tell(f"  {what}, ms", [timed(page) for _ in range(30)])
    offset = select(leads.LeadRow).order_by(leads.LeadRow.received_at_ms.desc()).limit(50).offset(rows // 2)

    def by_offset() -> None:
        with engine.connect() as connection:
            connection.execute(offset).all()

    tell("  peer, OFFSET to the middle, ms", [timed(by_offset) for _ in range(5)])
    crowd(engine, home, url)
    engine.dispose()


def fill(engine: Any, rows: int) -> None:
    """Leads and cases as plain rows, in slices, and a tenth as many orders."""
    states = ["new", "assigned", "verified", "proposed", "adopted", "adopted", "adopted", "dismissed", "rejected"]
    dice = random.Random(7)
    for start in range(0, rows, 20_000):
        some = range(start, min(start + 20_000, rows))
        common = [(f"{at:012d}", 10**12 + at * 1000, dice.choice(states)) for at in some]
        with engine.begin() as connection:
            connection.execute(insert(leads.LeadRow), [
                {"id": f"lead-{id}", "source": "hotline", "channel": "form", "state": state, "text": "A report of some length. " * 8,
                 "received_at_ms": at, "answer_due_ms": at, "report_due_ms": at, "assignee_id": f"u{at // 1000 % 50}", "version": 1}
                for id, at, state in common
            ])  # fmt: skip
            connection.execute(insert(casefiles.CaseRow), [
                {"id": f"case-{id}", "title": "A case", "state": "open" if state == "new" else "closed", "opened_at_ms": at,
                 "owner_id": f"u{at // 1000 % 50}", "version": 1} for id, at, state in common
            ])  # fmt: skip
            connection.execute(insert(OrderRow), [
                {"id": f"order-{id}", "case_id": f"case-{id}", "bank": "icbc", "account": f"A-{id}", "holder": "A holder",
                 "amount_minor": 100_000, "currency": "CNY", "transfer_at_ms": at, "state": "sent" if state == "new" else "frozen",
                 "drafted_by": "u1", "drafted_by_name": "u1", "drafted_at_ms": at, "draft_until_ms": at + 3_600_000,
                 "approved_at_ms": at, "due_at_ms": at + 7_200_000, "reminded_at_ms": at, "escalated_at_ms": at, "version": 1} for id, at, state in common[::10]
            ])  # fmt: skip
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def crowd(engine: Any, home: Path, url: str) -> None:
    """People at once at the queues over HTTP, through the server that is shipped."""
    told = _casework_crowd.measure(engine, home, url)
    print(
        f"  {_casework_crowd.PEOPLE} people over HTTP, {_casework_crowd.THINK_S:.0f} s between two looks; {told['wrong']} wrong answers"
    )
    for page, took in sorted(told["took"].items()):
        tell(f"    {page}, ms", took)
    tell("    all pages, ms", [one for took in told["took"].values() for one in took])


def timed(action: Any) -> float:
    """Milliseconds of one call."""
    started = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - started)


def tell(what: str, values: list[float]) -> None:
    """Median, 99th percentile and worst."""
    ranked = sorted(values)
    p99 = ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))]
    print(
        f"{what}: median {ranked[len(ranked) // 2]:,.1f}   p99 {p99:,.1f}   worst {ranked[-1]:,.1f}   n {len(ranked)}",
        flush=True,
    )


if __name__ == "__main__":
    main(*[int(word) for word in sys.argv[1:3]] + [2_000_000, 1_000_000][len(sys.argv[1:3]) :])
