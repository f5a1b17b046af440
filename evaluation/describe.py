"""Writes the error rates of `shipped.json` into the overview table of docs/detection.md: `python -m evaluation.describe`."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.error_rates import Rate, shipped

PAGE = Path(__file__).resolve().parents[1] / "docs" / "detection.md"
FROM_SCORE = 0.7
#: A row of the table: | [`name`](detection/name.md) | ... | error rates |
ROW = re.compile(r"^\| \[`(?P<name>\w+)`\]\((?P<page>[\w/.#-]+)\) \|(?P<middle>.*)\|(?P<rates>[^|]*)\|$")


def cell(rates: Sequence[Rate], name: str) -> str:
    """Wrong of judged findings scored at least FROM_SCORE on each setting, with the version measured; or "not measured"."""
    own = [rate for rate in rates if rate.algorithm == name]
    if not own:
        return "not measured"
    parts = []
    for setting in sorted({rate.setting for rate in own}):
        upper = [rate for rate in own if rate.setting == setting and rate.low >= FROM_SCORE]
        wrong, of = sum(rate.of - rate.right for rate in upper), sum(rate.of for rate in upper)
        parts.append(
            f"{setting.rsplit(', ', 1)[-1]} {wrong} of {of}" if of else f"{setting.rsplit(', ', 1)[-1]} none so high"
        )
    return f"{', '.join(sorted({rate.version for rate in own}))}: {'; '.join(parts)}"


def refreshed(text: str, rates: Sequence[Rate]) -> str:
    """The page with every row's last cell made anew."""
    lines = []
    for line in text.splitlines():
        row = ROW.match(line)
        lines.append(
            f"| [`{row['name']}`]({row['page']}) |{row['middle']}| {cell(rates, row['name'])} |" if row else line
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Rewrite the page."""
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8"), shipped()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
