"""What every receiver of the tests does alike: answer with a status and no body, and keep quiet."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler


class Answering(BaseHTTPRequestHandler):
    """Base of a receiver's handler."""

    def answer(self, status: int) -> None:
        """Send a status, no body."""
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""
