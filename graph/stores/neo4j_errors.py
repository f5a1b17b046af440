"""The driver's errors as one line that says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from neo4j import exceptions

from core.errors import RingtraceError, StoreUnavailable


@contextmanager
def explained(uri: str, username: str, database: str) -> Iterator[None]:
    """Turns driver errors inside into StoreUnavailable, or RingtraceError for a statement that failed."""
    uri = re.sub(r"//[^/]*@", "//***@", uri).split("?")[0]  # a password may have been put there
    try:
        yield
    except exceptions.AuthError as error:
        raise StoreUnavailable(
            f"Neo4j at {uri} refused user {username!r} ({_reason(error)}): set RINGTRACE_NEO4J_USERNAME and "
            "RINGTRACE_NEO4J_PASSWORD"
        ) from error
    except (exceptions.ConfigurationError, ValueError) as error:
        raise StoreUnavailable(
            f"Neo4j address {uri} cannot be used ({_reason(error)}): set RINGTRACE_NEO4J_URI"
        ) from error
    except exceptions.Neo4jError as error:
        code = error.code or ""
        if "DatabaseNotFound" in code or "DatabaseUnavailable" in code:
            raise StoreUnavailable(
                f"Neo4j at {uri} has no usable database {database!r}: set RINGTRACE_NEO4J_DATABASE"
            ) from error
        if "TransientError" in code or "ReadOnly" in code or "Forbidden" in code:
            raise StoreUnavailable(f"Neo4j at {uri} cannot do this now: {_reason(error)}") from error
        raise RingtraceError(f"the graph store could not answer: {_reason(error)}") from error
    except (exceptions.DriverError, OSError) as error:
        raise StoreUnavailable(
            f"Neo4j at {uri} does not answer ({_reason(error)}): start it, or set RINGTRACE_NEO4J_URI"
        ) from error


def _reason(error: BaseException) -> str:
    text = getattr(error, "message", None) or str(error)
    return " ".join(str(text).split())[:200]
