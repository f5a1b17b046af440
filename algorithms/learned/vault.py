"""Models on disk: one folder a version, its files' SHA-256 checked at every load. No pickle: text only."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from algorithms.learned.model import RiskModel, from_files, to_files
from core.errors import NotFound, StoreDamaged

FILES = ("trees.json", "model.json")


def save(model: RiskModel, folder: Path) -> str:
    """Keep a model as the next version (`v0001`, ...); returns its name. It appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"v{1 + max((int(known[1:]) for known in versions(folder)), default=0):04}"
    content = to_files(model)
    sums = {file: hashlib.sha256(data).hexdigest() for file, data in content.items()}
    scratch = folder / f".{name}"
    scratch.mkdir(mode=0o700)
    for file, data in content.items():
        (scratch / file).write_bytes(data)
    (scratch / "sha256.json").write_text(json.dumps(sums, indent=1))
    (scratch / "card.md").write_text(card(model, name), encoding="utf-8")
    scratch.rename(folder / name)
    return name


def versions(folder: Path) -> list[str]:
    """Names of the versions kept, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(
        path.name for path in folder.iterdir() if path.is_dir() and path.name[:1] == "v" and path.name[1:].isdigit()
    )


def load(folder: Path, name: str = "") -> tuple[str, RiskModel]:
    """A version (the latest when none is named) and its name.

    Raises NotFound when there is none, StoreDamaged when a file is missing or not as it was written.
    """
    known = versions(folder)
    if not known or (name and name not in known):
        what = f"no model {name!r}" if name else "no model yet"
        raise NotFound(f"{what} in {folder}: `ringtrace train` makes one from labelled transfers", code="no_model")
    chosen = name or known[-1]
    try:
        sums = json.loads((folder / chosen / "sha256.json").read_text())
        content = {file: (folder / chosen / file).read_bytes() for file in FILES}
    except (OSError, ValueError) as error:
        raise StoreDamaged(f"model {chosen}: a file is missing or unreadable ({error}): train anew") from error
    for file, data in content.items():
        if hashlib.sha256(data).hexdigest() != sums.get(file):
            raise StoreDamaged(f"model {chosen}: {file} is not as it was written (SHA-256 differs): train anew")
    return chosen, from_files(content)


def card(model: RiskModel, name: str) -> str:
    """The model card (Mitchell et al. 2019), in Markdown."""
    about, test = model.card, model.card["test"]
    lines = [
        f"# Risk model {name}", "",
        "Ranks transfers for people to look at. **Not** for decisions without a person, nor for data unlike what it was fitted on.", "",
        f"- Data: {about.get('data', 'not said')}; batch {about.get('data_seq', 'not said')}; labels: {about.get('labels', 'ground truth of the loaded data')}",
        f"- Features: {len(model.names)}; each sees the transfer and its past only (shared identifiers: as they stood at fitting)",
        "- Learner: XGBoost, isotonic calibration on later transfers, explanations by TreeSHAP", "",
        "| period | transfers | frauds |", "|---|---|---|",
        *(f"| {what} | {p['transfers']:,} | {p['frauds']:,} |" for what, p in about["periods"].items()), "",
        f"On the test period, which neither fitting nor the threshold saw: average precision {test['average_precision']:.3f};"
        f" at {test['threshold']:.3f}: {test['alerts']:,} alerts ({test['alerts_per_day']} a day), precision {test['precision']:.3f},"
        f" recall {test['recall']:.3f}, F1 {test['f1']:.3f}.", "",
        "| said | was | transfers |", "|---|---|---|",
        *(f"| {row['said']:.3f} | {row['was']:.3f} | {row['transfers']:,} |" for row in test["reliability"]), "",
        "Limits: unlabelled transfers count as honest; gangs change their ways, so test it anew on fresh labels; fairness by"
        " age, region and bank is not measured here.", "",
    ]  # fmt: skip
    return "\n".join(lines)
