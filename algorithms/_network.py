"""The weighted network of accounts: money and shared identity in one undirected graph, hubs damped.

Money between two accounts weighs log(1 + payments), plus a part of log(1 + amount), plus log(1 + payments that only
passed through). Amounts are divided by the median payment in their currency first, so that currencies are never added.
A pair weighs less the more counterparties its busier end has. An identifier (phone, device, address, owner) shared by
d accounts ties each two of them by 1 / (d - 1), and not at all above a cap: a call centre or a shop's Wi-Fi ties nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from algorithms._identity import IdentityTable
from algorithms._passthrough import PassThrough
from algorithms._projection import Int32, TransferTable
from algorithms.engines.local import Edges, Pairs, collapse, pairs

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """What ties accounts how strongly; see the module's text. `passed` counts payments passed on by at least this share."""

    amount: float
    pass_through: float
    identity: float
    hub_degree: int
    identity_cap: int
    passed: float


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Weighted edges over account numbers, and the number of counterparties of each account."""

    edges: Edges
    counterparties: Int32


def amount_units(table: TransferTable) -> Float64:
    """Each amount in medians of its own currency: a number without a unit, alike across currencies."""
    units = np.zeros(len(table), dtype=np.float64)
    for code in range(len(table.currencies)):
        rows = slice(None) if len(table.currencies) == 1 else np.flatnonzero(table.currency == code)
        amounts = table.amount_minor[rows]
        if len(amounts):
            units[rows] = amounts / max(1.0, float(np.median(amounts)))
    return units


def partners(money: Pairs) -> Int32:
    """Number of accounts each account paid or was paid by."""
    return (np.bincount(money.a, minlength=money.n) + np.bincount(money.b, minlength=money.n)).astype(np.int32)


def account_network(
    table: TransferTable, identity: IdentityTable, flow: PassThrough, units: Float64, weights: Weights,
    money: Pairs | None = None,
) -> Network:  # fmt: skip
    """Money and identity ties of all accounts as one undirected weighted graph; self-transfers tie nothing.

    `money` are the pairs of the table's payers and payees where they are known already.
    """
    n = table.n_accounts
    money = money or pairs(n, table.src, table.dst)
    counterparties = partners(money)
    share = np.maximum(flow.relayed, flow.sourced)
    weight = (
        np.log1p(money.total())
        + weights.amount * np.log1p(money.total(units))
        + weights.pass_through * np.log1p(money.total(np.where(share >= weights.passed, share, 0)))
    )
    busier = np.maximum(counterparties[money.a], counterparties[money.b])
    weight *= np.minimum(1.0, weights.hub_degree / np.maximum(busier, 1))
    first, second, tie = identity_pairs(identity, weights.identity_cap)
    edges = collapse(
        n,
        np.concatenate([money.a, first]),
        np.concatenate([money.b, second]),
        np.concatenate([weight, weights.identity * tie]),
    )
    return Network(edges, counterparties)


def identity_pairs(identity: IdentityTable, cap: int) -> tuple[Int32, Int32, Float64]:
    """Every two accounts that share an identifier, each weighing 1 / (accounts - 1); identifiers above `cap` tie none."""
    start = np.searchsorted(identity.identifier, np.arange(len(identity.degree)))
    first, second, weight = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [np.zeros(0)]
    for degree in range(2, cap + 1):
        shared = np.flatnonzero(identity.degree == degree)
        if not len(shared):
            continue
        groups = identity.account[start[shared][:, None] + np.arange(degree)]
        left, right = np.triu_indices(degree, 1)
        first.append(groups[:, left].ravel())
        second.append(groups[:, right].ravel())
        weight.append(np.full(len(shared) * len(left), 1.0 / (degree - 1)))
    return np.concatenate(first), np.concatenate(second), np.concatenate(weight)
