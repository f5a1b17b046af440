"""Curves as points of a drawing: precision over recall by algorithm, and gangs found over time in a back-test."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.report import Backtest, Setting

#: Size of the drawing area in its own units; the page adds room for axes.
WIDTH, HEIGHT = 300, 200
#: Lines are told apart by dash and number too, never by colour alone: so many have a style of their own.
STYLES = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One algorithm's curve: `points` for a polyline; `place` (from 1) names its style."""

    name: str
    place: int
    area: float
    points: str
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Chart:
    """Precision over recall of accounts for the algorithms with the largest areas; `left_out` have no line."""

    lines: tuple[Line, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Replay:
    """Gangs active and found at each date, as polylines in the drawing's units; `most` is the top of the scale."""

    active: str
    found: str
    most: int


def chart_of(setting: Setting) -> Chart:
    """The setting's precision-recall chart."""
    drawn = [item for item in setting.algorithms if len(item.account_curve) > 1 and item.account_ap.value]
    ranked = sorted(drawn, key=lambda item: (-(item.account_ap.value or 0), item.name))
    lines = []
    for place, item in enumerate(ranked[:STYLES], start=1):
        places = [
            (round(recall * WIDTH, 1), round((1 - precision) * HEIGHT, 1)) for recall, precision in item.account_curve
        ]
        points = " ".join(f"{x},{y}" for x, y in places)
        lines.append(Line(item.name, place, item.account_ap.value or 0.0, points, places[-1]))
    return Chart(tuple(lines), len(ranked) - len(lines))


def replay_chart(item: Backtest) -> Replay:
    """Gangs active by each date and found by then."""
    most = max([cut.active_groups for cut in item.cuts] + [1])
    step = WIDTH / max(1, len(item.cuts) - 1)

    def points(values: list[int]) -> str:
        return " ".join(
            f"{round(place * step, 1)},{round((1 - value / most) * HEIGHT, 1)}" for place, value in enumerate(values)
        )

    return Replay(
        points([cut.active_groups for cut in item.cuts]), points([cut.alerted_groups for cut in item.cuts]), most
    )  # fmt: skip
