"""Permission check and audit line around every use case: nothing leaves before its line is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from core.errors import NotAllowed, RingtraceError
from security import audit
from security.roles import Actor, Permission
from usecases.services import Services


class Line(dict[str, Any]):
    """An audit line to be: its detail, to which a use case may add, and of what. `written`: it stands already, with its change."""

    def __init__(self, actor: Actor, action: str, target: str, detail: dict[str, Any]) -> None:
        super().__init__(detail)
        self.actor, self.action, self.target, self.written = actor, action, target, False

    def write(self, session: Session) -> None:
        """Add it to a change's transaction, as the last of it; say `written` once that is committed."""
        audit.append(session, self.actor, self.action, self.target, "ok", self)


@contextmanager
def audited(
    services: Services, actor: Actor, permission: Permission, action: str, target: str = "", /, **detail: Any
) -> Iterator[Line]:
    """Check the permission, run the block, write one audit line saying how it ended.

    Yields the line, to whose detail the block may add. What changes the system database does so inside
    `changing.recorded`, so that change and line are one transaction. A refusal and an error are written too. When the line
    cannot be written the whole use case fails: what is not on record is not shown.
    """
    kept = {name: value for name, value in detail.items() if value not in (None, "", [], ())}
    said = Line(actor, action, target, kept)
    outcome = "ok"
    try:
        actor.need(permission)
        yield said
    except NotAllowed as error:
        outcome = "refused"
        said["error"] = str(error)
        raise
    except RingtraceError as error:
        outcome = error.code
        said["error"] = str(error)
        raise
    except Exception as error:
        outcome = "internal"
        said["error"] = type(error).__name__
        raise
    finally:
        if not said.written:
            audit.record(services.engine, actor, action, target, said, outcome)


def named(label: str, node_id: str) -> str:
    """How a node is named as an audit target."""
    return f"{label}:{node_id}"


def refused(services: Services, actor: Actor, permission: Permission, where: str) -> NoReturn:
    """Write down that someone reached for what their role does not give, and raise NotAllowed."""
    with audited(services, actor, permission, "access.refused", where):
        pass
    raise NotAllowed(f"{actor.name} may not {permission.value}")
