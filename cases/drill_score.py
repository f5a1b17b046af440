"""How well a drill went: money kept against what was there to keep, and how fast. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrillScore:
    """`points` of 100: 60 for money kept, 20 for the first order's speed, 20 for orders that found money."""

    loss_minor: int
    reachable_minor: int
    frozen_minor: int
    first_order_minutes: float | None
    orders: int
    hits: int
    points: int


def score(
    loss_minor: int, reachable_minor: int, frozen_minor: int, first_order_minutes: float | None, orders: int, hits: int
) -> DrillScore:
    """Points for a drill; `reachable_minor` is what stood on the accounts when the drill began."""
    kept = min(frozen_minor / reachable_minor, 1.0) if reachable_minor else 0.0
    speed = 0.0 if first_order_minutes is None else max(0.0, min(1.0, (60 - first_order_minutes) / 50))
    aim = hits / orders if orders else 0.0
    return DrillScore(
        loss_minor,
        reachable_minor,
        frozen_minor,
        first_order_minutes,
        orders,
        hits,
        round(60 * kept + 20 * speed + 20 * aim),
    )
