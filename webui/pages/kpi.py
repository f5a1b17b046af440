"""Key figures with definition, formula, owner and query."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from cases.kpi import GROUPS, KPIS
from core.clock import LAST_MS
from security.roles import Permission
from usecases import kpis
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.paging import choice, local_ms

PAGE = Blueprint("kpi", __name__, url_prefix="/kpi")
NAV = Entry("act", 50, _l("Key figures"), "chart", Permission.CASES_READ)


@PAGE.get("")
@needs(Permission.CASES_READ)
def index() -> ResponseReturnValue:
    """The figures, whole or by week, region or typology, with the query each was read by."""
    asked = _asked()
    found = kpis.figures(services(), actor(), *asked)
    queries = {kpi.name: kpi.sql(*asked) for kpi in KPIS}
    window: dict[str, Any] = {name: request.args[name] for name in ("from", "to") if request.args.get(name)}
    link = url_for("kpi.as_csv", by=asked[0], **window)
    return render_template(
        "kpi/index.html", figures=found, group=asked[0], groups=GROUPS, kpis=KPIS, queries=queries, csv_link=link
    )


@PAGE.get("/csv")
@needs(Permission.CASES_READ)
def as_csv() -> ResponseReturnValue:
    """The same as CSV."""
    asked = _asked()
    found = kpis.figures(services(), actor(), *asked)
    answer = Response(kpis.as_csv(found, *asked), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="kpi.csv")
    return answer


def _asked() -> tuple[str, int, int]:
    """How to group, and the window in epoch milliseconds."""
    zone = services().settings.timezone
    return choice("by", GROUPS, "all"), local_ms("from", zone) or 0, local_ms("to", zone) or LAST_MS
