"""What a run will do, told before it starts: the engine of each algorithm and why, and whether it fits in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from algorithms._base import Algorithm
from algorithms.engines import memory
from core.errors import BadInput
from usecases.services import Services

#: What may be asked for; `auto` follows the rule of `engine_for`.
ENGINES = ("auto", "local", "gds")
#: Ties and calls take about half the memory of a payment, coin events as much.
HALF_TYPES = ("REGISTERED_WITH", "USED_DEVICE", "CONNECTED_FROM", "OWNS", "CALLED", "TEXTED")
WHOLE_TYPES = ("TRANSFER", "MOVED", "EXCHANGED")


@dataclass(frozen=True, slots=True)
class Planned:
    """One algorithm of a run to come: its engine, why that one, and the bytes of memory it is estimated to take here."""

    algorithm: str
    engine: str
    why: str
    needed_bytes: int


def engine_for(item: Algorithm, asked: str, store: str) -> tuple[str, str]:
    """The engine an algorithm runs on, and why. Raises BadInput for an engine not in ENGINES, and for GDS where it cannot run.

    Left to itself it is always the local one: both engines build the arrays in this process, so GDS saves no memory
    here, and for Leiden on 1,000,000 transfers it took three to six times as long (docs/benchmarks.md). GDS runs when it is asked for, where the data lies in Neo4j and the algorithm has it.
    """
    if asked not in ENGINES:
        raise BadInput(f"unknown engine {asked!r}: use {', '.join(ENGINES)}", code="unknown_engine")
    if asked == "gds" and "gds" in item.engines and store != "neo4j":
        raise BadInput(
            "engine gds needs the data in Neo4j: set RINGTRACE_STORE=neo4j, or use auto", code="unknown_engine"
        )
    if asked == "gds":
        return ("gds", "asked for") if "gds" in item.engines else ("local", "has no GDS form")
    if asked == "local" and "gds" in item.engines:
        return "local", "asked for"
    if "gds" not in item.engines:
        return "local", "the only engine it has"
    if store != "neo4j":
        return "local", f"the data is in the store {store}, not in Neo4j"
    return (
        "local",
        "the rule: GDS needs the same memory here, and for Leiden on 1,000,000 transfers took three to six times as long",
    )


def rows_of(counts: Mapping[str, int]) -> int:
    """Rows that a run reads, in payments: what `Algorithm.bytes_a_transfer` is multiplied by."""
    return sum(counts.get(name, 0) for name in WHOLE_TYPES) + sum(counts.get(name, 0) for name in HALF_TYPES) // 2


def needed_bytes(services: Services, algorithms: Sequence[Algorithm]) -> dict[str, int]:
    """Memory each algorithm will take, estimated from the store's counts: the shared arrays and its own.

    `python -m bench.run_memory` measures every algorithm beside this.
    """
    counts = services.store.counts()
    rows = rows_of(counts)
    return {item.name: rows * item.bytes_a_transfer + counts.get("Account", 0) * 200 for item in algorithms}


def planned(services: Services, algorithms: Sequence[Algorithm], asked: str = "auto") -> tuple[Planned, ...]:
    """The run as it will be, in order. Raises BadInput for an engine that cannot be had."""
    needed = needed_bytes(services, algorithms)
    return tuple(
        Planned(item.name, *engine_for(item, asked, services.store.name), needed[item.name]) for item in algorithms
    )


def fits(services: Services, algorithms: Sequence[Algorithm]) -> None:
    """Raises TooLarge naming the first algorithm that would need more memory than there is."""
    for name, wanted in needed_bytes(services, algorithms).items():
        memory.need(name, wanted)


def at_hand_bytes() -> int:
    """Memory a run may take now: what is free less what stays free for everything else."""
    return max(0, memory.available_bytes() - memory.SPARE_BYTES)
