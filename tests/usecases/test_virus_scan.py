"""The virus scanner of the setting sees every file before it is kept: what it refuses, or what it cannot see, is not taken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import FileRefused, NotConfigured
from core.settings import Settings
from security.roles import system_actor
from usecases import bootstrap, casefiles, evidence, leads
from usecases.leads import Report


@pytest.fixture
def scanned(tmp_path):
    """(services whose scanner refuses what holds EICAR, a case)."""
    script = tmp_path / "scan.sh"
    script.write_text('grep -q EICAR "$1" && exit 1\necho "engine 7: clean"\n')
    services = bootstrap.open_ledger(Settings(home=tmp_path / "home"))
    lead = leads.file(services, system_actor(), Report("hotline", "50000 from A1 to A2"))
    case_id = casefiles.open_from_lead(services, system_actor(), lead.lead_id)
    settings = services.settings.model_copy(update={"virus_scan": f"sh {script} {{file}}"})
    yield replace(services, settings=settings), case_id
    bootstrap.close(services)


def kept(services):
    folder = services.settings.home / "evidence"
    return sorted(path.name for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def test_what_the_scanner_refuses_is_not_kept(scanned):
    services, case_id = scanned
    with pytest.raises(FileRefused, match="refuses"):
        evidence.add(services, system_actor(), case_id, "a.txt", b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE")
    assert kept(services) == []
    sha256 = evidence.add(services, system_actor(), case_id, "b.txt", b"a statement")
    assert any(sha256 in name for name in kept(services))


def test_without_its_scanner_nothing_is_taken(scanned):
    services, case_id = scanned
    away = replace(services, settings=services.settings.model_copy(update={"virus_scan": "/no/such/scanner {file}"}))
    with pytest.raises(NotConfigured, match="does not run"):
        evidence.add(away, system_actor(), case_id, "b.txt", b"a statement")
    assert kept(services) == []
