"""One thread scores for all who ask: what waits is scored in turn, made durable with one write, and answered together.

Scoring takes the interpreter for itself anyway. With a lock instead, each of a hundred waiting threads is woken, takes the
interpreter, and hands both on: under other work in the process every such step waits for its turn, and the queue never
gets shorter (a lock convoy). Here a request is woken once, when its answer is ready.
"""

from __future__ import annotations

import copy
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from core.errors import RingtraceError, StoreUnavailable

#: Pieces of work taken from one request before the next one's turn, so that a batch does not keep single ones waiting.
IN_TURN = 25
#: Pieces taken before what was scored is made durable and answered.
IN_ROUND = 100
#: A request that has waited so long is told to come again: a disk that hangs answers nobody.
PATIENCE_S = 30.0

T = TypeVar("T")
R = TypeVar("R")


class NotReady(StoreUnavailable):
    """Scoring cannot answer now (starting, overloaded, disk full); nothing was taken. Try again after `retry_after_s`."""

    code = "scoring_busy"

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class _Request(Generic[T, R]):
    """Somebody's work and, in the end, its results or why there are none."""

    __slots__ = ("_done", "context", "error", "last", "results", "work")

    def __init__(self, work: Sequence[T], context: object) -> None:
        self.work, self.context = work, context
        self.results: list[R] = []
        self.last = 0
        self.error: BaseException | None = None
        self._done = threading.Lock()
        self._done.acquire()

    @property
    def is_whole(self) -> bool:
        return self.error is not None or len(self.results) == len(self.work)

    def wait(self, seconds: float) -> bool:
        return self._done.acquire(timeout=seconds)

    def finish(self) -> None:
        self._done.release()


class Line(Generic[T, R]):
    """The queue and its thread.

    `score(pieces, context)` gives the pieces' results and the number of the last record written (0 for none); `keep(number)`
    returns when that record is durable. What either raises is raised where the request waits.
    """

    def __init__(
        self, score: Callable[[Sequence[T], object], tuple[list[R], int]], keep: Callable[[int], None]
    ) -> None:
        self._score, self._keep = score, keep
        self._queue: SimpleQueue[_Request[T, R] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._open = False

    def start(self) -> None:
        """Begin; while it runs it changes nothing."""
        if not self._open:
            self._open = True
            self._thread = threading.Thread(target=self._run, name="flight-line", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Answer what waits and end the thread; idempotent."""
        if not self._open:
            return
        self._open = False
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(15)
        with suppress(Empty):
            while True:  # who came while it ended
                request = self._queue.get_nowait()
                if request is not None:
                    request.error = NotReady("scoring has stopped", 2)
                    request.finish()

    def ask(self, work: Sequence[T], context: object) -> list[R]:
        """Results of the work in its order, once they are durable. Raises NotReady when stopped, and what `score` and `keep` raise."""
        request: _Request[T, R] = _Request(work, context)
        self._queue.put(request)
        if not request.wait(PATIENCE_S if self._open else 1.0):
            raise NotReady("scoring did not answer in time: ask again with the same ids", 5)
        if request.error is not None:
            raise _own(request.error)
        return request.results

    def _run(self) -> None:
        waiting: deque[_Request[T, R]] = deque()
        is_last = False
        while not is_last or waiting:
            is_last = self._take(waiting) or is_last
            round_ = self._score_some(waiting)
            last = max((request.last for request in round_), default=0)
            error = self._kept(last) if last else None
            for request in round_:
                request.error = request.error or error
                if request.is_whole:
                    request.finish()
                else:
                    waiting.append(request)

    def _take(self, waiting: deque[_Request[T, R]]) -> bool:
        """Everything that has come; waits for something when there is nothing. True after the line's end."""
        is_last = False
        try:
            found = self._queue.get(block=not waiting)
            while True:
                if found is None:
                    is_last = True
                    return True
                waiting.append(found)
                found = self._queue.get_nowait()
        except Empty:
            return is_last

    def _score_some(self, waiting: deque[_Request[T, R]]) -> list[_Request[T, R]]:
        """A few pieces of each request that waits, in turn."""
        round_: list[_Request[T, R]] = []
        taken = 0
        while waiting and taken < IN_ROUND:
            request = waiting.popleft()
            round_.append(request)
            pieces = request.work[len(request.results) : len(request.results) + IN_TURN]
            taken += len(pieces)
            try:
                results, number = self._score(pieces, request.context)
                request.results += results
                request.last = max(request.last, number)
            except BaseException as error:  # whatever it is, it is the request's, and the line goes on
                request.error = error
        return round_

    def _kept(self, number: int) -> BaseException | None:
        try:
            self._keep(number)
        except BaseException as error:  # the same: nobody of this round is told of an answer
            return error
        return None


def _own(error: BaseException) -> BaseException:
    """One error may be told to many at once: each raises its own copy, so that no traceback is shared."""
    return copy.copy(error) if isinstance(error, RingtraceError) else error
