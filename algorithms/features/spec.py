"""Which features are computed, over which windows, under which names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

DAY_S = 86_400
#: Statistics of one side of one account over one window, in this order.
STATISTICS = ("fan", "degree", "ratio", "mean", "sum", "var", "skew", "kurtosis", "age_mean_s", "age_sd_s")
#: (end of the transfer, direction of the payments looked at), in this order.
SIDES = (("src", "out"), ("src", "in"), ("dst", "out"), ("dst", "in"))
#: What needs no window, in this order. Times are seconds, -1 when there was nothing before.
HISTORY = (
    "pair_count", "pair_since_s", "reverse_count", "reverse_since_s",
    "src_since_out_s", "src_since_in_s", "src_seen_s", "src_last_in_ratio",
    "dst_since_out_s", "dst_since_in_s", "dst_seen_s", "dst_last_in_ratio",
)  # fmt: skip
#: Money of the payer over one window: what came in, how much of this payment it covers, how much of it has left.
FLOW = ("covered_share", "left_share")


@dataclass(frozen=True, slots=True)
class Spec:
    """Windows, bins and bounds. Bin i counts patterns of size bins[i] <= size < bins[i + 1], the last has no upper end.

    A window of w seconds at time t holds payments later than t - w for fan, degree and statistics, and not earlier
    than t - w for scatter-gather and cycles, as IBM's Graph Feature Preprocessor has it (Blanuša et al. 2024).
    """

    stats_windows_s: tuple[int, ...] = (DAY_S, 7 * DAY_S)
    fan_bins: tuple[int, ...] = ()
    """Bins of fan-in and fan-out over the first window; none: the sizes alone are given (in the statistics)."""
    degree_bins: tuple[int, ...] = ()
    scatter_gather_window_s: int = 0
    """0 leaves the pattern out."""
    scatter_gather_bins: tuple[int, ...] = (2, 3, 4, 6, 10)
    temporal_cycle_window_s: int = 0
    temporal_cycle_bins: tuple[int, ...] = (2, 3, 4, 5, 6, 8)
    cycle_window_s: int = 0
    cycle_bins: tuple[int, ...] = (2, 3, 4, 5, 6, 8)
    cycle_length: int = 10
    """Longest simple cycle counted without regard to the order of time."""
    history: bool = True
    steps: int = 20_000
    """Entries looked at for one pattern of one transfer; beyond, its counts are a lower bound and `cut` says so."""
    columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not self.stats_windows_s:
            raise ValueError("stats_windows_s: at least one window is needed")
        for name in (
            "stats_windows_s",
            "fan_bins",
            "degree_bins",
            "scatter_gather_bins",
            "temporal_cycle_bins",
            "cycle_bins",
        ):
            values = getattr(self, name)
            if any(value < 1 for value in values) or list(values) != sorted(set(values)):
                raise ValueError(f"{name}: expected rising whole numbers of at least 1, not {values}")
        if self.steps < 1 or self.cycle_length < 2:
            raise ValueError("steps must be at least 1 and cycle_length at least 2")
        object.__setattr__(self, "columns", tuple(self._names()))

    @property
    def longest_ms(self) -> int:
        """The longest window, milliseconds: older payments are let go."""
        longest = max(
            *self.stats_windows_s, self.scatter_gather_window_s, self.temporal_cycle_window_s, self.cycle_window_s
        )
        return longest * 1000

    def start_of(self, group: str) -> int:
        """Column where a group begins; -1 when it is left out."""
        return next((place for place, name in enumerate(self.columns) if name.split(":", 1)[0] == group), -1)

    def _names(self) -> Iterator[str]:
        for window in self.stats_windows_s:
            for end, way in SIDES:
                yield from (f"stats:{end}_{way}_{what}_{window}" for what in STATISTICS)
        for window in self.stats_windows_s:
            yield from (f"flow:{what}_{window}" for what in FLOW)
        if self.history:
            yield from (f"history:{what}" for what in HISTORY)
        for group, bins in (("fan_in", self.fan_bins), ("fan_out", self.fan_bins),
                            ("degree_in", self.degree_bins), ("degree_out", self.degree_bins)):  # fmt: skip
            yield from (f"{group}:{least}" for least in bins)
        for group, window, bins in (
            ("scatter_gather", self.scatter_gather_window_s, self.scatter_gather_bins),
            ("temporal_cycle", self.temporal_cycle_window_s, self.temporal_cycle_bins),
            ("cycle", self.cycle_window_s, self.cycle_bins),
        ):
            if window:
                yield from (f"{group}:{least}" for least in bins)


#: What the risk model uses: a day and a week, patterns within a day.
DEFAULT = Spec(
    scatter_gather_window_s=DAY_S, temporal_cycle_window_s=DAY_S, cycle_window_s=DAY_S, cycle_length=6,
)  # fmt: skip
