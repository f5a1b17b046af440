"""Security headers of every answer: nothing is fetched from, sent to or framed by another site."""

from __future__ import annotations

from flask import Flask, request
from secure import Secure
from secure.headers import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from werkzeug.wrappers import Response

#: No inline script or style, no other origin. `blob:` and `data:` are for pictures drawn by the explorer itself.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)

#: Of answers to machines that never see Flask: nothing of them may be kept, guessed at or framed.
MACHINE_HEADERS = (
    ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"), ("Referrer-Policy", "no-referrer"),
)  # fmt: skip


def install(app: Flask, *, over_https: bool) -> None:
    """Put the headers on every answer; HSTS only where cookies are HTTPS-only too."""
    headers = Secure(
        csp=ContentSecurityPolicy().value(POLICY),
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=PermissionsPolicy().value("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        referrer=ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
        hsts=StrictTransportSecurity().max_age(31_536_000) if over_https else None,
    ).headers

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response
