"""What the model sees of each transfer: pattern features of the past, and the transfer's own facts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from algorithms._identity import identities
from algorithms._projection import TransferTable, accounts, kept, transfers
from algorithms.features.spec import DEFAULT
from algorithms.features.stream import FeatureStream, Transfers
from core.clock import DAY_MS
from graph.port import GraphStore

FACTS = (
    "fact:log_amount", "fact:hour", "fact:weekday", "fact:round_hundreds", "fact:is_converted",
    "fact:src_age_days", "fact:dst_age_days", "fact:shared_identifiers",
)  # fmt: skip
#: An identifier that more accounts use says nothing: a carrier's address, an internet café's device.
MOST_SHARING = 20
#: Hours are local ones of the data's country; the model only needs a steady clock.
_ZONE_MS = 8 * 3_600_000


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """One row a transfer, in the table's order (time, then id); columns as `names`; `left_out` as Features says."""

    table: TransferTable
    values: npt.NDArray[np.float32]
    names: tuple[str, ...]
    left_out: dict[str, int]


def matrix(store: GraphStore) -> Matrix:
    """The matrix of all transfers that moved money; kept like `transfers`.

    Pattern features and facts see the transfer and what came before it. `shared_identifiers` sees the ties as they stand
    now: the schema does not say since when an account has a phone.
    """
    return kept(store, "learned matrix", partial(_make, store))


def _make(store: GraphStore) -> Matrix:
    table = transfers(store)
    found = FeatureStream(DEFAULT).update(
        Transfers(
            table.src, table.dst, table.at_ms, table.amount_minor, table.currency, table.received_minor,
            table.received_currency,
        )
    )  # fmt: skip
    facts = _facts(store, table)
    return Matrix(table, np.hstack([found.values, facts]), (*found.names, *FACTS), found.left_out)


def _facts(store: GraphStore, table: TransferTable) -> npt.NDArray[np.float32]:
    at, amount = table.at_ms, table.amount_minor
    opened = accounts(store)["opened_at_ms"].to_numpy().astype(np.float64)
    columns = (
        np.log1p(amount), (at + _ZONE_MS) // 3_600_000 % 24, (at // DAY_MS + 4) % 7, amount % 10_000 == 0,
        table.currency != table.received_currency, _age_days(at, opened[table.src]), _age_days(at, opened[table.dst]), _shared(store, table),
    )  # fmt: skip
    return np.column_stack([np.asarray(column, np.float32) for column in columns])


def _age_days(at_ms: npt.NDArray[np.int64], opened_ms: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.nan_to_num(np.maximum(-1.0, (at_ms - opened_ms) / DAY_MS), nan=-1.0)


def _shared(store: GraphStore, table: TransferTable) -> npt.NDArray[np.int64]:
    """How many identifiers payer and payee have in common, those of too many accounts left out."""
    ties = identities(store)
    few = ties.degree[ties.identifier] <= MOST_SHARING
    account, identifier = ties.account[few].astype(np.int64), ties.identifier[few]
    order = np.argsort(identifier, kind="stable")
    account, identifier = account[order], identifier[order]
    pairs = []
    for step in range(1, MOST_SHARING):
        same = identifier[step:] == identifier[:-step]
        if not same.any():
            break
        one, other = account[:-step][same], account[step:][same]
        pairs.append(np.minimum(one, other) << 32 | np.maximum(one, other))
    if not pairs or not len(table):
        return np.zeros(len(table), np.int64)
    known, count = np.unique(np.concatenate(pairs), return_counts=True)
    low = np.minimum(table.src, table.dst).astype(np.int64)
    wanted = low << 32 | np.maximum(table.src, table.dst)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, count[place], 0)
