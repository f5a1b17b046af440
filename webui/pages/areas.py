"""Risk by area and by hour, of the gangs of the last run."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from algorithms.typology.model import LABELS
from security.roles import Permission
from usecases import gangs
from webui.context import actor, services
from webui.guard import needs
from webui.heat import levels
from webui.nav import Entry
from webui.paging import choice

PAGE = Blueprint("areas", __name__, url_prefix="/areas")
NAV = Entry("investigate", 46, _l("Areas"), "map", Permission.FINDINGS_READ)
#: Gangs with a column of their own, those with most victims.
MOST_GANGS = 12


@PAGE.get("")
@needs(Permission.FINDINGS_READ)
def index() -> ResponseReturnValue:
    """Heat maps by region and gang, and by weekday and hour."""
    typology = choice("typology", ("", *LABELS), "")
    adopted = request.args.get("adopted") == "1"
    risk = gangs.area_risk(services(), actor(), typology, adopted)
    shown = sorted(risk.gangs, key=lambda gang: (-gang.victims, gang.id))[:MOST_GANGS]
    cells = levels([[area.by_gang.get(gang.id, 0) for gang in shown] for area in risk.areas])
    rates = list(
        zip(
            *(
                levels([[rate] for rate in column])
                for column in (
                    [area.members_per_mille for area in risk.areas],
                    [area.victims_per_mille for area in risk.areas],
                )
            ),
            strict=True,
        )
    )
    return render_template(
        "areas/index.html", risk=risk, shown=shown, rows=list(zip(risk.areas, rates, cells, strict=True)), hours=levels(risk.hours),
        typology=typology, adopted=adopted, kinds=LABELS,
    )  # fmt: skip
