"""PNG of the drawing with title, legend, filters, author and date."""

from __future__ import annotations

import math
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFont

from exports._base import Exporter, ExportMeta
from exports._font import MISSING, face, printable
from exports._sheet import HIGH, PAPER, WIDTH, Arrow, Dot, Text, sheet
from graph.model import Subgraph

#: Pixels to a point: fine enough to print on A4.
SCALE = 2


def write(subgraph: Subgraph, meta: ExportMeta, out: BinaryIO) -> None:
    """Write one PNG of 3,200 by 2,260 pixels. Without a font for Chinese that is said in the picture."""
    page = sheet(subgraph, meta)
    image = Image.new("RGB", (round(WIDTH * SCALE), round(HIGH * SCALE)), PAPER)
    draw = ImageDraw.Draw(image)
    for arrow in page.arrows:
        _arrow(draw, arrow)
    for dot in page.dots:
        _dot(draw, dot)
    texts = page.texts if face() else (*page.texts, Text(40, HIGH - 20, MISSING, 11))
    for text in texts:
        _text(draw, text)
    image.save(out, "PNG", optimize=True)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    found = face()
    if found is None:
        return ImageFont.load_default(round(size * SCALE))
    return ImageFont.truetype(str(found[0]), round(size * SCALE), index=found[1])


def _text(draw: ImageDraw.ImageDraw, text: Text) -> None:
    anchor = "ms" if text.anchor == "middle" else "ls"
    stroke = 1 if text.bold else 0
    at = (text.x * SCALE, text.y * SCALE)
    draw.text(at, printable(text.words), fill=text.color, font=_font(text.size), anchor=anchor, stroke_width=stroke, stroke_fill=text.color)  # fmt: skip


def _arrow(draw: ImageDraw.ImageDraw, arrow: Arrow) -> None:
    x0, y0, x1, y1 = (value * SCALE for value in (arrow.x0, arrow.y0, arrow.x1, arrow.y1))
    if (x0, y0) == (x1, y1):
        draw.ellipse((x0 - 18, y0 - 46, x0 + 18, y0 - 10), outline=arrow.color, width=2)
        return
    draw.line((x0, y0, x1, y1), fill=arrow.color, width=round(arrow.width * SCALE))
    angle = math.atan2(y1 - y0, x1 - x0)
    wings = [(x1 - 14 * math.cos(angle + side), y1 - 14 * math.sin(angle + side)) for side in (0.42, -0.42)]
    draw.polygon([(x1, y1), *wings], fill=arrow.color)


def _dot(draw: ImageDraw.ImageDraw, dot: Dot) -> None:
    x, y, size = dot.x * SCALE, dot.y * SCALE, dot.size * SCALE
    if dot.shape == "circle":
        draw.ellipse((x - size, y - size, x + size, y + size), fill=dot.color)
    elif dot.shape == "square":
        draw.rectangle((x - size * 0.85, y - size * 0.85, x + size * 0.85, y + size * 0.85), fill=dot.color)
    else:
        reach = size * 1.2
        draw.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], fill=dot.color)
    if dot.size >= 6:
        draw.text((x, y), dot.mark, fill=PAPER, font=_font(dot.size), anchor="mm" if face() else None)


EXPORTER = Exporter("png", "PNG picture", "image/png", ".png", write)
