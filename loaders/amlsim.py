"""IBM AMLSim: a folder with `nodes.csv` (accounts, balances, fraud labels) and `transactions.csv` (transfers).

Times are whole steps, mostly days: transfers of one step have the same time, and their order within it is unknown;
row order says nothing. Labels become ground truth and never a fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa

from core.errors import FileRefused
from graph.intake import Intake
from graph.model import RowSet
from loaders import _options
from loaders._base import LoadContext, Loader
from loaders._dangling import with_known_ends
from loaders._files import find_member
from loaders._flow import Prepared, Truth, in_turn, prepare, truth_table
from loaders._plan import Output, Plan, constant, heading, template, with_stubs
from loaders._recognise import has_headings

OPTIONS = {
    "epoch": "date of time step 0, ISO 8601, UTC without a zone (2020-01-01)",
    "step": "length of one time step: 1d, 1h, 30m, 10s (1d)",
    "currency": "ISO 4217 code of all amounts (USD)",
    "ends": "transfers of accounts missing from nodes.csv: stub loads them with a bare account, reject sets them aside (stub)",
}
_NODES = ("nodeid", "isFraud", "init_balance", "fraudStep")
_TRANSFERS = ("sourceNodeId", "targetNodeId", "value", "time")


def read(path: Path, options: Mapping[str, str], context: LoadContext) -> Iterator[Intake]:
    """Accounts, then transfers. Transfer ids are hashes of ends, time, amount and row number."""
    _options.check_known(options, OPTIONS, "amlsim")
    money = _options.currency(options, "USD")
    start, length = _options.start_ms(options, "2020-01-01"), _options.step_ms(options, "1d")
    ends = _options.one_of(options, "ends", ("stub", "reject"))
    if not path.is_dir():
        raise FileRefused(f"{path}: AMLSim is a folder with nodes.csv and transactions.csv", code="no_such_file")
    tables: list[Prepared] = []
    for stem, plan, truth in (
        ("nodes", _accounts(money), _labels(start, length)),
        ("transactions", _transfers(money, start, length), None),
    ):
        file = find_member(path, stem)
        if file is None:
            raise FileRefused(f"{path}: AMLSim needs {stem}.csv in this folder", code="no_such_file")
        tables.append(prepare(file, plan, context, truth))
    in_turn(tables)
    known: list[pl.Series] = []
    for intake in tables[0].intakes():
        known += [pl.Series(pl.from_arrow(rowset.table["id"])) for rowset in intake.facts]
        yield intake
    yield from with_known_ends(tables[1].intakes(), pl.concat(known) if known else pl.Series([], dtype=pl.String), ends)
    yield Intake(warnings=("AMLSim gives times in whole steps: the order of transfers within one step is unknown",))


def _accounts(money: str) -> Plan:
    columns = {
        "id": template("amlsim:{nodeid}"), "number": heading("nodeid"), "kind": constant("bank"),
        "currency": constant(money), "opening_balance_minor": heading("init_balance"),
    }  # fmt: skip
    return Plan(Output("Account", columns), labels=("isFraud", "fraudStep"))


def _transfers(money: str, start: int, length: int) -> Plan:
    columns = {
        "from_id": template("amlsim:{sourceNodeId}"), "to_id": template("amlsim:{targetNodeId}"),
        "amount_minor": heading("value"), "currency": constant(money), "at_ms": heading("time", step=(start, length)),
        "channel": constant("transfer"), "status": constant("settled"),
    }  # fmt: skip
    fact = Output("TRANSFER", columns, "Account", "Account", id_prefix="amlsim:")
    return Plan(fact, with_stubs(fact))


def _labels(start: int, length: int) -> Truth:
    """Ground truth of accounts: whether fraudulent, and from which step on where given (-1: never)."""

    def make(frame: pl.DataFrame, fact: RowSet) -> pa.Table:
        step = frame["fraudStep"].str.strip_chars().cast(pl.Int64, strict=False)
        at = (step * length + start).set((step < 0).fill_null(True), None)
        fraud = frame["isFraud"].str.strip_chars().str.to_lowercase().is_in(["1", "true"])
        return truth_table(frame.height, entity_type="Account", entity_id=fact.table["id"], is_fraud=fraud, at_ms=at)

    return make


def _recognises(path: Path) -> bool:
    return (
        path.is_dir()
        and has_headings(path / "nodes.csv", _NODES)
        and has_headings(path / "transactions.csv", _TRANSFERS)
    )


LOADER = Loader("amlsim", "IBM AMLSim: nodes.csv and transactions.csv", _recognises, read, OPTIONS)
