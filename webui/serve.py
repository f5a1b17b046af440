"""Serves the application with granian: one worker process, because one process owns the embedded store."""

from __future__ import annotations

from functools import partial
from typing import Any

from granian import Granian
from granian.constants import Interfaces

from core.settings import Settings
from usecases import bootstrap
from webui.app import create_app

BLOCKING_THREADS = 8


def application() -> Any:
    """The WSGI application with settings of the environment, for `granian --factory webui.serve:application`."""
    return _load(Settings())


def serve(settings: Settings) -> None:
    """Serve until interrupted. The store is opened in the worker, never before a fork."""
    server = Granian(
        "webui.serve:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=BLOCKING_THREADS,
        log_access=False,
    )
    server.serve(target_loader=partial(_load, settings), wrap_loader=False)


def _load(settings: Settings) -> Any:
    return create_app(bootstrap.open_services(settings))
