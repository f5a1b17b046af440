"""The side menu comes from the pages themselves."""

from __future__ import annotations

import pkgutil
import re
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from flask_babel import lazy_gettext as _l

import webui.pages
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


def test_every_page_has_a_sign_of_its_own_and_keeps_its_name_where_only_the_sign_has_room(client_of, make_person):
    pages = [module.name for module in pkgutil.iter_modules(webui.pages.__path__)]
    entries = nav.collect(pages)
    signs = Counter(entry.icon for _page, entry in entries)
    assert max(signs.values()) == 1, "two lines of a menu of signs look the same"
    drawn = set(
        re.findall(r'<symbol id="(\w+)"', (Path(webui.__file__).parent / "static/icons.svg").read_text("utf-8"))
    )
    assert set(signs) <= drawn
    page = client_of(make_person("investigator")).get("/").text
    assert 'href="/holds" title="Holds"' in page
