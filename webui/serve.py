"""Serves the application with granian: one worker process, because one process owns the embedded store."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import partial
from multiprocessing.util import Finalize
from queue import Empty, SimpleQueue
from typing import Any

from granian import Granian
from granian.constants import Interfaces

from core.errors import RingtraceError
from core.priority import started_stand_back
from core.settings import Settings
from outbox.worker import Worker
from usecases import bootstrap, deliveries, order_answers
from usecases.follow import Follower
from usecases.runs import stop_all
from usecases.services import Services
from webui.app import create_app
from webui.guard import KEY_RING
from webui.proxies import BehindProxies
from webui.slow_bodies import Bodies

BLOCKING_THREADS = 8
#: With scoring more: a thread waits for the disk most of the time, and a shed request needs one for an instant.
SCORING_THREADS = 64
#: Full collections of what came since the start, seldom: what waits for the tables is looked at again and again otherwise.
SCORING_COLLECT = (20_000, 20, 100)
#: How long a thread may keep the interpreter while others want it. A transfer's way takes it four times, and each time
#: waits so long behind a thread that counts or converts.
SCORING_SWITCH_S = 0.001
NAP_S = 0.5
#: A worker that has not ended by then is killed; the ledger makes good at the next start what was cut short.
KILL_AFTER_S = 20
#: Of that, what workers may take to end the work in hand; the rest is for the journal, the store and the database.
WORKERS_END_S = 8.0


def application() -> Any:
    """The WSGI application with the environment's settings: `granian --interface wsgi --factory webui.serve:application`."""
    return load(Settings())  # type: ignore[call-arg]


def serve(settings: Settings) -> None:
    """Serve until interrupted. The store is opened in the worker process, never before a fork.

    What keeps it from opening is said in one line on standard error, and the process ends with status 1.
    """
    server = Granian(
        "webui.serve:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_threads(settings),
        log_access=False,
        workers_kill_timeout=KILL_AFTER_S,
    )
    server.main_loop_interrupt = _Awake()  # type: ignore[assignment]  # all that the parent asks of an event
    server.serve(target_loader=partial(_in_worker, settings), wrap_loader=False)


def _threads(settings: Settings) -> int:
    return SCORING_THREADS if settings.scoring else BLOCKING_THREADS


class _Awake:
    """What the parent waits on for a signal, in place of granian's threading.Event.

    An event's `set` takes a lock. A second signal that arrives while the first one's handler holds it waits for itself
    for ever, and the server never ends. A queue's `put` may be entered again; short naps hear a signal that another
    thread received.
    """

    def __init__(self) -> None:
        self._set = False
        self._bell: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Wake who waits; from a signal's handler too."""
        self._set = True
        self._bell.put(None)

    def clear(self) -> None:
        """Wait again from now on."""
        self._set = False

    def wait(self) -> bool:
        """True once it is set."""
        while not self._set:
            with suppress(Empty):
                self._bell.get(timeout=NAP_S)
        return True


def _in_worker(settings: Settings) -> Any:
    """The application, in a process that ends by the parent's one signal alone.

    Ctrl+C reaches a whole process group, and the parent passes it on: two signals at once lock granian's worker for good,
    so the worker leaves the group. A signal while everything still opens ends it in order.
    """
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: sys.exit(0))
    return load(settings)


def load(settings: Settings) -> Any:
    """Open everything, follow the ledger, and build the application. Ends the process when the store does not open."""
    try:
        with started_stand_back() if settings.scoring else nullcontext():  # the embedded store's own threads
            services = bootstrap.open_services(settings)
    except RingtraceError as error:
        print(f"ringtrace: {error}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    follower = Follower(services)
    follower.start()
    workers = [
        Worker("outbox", deliveries.dispatcher(services).run_once),
        Worker("clocks", partial(order_answers.tick, services), 5.0),
    ]
    if settings.scoring:
        services = bootstrap.with_scoring(services, beside=True)
        workers.append(Worker("flight", _upkeep(services), every_s=0.25))
    for worker in workers:
        worker.start()

    def stop() -> None:
        _stop_all(workers)
        follower.stop()
        stop_all()
        bootstrap.close(services)

    # worker processes skip atexit; multiprocessing runs its own finalizers at their end: before its queues', which have 10
    Finalize(None, stop, exitpriority=20)
    served = wsgi(services)
    # what was loaded stays loaded: unfrozen, a full collection looks at all of it and stops every request for 0.3 s
    gc.collect()
    gc.freeze()
    if settings.scoring:
        gc.set_threshold(*SCORING_COLLECT)
        sys.setswitchinterval(SCORING_SWITCH_S)
    return served


def _stop_all(workers: list[Worker]) -> None:
    """Tell every worker, then wait for all together: nobody waits behind another, or behind a load of hours of data.

    Scoring that still loads writes nothing a kill could tear: the journal is made for it.
    """
    for worker in workers:
        worker.stop(wait_s=0)
    until = time.monotonic() + WORKERS_END_S
    for worker in workers:
        worker.stop(wait_s=max(0.0, until - time.monotonic()))


def wsgi(services: Services) -> Any:
    """The whole application: machines' transfers take the short way, the rest is Flask's; both see the client behind a proxy."""
    flask = create_app(services)
    bodies = Bodies(_threads(services.settings))
    app: Any = bodies.around(flask)
    if services.flight is not None:
        from webui.fast_transfers import FastTransfers

        app = FastTransfers(app, services, flask.extensions[KEY_RING], flask.config["TRUSTED_HOSTS"], bodies)
    trusted = services.settings.proxies
    return BehindProxies(app, trusted) if trusted else app


def _upkeep(services: Services) -> Callable[[], object]:
    from usecases.flight_upkeep import Upkeep  # compiled counting takes a second to import

    return Upkeep(services).once
