"""The side menu comes from the pages themselves."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from flask_babel import lazy_gettext as _l

from webui import nav
from webui.nav import Entry


def test_entries_stand_in_the_order_of_their_group_and_number():
    pages = [page for page, _ in nav.collect(["docs", "people", "findings", "overview", "console", "health"])]
    assert pages == ["overview", "findings", "console", "people", "docs"]


def test_a_group_that_does_not_exist_fails_loudly(monkeypatch):
    module = ModuleType("webui.pages.odd")
    module.NAV = Entry("elsewhere", 1, _l("Odd"), "flag")
    monkeypatch.setitem(sys.modules, "webui.pages.odd", module)
    with pytest.raises(ImportError, match="elsewhere"):
        nav.collect(["odd"])


def test_a_person_sees_only_what_the_role_may_open(client_of, make_person):
    auditor, investigator = (client_of(make_person(role)).get("/").text for role in ("auditor", "investigator"))
    assert 'href="/audit"' in auditor and 'href="/explorer"' not in auditor
    assert 'href="/explorer"' in investigator and 'href="/audit"' not in investigator
    assert "Administer" in auditor and 'href="/people"' not in auditor
