"""Reading the audit log; reading it is itself on record."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from core.db import transaction
from security import audit
from security.audit import AuditFilter, AuditLine
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.services import Services


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Lines newest first, how many match in all, and every known action."""

    lines: tuple[AuditLine, ...]
    total: int
    actions: tuple[str, ...]


def read(services: Services, actor: Actor, wanted: AuditFilter, limit: int = 100, offset: int = 0) -> AuditPage:
    """One page of the audit log. Raises NotAllowed."""
    filters = {name: value for name, value in asdict(wanted).items() if value not in ("", None)}
    with (
        audited(services, actor, Permission.AUDIT_READ, "audit.read", offset=offset or None, **filters),
        transaction(services.engine) as session,
    ):
        lines, total = audit.page(session, wanted, limit, offset)
        return AuditPage(tuple(lines), total, tuple(audit.actions(session)))
