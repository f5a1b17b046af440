"""Keeping a graph store in step with the ledger: catch up, check, rebuild."""

from __future__ import annotations

from core.errors import StoreDamaged
from graph.port import GraphStore, Progress, no_progress
from ledger.book import Ledger


def catch_up(ledger: Ledger, store: GraphStore, progress: Progress = no_progress, up_to: int | None = None) -> int:
    """Apply every batch the store does not have yet, in order (none past `up_to`); returns how many.

    Also finishes a batch that a crash interrupted: applying is idempotent. Raises StoreDamaged when the store is
    ahead of the ledger, which means that it belongs to another one.
    """
    applied, head = store.applied_seq(), ledger.head_seq()
    if applied > head:
        raise StoreDamaged(
            f"the {store.name} store has batch {applied}, the ledger ends at {head}: it belongs to another ledger; "
            "set RINGTRACE_HOME to the right folder, or run `ringtrace rebuild`"
        )
    last = head if up_to is None else min(up_to, head)
    for seq in range(applied + 1, last + 1):
        store.apply(seq, ledger.read(seq), progress)
    return max(0, last - applied)


def expected_counts(ledger: Ledger, up_to: int) -> dict[str, int]:
    """Nodes and relationships by type that a store with all batches up to `up_to` holds."""
    counts: dict[str, int] = {}
    for entry in ledger.entries():
        if entry.seq <= up_to:
            for part in entry.parts:
                counts[part.type_name] = counts.get(part.type_name, 0) + part.new
    return counts


def check(ledger: Ledger, store: GraphStore) -> None:
    """Compare the store's counts with the ledger's. Raises StoreDamaged naming the first type that differs."""
    expected, actual = expected_counts(ledger, store.applied_seq()), store.counts()
    for name in sorted(expected.keys() | actual.keys()):
        if expected.get(name, 0) != actual.get(name, 0):
            raise StoreDamaged(
                f"the {store.name} store has {actual.get(name, 0)} {name}, the ledger {expected.get(name, 0)}: "
                "run `ringtrace rebuild`"
            )


def rebuild(ledger: Ledger, store: GraphStore, progress: Progress = no_progress, up_to: int | None = None) -> int:
    """Empty the store and apply the ledger from the start (up to a past batch when named); returns the batches applied."""
    store.wipe()
    store.ensure_schema()
    return catch_up(ledger, store, progress, up_to)
