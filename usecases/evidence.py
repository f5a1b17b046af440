"""Evidence files of cases: hashed at intake, type told by their bytes, scanned, kept by content, given out as downloads."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from cases import files, timeline
from cases.case_tables import EvidenceRow
from core.errors import FileRefused, NotConfigured, NotFound
from core.ids import fresh
from security.roles import Actor, Permission
from usecases import casefiles
from usecases.changing import changing
from usecases.services import Services

MAX_FILES = 200
SCAN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Download:
    """A file as it was taken in."""

    name: str
    media_type: str
    content: bytes


def add(services: Services, actor: Actor, case_id: str, name: str, content: bytes) -> str:
    """Take a file into a case; returns its SHA-256. Raises FileRefused with the reason, NotFound, NotAllowed."""
    with changing(services, actor, Permission.CASES_WORK, "evidence.add", case_id, name=name[:200]) as session:
        case = casefiles.get(session, case_id)
        held = session.scalar(select(func.count()).select_from(EvidenceRow).where(EvidenceRow.case_id == case.id)) or 0
        if held >= MAX_FILES:
            raise FileRefused(f"a case holds at most {MAX_FILES} files", code="too_many_files")
        kind = files.media_type(files.safe_name(name), content)
        scan = _scan(services, content)
        digest = files.keep(services.settings.home / "evidence", content)
        now = services.clock()
        session.add(EvidenceRow(id=fresh("file"), case_id=case_id, name=files.safe_name(name), media_type=kind,
                                size_bytes=len(content), sha256=digest, scan=scan, by_name=actor.name, at_ms=now))  # fmt: skip
        timeline.add(session, case_id, "evidence.added", actor.name, now, digest[:16], files.safe_name(name))
        return digest


def get(services: Services, actor: Actor, file_id: str) -> Download:
    """A file, checked against its hash; the look is on record. Raises NotFound, FileRefused `evidence_damaged`."""
    with changing(services, actor, Permission.CASES_READ, "evidence.read", file_id) as session:
        row = session.get(EvidenceRow, file_id)
        if row is None:
            raise NotFound("there is no such file")
        return Download(row.name, row.media_type, files.read(services.settings.home / "evidence", row.sha256))


def _scan(services: Services, content: bytes) -> str:
    """What the scanner of the setting says: `not scanned` without one. Raises FileRefused when it finds something."""
    setting = services.settings.virus_scan
    if not setting:
        return "not scanned"
    with tempfile.NamedTemporaryFile(suffix=".scan") as file:
        file.write(content)
        file.flush()
        command = files.scan_command(setting, Path(file.name))
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SCAN_SECONDS, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotConfigured(
                f"the virus scanner does not run: {type(error).__name__}", code="scanner_down"
            ) from error
    if done.returncode:
        raise FileRefused("the virus scanner refuses this file", code="infected")
    return (done.stdout.strip().splitlines() or ["clean"])[-1][:200]
