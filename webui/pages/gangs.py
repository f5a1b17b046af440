"""The list of gangs and the page of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from graph.queries.findings import Member
from security.roles import Permission
from usecases import gangs
from webui.context import actor, services
from webui.guard import needs
from webui.heat import day_chart, levels
from webui.nav import Entry

PAGE = Blueprint("gangs", __name__, url_prefix="/gangs")
NAV = Entry("investigate", 44, _l("Gangs"), "gang", Permission.FINDINGS_READ)


@PAGE.get("")
@needs(Permission.FINDINGS_READ)
def index() -> ResponseReturnValue:
    """Gangs of the last run, most suspicious first."""
    return render_template("gangs/index.html", gangs=gangs.list_gangs(services(), actor()))


@PAGE.get("/<id>")
@needs(Permission.FINDINGS_READ)
def one(id: str) -> ResponseReturnValue:
    """Roles, hours, regions, victims, wordings, things, money by day, growth, and where the gang stands."""
    found = gangs.profile(services(), actor(), id)
    regions = sorted(
        {*found.member_regions, *found.victim_regions},
        key=lambda name: (-found.victim_regions.get(name, 0) - found.member_regions.get(name, 0), name),
    )
    table = [[found.member_regions.get(name, 0), found.victim_regions.get(name, 0)] for name in regions]
    parts = _parts(found.members)
    return render_template(
        "gangs/one.html", parts=parts, roles=Counter(role for _node, role, *_ in parts["accounts"]).most_common(), profile=found, gang=found.gang, standing=found.standing, hours=levels(found.hours), chart=day_chart(found.days),
        regions=list(zip(regions, levels(table), strict=True)), ages=list(zip(found.ages, levels([list(found.ages.values())])[0], strict=True)),
    )  # fmt: skip


def _parts(members: Iterable[Member]) -> dict[str, list[Member]]:
    """Members by what a reader looks for: the gang's own accounts, what they share, who called, who lost money."""
    parts: dict[str, list[Member]] = {"accounts": [], "things": [], "callers": [], "victims": []}
    for member in members:
        node, role, *_ = member
        own = "accounts" if node.label in ("Account", "Wallet") else "things"
        parts[{"victim": "victims", "caller": "callers"}.get(role, own)].append(member)
    return parts
