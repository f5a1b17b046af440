"""Writes what was measured into the documentation: `python -m evaluation.describe [REPORT.json]`.

The error rates of `shipped.json` go into the overview table of docs/detection.md; a report of `python -m bench.error_rates
--report REPORT.json` into the tables of every algorithm in docs/detection/results.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.error_rates import Rate, shipped
from evaluation.measured import Measured
from evaluation.report import Report, Setting, from_json

PAGE = Path(__file__).resolve().parents[1] / "docs" / "detection.md"
RESULTS = PAGE.parent / "detection" / "results.md"
HEAD = (
    "algorithm", "findings", "PR-AUC accounts", "right findings", "account precision", "account recall", "F1",
    "money recall", "gangs found", "alerts per gang", "seconds",
)  # fmt: skip
#: The tables of the page: from the first heading of a setting to the next section about something else.
TABLES = re.compile(r"(?ms)^### generated town, .*?(?=^### AMLSim)")
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


def figure(made: Measured, places: int = 2) -> str:
    """A figure with its interval; a dash for what was not measured."""
    if made.value is None:
        return "-"
    text = f"{made.value:.{places}f}"
    return text if made.low is None or made.high is None else f"{text} ({made.low:.{places}f}-{made.high:.{places}f})"


def setting_table(setting: Setting, operating: float) -> str:
    """One setting's heading and its table, one row an algorithm."""
    first = setting.data[0]
    lines = [
        f"### {setting.name} ({len(setting.data)} seeds; {first.version}, seed {first.seed})", "",
        f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}",
    ]  # fmt: skip
    for item in setting.algorithms:
        if item.reason:
            lines.append(f"| {item.name} {item.version} | not measured: {item.reason} |{' |' * (len(HEAD) - 2)}")
            continue
        at = item.at(operating)
        shares = (item.account_ap, at.findings, at.account_precision, at.account_recall, at.account_f1, at.money_recall, at.groups_found)  # fmt: skip
        cells = [*(figure(made) for made in shares), figure(at.alerts_per_group, 1), f"{item.seconds / len(setting.data):.1f}"]  # fmt: skip
        lines.append(f"| {item.name} {item.version} | {item.findings} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n\n"


def with_tables(text: str, report: Report) -> str:
    """The page of results with its tables made anew. Raises ValueError when they are not found."""
    made = "".join(setting_table(setting, report.operating) for setting in report.settings)
    new, count = TABLES.subn(lambda _old: made, text)
    if count != 1:
        raise ValueError(f"{RESULTS}: expected the tables of generated towns before the section on AMLSim")
    return new


def main(arguments: Sequence[str]) -> int:
    """Rewrite the pages."""
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8"), shipped()), encoding="utf-8")
    for path in arguments:
        report = from_json(Path(path).read_text(encoding="utf-8"))
        RESULTS.write_text(with_tables(RESULTS.read_text(encoding="utf-8"), report), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
