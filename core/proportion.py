"""A share of counted things with its interval, so that 3 of 3 is not told as certainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: 97.5th percentile of the normal distribution: two-sided 95% intervals.
_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Proportion:
    """`right` of `of` counted things."""

    right: int
    of: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None when nothing was counted."""
        return self.right / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95% score interval (Wilson 1927); None when nothing was counted."""
        if not self.of:
            return None
        z2 = _Z95 * _Z95
        middle = (self.right + z2 / 2) / (self.of + z2)
        half = _Z95 / (self.of + z2) * math.sqrt(self.right * (self.of - self.right) / self.of + z2 / 4)
        share = self.right / self.of  # rounding must not put the share outside its own interval
        return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))
