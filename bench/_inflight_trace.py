"""The service with a clock at every stage of a request and at everything that runs beside it; says what the tail is made of.

`python -m bench._inflight_trace SCRATCH RATE SECONDS [BATCH]` serves the home that `bench.inflight.prepare` made in SCRATCH, loads it from a
process of its own and prints, for the slowest requests, their stages and what ran meanwhile. The clocks cost a little
themselves: figures to be compared with others come from `bench.inflight`.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

OUT = "RINGTRACE_TRACE_FILE"
_events: list[tuple[str, int, float, float]] = []
_late: dict[str, float] = defaultdict(float)
_now = time.monotonic


def _timed(name: str, least_s: float, call: Any) -> Any:
    @functools.wraps(call)
    def wrapped(*args: Any, **named: Any) -> Any:
        began = _now()
        try:
            return call(*args, **named)
        finally:
            ended = _now()
            if ended - began >= least_s:
                _events.append((name, threading.get_ident(), began, ended))

    return wrapped


class _TimedLock:
    """A lock that says how long it was waited for, and held."""

    def __init__(self, name: str, least_s: float) -> None:
        self._lock, self._name, self._least = threading.Lock(), name, least_s
        self._since = 0.0

    def __enter__(self) -> None:
        began = _now()
        self._lock.acquire()
        self._since = _now()
        if self._since - began >= self._least:
            _events.append((f"{self._name} waited", threading.get_ident(), began, self._since))

    def __exit__(self, *_: object) -> None:
        held, since = _now(), self._since
        self._lock.release()
        if held - since >= self._least:
            _events.append((f"{self._name} held", threading.get_ident(), since, held))


def _collector() -> Any:
    began = [0.0]

    def heard(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            began[0] = _now()
        elif _now() - began[0] > 0.001:
            _events.append((f"gc {info['generation']}", threading.get_ident(), began[0], _now()))

    return heard


def _heartbeat() -> None:
    """A thread that wants the interpreter every millisecond; how late it gets it, and where the others stood then."""
    while True:
        due = _now() + 0.001
        time.sleep(0.001)
        late = _now() - due
        if late > 0.003:
            _events.append(("interpreter late", 0, due, due + late))
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            for ident, frame in sys._current_frames().items():
                name = names.get(ident, "")
                if name.startswith(("flight", "ledger", "outbox", "clocks")):
                    _late[f"{name}: {_place(frame)}"] += late


def _place(frame: Any) -> str:
    """The innermost three places of a thread, our own file among them."""
    places = []
    while frame is not None and len(places) < 12:
        places.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(places[:7])


def install() -> None:
    """Put clocks into the running program's parts."""
    from ledger import journal, projection
    from usecases import (
        api_keys,
        flight,
        flight_line,
        flight_network,
        flight_record,
        flight_upkeep,
        follow,
        hold_clock,
    )
    from webui import fast_transfers

    def patch(holder: Any, attribute: str, name: str, least_s: float) -> None:
        setattr(holder, attribute, _timed(name, least_s, getattr(holder, attribute)))

    patch(fast_transfers.FastTransfers, "__call__", "request", 0.0)
    patch(api_keys.KeyRing, "actor", "request: key", 0.002)
    patch(api_keys.KeyRing, "_note", "request: key noted", 0.0)
    patch(api_keys.KeyRing, "_look", "request: key looked up", 0.001)
    patch(flight.Flight, "submit", "request: submit", 0.005)
    patch(flight.Flight, "_one", "one scored", 0.003)
    patch(flight_line.Line, "_score_some", "line scored", 0.005)
    patch(journal.Journal, "wait", "line made durable", 0.005)
    patch(journal.Journal, "_write", "fsync", 0.005)
    patch(journal.Journal, "rotate", "journal rotated", 0.001)
    patch(flight_record.Recorder, "flush", "recorder", 0.002)
    for name in ("look_at_network", "follow", "seal", "use_watch"):
        patch(flight.Flight, name, name, 0.001)
    patch(flight_network, "read_findings", "read_findings", 0.001)
    patch(flight_network, "read_watch", "read_watch", 0.001)
    patch(flight_upkeep.Upkeep, "_look_at_store", "look at store", 0.001)
    patch(flight_upkeep.Upkeep, "_look_at_rules", "look at rules", 0.001)
    patch(hold_clock, "run", "hold clock", 0.001)
    patch(follow.Follower, "look", "follower", 0.002)
    follow.catch_up = _timed("follower catch_up", 0.002, follow.catch_up)
    del projection
    made = flight.Flight.__init__

    def init(self: Any, *args: Any, **named: Any) -> None:
        made(self, *args, **named)
        self._lock = _TimedLock("flight lock", 0.003)

    flight.Flight.__init__ = init  # type: ignore[method-assign]
    gc.callbacks.append(_collector())


