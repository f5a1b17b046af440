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


def test_free_text_loses_card_numbers_as_a_column_too_and_identifiers_stay():
    card, text = "4111111111111111", "to 4111111111111111"
    result = Result(("a.id", "t.memo", "m", "all"), ((card, text, text, [text, {"memo": card, "x": 1}]),))
    (row,) = privacy.rows(result, "MATCH (a)-[t:TRANSFER]->() RETURN a.id, t.memo, t.MEMO AS m, collect(t) AS all")
    assert row == (card, "to ****1111", "to ****1111", ["to ****1111", {"memo": "****1111", "x": 1}])
    keys = Result(("account", "collect(a.id)", "map", "t.memo"), ((card, [card], {"id": card, "m": card}, text),))
    (row,) = privacy.rows(
        keys, "MATCH (a)-[t]->() RETURN a.id AS account, collect(a.id), {id: a.id, m: 1} AS map, t.memo"
    )
    assert row == (card, [card], {"id": card, "m": "****1111"}, "to ****1111")
    (row,) = privacy.rows(result, "MATCH (a) RETURN a")  # reads no free text: only maps with its names can hold any
    assert row == (card, text, text, [text, {"memo": "****1111", "x": 1}])
