"""Child processes of the embedded store's tests: `ladybug_child.py WHAT HOME ...`; prints `go` when it starts.

hold    keep the store open until standard input ends
apply   apply batch SEQ of a fixed series (small ones and big ones in turn), until killed or done
strike  apply batch 2 in small parts and die by SIGKILL at statement NUMBER of it
canary  readers and one writer for SECONDS, with or without the lock; prints the damage seen as JSON
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from contract_rows import many_accounts, many_transfers, nodes  # noqa: E402

from core.settings import Settings  # noqa: E402
from graph.model import RowSet  # noqa: E402
from graph.stores import ladybug_bulk  # noqa: E402
from graph.stores.ladybug import LadybugStore  # noqa: E402

ACCOUNTS, BIG, SMALL = 3000, 30_000, 40
SMALL_SHARE = 0.004
CANARY_ROWS, CANARY_BALANCE = 10_000, 100


def open_store(home: str) -> LadybugStore:
    return LadybugStore.open(Settings(home=Path(home), buffer_pool_mb=256))


def series(seq: int) -> list[RowSet]:
    """Batch `seq`: accounts named after it and transfers; odd ones are big, even ones small."""
    if seq % 2:
        return [many_accounts(ACCOUNTS, name=f"batch {seq}"), many_transfers(BIG, ACCOUNTS, seq * 1_000_000)]
    return [many_accounts(10, name=f"batch {seq}"), many_transfers(SMALL, ACCOUNTS, seq * 1_000_000)]


def expected(seq: int) -> tuple[int, int, int]:
    """(transfers, sum of their amounts, accounts whose name is that of the last batch) after batches 1 to `seq`."""
    amounts = [range(s * 1_000_000, s * 1_000_000 + (BIG if s % 2 else SMALL)) for s in range(1, seq + 1)]
    return sum(map(len, amounts)), sum(map(sum, amounts)), (0 if not seq else ACCOUNTS if seq % 2 else 10)


def in_parts() -> list[RowSet]:
    """A big batch on top of `series(1)`: new and known accounts, transfers; some eight parts when PART_SHARE is SMALL_SHARE."""
    return [many_accounts(ACCOUNTS + 2000, first=1000, name="later"), many_transfers(12_000, ACCOUNTS, 9_000_000)]


def strike(home: str, number: str) -> None:
    """Killed before statement `number`; `number` + .5 kills in the middle of it, from another thread."""
    ladybug_bulk.PART_SHARE = SMALL_SHARE
    store, left, real = open_store(home), [float(number)], ladybug_bulk.BulkWriter.run

    def run(self: Any, cypher: str, params: dict[str, Any] | None = None) -> Any:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if 0 < left[0] < 1:
            threading.Timer(0.004, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return real(self, cypher, params)

    ladybug_bulk.BulkWriter.run = run  # type: ignore[method-assign]
    store.apply(2, in_parts())
    store.close()


def apply(home: str, first: str, last: str) -> None:
    store = open_store(home)
    print("go", flush=True)
    for seq in range(int(first), int(last) + 1):
        store.apply(seq, series(seq))
        print(seq, flush=True)
    store.close()


def hold(home: str) -> None:
    store = open_store(home)
    print("go", flush=True)
    sys.stdin.read()
    store.close()


class NoLock:
    """What the store would be without its lock, to show that the canary notices."""

    shared = exclusive = staticmethod(nullcontext)


def canary(home: str, seconds: str, locked: str) -> None:
    store = open_store(home)
    store.apply(1, [many_accounts(CANARY_ROWS, opening_balance_minor=CANARY_BALANCE)])
    if locked == "no":
        store._lock = NoLock()  # type: ignore[assignment]
    store.checkpoint_bytes = 20_000
    print("go", flush=True)
    stop, wrong_reads, reads, errors = threading.Event(), [0], [0], list[str]()

    def read() -> None:
        while not stop.is_set():
            try:
                total = store.query("MATCH (a:Account) RETURN sum(a.opening_balance_minor)").rows[0][0]
                wrong_reads[0] += total != CANARY_ROWS * CANARY_BALANCE
                reads[0] += 1
            except Exception as error:
                errors.append(str(error)[:200])

    balances = dict.fromkeys(range(CANARY_ROWS), CANARY_BALANCE)
    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    chance, seq, end = random.Random(7), 1, time.monotonic() + float(seconds)
    while time.monotonic() < end:
        payer, payee = chance.sample(range(CANARY_ROWS), 2)
        balances[payer] -= 5
        balances[payee] += 5
        seq += 1
        rows = ({"id": f"a{n}", "opening_balance_minor": balances[n], "name": "y" * 500} for n in (payer, payee))
        try:
            store.apply(seq, [nodes("Account", *rows)])
        except Exception as error:
            errors.append(str(error)[:200])
            break
    stop.set()
    for thread in threads:
        thread.join()
    store.close()
    store = open_store(home)
    table = store.scan_nodes("Account", ["id", "opening_balance_minor"]).to_pydict()
    found = dict(zip(table["id"], table["opening_balance_minor"], strict=True))
    lost = sum(found.get(f"a{n}") != balance for n, balance in balances.items())
    store.close()
    seen = {"lost": lost, "wrong_reads": wrong_reads[0], "errors": errors[:3], "reads": reads[0], "writes": seq - 1}
    print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    {"hold": hold, "apply": apply, "strike": strike, "canary": canary}[sys.argv[1]](*sys.argv[2:])
