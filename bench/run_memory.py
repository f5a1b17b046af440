"""What memory each algorithm's run takes, beside the estimate that is told (and refused by) before it: exit 1 when one takes more.

`python -m bench.run_memory [--size 300000] [--difficulty normal] [--only NAME ...]`. One process, one algorithm after the other, each with
projections of its own; peaks are the kernel's (VmHWM, Linux), over what the process held before, the data itself not counted.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from algorithms._base import Task, catalog
from algorithms._projection import picture
from algorithms.learned import vault
from algorithms.learned.matrix import matrix
from algorithms.learned.model import fit
from bench.measure import machine
from evaluation.shelf import Shelf, read
from loaders.town.generate import generate
from usecases.run_plan import rows_of

_COUNTED = (
    "TRANSFER", "REGISTERED_WITH", "USED_DEVICE", "CONNECTED_FROM", "OWNS", "CALLED", "TEXTED", "MOVED", "EXCHANGED",
)  # fmt: skip


def held(what: str) -> int:
    """Bytes of this process: `VmRSS` now, or `VmHWM`, the most since the last `reset`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{what}:"))


def reset() -> int:
    """Forget the peak so far; returns what is held now."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return held("VmRSS")


def counts(shelf: Shelf) -> dict[str, int]:
    """Rows by type, as a store counts them."""
    named = {name: shelf.scan_rels(name, []).num_rows for name in _COUNTED}
    return named | {"Account": shelf.scan_nodes("Account", ["id"]).num_rows}


def risk_model(town: Shelf, folder: Path) -> str:
    """A folder with a model of large payments, so that the risk model has something to rank by; what it finds means nothing."""
    seen = matrix(town)  # type: ignore[arg-type]
    large = seen.table.amount_minor >= np.quantile(seen.table.amount_minor, 0.98)
    vault.save(fit(seen.values, seen.names, large, seen.table.at_ms, alerts_per_day=5), folder)
    return str(folder)


def main() -> int:
    """One line an algorithm; exit status 1 when a run took more than its estimate."""
    parser = argparse.ArgumentParser(prog="python -m bench.run_memory", description=__doc__)
    parser.add_argument("--size", type=int, default=300_000)
    parser.add_argument("--difficulty", default="normal")
    parser.add_argument("--only", nargs="+", default=sorted(catalog()), choices=sorted(catalog()))
    asked = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch) / "small", transfers=10_000, seed=7)
        generate(Path(scratch) / "town", transfers=asked.size, seed=7, difficulty=asked.difficulty)
        small, town = (read(Path(scratch) / name, "synthetic")[0] for name in ("small", "town"))
        models = risk_model(small, Path(scratch) / "models")
        return measured(small, town, asked.only, models)


def measured(small: Shelf, town: Shelf, names: Sequence[str], models: str) -> int:
    """Print what each algorithm takes on the town; 1 when one takes more than its estimate."""
    known, short = counts(town), []
    print(f"{known['TRANSFER']:,} transfers, {rows_of(known):,} rows counted, {known['Account']:,} accounts")
    for name in names:
        item = catalog()[name]
        given = {"models": models, "fitted_too": True} if "models" in item.params.model_fields else {}
        params = item.params.model_validate(given)
        item.find(Task(small), params)  # type: ignore[arg-type]  # compiled kernels are not the run's
        before = reset()
        with picture(town):  # type: ignore[arg-type]
            found = item.find(Task(town), params)  # type: ignore[arg-type]
        took = held("VmHWM") - before
        told = rows_of(known) * item.bytes_a_transfer + known["Account"] * 200
        short += [name] if took > told else []
        print(f"{name:20} took {took >> 20:6,} MiB ({took / rows_of(known):6,.0f} bytes a row), told {told >> 20:6,} MiB, "
              f"{len(found):,} findings{'  MORE THAN TOLD' if took > told else ''}", flush=True)  # fmt: skip
        del found
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
