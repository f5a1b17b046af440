"""Analysts' own Cypher: what the console lets through. An allow-list on tokens, the same for both stores.

This is the first wall only: Ladybug's text then runs in a limited child process on a copy of the file, Neo4j's in a
read transaction of a query that EXPLAIN calls read-only.
"""

from __future__ import annotations

from typing import Literal

from core.errors import QueryRefused
from core.message import say
from graph._cypher_tokens import Token, tokens
from graph._cypher_words import CLAUSES, FORBIDDEN, FUNCTIONS, PROCEDURES, STARTS

Dialect = Literal["ladybug", "neo4j"]

MAX_LENGTH = 20_000
MAX_DEPTH = 60
MAX_HOPS = 10
MAX_RANGE = 100_000

#: Of labels or types in one `:A|B|C`; the schema has fewer.
MAX_ALTERNATIVES = 100
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}

_NONE = Token("none", "", "")


def check(cypher: str, dialect: Dialect) -> None:
    """Raises QueryRefused, with the reason in one line, for anything but one bounded reading query."""
    if len(cypher) > MAX_LENGTH:
        raise QueryRefused(say("the query is longer than {most:,} characters", most=MAX_LENGTH))
    if "\\u" in cypher.lower():
        # Neo4j decodes these before it parses: one can end a string or a comment
        raise QueryRefused("\\u escapes are not allowed: write the character itself")
    if "\x00" in cypher:
        raise QueryRefused("the query has a NUL character")
    found = tokens(cypher)
    while found and found[-1].text == ";":
        found.pop()
    if not found:
        raise QueryRefused("the query is empty")
    if found[0].upper not in STARTS[dialect]:
        raise QueryRefused(
            say("a query starts with {words}, not {given}", words=sorted(STARTS[dialect]), given=found[0].text[:30])
        )
    _check_depth(found)
    for at, token in enumerate(found):
        if token.text == ";":
            raise QueryRefused("only one statement at a time")
        if token.kind == "quoted":
            _check_quoted(found, at)
        elif token.kind == "word":
            _check_word(found, at, dialect)
        elif token.text in ("{", "+", "*"):
            _check_quantifier(found, at)
        if token.text == "[" and _at(found, at - 1).text == "-":
            _check_hops(found, at)


def parameters(cypher: str) -> set[str]:
    """Names of the parameters (`$name`) the text uses outside strings and comments. Raises QueryRefused as `check`."""
    return {token.text[1:].strip("`") for token in tokens(cypher) if token.kind == "param"}


def _at(found: list[Token], at: int) -> Token:
    return found[at] if 0 <= at < len(found) else _NONE


def _check_depth(found: list[Token]) -> None:
    """Brackets are nested no deeper than MAX_DEPTH, and none closes another: what looks for a bracket's other end finds it near."""
    expected: list[str] = []
    for token in found:
        if token.kind != "mark":
            continue
        if token.text in _CLOSED_BY:
            expected.append(_CLOSED_BY[token.text])
            if len(expected) > MAX_DEPTH:
                raise QueryRefused(say("brackets are nested more than {most} deep", most=MAX_DEPTH))
        elif token.text in (")", "]", "}") and (not expected or expected.pop() != token.text):
            raise QueryRefused(say("a bracket {mark} closes none that was opened", mark=token.text))


def _check_quoted(found: list[Token], at: int) -> None:
    name = found[at].text[1:-1]
    if not name.replace(" ", "_").replace("-", "_").isidentifier():
        raise QueryRefused("a quoted name may hold letters, digits, spaces, - and _ only")
    if _at(found, at + 1).text == "(":
        raise QueryRefused(say("function {name} must not be quoted", name=repr(name)))


def _check_word(found: list[Token], at: int, dialect: Dialect) -> None:
    word, before, after = found[at], _at(found, at - 1), _at(found, at + 1)
    if after.text == "(" and _is_call(found, at):
        _check_function(_dotted(found, at), found, at, dialect)
        return
    if _is_name(found, at):
        return
    if word.upper == "CALL" and dialect == "neo4j":
        _check_procedure(found, at + 1)
    elif word.upper in FORBIDDEN:
        raise QueryRefused(say("{word} is not allowed: the console only reads the graph", word=word.upper))
    elif word.upper == "IN" and after.upper == "TRANSACTIONS" and before.text == "}":
        raise QueryRefused("CALL ... IN TRANSACTIONS is not allowed")


def _is_name(found: list[Token], at: int) -> bool:
    """Whether the word is a property, label or map key rather than a word of the language."""
    before, after = _at(found, at - 1), _at(found, at + 1)
    if before.text == ".":
        owner = _at(found, at - 2)
        return owner.kind in ("word", "quoted", "param") or owner.text in (")", "]", "}")
    if before.text == ":" or (before.text == "|" and _in_label(found, at)):
        return True
    return after.text == ":" and before.text in ("{", ",")


def _in_label(found: list[Token], at: int) -> bool:
    """Whether a word after `|` stands in `:A|B|C`."""
    first = at - 2 * MAX_ALTERNATIVES
    while at >= 2 and found[at - 1].text == "|" and found[at - 2].kind in ("word", "quoted"):
        at -= 2
        if at < first:
            raise QueryRefused(say("more than {most} alternatives are joined by |", most=MAX_ALTERNATIVES))
    return _at(found, at - 1).text == ":"


