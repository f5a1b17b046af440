"""PaySim: mobile-money transactions in one CSV (Lopez-Rojas, Elmir and Axelsson 2016), hourly steps.

Money goes from `nameOrig` to `nameDest`, but for CASH_IN, where the customer `nameOrig` receives. Balances are left
out: they belong to moments, not to accounts. `isFraud` becomes ground truth of the transfer; `isFlaggedFraud` is a
rule of the simulation and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from core.errors import FileRefused
from graph.intake import Intake
from graph.model import RowSet
from loaders import _options
from loaders._base import LoadContext, Loader
from loaders._files import admit
from loaders._flow import Table, prepare_table, truth_table
from loaders._plan import Output, Plan, constant, heading, template, with_stubs
from loaders._recognise import PAYSIM, has_headings
from loaders._records import Chunk, open_table

OPTIONS = {
    "epoch": "time of step 0, ISO 8601, UTC without a zone (2020-01-01)",
    "step": "length of one step: 1h, 1d, 30m (1h)",
    "currency": "ISO 4217 code of the amounts (XXX: none is given)",
}
_CHANNELS = (
    ("CASH_IN", "cash_in"),
    ("CASH_OUT", "cash_out"),
    ("DEBIT", "debit"),
    ("PAYMENT", "payment"),
    ("TRANSFER", "transfer"),
)
_LEFT_OUT = ("oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest", "isFlaggedFraud")


@dataclass(slots=True)
class _Directed:
    """The table with payer and payee in place of who began the transaction and with whom."""

    inner: Table
    file: str
    headings: list[str]
    notes: list[str]

    @property
    def size(self) -> int:
        return self.inner.size

    def chunks(self, wanted: Sequence[str], context: LoadContext) -> Iterator[Chunk]:
        real = [name for name in wanted if name not in {"payer", "payee"}]
        for chunk in self.inner.chunks([*real, "nameOrig", "nameDest"], context):
            deposit = pl.col("type").str.strip_chars() == "CASH_IN"
            origin, other = pl.col("nameOrig"), pl.col("nameDest")
            frame = chunk.frame.with_columns(
                payer=pl.when(deposit).then(other).otherwise(origin),
                payee=pl.when(deposit).then(origin).otherwise(other),
            )
            yield Chunk(frame, chunk.rows, chunk.rejected)


def read(path: Path, options: Mapping[str, str], context: LoadContext) -> Iterator[Intake]:
    """Transfers with hashed ids and the accounts they name; names beginning with M are merchants."""
    _options.check_known(options, OPTIONS, "paysim")
    start, length = _options.start_ms(options, "2020-01-01"), _options.step_ms(options, "1h")
    columns = {
        "from_id": template("paysim:{payer}"), "to_id": template("paysim:{payee}"), "amount_minor": heading("amount"),
        "currency": constant(_options.currency(options, "XXX")), "at_ms": heading("step", step=(start, length)),
        "channel": heading("type", values=_CHANNELS), "status": constant("settled"),
    }  # fmt: skip
    fact = Output("TRANSFER", columns, "Account", "Account", id_prefix="paysim:")
    plan = Plan(fact, with_stubs(fact), labels=("isFraud",), ignored=frozenset((*_LEFT_OUT, "nameOrig", "nameDest")))
    table = open_table(admit(path, context))
    directed = _Directed(table, table.file, [*table.headings, "payer", "payee"], table.notes)
    missing = [name for name in PAYSIM if name not in table.headings]
    if missing:
        raise FileRefused(f"{table.file}: no column {', '.join(map(repr, missing))}", code="missing_column")
    yield from prepare_table(directed, plan, context, _labels).intakes()
    yield Intake(warnings=(
        "PaySim's balances and isFlaggedFraud were left out",
        "PaySim gives times in whole steps: the order of transfers within one step is unknown",
    ))  # fmt: skip


def _labels(frame: pl.DataFrame, fact: RowSet) -> pa.Table:
    fraud = frame["isFraud"].str.strip_chars() == "1"
    return truth_table(
        frame.height, entity_type="TRANSFER", entity_id=fact.table["id"], is_fraud=fraud, at_ms=fact.table["at_ms"]
    )


def _recognises(path: Path) -> bool:
    return has_headings(path, PAYSIM)


LOADER = Loader("paysim", "PaySim mobile-money simulation, one CSV", _recognises, read, OPTIONS)
