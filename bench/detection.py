"""Detection beside its peers in one go: pattern features, communities, chains, and how good what is found is.

`make bench-detection`, or `python -m bench.detection [--size N] [--quality-size N] [--seeds 7,8,9] [--only PART ...] [--neo4j]`.
Each part is a bench of its own in a process of its own (named in front of its output); a part that fails does not stop
the others. A short trial: `make bench-detection BENCH_ARGS="--size 50000 --quality-size 20000 --seeds 7"`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from bench.measure import machine

PARTS = ("features", "communities", "chains", "raphtory", "quality", "learned")


def command(part: str, asked: argparse.Namespace) -> list[str]:
    """The bench behind a part, with its arguments."""
    size, neo4j = str(asked.size), ["--neo4j"] if asked.neo4j else []
    growth = sorted({max(1, asked.size // 10), asked.size})
    return {
        "features": ["bench.features", "--size", size],
        "communities": ["bench.communities", "--transfers", size, *neo4j],
        "chains": ["bench.chains", "--sizes", ",".join(map(str, growth)), *neo4j],
        "raphtory": ["bench.chains_raphtory", "--size", size],
        "quality": ["bench.error_rates", "--dry", "--size", str(asked.quality_size), "--seeds", asked.seeds],
        "learned": ["bench.learned", "--size", str(max(20_000, asked.size // 5))],
    }[part]


def main() -> int:
    """Run the parts; exit status 1 when one failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="transfers of the town for speed and the model")
    parser.add_argument("--quality-size", type=int, default=100_000, help="transfers of each town of the quality table")
    parser.add_argument("--seeds", default="7,8,9", help="towns of the quality table, one each")
    parser.add_argument("--only", nargs="+", default=list(PARTS), choices=PARTS)
    parser.add_argument("--neo4j", action="store_true", help="also the peers on the Neo4j of RINGTRACE_NEO4J_URI")
    asked = parser.parse_args()
    print(machine(), flush=True)
    failed = []
    for part in (part for part in PARTS if part in asked.only):
        what = command(part, asked)
        print(f"\n== {part}: python -m {' '.join(what)}", flush=True)
        started = time.perf_counter()
        if subprocess.run([sys.executable, "-m", *what]).returncode:
            failed.append(part)
        print(f"== {part}: {time.perf_counter() - started:,.0f} s", flush=True)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
