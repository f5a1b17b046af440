"""What one account of very many partners costs each algorithm: seconds and findings, everybody paying it and being paid by it.

`python -m bench.hub [--partners 1000000] [--only NAME ...]`. Each partner pays the hub once and is paid once, in one month.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pyarrow as pa

from algorithms._base import Task, catalog
from algorithms._projection import picture
from bench.measure import machine
from evaluation.shelf import Shelf
from graph.model import RowSet, conform

_MONTH_MS = 30 * 86_400_000


def star(partners: int) -> Shelf:
    """The hub, its partners, and two payments each."""
    names = np.char.add("K", np.arange(partners).astype(np.str_))
    hub = np.full(partners, "HUB")
    dice = np.random.default_rng(1)
    at = 1_700_000_000_000 + dice.integers(0, _MONTH_MS, 2 * partners)
    table = pa.table(
        {
            "from_id": np.concatenate([names, hub]), "to_id": np.concatenate([hub, names]), "at_ms": at,
            "amount_minor": dice.integers(1_000, 1_000_000, 2 * partners), "currency": ["CNY"] * (2 * partners),
            "id": np.char.add("t", np.arange(2 * partners).astype(np.str_)),
        }
    )  # fmt: skip
    accounts = pa.table({"id": np.sort(np.append(names, "HUB"))})
    return Shelf(
        [
            RowSet("Account", conform("Account", accounts)),
            RowSet("TRANSFER", conform("TRANSFER", table), "Account", "Account"),
        ]
    )


def main() -> None:
    """One line an algorithm."""
    parser = argparse.ArgumentParser(prog="python -m bench.hub", description=__doc__)
    parser.add_argument("--partners", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="+", default=sorted(catalog()), choices=sorted(catalog()))
    asked = parser.parse_args()
    print(machine())
    shelf = star(asked.partners)
    with picture(shelf):  # type: ignore[arg-type]
        for name in asked.only:
            algorithm = catalog()[name]
            started = time.perf_counter()
            found = algorithm.find(Task(shelf), algorithm.params())  # type: ignore[arg-type]
            print(f"{name:20} {time.perf_counter() - started:7.2f} s, {len(found)} findings", flush=True)


if __name__ == "__main__":
    main()
