"""Pass-through: how much of the money that reached an account left it again within a window.

Last in, first out: what leaves is taken from what came most recently, so an old balance does not hide money that only
passes. Currencies are never mixed; money sent to oneself is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np
import numpy.typing as npt

from algorithms._bounds import not_negative, within
from algorithms._projection import TransferTable

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class PassThrough:
    """For each transfer, 0 to 1: `relayed`, the share that left `dst` again within the window; `sourced`, the share
    that had reached `src` within the window before."""

    relayed: Float32
    sourced: Float32


@cache
def _kernel() -> ModuleType:
    from algorithms import _passthrough_kernel  # numba takes a second to import

    return _passthrough_kernel


def pass_through(table: TransferTable, *, window_s: int) -> PassThrough:
    """Shares of each transfer passed on and fed by recent money; cost is linear in transfers.

    Raises BadInput for an account number out of range or an amount below 0.
    """
    if not len(table):
        return PassThrough(np.zeros(0, np.float32), np.zeros(0, np.float32))
    within("transfers", table.n_accounts, src=table.src, dst=table.dst)
    not_negative("transfers", amount_minor=table.amount_minor, received_minor=table.received_minor)
    columns = (table.src, table.dst, table.amount_minor, table.currency, table.received_minor)
    relayed, sourced = _kernel().match(
        table.n_accounts, *columns, table.received_currency, table.at_ms, window_s * 1000
    )
    return PassThrough(relayed, sourced)
