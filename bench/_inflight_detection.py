"""Detection in flight on a generated stream: gang money stopped before the second hop against honest transfers stopped."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from evaluation.stream import Curve, replay
from loaders.town import generate


def curves(transfers: int, seed: int = 7) -> None:
    """Print the curve with and without the network's features."""
    with tempfile.TemporaryDirectory(prefix="ringtrace-stream-") as scratch:
        folder = Path(scratch) / "town"
        generate(folder, transfers=transfers, seed=seed, difficulty="normal")
        print(f"detection in flight on a town of {transfers:,} transfers (seed {seed}), the last half judged")
        for network in (True, False):
            show(replay(folder, network=network), network)


def show(curve: Curve, network: bool) -> None:
    """One line a threshold."""
    print("with the network" if network else "without the network")
    with pl.Config(tbl_rows=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(curve.frame())
