"""A surge at three times the knee: what is shed and how, that nothing acknowledged is lost, and how soon latency is back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench._inflight_load import KNEE_MS, run
from core.db import transaction
from core.settings import Settings
from ledger.columns import Columns
from ledger.journal import Journal
from scoring.tables import ScoredTransferRow
from usecases import bootstrap
from usecases.flight_writing import write_out

#: How long it is watched after the surge, seconds, and how long a surge's caller waits for a free connection.
AFTER_S, PATIENCE_S = 30.0, 1.0
#: So many good seconds in a row mean that it has recovered.
GOOD_S = 3


def surge(scratch: Path, knee: float, seconds: float, acked: set[str]) -> None:
    """Three times the knee for so long, then half the knee without a pause, from one process; prints what happened."""
    told = run(scratch, 3 * knee, seconds, 1, "surge", acked, connections=256, then=(knee / 2, AFTER_S, PATIENCE_S))
    during, after = told["by_second"][: int(seconds)], told["by_second"][int(seconds) :]
    shed = {status: count for status, count in told["statuses"].items() if status in ("429", "503")}
    other = {status: count for status, count in told["statuses"].items() if status not in ("200", "429", "503")}
    print(f"surge at 3 x the knee, {3 * knee:,.0f}/s for {seconds:.0f} s: {_a_second(during, 0):,.0f}/s acknowledged (their p99 by second: "
          f"median {_middle(during)} ms, worst {max(row[1] or 0 for row in during)} ms), {_a_second(during, 2):,.0f}/s shed with {shed}, of them without "
          f"Retry-After {told['without_retry_after']}; other answers {other or 'none'}; {told['given_up']:,} found no free connection "
          f"within {PATIENCE_S:.0f} s and were given up by the caller", flush=True)  # fmt: skip
    back = back_after_s(after)
    print(f"after the surge at half the knee, {knee / 2:,.0f}/s: "
          + (f"p99 under {KNEE_MS:.0f} ms and nothing shed from second {back} on" if back is not None else f"not recovered within {AFTER_S:.0f} s")
          + f"; p99 of the first seconds {[row[1] for row in after[:5]]} ms, of the last {[row[1] for row in after[-3:]]} ms", flush=True)  # fmt: skip


def back_after_s(after: list[list[Any]]) -> int | None:
    """Seconds after the surge's end until p99 is under KNEE_MS and nothing is shed for GOOD_S in a row; None: never."""
    good = [row[1] is not None and row[1] < KNEE_MS and not row[2] for row in after]
    return next((s for s in range(len(good) - GOOD_S + 1) if all(good[s : s + GOOD_S])), None)


def kept(home: Path, acked: set[str]) -> None:
    """After the service has ended: every acknowledged transfer is in tables and ledger, once; prints the count."""
    services = bootstrap.open_ledger(Settings(home=home))
    journal = Journal(services.settings.ledger_dir / "journal")
    write_out(services, journal)
    journal.close()
    with transaction(services.engine) as session:
        final = {row.id: row.final for row in session.execute(select(ScoredTransferRow.id, ScoredTransferRow.final))}
    ids = Columns(services.ledger).rels("TRANSFER", ["id"], ("Account", "Account"), services.ledger.head_seq())["id"]
    found = Counter(id for id in ids.to_pylist() if id in acked)
    lost = sum(id not in final for id in acked)
    pending = sum(id in final and not final[id] for id in acked)
    absent = sum(bool(final.get(id)) and id not in found for id in acked)
    print(f"acknowledged {len(acked):,}: lost {lost:,}; in the ledger {len(found):,}, of them twice {sum(n > 1 for n in found.values()):,}, "
          f"final but missing there {absent:,}, waiting in a hold {pending:,}", flush=True)  # fmt: skip
    services.engine.dispose()


def _a_second(rows: list[list[Any]], column: int) -> float:
    return sum(row[column] for row in rows) / max(len(rows), 1)


def _middle(rows: list[list[Any]]) -> float | None:
    found = sorted(row[1] for row in rows if row[1] is not None)
    return found[len(found) // 2] if found else None
