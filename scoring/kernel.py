"""The counting itself, compiled: features of one transfer from the state before it, and the state after it.

One transfer or millions go through the same two functions, so that a back-test sees what a live transfer would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit

from scoring import kernel_features, kernel_update
from scoring.kernel_features import features
from scoring.kernel_update import link, respread, update

__all__ = ["features", "link", "replay", "respread", "update"]


def _compiled(sources: str) -> Callable[..., Any]:
    """`replay`. What is kept on disk of it goes by its own file and this text: without it, it would not see changes of the others."""

    @njit(cache=True)
    def replay(acc, outs, ins, hours, payees, devs, ips, users, user_n, k, events, moved, first_seq, out):  # type: ignore[no-untyped-def]
        """Many transfers in order: features into `out` (when it has rows), then the update."""
        _ = sources
        for i in range(events.shape[0]):
            if out.shape[0]:
                features(acc, outs, ins, hours, payees, devs, ips, users, user_n, k, events[i], out[i])
            update(acc, outs, ins, hours, payees, devs, ips, users, user_n, k, events[i], first_seq + i, moved[i])

    done: Callable[..., Any] = replay
    return done


def _sources() -> str:
    found = hashlib.sha256()
    for module in (kernel_features, kernel_update):
        found.update(Path(str(module.__file__)).read_bytes())
    return found.hexdigest()


replay = _compiled(_sources())
