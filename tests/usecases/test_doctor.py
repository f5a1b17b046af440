"""What the doctor says of a store it cannot open."""

from __future__ import annotations

import pytest

from core.errors import StoreUnavailable
from core.settings import Settings
from usecases import doctor


@pytest.mark.parametrize(
    ("code", "ok", "says"),
    [("store_locked", True, "while the service runs"), ("store_unavailable", False, "no such disk")],
)
def test_a_store_in_use_is_no_fault_and_one_that_does_not_open_is(tmp_path, monkeypatch, code, ok, says):
    def refuse(_settings):
        raise StoreUnavailable("no such disk", code=code)

    monkeypatch.setattr(doctor, "open_store", refuse)
    found = {check.name: check for check in doctor.examine(Settings(home=tmp_path))}
    assert (found["ladybug store"].ok, says in found["ladybug store"].says) == (ok, True)
    assert found["ledger"].ok
