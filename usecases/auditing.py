"""Permission check and audit line around every use case: nothing leaves before its line is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from core.errors import NotAllowed, RingtraceError
from security import audit
from security.roles import Actor, Permission
from usecases.services import Services

#: In a line's detail: the block has written the line itself, in the transaction of its change.
WRITTEN = "\0written"


@contextmanager
def audited(
    services: Services, actor: Actor, permission: Permission, action: str, target: str = "", /, **detail: Any
) -> Iterator[dict[str, Any]]:
    """Check the permission, run the block, write one audit line saying how it ended.

    Yields the line's detail, to which the block may add. A refusal and an error are written too. When the line
    cannot be written the whole use case fails: what is not on record is not shown.
    """
    said: dict[str, Any] = {name: value for name, value in detail.items() if value not in (None, "", [], ())}
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
        if not said.pop(WRITTEN, False):
            audit.record(services.engine, actor, action, target, said, outcome)


def named(label: str, node_id: str) -> str:
    """How a node is named as an audit target."""
    return f"{label}:{node_id}"


def refused(services: Services, actor: Actor, permission: Permission, where: str) -> NoReturn:
    """Write down that someone reached for what their role does not give, and raise NotAllowed."""
    with audited(services, actor, permission, "access.refused", where):
        pass
    raise NotAllowed(f"{actor.name} may not {permission.value}")
