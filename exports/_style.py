"""How each label is drawn: colour, shape and a short mark, so that colour is never the only sign.

The explorer (webui/explorer/src/style.ts) draws the same; a test keeps the two alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from exports._text import visible
from graph.model import Node


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """Colour as `#rrggbb`; shape is circle, square or diamond; mark is one or two letters."""

    color: str
    shape: str
    mark: str


STYLES: dict[str, LabelStyle] = {
    "Account": LabelStyle("#1f7a8c", "square", "A"),
    "Person": LabelStyle("#3d6fb6", "circle", "P"),
    "Phone": LabelStyle("#b7791f", "diamond", "Ph"),
    "Device": LabelStyle("#7d5ba6", "diamond", "D"),
    "IP": LabelStyle("#64748b", "diamond", "IP"),
    "Merchant": LabelStyle("#4d7c0f", "circle", "M"),
    "Organization": LabelStyle("#334e68", "circle", "O"),
    "Wallet": LabelStyle("#b83280", "square", "W"),
    "Handle": LabelStyle("#0e9aa7", "circle", "H"),
    "Domain": LabelStyle("#8b5e3c", "diamond", "Dm"),
    "Finding": LabelStyle("#c53030", "circle", "!"),
}
OTHER = LabelStyle("#718096", "circle", "?")
#: Relationships that move money, drawn stronger than the rest.
MONEY_RELS = frozenset({"TRANSFER", "EXCHANGED", "MOVED"})
MONEY_COLOR = "#b45309"
REL_COLOR = "#94a3b8"


def style_of(label: str) -> LabelStyle:
    """Style of a label; a grey circle for one that is not in the schema."""
    return STYLES.get(label, OTHER)


def caption(node: Node, limit: int = 40) -> str:
    """One line to name a node: a finding's title, else its name or number, else its id; at most `limit` characters."""
    for name in ("title", "name", "number"):
        value = node.properties.get(name)
        if isinstance(value, str) and value.strip():
            break
    else:
        value = node.id
    line = " ".join(visible(value).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green, blue (0-255) of `#rrggbb`."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
