"""One tree of errors. Each carries the HTTP status it means and a stable code; messages are one line and say what to do."""

from __future__ import annotations


class RingtraceError(Exception):
    """Base of every error a user may see. `str(error)` is one line; `code` is stable for scripts and tests."""

    status = 500
    code = "internal"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        """The message itself: one that remembers its template can be said in another language."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else super().__str__()


class BadInput(RingtraceError):
    """Input that cannot be used as it is: a file, a row, a parameter."""

    status = 422
    code = "bad_input"


class FileRefused(BadInput):
    """A whole input file is refused before anything is applied (wrong type, empty, too large, truncated)."""

    code = "file_refused"


class QueryRefused(BadInput):
    """A Cypher text the console will not run; the message names the reason."""

    code = "query_refused"


class QueryStopped(RingtraceError):
    """A query was stopped at its time, row or memory limit; the service goes on."""

    status = 408
    code = "query_stopped"


class TooLarge(RingtraceError):
    """A run that does not fit in memory; the message says what it needs and what there is."""

    status = 507
    code = "too_large"


class Cancelled(RingtraceError):
    """A run that a person stopped; what it wrote before is whole."""

    status = 409
    code = "cancelled"


class NotFound(RingtraceError):
    """There is no such thing, or not for this person."""

    status = 404
    code = "not_found"


class Conflict(RingtraceError):
    """Somebody was first, or the state does not allow it any more; look again."""

    status = 409
    code = "conflict"


class NotAllowed(RingtraceError):
    """The person is known but the role lacks the permission."""

    status = 403
    code = "not_allowed"


class NotConfigured(RingtraceError):
    """A setting or an optional part is missing; the message names it and how to supply it."""

    status = 503
    code = "not_configured"


class StoreUnavailable(RingtraceError):
    """The graph store cannot be used now: locked, unreachable, wrong password."""

    status = 503
    code = "store_unavailable"


class DatabaseUnavailable(RingtraceError):
    """The system database does not answer now: a restart, a lost connection. Nothing was done; try again."""

    status = 503
    code = "database_unavailable"
    retry_after_s = 2


class StoreOutdated(StoreUnavailable):
    """The store was written by another schema version; `ringtrace rebuild` makes it anew from the ledger."""

    code = "store_outdated"


class StoreDamaged(StoreUnavailable):
    """The store's files do not open or do not match the ledger; `ringtrace rebuild` makes it anew."""

    code = "store_damaged"
