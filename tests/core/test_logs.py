"""A log line that cannot be written stops nobody."""

from __future__ import annotations

import sys

import structlog

from core import logs


class Full:
    """Standard output on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_line_is_printed_where_it_can_be_and_dropped_where_not(monkeypatch, capsys):
    before = structlog.get_config()["logger_factory"]
    logs.set_up()
    try:
        structlog.get_logger("x").warning("seen", part="seal")
        assert "seen" in capsys.readouterr().out
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", Full())
            structlog.get_logger("x").warning("not seen")
            structlog.get_logger("x").error("not seen")
    finally:
        structlog.configure(logger_factory=before)
