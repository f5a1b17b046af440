"""The side menu: a page that wants to stand in it says so with `NAV = Entry(...)` beside its `PAGE`."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from security.roles import Permission
from webui.context import may

#: Groups in the order of the menu, with their headings.
GROUPS: dict[str, LazyString] = {
    "investigate": _l("Investigate"), "act": _l("Act"), "analyse": _l("Analyse"), "administer": _l("Administer"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu, in a group of GROUPS and there by `order`; seen by holders of the permission.

    `icon` is a symbol of static/icons.svg; `endpoint` is the page's `index` unless said.
    """

    group: str
    order: int
    text: LazyString
    icon: str
    permission: Permission | None = None
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as one person sees it: the page's name and where it leads."""

    page: str
    endpoint: str
    text: LazyString
    icon: str


def collect(pages: Iterable[str]) -> list[tuple[str, Entry]]:
    """The entries of these page modules in menu order. Raises ImportError for a group that does not exist."""
    found = []
    for page in pages:
        entry = getattr(importlib.import_module(f"webui.pages.{page}"), "NAV", None)
        if entry is None:
            continue
        if entry.group not in GROUPS:
            raise ImportError(f"webui.pages.{page}: NAV.group is {entry.group!r}, expected one of {', '.join(GROUPS)}")
        found.append((page, entry))
    return sorted(found, key=lambda item: (list(GROUPS).index(item[1].group), item[1].order, item[0]))


def menu(entries: Iterable[tuple[str, Entry]]) -> dict[LazyString, list[Line]]:
    """What the person of this request may open, by heading; groups without a line are left out."""
    lines: dict[str, list[Line]] = {}
    for page, entry in entries:
        if entry.permission is None or may(entry.permission.value):
            line = Line(page, entry.endpoint or f"{page}.index", entry.text, entry.icon)
            lines.setdefault(entry.group, []).append(line)
    return {GROUPS[group]: found for group, found in lines.items()}
