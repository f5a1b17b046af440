"""What every export says of the findings in it."""

from __future__ import annotations

from graph.model import Node, Subgraph
from usecases import exporting

ACCOUNT, FINDING = Node("Account", "1"), Node("Finding", "f", {"title": "Mule chain"})


def test_a_file_with_findings_says_that_they_are_suggestions():
    said = exporting._labelled(Subgraph((ACCOUNT, FINDING), (), ("cut",)), "en").omitted
    assert said == (exporting.SUGGESTION["en"], "cut")
    assert exporting._labelled(Subgraph((FINDING,), ()), "zh").omitted == (exporting.SUGGESTION["zh"],)
    assert exporting._labelled(Subgraph((ACCOUNT,), (), ("cut",)), "en").omitted == ("cut",)
