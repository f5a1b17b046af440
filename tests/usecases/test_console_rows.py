"""Rows of the console as cells, as CSV and as a graph to draw; free text without card numbers."""

from __future__ import annotations

from graph.model import Node, Path, Rel, Result
from usecases import console, privacy

A, B = Node("Account", "1", {"name": "=1+1"}), Node("Account", "2")
PAID = Rel("TRANSFER", "t1", A.key, B.key, {"memo": "card 4111111111111111", "amount_minor": 5})


def test_cells_name_nodes_relationships_and_paths():
    assert console.flat(A) == "Account:1"
    assert console.flat(PAID) == "TRANSFER:t1"
    assert console.flat(Path((A, B), (PAID,))) == "Account:1 - Account:2"
    assert console.flat([A, {"x": B}]) == "Account:1, x=Account:2"
    assert console.flat(None) is None


def test_csv_is_for_spreadsheets_and_never_live():
    rows = (("=HYPERLINK(1)", 'a,b\r\n"c"', None, 5), ("@SUM", "王芳", A, -2))
    text = console.as_csv(Result(("=x", "y", "z", "n"), rows)).decode("utf-8-sig")
    assert text == '\'=x,y,z,n\r\n\'=HYPERLINK(1),"a,b\r\n""c""",,5\r\n\'@SUM,王芳,Account:1,-2\r\n'


def test_free_text_loses_card_numbers_wherever_the_relationship_stands():
    clean = {"memo": "card ****1111", "amount_minor": 5}
    assert privacy.value(PAID).properties == clean
    assert privacy.value([PAID])[0].properties == clean
    assert privacy.value({"r": PAID})["r"].properties == clean
    assert privacy.value(Path((A, B), (PAID,))).rels[0].properties == clean
    assert privacy.value("4111111111111111") == "4111111111111111"
