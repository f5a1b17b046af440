"""Detection in flight on generated streams: gang money stopped before the second hop against honest transfers stopped.

The threshold is chosen on some towns and measured on others, with the network's features and without them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from evaluation.stream import Curve, pooled, replay, threshold_for
from loaders.town import generate

CHOSEN_ON, MEASURED_ON = (21, 22, 23), (31, 32, 33, 34)
#: Shares of honest transfers that may be challenged.
BUDGETS = (0.0025, 0.005, 0.01, 0.02)
_Pair = tuple[Curve, Curve]


def curves(transfers: int, chosen_on: Sequence[int] = CHOSEN_ON, measured_on: Sequence[int] = MEASURED_ON) -> None:
    """Print what a budget of challenged honest transfers buys, and the pooled curves, with the network and without."""
    print(
        f"detection in flight on towns of {transfers:,} transfers, the last half judged; thresholds chosen on seeds "
        f"{_said(chosen_on)}, measured on seeds {_said(measured_on)}; detection runs each day on what is known by then"
    )
    chosen, measured = list(_towns(transfers, chosen_on)), list(_towns(transfers, measured_on))
    rows = []
    for budget in BUDGETS:
        for place, name in enumerate(("with the network", "without")):
            threshold = threshold_for(pooled([pair[place] for pair in chosen]), budget)
            each = [pair[place].at(threshold).second_hop for pair in measured if pair[place].gang_money_minor]
            at = pooled([pair[place] for pair in measured]).at(threshold)
            rows.append((f"{100 * budget:g} %", name, threshold, _share(at.second_hop), f"{_share(min(each))} - {_share(max(each))}",
                         _share(at.first_hop), f"{100 * at.honest:.2f}"))  # fmt: skip
    for place, name in enumerate(("with the network", "without")):
        at = pooled([pair[place] for pair in measured]).shipped
        rows.append(
            ("as shipped", name, None, _share(at.second_hop), "", _share(at.first_hop), f"{100 * at.honest:.2f}")
        )
    columns = ["budget", "rules", "score from", "% before hop 2", "town by town", "% at hop 1", "% honest challenged"]
    _print(pl.DataFrame(rows, schema=columns, orient="row"))
    for place, name in enumerate(("with the network", "without the network")):
        both = pooled([pair[place] for pair in measured])
        print(f"{name}: {both.judged:,} transfers judged, {both.gang_money_minor / 100:,.0f} CNY paid by victims")
        _print(both.frame())


def _towns(transfers: int, seeds: Sequence[int]) -> Iterator[_Pair]:
    """(with the network, without) of one town a seed."""
    with tempfile.TemporaryDirectory(prefix="ringtrace-stream-") as scratch:
        for seed in seeds:
            folder = Path(scratch) / str(seed)
            generate(folder, transfers=transfers, seed=seed, difficulty="normal")
            yield replay(folder, network=True), replay(folder, network=False)


def _share(value: float) -> str:
    return f"{100 * value:.1f}"


def _said(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))


def _print(frame: pl.DataFrame) -> None:
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=160, tbl_hide_dataframe_shape=True,
                   tbl_hide_column_data_types=True, fmt_str_lengths=40):  # fmt: skip
        print(frame)


if __name__ == "__main__":
    import sys

    curves(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
