"""What the console lets through and what it refuses, with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QueryRefused
from graph._cypher_words import FORBIDDEN
from graph.console import MAX_HOPS, check, parameters

DIALECTS = ("ladybug", "neo4j")
REFUSED = [
    ("CREATE (n:Account {id: '1'})", "starts with"),
    ("MATCH (n) DELETE n", "DELETE"),
    ("RETURN " + "a)+" * 6_600, "closes none"),
    ("RETURN " + "[a)+" * 4_900, "closes none"),
    ("MATCH (n]-->(m) RETURN n", "closes none"),
    ("RETURN 1)", "closes none"),
    ("MATCH (n:A" + "|A" * 9_900 + ") RETURN n", "alternatives"),
    ("MATCH (n) DETACH DELETE n", "DETACH"),
    ("MATCH (n) SET n.x = 1", "SET"),
    ("MATCH (n) MERGE (m:Account {id: n.id})", "MERGE"),
    ("MATCH (n) RETURN n; MATCH (m) RETURN m", "one statement"),
    ("load/**/from '/etc/passwd' RETURN *", "starts with"),
    ("MATCH (n) RETURN n.id UNION LOAD FROM '/etc/passwd' RETURN *", "LOAD"),
    ("MATCH (n) WITH n lOaD/* x */FROM '/etc/passwd' RETURN *", "LOAD"),
    ("UNWIND [1] AS x WITH x WHERE x > 1. LOAD FROM '/etc/passwd' RETURN *", "LOAD"),
    ("COPY Account TO '/tmp/x.csv'", "starts with"),
    ("MATCH (n) RETURN n COPY (MATCH (n) RETURN n) TO 'x'", "COPY"),
    ("EXPORT DATABASE '/tmp/x'", "starts with"),
    ("IMPORT DATABASE '/tmp/x'", "starts with"),
    ("ATTACH '/x' AS y", "starts with"),
    ("INSTALL json", "starts with"),
    ("CHECKPOINT", "starts with"),
    ("BEGIN TRANSACTION", "starts with"),
    ("EXPLAIN MATCH (n) RETURN n", "starts with"),
    ("SHOW USERS", "starts with"),
    ("LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l", "starts with"),
    ("LOAD CSV FROM 'http://example.org/x' AS l RETURN l", "starts with"),
    ("WITH 1 AS x LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l", "LOAD"),
    ("MATCH (n) FOREACH (x IN [1] | CREATE (:A))", "FOREACH"),
    ("CALL timeout=0", "not"),
    ("CALL READ_CSV('/etc/passwd') RETURN *", "not"),
    ("CALL apoc.load.json('x') YIELD value RETURN value", "not"),
    ("CALL dbms.listConfig() YIELD name RETURN name", "not"),
    ("CALL `apoc`.load.json('x')", "not"),
    ("RETURN apoc.version()", "apoc.version"),
    ("RETURN `apoc`.version()", "not allowed"),
    ("RETURN apoc.`version`()", "quoted"),
    ("MATCH (n) CALL { MATCH (m) DETACH DELETE m } RETURN 1", "not allowed"),
    ("MATCH (n) CALL { WITH n RETURN 1 AS x } IN TRANSACTIONS RETURN x", "not allowed"),
    ("UNWIND range(1, 1e9) AS x RETURN sum(x)", "range"),
    ("UNWIND range(1,1000000000) AS x RETURN x", "range"),
    ("UNWIND range(-1000000, 1) AS x RETURN x", "range"),
    ("UNWIND range($a, $b) AS x RETURN x", "range"),
    ("UNWIND range(1, 10*1000000) AS x RETURN x", "range"),
    ("RETURN list_reduce(range(1, 1000), (x, y) -> x + y)", "list_reduce"),
    ("RETURN reduce(s = 'a', x IN range(1, 40) | s + s)", "reduce"),
    ("RETURN repeat('a', 100000000)", "repeat"),
    ("RETURN lpad('a', 1000000000, 'b')", "lpad"),
    ("MATCH (a)-[*1..30]->(b) RETURN a", "upper bound"),
    ("MATCH (a)-[*]->(b) RETURN a", "upper bound"),
    ("MATCH (a)-[:TRANSFER*2..]->(b) RETURN a", "upper bound"),
    ("MATCH (a)<-[r:TRANSFER*30]-(b) RETURN a", "upper bound"),
    ("MATCH (a)-[* TRAIL 1..30]-(b) RETURN a", "upper bound"),
    ("MATCH (a)-[* WSHORTEST(w) 1..30]-(b) RETURN a", "upper bound"),
    ("MATCH ((a)-[:TRANSFER]->(b))+ RETURN a", "bounds"),
    ("MATCH (a)-[:TRANSFER]->+(b) RETURN a", "bounds"),
    ("MATCH (a)-->*(b) RETURN a", "bounds"),
    ("MATCH (a)-[:TRANSFER]->{1,40}(b) RETURN a", "upper bound"),
    ("MATCH (a)-[:TRANSFER]->{1,}(b) RETURN a", "upper bound"),
    ("MATCH (n:`a``b`) RETURN n", "quoted name"),
    ("MATCH (n:`Account) DELETE n //`) RETURN n", "quoted name"),
    ("RETURN 'a", "string is not closed"),
    ("RETURN 'a\\' LOAD FROM \"/etc/passwd\"", "string is not closed"),
    ("RETURN /* a", "comment"),
    ("RETURN '\\u0027 DELETE'", "escape"),
    ("RETURN 1 // \\u000a DELETE", "escape"),
    ("RETURN 1 \x00", "NUL"),
    ("", "empty"),
    (" // only a comment", "empty"),
    ("RETURN " + "(" * 100 + "1" + ")" * 100, "nested"),
    ("RETURN '" + "a" * 30_000 + "'", "longer"),
]
ACCEPTED = [
    "MATCH (n:Account) WHERE n.name = 'LOAD FROM; DELETE' RETURN n // CREATE (x)",
    'RETURN "COPY TO; CALL apoc.x()" AS x /* DROP ; range(1,1e9) */',
    "MATCH (n) WHERE n.set = 1 AND n.`load` = 2 RETURN n.delete",
    "MATCH (n:Account|Person) RETURN n.id ORDER BY n.id SKIP 1 LIMIT 2;",
    "MATCH (a:Account)-[r:TRANSFER*1..4]->(b) RETURN a, r, b",
    "MATCH (a)-[r:TRANSFER* TRAIL 1..4]->(b) RETURN a",
    "MATCH (a)-[r:TRANSFER {amount_minor: 2 * 3}]->(b) RETURN r",
    "MATCH (a)-[*..3]-(b) RETURN count(*)",
    "MATCH (a)-[*2]-(b) RETURN (a.x) * 2, sum(a.y) * 3, (count(a) - count(b)) * 4",
    "RETURN {load: 1, set: 2} AS m",
    "MATCH (a) WHERE NOT EXISTS { MATCH (a)-[:OWNS]->() } RETURN COUNT { (a)-->() }",
    "UNWIND range(1, 100) AS x RETURN x",
    "MATCH p = (a)-[:TRANSFER]->(b) WHERE a.id IN ['x'] AND (a.x > 1) RETURN nodes(p), length(p)",
    "OPTIONAL MATCH (a:Account {id: $id}) RETURN CASE WHEN a.x IS NULL THEN 'it''s' ELSE a.`x y` END",
]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("cypher", "reason"), REFUSED, ids=[item[0][:40] for item in REFUSED])
def test_refused_with_the_reason_in_one_line(cypher, reason, dialect):
    with pytest.raises(QueryRefused) as caught:
        check(cypher, dialect)
    assert "\n" not in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("cypher", ACCEPTED)
def test_accepted(cypher, dialect):
    check(cypher, dialect)


def test_harmless_procedures_and_subqueries_on_neo4j_only():
    for cypher in ("CALL db.labels() YIELD label RETURN label", "MATCH (n) CALL { WITH n RETURN 1 AS x } RETURN x"):
        check(cypher, "neo4j")
        with pytest.raises(QueryRefused):
            check(cypher, "ladybug")


def test_parameters_outside_strings_and_comments():
    text = "MATCH (n {id: $id}) WHERE n.x = '$no' /* $nor */ RETURN n.`$not`, $`q`, $n // $none"
    assert parameters(text) == {"id", "q", "n"}


words = st.sampled_from(sorted(FORBIDDEN))
cases = st.sampled_from([str.upper, str.lower, str.title, str.swapcase])
gaps = st.sampled_from([" ", "\n", "\t", "/**/", "/* x */ ", "//y\n", " \r\n"])


@settings(deadline=None)
@given(words, cases, gaps, gaps, st.sampled_from(DIALECTS))
def test_a_forbidden_word_is_refused_however_it_is_written(word, case, before, after, dialect):
    with pytest.raises(QueryRefused):
        check(f"MATCH (n){before}{case(word)}{after}n RETURN n", dialect)


@settings(deadline=None)
@given(words, cases, st.sampled_from(DIALECTS))
def test_the_same_word_in_string_comment_and_property_passes(word, case, dialect):
    word = case(word)
    check(f"MATCH (n) WHERE n.{word} = '{word} x; {word}' RETURN \"{word}\" /* {word} */ // {word}", dialect)
    check(f"MATCH (n:{word}) RETURN n.`{word}`, {{{word}: 1}} AS m", dialect)


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(DIALECTS))
def test_any_text_is_judged_without_another_error(text, dialect):
    try:
        check(f"MATCH (n) {text}", dialect)
    except QueryRefused as error:
        assert str(error)


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 60), st.sampled_from(DIALECTS))
def test_hops_are_bounded(lower, more, dialect):
    text = f"MATCH (a)-[r*{lower}..{lower + more}]->(b) RETURN r"
    if lower + more <= MAX_HOPS:
        check(text, dialect)
    else:
        with pytest.raises(QueryRefused):
            check(text, dialect)
