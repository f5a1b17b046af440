"""What the process says of itself while it works: lines on standard output, and never a reason to stop working."""

from __future__ import annotations

from contextlib import suppress

import structlog


class PatientLogger(structlog.PrintLogger):
    """Prints lines; one that cannot be written is dropped.

    Standard output is often a file on the disk that is full. A worker that reports why it waits would end there by its own
    report, and nothing would go on once there is room again.
    """

    def msg(self, message: str) -> None:
        """Print the line where it can be printed."""
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def set_up() -> None:
    """Have the whole process log so; again changes nothing."""
    structlog.configure(logger_factory=lambda *_: PatientLogger())
