"""SVG, PNG, PDF and XLSX: they open, say what they must, are inert, and hold Chinese."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from export_samples import HOSTILE, hostile, meta, sample, written
from lxml import etree
from PIL import Image

from exports import _font, pdf, png, svg, xlsx
from graph.model import Node, Subgraph
from webui import build

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module", autouse=True)
def font():
    """The pinned font, as set-up brings it."""
    build.build()


def texts(data: bytes) -> list[str]:
    return [element.text or "" for element in etree.fromstring(data).iter(f"{SVG}text")]


def test_the_svg_says_title_author_legend_filters_and_what_is_not_shown():
    about = replace(meta(), title="王芳's chain", filters=("Time: 2024-05-01 – 2024-05-02",))
    said = texts(written(svg.EXPORTER, replace(sample(), omitted=("showing 5 of 9 nodes",)), about))
    joined = "\n".join(said)
    for wanted in (
        "王芳's chain",
        about.author,
        "Account  3",
        "TRANSFER",
        "Time: 2024-05-01",
        "showing 5 of 9 nodes",
        "data version",
    ):
        assert wanted in joined, wanted
    assert "2 × " in joined, "parallel transfers are one line with number and sum"


def test_a_picture_has_the_style_of_the_screen_and_what_its_colours_say():
    about = replace(
        meta(), looks={("Account", "A1"): ("#2f7d4f", 24.0)}, colors_said=(("#2f7d4f", "victim  1"),), names={"Account": "账户"},
        beside={("Account", "A1"): "within reach 12.00 CNY"},
    )  # fmt: skip
    data = written(svg.EXPORTER, sample(), about)
    said = texts(data)
    for wanted in ("victim  1", "A  账户  3", "within reach 12.00 CNY", "Colours"):
        assert wanted in said, wanted
    filled = [element for element in etree.fromstring(data).iter() if element.get("fill") == "#2f7d4f"]
    assert [element.tag.removeprefix(SVG) for element in filled] == ["rect", "circle"], "the node and its legend"
    plain = float(next(e for e in etree.fromstring(data).iter(f"{SVG}rect") if e.get("fill") == "#1f7a8c").get("width"))
    assert float(filled[0].get("width")) > 1.5 * plain


@pytest.mark.parametrize("text", HOSTILE)
def test_an_svg_of_hostile_names_has_no_element_that_could_run(text):
    root = etree.fromstring(written(svg.EXPORTER, hostile(text), replace(meta(), title=text[:200])))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "rect",
        "defs",
        "marker",
        "path",
        "line",
        "circle",
        "text",
    }
    assert not any(name.startswith("on") or "href" in name for element in root.iter() for name in element.attrib)


def test_the_png_is_a_large_picture_with_something_on_it():
    image = Image.open(io.BytesIO(written(png.EXPORTER, sample())))
    assert image.size == (3200, 2260) and len(image.getcolors(1 << 24) or []) > 20


def test_the_pdf_holds_chinese_as_text_and_nothing_that_runs():
    data = written(pdf.EXPORTER, sample())
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    for word in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/OpenAction /S"):
        assert word not in data, word
    assert b"NotoSansSC" in data.replace(b"+", b"").replace(b"-", b"") or b"NotoSans" in data


def test_every_format_takes_every_hostile_text():
    everything = Subgraph(tuple(node for text in HOSTILE for node in hostile(text).nodes[:1]), ())
    for format in (pdf, png, xlsx):
        assert written(
            format.EXPORTER, replace(everything, nodes=tuple({node.key: node for node in everything.nodes}.values()))
        )


def test_without_a_chinese_font_the_file_says_so(monkeypatch):
    monkeypatch.setattr(_font, "BUNDLED", _font.BUNDLED.with_name("missing.ttf"))
    monkeypatch.setattr(_font, "SYSTEM", ())
    for cached in (_font.face, _font._known):
        cached.cache_clear()
    try:
        assert _font.face() is None and _font.printable("王a") == "?a"
        assert written(pdf.EXPORTER, sample()).startswith(b"%PDF-")
        assert Image.open(io.BytesIO(written(png.EXPORTER, sample()))).size[0] == 3200
    finally:
        for cached in (_font.face, _font._known):
            cached.cache_clear()


def test_excel_cells_are_text_and_long_numbers_keep_their_digits():
    nodes = [
        Node("Account", f"A{index}", {"name": text, "number": "6222021234567890123"})
        for index, text in enumerate(HOSTILE)
    ]
    data = written(xlsx.EXPORTER, Subgraph(tuple(nodes), sample().rels))
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheets = [etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")) for number in (1, 2, 3)]
        names = etree.fromstring(book.read("xl/workbook.xml"))
        strings = ["".join(item.itertext()) for item in etree.fromstring(book.read("xl/sharedStrings.xml"))]
    assert [item.get("name") for item in names.iter("{*}sheet")] == ["nodes", "relationships", "about"]
    for sheet in sheets:
        assert not list(sheet.iter("{*}f")) and not list(sheet.iter("{*}hyperlink")), (
            "a cell became a formula or a link"
        )
    assert "6222021234567890123" in strings and str(10**17) in strings, "long numbers are text"
    assert {"title", "author", "created_at", "data_version"} <= set(strings)
