"""Runs of detection in this process: start one in the background, follow it, stop it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from core.clock import now_ms
from core.errors import Cancelled, Conflict, NotFound, RingtraceError
from core.ids import fresh
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.detect import Detected, chosen, detect
from usecases.pace import Pace
from usecases.run_plan import fits
from usecases.services import Services

_log = structlog.get_logger("runs")
#: Ended runs kept to look at; their findings stay in the graph whatever happens.
KEPT = 20
STATES = ("running", "stopping", "done", "cancelled", "failed")


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as it stands now. `share` is 0 to 1, `left_s` seconds (None: not known); `error` is one line."""

    id: str
    by: str
    algorithms: tuple[str, ...]
    engine: str
    state: str
    algorithm: str
    what: str
    share: float
    left_s: float | None
    started_at_ms: int
    ended_at_ms: int | None
    findings: int
    results: tuple[Detected, ...]
    error: str


class _Run:
    def __init__(self, by: Actor, names: tuple[str, ...], engine: str) -> None:
        self.id, self.by, self.names, self.engine = fresh("run"), by, names, engine
        self.pace = Pace(names)
        self.state, self.error = "running", ""
        self.started_at_ms, self.ended_at_ms = now_ms(), None  # type: int, int | None
        self.results: list[Detected] = []

    def view(self) -> RunView:
        state = "stopping" if self.state == "running" and self.pace.is_stopped else self.state
        share = 1.0 if state == "done" else self.pace.share
        left = self.pace.left_s if state == "running" else None
        results = tuple(self.results)
        return RunView(
            self.id, self.by.name, self.names, self.engine, state, self.pace.algorithm, self.pace.what, share, left,
            self.started_at_ms, self.ended_at_ms, sum(item.findings for item in results), results, self.error,
        )  # fmt: skip


_BOARDS: weakref.WeakSet[RunBoard] = weakref.WeakSet()


def stop_all() -> None:
    """Stop every run of this process and wait for the ends: before a store is closed."""
    for board in list(_BOARDS):
        board.close()


class RunBoard:
    """The runs of one process, one at a time: two at once would only take each other's memory and cores."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._runs: dict[str, _Run] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()
        _BOARDS.add(self)

    def start(
        self, actor: Actor, names: Sequence[str], engine: str = "auto",
        parameters: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> RunView:  # fmt: skip
        """Start a run of these algorithms (all when none is named) and return at once.

        Raises NotAllowed, BadInput, TooLarge before anything runs; Conflict `run_going_on` while another run goes on.
        """
        with audited(
            self._services, actor, Permission.DETECT_RUN, "run.start", engine=engine, names=list(names)
        ) as said:
            algorithms = chosen(names)
            fits(self._services, algorithms)
            run = _Run(actor, tuple(item.name for item in algorithms), engine)
            work = detect(
                self._services, actor, run.names, parameters=parameters, engine=engine, run_id=run.id, pace=run.pace
            )
            with self._lock:
                if any(other.state == "running" for other in self._runs.values()):
                    raise Conflict("a run is going on: wait for it or stop it first", code="run_going_on")
                self._runs[run.id] = run
                self._forget()
            said["run_id"] = run.id
            thread = threading.Thread(target=self._follow, args=(run, work), name=run.id, daemon=True)
            self._threads[run.id] = thread
            thread.start()
        return run.view()

    def stop(self, actor: Actor, id: str) -> RunView:
        """Ask a run to stop; it ends at its next word of progress. Raises NotFound, NotAllowed."""
        with audited(self._services, actor, Permission.DETECT_RUN, "run.stop", id):
            run = self._run(id)
            run.pace.stop()
            return run.view()

    def view(self, actor: Actor, id: str) -> RunView:
        """One run of this process. Raises NotFound, NotAllowed."""
        actor.need(Permission.DETECT_RUN)
        return self._run(id).view()

    def all(self, actor: Actor) -> tuple[RunView, ...]:
        """Runs of this process, latest first. Raises NotAllowed."""
        actor.need(Permission.DETECT_RUN)
        with self._lock:
            runs = list(self._runs.values())
        return tuple(run.view() for run in reversed(runs))

    def wait(self, id: str, seconds: float) -> None:
        """Wait until a run has ended, at most so long."""
        self._threads[id].join(seconds)

    def close(self) -> None:
        """Stop whatever runs and wait for it, so that the store can be closed."""
        with self._lock:
            going = [run for run in self._runs.values() if run.state == "running"]
        for run in going:
            run.pace.stop()
            self._threads[run.id].join(60)

    def _follow(self, run: _Run, work: Any) -> None:
        state = "failed"
        try:
            for done in work:
                run.results.append(done)
            state = "done"
        except Cancelled:
            state = "cancelled"
        except RingtraceError as error:
            run.error = str(error)
        except Exception:  # a thread's error would be lost; the page says where to look
            _log.exception("run failed", run_id=run.id, algorithm=run.pace.algorithm)
            run.error = f"{run.pace.algorithm} failed unexpectedly: see the server's log"
        finally:
            run.ended_at_ms = now_ms()
            run.state = state

    def _run(self, id: str) -> _Run:
        with self._lock:
            if id not in self._runs:
                raise NotFound(f"no run {id} in this process")
            return self._runs[id]

    def _forget(self) -> None:
        for id in list(self._runs)[:-KEPT]:
            del self._runs[id]
            self._threads.pop(id, None)
