"""A file of evidence as it was taken in."""

from __future__ import annotations

from flask import Response

from usecases import evidence
from webui.context import actor, services


def download(id: str) -> Response:
    """The file as a download: never shown inside a page, whatever it claims to be. Raises NotFound, NotAllowed."""
    found = evidence.get(services(), actor(), id)
    answer = Response(found.content, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer
