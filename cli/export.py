"""Export a piece of the graph to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.errors import BadInput
from core.settings import Settings
from security.roles import system_actor
from usecases import bootstrap, exporting, findings


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(export)


def export(
    form: Annotated[
        str, typer.Argument(metavar="FORMAT", help="csv_zip, gexf, graphml, html, json_graph, pdf, png, svg or xlsx")
    ],
    out: Annotated[Path, typer.Argument(help="File to write")],
    finding: Annotated[str | None, typer.Option(help="Members and evidence of this finding")] = None,
    node: Annotated[
        list[str] | None, typer.Option(help="Node as Label:id, and what lies between the named ones; repeatable")
    ] = None,
) -> None:
    """Write a finding, or named nodes and what lies between them, to a file others can open."""
    actor = system_actor()
    if form not in {item.name for item in exporting.formats(actor)}:
        known = ", ".join(item.name for item in exporting.formats(actor))
        raise BadInput(f"unknown format {form!r}: use one of {known}")
    if bool(finding) == bool(node):
        raise BadInput("name either --finding or --node")
    with bootstrap.running(Settings()) as services:
        if finding:
            drawn = findings.subgraph(services, actor, finding)
            keys, title = [item.key for item in drawn.nodes], f"Finding {finding}"
            rel_ids = frozenset(item.id for item in drawn.rels)
            order = exporting.ExportOrder(keys, title, rel_ids, findings=(finding,))
        else:
            order = exporting.ExportOrder([_key(text) for text in node or []], "Selection")
        file = exporting.export(services, actor, form, order)
    out.write_bytes(file.content)
    print(f"{out}: {len(file.content):,} bytes")


def _key(text: str) -> tuple[str, str]:
    label, colon, key = text.partition(":")
    if not colon:
        raise BadInput(f"--node {text}: expected Label:id, like Account:amlsim:216")
    return label, key