def _is_call(found: list[Token], at: int) -> bool:
    """Whether `word (` is a function call rather than a clause word before a pattern or a bracket."""
    start = at
    while start >= 2 and found[start - 1].text == ".":
        start -= 2
    if _at(found, start - 1).upper == "CALL":
        return False  # a procedure, checked where CALL stands
    if start != at:
        return True
    word = found[at].upper
    return word not in CLAUSES and word not in FORBIDDEN


def _dotted(found: list[Token], at: int) -> str:
    parts = [found[at].text]
    while at >= 2 and found[at - 1].text == ".":
        parts.append(found[at - 2].text)
        at -= 2
    return ".".join(reversed(parts)).lower()


def _check_function(name: str, found: list[Token], at: int, dialect: Dialect) -> None:
    if name not in FUNCTIONS[dialect]:
        raise QueryRefused(say("function {name}() is not allowed in the console", name=name))
    if name == "range":
        _check_range(_arguments(found, at + 1))


def _arguments(found: list[Token], opening: int) -> list[list[Token]]:
    """Tokens of each argument of the bracket that opens at `opening`."""
    arguments: list[list[Token]] = [[]]
    depth = 0
    for token in found[opening:]:
        if token.text in ("(", "[", "{"):
            depth += 1
        elif token.text in (")", "]", "}"):
            depth -= 1
            if depth == 0:
                break
        if depth == 1 and token.text == ",":
            arguments.append([])
        elif depth > 1 or token.text != "(" or arguments != [[]]:
            arguments[-1].append(token)
    return arguments


def _check_range(arguments: list[list[Token]]) -> None:
    bounds = [_literal(argument) for argument in arguments[:2]]
    if len(bounds) == 2 and bounds[0] is not None:
        if bounds[1] is not None and abs(bounds[1] - bounds[0]) <= MAX_RANGE:
            return
        if arguments[1] and arguments[1][0].upper in ("SIZE", "LENGTH"):
            return
    raise QueryRefused(say("range() needs literal bounds at most {most:,} apart", most=MAX_RANGE))


def _literal(argument: list[Token]) -> float | None:
    sign = -1.0 if argument and argument[0].text == "-" else 1.0
    rest = argument[1:] if sign < 0 else argument
    return sign * float(rest[0].text) if len(rest) == 1 and rest[0].kind == "number" else None


def _check_procedure(found: list[Token], at: int) -> None:
    if _at(found, at).text in ("{", "("):
        return  # a subquery; its own clauses are checked as they come
    name = _at(found, at).text
    while _at(found, at + 1).text == ".":
        name, at = f"{name}.{_at(found, at + 2).text}", at + 2
    if name.lower() not in PROCEDURES:
        raise QueryRefused(f"procedure {name[:60]} is not allowed; allowed are {', '.join(sorted(PROCEDURES))}")


def _check_hops(found: list[Token], opening: int) -> None:
    """A variable length in `-[r:T*1..4]-` has an upper bound within MAX_HOPS."""
    depth = 0
    for at in range(opening, len(found)):
        text = found[at].text
        if found[at].upper == "WHERE" and not _is_name(found, at):
            return
        depth += (text in ("[", "{", "(")) - (text in ("]", "}", ")"))
        if depth == 0:
            return
        if text == "*" and depth == 1:
            _check_upper(found, at + 1)
            return


def _check_upper(found: list[Token], at: int) -> None:
    while _at(found, at).kind == "word":  # TRAIL, ACYCLIC, SHORTEST, ALL SHORTEST, WSHORTEST(weight)
        at += 1
        if _at(found, at).text == "(":
            at += 3
    if _at(found, at).kind == "number" and _at(found, at + 1).text != "..":
        upper = found[at]
    else:
        at += _at(found, at).kind == "number"
        upper = _at(found, at + 1) if _at(found, at).text == ".." else _NONE
    _check_bound(upper)


def _check_bound(upper: Token) -> None:
    if upper.kind != "number" or float(upper.text) > MAX_HOPS:
        raise QueryRefused(f"a variable-length relationship needs an upper bound of at most {MAX_HOPS}: *1..{MAX_HOPS}")


def _check_quantifier(found: list[Token], at: int) -> None:
    """Neo4j's `->{1,4}`, `((a)-[]->(b))+` and the like have an upper bound within MAX_HOPS too."""
    token, before, after = found[at], _at(found, at - 1), _at(found, at + 1)
    if token.text == "{":
        if after.kind == "number" or after.text == ",":
            inside = [item for item in found[at + 1 : at + 4] if item.text != "}"]
            _check_bound(inside[-1] if inside else _NONE)
        return
    arrow = before.text in ("-", ">") and _at(found, at - 2).text in ("]", "-") and _at(found, at - 1).text != "*"
    if arrow or (before.text == ")" and _closes_pattern(found, at - 1)):
        raise QueryRefused(f"a repeated pattern needs bounds: {{1,{MAX_HOPS}}} at most")


def _closes_pattern(found: list[Token], closing: int) -> bool:
    """Whether the bracket that closes here holds a path pattern `(a)-[]->(b)`."""
    depth = 0
    for at in range(closing, -1, -1):
        depth += (found[at].text == ")") - (found[at].text == "(")
        if depth == 0:
            break
        ahead = [_at(found, at + step).text for step in range(1, 4)]
        if (
            found[at].text == ")"
            and at < closing
            and ((ahead[0] == "-" and ahead[1] in ("[", "-")) or (ahead[:2] == ["<", "-"] and ahead[2] in ("[", "-")))
        ):
            return True
    return False
