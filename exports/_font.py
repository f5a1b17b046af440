"""The font of drawings and documents: one that has Chinese, brought at set-up, else one of the machine's, else none.

Noto Sans SC (SIL Open Font License 1.1) comes pinned with the front end's packages; `python -m webui.build` puts it into
exports/fonts/. Characters it lacks (rare Han) come from the machine's own Noto CJK where there is one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

BUNDLED = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
#: Debian's fonts-noto-cjk, fonts-wqy-microhei, fonts-droid-fallback: (file, index of the face for simplified Chinese).
SYSTEM = (
    (Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 2),
    (Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"), 0),
    (Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"), 0),
)
MISSING = (
    "No font with Chinese characters was found where this file was made: they are written as ?. "
    "Run python -m webui.build, or install fonts-noto-cjk."
)


@cache
def face() -> tuple[Path, int] | None:
    """File and face of the font to use; None when there is none with Chinese."""
    for path, index in ((BUNDLED, 0), *SYSTEM):
        if path.is_file():
            return path, index
    return None


@cache
def _known() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    found = face()
    if found is None:
        return frozenset(range(0x20, 0x100))
    with TTFont(found[0], fontNumber=found[1], lazy=True) as font:
        return frozenset(font.getBestCmap())


def printable(text: str) -> str:
    """`text` with every character the font lacks as `?`: never an empty box that hides that something was there."""
    known = _known()
    return "".join(char if ord(char) in known or char == "\n" else "?" for char in text)
