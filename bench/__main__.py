"""`python -m bench [NAME ...]`: run the named benches (all when none is named), each in a process of its own."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import bench
from bench.measure import machine


def main(names: list[str]) -> int:
    """Exit status 1 when a bench failed; the others still run."""
    known = sorted(
        m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_") and m.name != "measure"
    )
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"unknown bench {unknown[0]}: use {', '.join(known)}", file=sys.stderr)
        return 2
    print(machine(), flush=True)
    failed = []
    for name in names or (name for name in known if name != "detection"):  # it only runs others of these
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"]).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
