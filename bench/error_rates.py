"""Measures every algorithm on generated towns and writes the error rates that Ringtrace ships with.

`python -m bench.error_rates [--size N] [--seeds 7,8,9] [--difficulty normal hard] [--dry]` prints the tables of
`ringtrace evaluate`, writes `evaluation/shipped.json` (unless `--dry`), and keeps the whole report with `--report FILE`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.measure import machine
from cli.evaluation import print_report
from cli.output import Format
from core.clock import now_ms
from evaluation import datasets, error_rates
from evaluation.assemble import evaluate_setting
from evaluation.backtest import Plan, backtest
from evaluation.pretrained import with_learned_risk
from evaluation.report import FORM, Report, to_json


def said(what: str) -> None:
    """How far it is, on stderr."""
    print(what, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.error_rates")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--seeds", default="7,8,9")
    parser.add_argument("--difficulty", nargs="+", default=["normal", "hard"])
    parser.add_argument("--only", nargs="+", help="only these algorithms (never written as shipped)")
    parser.add_argument("--backtest", action="store_true", help="replay the first seed of each difficulty by weeks")
    parser.add_argument("--dry", action="store_true", help="do not write evaluation/shipped.json")
    parser.add_argument("--report", type=Path, help="also write the whole report as JSON here")
    chosen = parser.parse_args()
    print(machine(), flush=True)
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    settings, replays = [], []
    for difficulty in chosen.difficulty:
        towns = datasets.towns(chosen.size, seeds, difficulty)
        setting = evaluate_setting(towns, chosen.only, 0.7, said)
        if not chosen.only or "learned_risk" in chosen.only:
            setting = with_learned_risk(setting, chosen.size, tuple(seeds), difficulty, 0.7, said)
        settings.append(setting)
        if chosen.backtest:
            plan = Plan(7.0, 0.7, chosen.only)
            replays.append(
                backtest(
                    datasets.town(chosen.size, seeds[0], difficulty),
                    plan,
                    said,
                )
            )
    report = Report(FORM, "generated towns", now_ms(), 0.7, tuple(settings), tuple(replays), ())
    print_report(report, Format.TABLE)
    if chosen.report:
        chosen.report.write_text(to_json(report), encoding="utf-8")
    if not (chosen.dry or chosen.only):
        error_rates.ship(report)
        print(f"wrote {error_rates.SHIPPED}")


if __name__ == "__main__":
    main()
