"""Load a source: into the ledger whole or not at all, then into the graph store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from core.errors import FileRefused
from graph.intake import Source
from graph.port import Progress, no_progress
from ledger.model import LoadReport
from ledger.projection import catch_up
from loaders._base import LoadContext, Loader, catalog
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.detectors import run_approved
from usecases.fingerprint import fingerprint
from usecases.services import Services


def choose_loader(path: Path, name: str | None) -> Loader:
    """The named loader, or the one that recognises the path. Raises FileRefused naming the known formats."""
    loaders = catalog()
    known = ", ".join(loaders)
    if name is not None:
        if name not in loaders:
            raise FileRefused(f"unknown format {name!r}: use one of {known}", code="unknown_format")
        return loaders[name]
    if not path.exists():
        raise FileRefused(f"{path}: no such file or folder", code="missing_file")
    for loader in loaders.values():
        if loader.recognises(path):
            return loader
    raise FileRefused(
        f"{path} looks like none of the known formats: name one with --format ({known})", code="unknown_format"
    )


def load(
    services: Services,
    actor: Actor,
    path: Path,
    *,
    format_name: str | None = None,
    options: Mapping[str, str] | None = None,
    dangling_ends: str = "stub",
    reading: Callable[[int, int], None] = lambda _done, _total: None,
    applying: Progress = no_progress,
) -> LoadReport:
    """Load one file or folder and apply it to the graph store, where the process has one.

    `reading(done, total)` follows the file in bytes, `applying(what, rows)` the store. The same source again reports no
    new rows. Raises NotAllowed, FileRefused, or BadInput `too_many_rejected`; then nothing has changed.
    """  # fmt: skip
    settings, chosen = services.settings, dict(options or {})
    with audited(services, actor, Permission.DATA_LOAD, "data.load", path.name, options=chosen) as said:
        loader = choose_loader(path, format_name)
        context = LoadContext(settings.timezone, int(settings.max_file_gb * 10**9), reading)
        whole = fingerprint(path, loader.name, chosen, context.max_file_bytes)
        source = Source(path.name, loader.name, whole, chosen)
        report = services.ledger.append(
            source, loader.read(path, chosen, context), by=actor.name,
            max_reject_share=settings.max_reject_share, dangling_ends=dangling_ends,
        )  # fmt: skip
        said.update(
            format=loader.name, batch=report.seq or report.already, read=report.rows_read, loaded=report.rows_loaded,
            duplicate=report.rows_duplicate, rejected=report.rows_rejected,
        )  # fmt: skip
        if services.has_store:
            catch_up(services.ledger, services.store, applying)
    if report.seq and services.has_store:
        for _done in run_approved(services, actor):  # each writes its own audit line
            pass
    return report