def serve_traced() -> None:
    """The service as `webui.serve` starts it, with the clocks."""
    from core.settings import Settings
    from webui import serve

    loaded = serve._in_worker

    def worker(settings: Any) -> Any:
        install()
        from multiprocessing.util import Finalize

        def write() -> None:
            Path(os.environ[OUT]).write_text(json.dumps(_events))
            with Path(os.environ[OUT]).with_suffix(".late").open("w") as told:
                for place, seconds in sorted(_late.items(), key=lambda item: -item[1])[:25]:
                    if "wait:" not in place.split(" < ")[0]:
                        print(f"  late {1000 * seconds:7.0f} ms with {place}", file=told)

        Finalize(None, write, exitpriority=1)
        threading.Thread(target=_heartbeat, daemon=True).start()
        return loaded(settings)

    serve._in_worker = worker
    serve.serve(Settings())  # type: ignore[call-arg]


def report(events: list[tuple[str, int, float, float]], since: float, until: float, slowest: int) -> None:
    """What the slow requests were made of: by kind over all above 20 ms, then the slowest in full, one of each burst."""
    events = [event for event in events if event[3] >= since and event[2] <= until]
    requests = sorted((e for e in events if e[0] == "request"), key=lambda e: e[2] - e[3])
    others = [e for e in events if e[0] != "request" and not e[0].startswith("request:")]
    took = [1000 * (e[3] - e[2]) for e in requests]
    print(
        f"{len(took)} requests in the server: p50 {took[len(took) // 2]:.1f} ms, p99 {took[len(took) // 100]:.1f} ms, max {took[0]:.1f} ms"
    )
    total: dict[str, list[float]] = defaultdict(list)
    for name, _, began, ended in events:
        if name != "request":
            total[name].append(1000 * (ended - began))
    for name, times in sorted(total.items(), key=lambda item: -sum(item[1])):
        print(f"  {name:28} {len(times):6} times, {sum(times):9.0f} ms in all, longest {max(times):7.1f} ms")
    shown: list[float] = []
    for _, thread, began, ended in requests[:2000]:
        if ended - began < 0.02 or len(shown) >= slowest:
            break
        if any(abs(began - other) < 0.5 for other in shown):
            continue
        shown.append(began)
        print(f"request of {1000 * (ended - began):.1f} ms at {began - since:.3f} s")
        own = [
            e
            for e in events
            if e[1] == thread and e[0].startswith("request:") and e[2] >= began and e[3] <= ended + 0.001
        ]
        beside = [e for e in others if e[3] > began and e[2] < ended]
        for name, who, start, end in sorted([*own, *beside], key=lambda e: e[2])[:40]:
            print(
                f"    {'own ' if who == thread else '    '}{name:28} from {1000 * (start - began):7.1f} for {1000 * (end - start):7.1f} ms"
            )


def main() -> None:
    """Serve, load, report."""
    from bench import inflight

    scratch, rate, seconds = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    batch = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    os.environ[OUT] = str(scratch / "trace.json")
    inflight.START = "from bench._inflight_trace import serve_traced; serve_traced()"
    process, ready_s = inflight.start(scratch / "home")
    try:
        print(f"ready after {ready_s:.1f} s", flush=True)
        inflight.run(scratch, 200, 3, 1, "warm", set())
        since = _now()
        told = inflight.run(scratch, rate, seconds, batch, "traced", set())
        until = _now()
        inflight.tell(f"{rate:.0f}/s in {batch}", told)
        print("late at", told["late_at_s"])
    finally:
        inflight.stop(process)
    print((scratch / "trace.late").read_text())
    report(json.loads((scratch / "trace.json").read_text()), since, until, 12)


if __name__ == "__main__":
    main()
