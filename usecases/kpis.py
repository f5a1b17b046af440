"""Key figures of a time window, whole or by week, region or typology; as CSV too."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from cases.kpi import FIRST_MONDAY_MS, GROUPS, KPIS, LOW_IS_GOOD, WEEK_MS, Kpi
from core.clock import to_utc
from core.errors import BadInput
from core.formula import inert
from security.roles import Actor, Permission
from usecases.changing import reading
from usecases.services import Services


@dataclass(frozen=True, slots=True)
class Figure:
    """One value: `part / whole`, or `part` alone. None when there is nothing to divide by. `met` compares with the goal."""

    kpi: Kpi
    group: str
    value: float | None
    part: int
    whole: int | None
    met: bool | None


def figures(services: Services, actor: Actor, group: str, from_ms: int, to_ms: int) -> list[Figure]:
    """All figures of [from_ms, to_ms), grouped by `group` (one of GROUPS). Raises BadInput, NotAllowed."""
    if group not in GROUPS or from_ms >= to_ms:
        raise BadInput(f"group by one of {', '.join(GROUPS)}, from before to")
    with reading(services, actor, Permission.CASES_READ, "kpi.read", group) as session:
        found = []
        for kpi in KPIS:
            rows = session.execute(kpi.query(group, from_ms, to_ms)).all()
            if not rows and group == "all":
                rows = [("", 0, 0)]  # type: ignore[list-item]
            found += [_figure(kpi, group, key, part, whole) for key, part, whole in rows]
        return found


def as_csv(found: list[Figure], group: str, from_ms: int, to_ms: int) -> bytes:
    """The figures of such a question as RFC 4180 CSV, UTF-8 with BOM; no cell can become a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ("kpi", "group", "value", "part", "whole", "unit", "goal", "definition", "formula", "owner", "query")
    )
    queries = {kpi.name: " ".join(kpi.sql(group, from_ms, to_ms).split()) for kpi in KPIS}
    for item in found:
        value = "" if item.value is None else f"{item.value:.6g}" if item.kpi.unit != "money" else str(int(item.value))
        row = (item.kpi.name, item.group, value, item.part, "" if item.whole is None else item.whole, item.kpi.unit,
               "" if item.kpi.goal is None else item.kpi.goal, item.kpi.definition, item.kpi.formula, item.kpi.owner,
               queries[item.kpi.name])  # fmt: skip
        writer.writerow([inert(str(cell)) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _figure(kpi: Kpi, group: str, key: object, part: object, whole: object) -> Figure:
    top = int(str(part or 0))
    below = None if kpi.unit in ("count", "money") else int(str(whole or 0))
    value = float(top) if below is None else top / below if below else None
    met = None
    if kpi.goal is not None and value is not None:
        met = value <= kpi.goal if kpi.name in LOW_IS_GOOD else value >= kpi.goal
    name = str(key or "")
    if group == "week" and key is not None:
        name = to_utc(int(str(key)) * WEEK_MS + FIRST_MONDAY_MS + 8 * 3_600_000).strftime("%G-W%V")
    return Figure(kpi, name, value, top, below, met)
