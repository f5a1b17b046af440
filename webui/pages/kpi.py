"""Key figures with definition, formula, owner and query."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from cases.kpi import GROUPS, KPIS
from security.roles import Permission
from usecases import kpis
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.paging import choice, local_ms

PAGE = Blueprint("kpi", __name__, url_prefix="/kpi")
NAV = Entry("act", 50, _l("Key figures"), "gauge", Permission.CASES_READ)
_END = 253_402_300_799_999


@PAGE.get("")
@needs(Permission.CASES_READ)
def index() -> ResponseReturnValue:
    """The figures, whole or by week, region or typology."""
    group = choice("by", GROUPS, "all")
    return render_template("kpi/index.html", figures=_figures(group), group=group, groups=GROUPS, kpis=KPIS)


@PAGE.get("/csv")
@needs(Permission.CASES_READ)
def as_csv() -> ResponseReturnValue:
    """The same as CSV."""
    answer = Response(kpis.as_csv(_figures(choice("by", GROUPS, "all"))), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="kpi.csv")
    return answer


def _figures(group: str) -> list[kpis.Figure]:
    zone = services().settings.timezone
    start, end = local_ms("from", zone) or 0, local_ms("to", zone) or _END
    return kpis.figures(services(), actor(), group, start, end)
