"""Search by any identifier, with suggestions while typing."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core.errors import BadInput
from core.message import say
from graph.schema import NODES
from security.roles import Permission
from usecases import search
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry

PAGE = Blueprint("search", __name__, url_prefix="/search")
NAV = Entry("investigate", 20, _l("Search"), "search", Permission.GRAPH_READ)
SUGGESTED = 8
LISTED = 100
MAX_TEXT = 200
#: Shorter than this, a suggestion would be half the graph.
MIN_SUGGEST = 2


@PAGE.get("")
@needs(Permission.GRAPH_READ)
def index() -> ResponseReturnValue:
    """The results; a single exact hit by id opens at once."""
    text, label = _asked(), request.args.get("label") or None
    if label is not None and label not in NODES:
        raise BadInput(f"unknown label: use one of {', '.join(NODES)}")
    hits = search.search(services(), actor(), text, label, LISTED) if text else []
    if len(hits) == 1 and hits[0].matched == "id" and hits[0].id == text:
        return redirect(url_for("node.index", label=hits[0].label, id=hits[0].id), 303)
    return render_template("search/index.html", text=text, label=label, labels=tuple(NODES), hits=hits, listed=LISTED)


@PAGE.get("/suggest")
@needs(Permission.GRAPH_READ)
def suggest() -> ResponseReturnValue:
    """A few hits for the box that is being typed in."""
    text = _asked()
    hits = search.search(services(), actor(), text, limit=SUGGESTED) if len(text) >= MIN_SUGGEST else []
    return render_template("search/suggest.html", text=text, hits=hits, asked=len(text) >= MIN_SUGGEST)


def _asked() -> str:
    text = request.args.get("q", "").strip()
    if len(text) > MAX_TEXT:
        raise BadInput(say("search for at most {most} characters", most=MAX_TEXT))
    return text
