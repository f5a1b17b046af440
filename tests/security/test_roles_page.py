"""The table of docs/security.md says of every permission which roles have it, as security/roles.py decides."""

from __future__ import annotations

import re
from pathlib import Path

from security.roles import MACHINE_ROLES, ROLES, Permission

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_table_has_every_permission_with_its_roles() -> None:
    head = re.search(r"^\| permission \|(.*)\| what it allows \|$", PAGE, re.M)
    assert head
    roles = [cell.strip().replace(" ", "_") for cell in head[1].split("|")]
    assert roles == list(ROLES)
    told = {}
    for name, cells in re.findall(r"^\| `(\w+\.\w+)` \|(.*)\|$", PAGE, re.M):
        *marks, what = cells.split("|")
        assert what.strip(), name
        told[name] = {role for role, mark in zip(roles, marks, strict=True) if mark.strip() == "yes"}
    assert told == {one.value: {role for role in roles if one in ROLES[role]} for one in Permission}


def test_machines_are_named_with_all_they_may() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("Machines: `"))
    assert set(re.findall(r"`([\w.]+)`", line)) == {
        *MACHINE_ROLES, *(permission.value for given in MACHINE_ROLES.values() for permission in given)
    }  # fmt: skip
