"""Permissions, roles, and which role has which: the one place that decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.errors import NotAllowed


class Permission(StrEnum):
    """One thing a person may do. Names are `<object>.<verb>`."""

    GRAPH_READ = "graph.read"
    FINDINGS_READ = "findings.read"
    FINDINGS_JUDGE = "findings.judge"
    FINDINGS_CONFIRM = "findings.confirm"
    EVALUATION_READ = "evaluation.read"
    EVALUATION_RUN = "evaluation.run"
    CYPHER_RUN = "cypher.run"
    DETECTOR_PROPOSE = "detector.propose"
    DETECTOR_APPROVE = "detector.approve"
    DETECT_RUN = "detect.run"
    DATA_LOAD = "data.load"
    GRAPH_EXPORT = "graph.export"
    AUDIT_READ = "audit.read"
    USERS_MANAGE = "users.manage"
    KEYS_MANAGE = "keys.manage"
    TRANSFERS_SCORE = "transfers.score"
    ALERTS_READ = "alerts.read"
    HOLDS_DECIDE = "holds.decide"
    RULES_PROPOSE = "rules.propose"
    RULES_TEST = "rules.test"
    RULES_APPROVE = "rules.approve"
    LISTS_MANAGE = "lists.manage"
    WARNINGS_MAKE = "warnings.make"
    DELIVERIES_MANAGE = "deliveries.manage"
    LEADS_FILE = "leads.file"
    CASES_READ = "cases.read"
    CASES_WORK = "cases.work"
    ORDERS_APPROVE = "orders.approve"
    REPORTERS_READ = "reporters.read"


_P = Permission
ROLES: dict[str, frozenset[Permission]] = {
    "investigator": frozenset(
        {_P.GRAPH_READ, _P.FINDINGS_READ, _P.FINDINGS_JUDGE, _P.EVALUATION_READ, _P.GRAPH_EXPORT}
    ),
    "analyst": frozenset(
        {
            _P.GRAPH_READ,
            _P.FINDINGS_READ,
            _P.FINDINGS_JUDGE,
            _P.EVALUATION_READ,
            _P.EVALUATION_RUN,
            _P.CYPHER_RUN,
            _P.DETECT_RUN,
            _P.DATA_LOAD,
            _P.GRAPH_EXPORT,
        }
    ),
    "task_force": frozenset({_P.FINDINGS_READ, _P.FINDINGS_JUDGE, _P.EVALUATION_READ, _P.GRAPH_READ, _P.GRAPH_EXPORT}),
    "supervisor": frozenset(
        {
            _P.GRAPH_READ,
            _P.FINDINGS_READ,
            _P.FINDINGS_JUDGE,
            _P.FINDINGS_CONFIRM,
            _P.EVALUATION_READ,
            _P.CYPHER_RUN,
            _P.GRAPH_EXPORT,
            _P.AUDIT_READ,
        }
    ),
    "auditor": frozenset({_P.AUDIT_READ, _P.FINDINGS_READ, _P.EVALUATION_READ}),
    "administrator": frozenset(
        {
            _P.USERS_MANAGE,
            _P.KEYS_MANAGE,
            _P.AUDIT_READ,
            _P.DATA_LOAD,
            _P.DETECT_RUN,
            _P.EVALUATION_READ,
            _P.EVALUATION_RUN,
        }
    ),
}
#: Roles of machines: an API key has one of these, a person never, and a machine has no role of a person.
MACHINE_ROLES: dict[str, frozenset[Permission]] = {
    "bank_system": frozenset({_P.TRANSFERS_SCORE}),
}

#: What casework adds to each role.
_CASEWORK: dict[str, frozenset[Permission]] = {
    "administrator": frozenset({_P.DELIVERIES_MANAGE}),
    "investigator": frozenset({_P.LEADS_FILE, _P.CASES_READ, _P.CASES_WORK}),
    "task_force": frozenset({_P.LEADS_FILE, _P.CASES_READ, _P.CASES_WORK, _P.REPORTERS_READ}),
    "supervisor": frozenset(
        {
            _P.LEADS_FILE,
            _P.CASES_READ,
            _P.CASES_WORK,
            _P.ORDERS_APPROVE,
            _P.REPORTERS_READ,
        }
    ),
    "analyst": frozenset({_P.CASES_READ}),
    "auditor": frozenset({_P.CASES_READ}),
    "agency_system": frozenset({_P.LEADS_FILE}),
}
#: What scoring of money in flight adds to each role.
_SCORING: dict[str, frozenset[Permission]] = {
    "investigator": frozenset({_P.ALERTS_READ, _P.HOLDS_DECIDE, _P.LISTS_MANAGE, _P.WARNINGS_MAKE}),
    "analyst": frozenset({_P.ALERTS_READ, _P.RULES_PROPOSE, _P.RULES_TEST, _P.LISTS_MANAGE}),
    "supervisor": frozenset(
        {_P.ALERTS_READ, _P.HOLDS_DECIDE, _P.RULES_TEST, _P.RULES_APPROVE, _P.LISTS_MANAGE, _P.WARNINGS_MAKE}
    ),
    "auditor": frozenset({_P.ALERTS_READ}),
}
#: Queries as scheduled detectors: who proposes, and who decides on somebody else's proposal.
_DETECTORS: dict[str, frozenset[Permission]] = {
    "analyst": frozenset({_P.DETECTOR_PROPOSE}),
    "supervisor": frozenset({_P.DETECTOR_PROPOSE, _P.DETECTOR_APPROVE}),
}
for _role, _more in (*_CASEWORK.items(), *_SCORING.items(), *_DETECTORS.items()):
    _of = ROLES if _role in ROLES else MACHINE_ROLES
    _of[_role] = _of.get(_role, frozenset()) | _more

_GRANTS = {**ROLES, **MACHINE_ROLES}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in person, a machine by its API key, or the installation itself on the command line."""

    id: str
    name: str
    roles: frozenset[str]
    origin: str = ""
    """Where from: the client's address, or empty on the command line."""

    def may(self, permission: Permission) -> bool:
        """Whether any of the actor's roles grants the permission."""
        return any(permission in _GRANTS.get(role, frozenset()) for role in self.roles)

    def need(self, permission: Permission) -> None:
        """Raise NotAllowed, naming the permission, unless the actor has it."""
        if not self.may(permission):
            raise NotAllowed(f"{self.name} may not {permission.value}: ask an administrator for a role that has it")


def system_actor(roles: Iterable[str] = (*ROLES, *MACHINE_ROLES)) -> Actor:
    """The installation's operator at the command line: whoever can read the data folder has every role."""
    return Actor("system", "command line", frozenset(roles))
