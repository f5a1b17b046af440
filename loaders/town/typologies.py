"""The kinds of fraud: whom they take, how often, how much, how fast, and how the money leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Difficulty = Literal["easy", "normal", "hard"]


@dataclass(frozen=True, slots=True)
class Typology:
    """One kind of fraud. Amounts are medians in yuan of the first payment; `growth` multiplies each further one."""

    name: str
    title: str
    batch: tuple[int, int]
    """Victims whose payments reach the same first-layer account at about the same time."""
    payments: tuple[int, int]
    median_yuan: float
    sigma: float
    growth: float
    spacing_h: tuple[float, float]
    """Hours between a victim's payments."""
    paybacks: int
    """How many first payments are partly paid back as bait."""
    layers: tuple[int, int]
    crypto: float
    """Chance that the gang cashes out through coin rather than at cash machines alone."""
    call_s: tuple[int, int]
    texts: tuple[int, int]
    memo: str
    link: float
    """Chance that a victim opened the gang's web page."""


TYPOLOGIES: dict[str, Typology] = {
    item.name: item
    for item in (
        Typology("fake_police", "Posing as police or prosecutor", (1, 1), (1, 3), 120_000, 0.8, 0.7, (0.5, 3), 0, (3, 6), 0.7, (1800, 9000), (0, 2), "保证金", 0.4),
        Typology("investment", "False investment platform", (1, 2), (3, 6), 8_000, 0.7, 1.9, (48, 140), 1, (3, 6), 0.8, (60, 900), (2, 5), "投资款", 0.9),
        Typology("task_scam", "Paid tasks with deposits", (1, 3), (4, 8), 120, 0.5, 2.1, (0.4, 5), 2, (2, 5), 0.5, (20, 200), (1, 4), "任务垫付", 0.8),
        Typology("shopping", "False shop", (5, 14), (1, 1), 380, 0.9, 1.0, (1, 2), 0, (2, 4), 0.15, (20, 180), (1, 2), "购物款", 0.9),
        Typology("romance", "Romance over weeks", (1, 1), (5, 9), 900, 0.6, 1.55, (60, 150), 0, (2, 4), 0.4, (300, 4000), (3, 8), "借款", 0.1),
        Typology("loan", "Loan fee in advance", (2, 5), (1, 3), 2_600, 0.7, 1.6, (1, 20), 0, (2, 4), 0.3, (60, 700), (1, 3), "手续费", 0.7),
        Typology("impersonation", "Posing as boss or friend", (1, 2), (1, 2), 22_000, 1.0, 1.4, (0.3, 4), 0, (2, 5), 0.4, (60, 600), (1, 3), "往来款", 0.0),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manner:
    """How careful the gangs of a difficulty are."""

    fraud_share: float
    """Share of all transfers that belong to gangs."""
    delay_min: float
    """Median minutes money stays on a mule account."""
    delay_sigma: float
    cut: tuple[float, float]
    rented: float
    """Share of mule accounts that are real people's own accounts with ordinary life on them."""
    sharing: float
    """Chance that a mule account is worked from the gang's devices and addresses."""
    cover: tuple[int, int]
    """Ordinary-looking payments a fresh account makes and receives."""
    front: float
    """Chance that first-layer accounts hide behind a shop front with real customers."""
    reported: float
    round_sums: float


MANNERS: dict[Difficulty, Manner] = {
    "easy": Manner(0.02, 4, 0.5, (0.005, 0.02), 0.15, 0.97, (0, 2), 0.0, 0.8, 0.3),
    "normal": Manner(0.01, 12, 0.9, (0.005, 0.04), 0.5, 0.7, (0, 6), 0.15, 0.55, 0.4),
    "hard": Manner(0.001, 160, 1.3, (0.005, 0.05), 0.8, 0.2, (3, 14), 0.6, 0.35, 0.5),
}
