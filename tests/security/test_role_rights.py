"""Roles: who may do what."""

from __future__ import annotations

import pytest

from core.errors import NotAllowed
from security.roles import ROLES, Actor, Permission, system_actor


def test_the_six_roles_are_there_and_none_has_everything():
    assert set(ROLES) == {"investigator", "analyst", "task_force", "supervisor", "auditor", "administrator"}
    assert all(permissions < set(Permission) for permissions in ROLES.values())


def test_duties_are_separate():
    assert Permission.GRAPH_READ not in ROLES["administrator"] | ROLES["auditor"]
    assert Permission.USERS_MANAGE not in set().union(*(ROLES[name] for name in ROLES if name != "administrator"))
    assert Permission.AUDIT_READ not in ROLES["investigator"] | ROLES["analyst"] | ROLES["task_force"]


def test_need_names_the_permission():
    with pytest.raises(NotAllowed, match=r"audit\.read"):
        Actor("1", "Wang", frozenset({"analyst"})).need(Permission.AUDIT_READ)
    assert not Actor("1", "Wang", frozenset({"emperor"})).may(Permission.GRAPH_READ)
    assert all(system_actor().may(permission) for permission in Permission)
