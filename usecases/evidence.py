"""Evidence files of leads and cases: hashed at intake, type told by their bytes, scanned, kept by content, given out as downloads."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import case_rows, files, leads, timeline
from cases.case_tables import EvidenceRow
from core.errors import FileRefused, NotConfigured, NotFound
from core.ids import fresh
from core.message import say
from security.roles import Actor, Permission
from usecases.auditing import Line, audited
from usecases.changing import changing, recorded
from usecases.services import Services

MAX_FILES = 200
SCAN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be taken in: a safe name, the type its bytes tell, and what the scanner said."""

    name: str
    media_type: str
    content: bytes
    scan: str


@dataclass(frozen=True, slots=True)
class Download:
    """A file as it was taken in."""

    name: str
    media_type: str
    content: bytes


def add(services: Services, actor: Actor, case_id: str, name: str, content: bytes) -> str:
    """Take a file into a case; returns its SHA-256. Raises FileRefused with the reason, NotFound, NotAllowed."""
    with audited(services, actor, Permission.CASES_WORK, "evidence.add", case_id, name=name[:200]) as said:
        file = examine(services, name, content)
        with recorded(services, said) as session:
            case = case_rows.get(session, case_id)
            return _keep(services, session, actor, EvidenceRow(case_id=case.id), file)


def add_to_lead(services: Services, actor: Actor, lead_id: str, name: str, content: bytes) -> str:
    """Take a file in with a lead, and with its case if it has one; returns its SHA-256.

    Who may file leads but not work on them adds to leads of their own number alone. Raises FileRefused, NotFound, NotAllowed.
    """
    with audited(services, actor, Permission.LEADS_FILE, "evidence.add", lead_id, name=name[:200]) as said:
        return _with_lead(services, said, lead_id, examine(services, name, content))


def add_examined_to_lead(services: Services, actor: Actor, lead_id: str, file: Examined) -> str:
    """As `add_to_lead`, for a file that was looked at before the lead it comes with was filed."""
    with audited(services, actor, Permission.LEADS_FILE, "evidence.add", lead_id, name=file.name) as said:
        return _with_lead(services, said, lead_id, file)


def examine(services: Services, name: str, content: bytes) -> Examined:
    """Whether a file would be taken. Raises FileRefused, NotConfigured.

    A scanner may take a minute: never inside a transaction, which would keep everybody from writing.
    """
    safe = files.safe_name(name)
    return Examined(safe, files.media_type(safe, content), content, _scan(services, content))


def _with_lead(services: Services, said: Line, lead_id: str, file: Examined) -> str:
    with recorded(services, said) as session:
        actor, lead = said.actor, leads.get(session, lead_id)
        if not actor.may(Permission.CASES_WORK) and not (lead.outside_id or "").startswith(f"{actor.name}/"):
            raise NotFound("there is no such lead")  # the same words as for none: numbers of others are not told
        return _keep(services, session, actor, EvidenceRow(case_id=lead.case_id, lead_id=lead.id), file)


def _keep(services: Services, session: Session, actor: Actor, row: EvidenceRow, file: Examined) -> str:
    """Hashed and kept by content; the row says of whose. Raises FileRefused."""
    whose = EvidenceRow.case_id == row.case_id if row.case_id else EvidenceRow.lead_id == row.lead_id
    if (session.scalar(select(func.count()).select_from(EvidenceRow).where(whose)) or 0) >= MAX_FILES:
        raise FileRefused(say("a case or lead holds at most {most} files", most=MAX_FILES), code="too_many_files")
    row.id, row.name, row.by_name, row.at_ms = fresh("file"), file.name, actor.name, services.clock()
    row.media_type, row.size_bytes, row.scan = file.media_type, len(file.content), file.scan
    row.sha256 = files.keep(services.settings.home / "evidence", file.content)
    session.add(row)
    timeline.add(session, row.case_id, "evidence.added", actor.name, row.at_ms, row.sha256[:16], row.name)
    return row.sha256


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
