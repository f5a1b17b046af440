"""Cypher text as tokens: enough to tell words of the language from strings, comments, quoted names and properties."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import QueryRefused

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\r\n]*|/\*.*?\*/)
  | (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
  | (?P<quoted>`(?:``|[^`])*`)
  | (?P<param>\$(?:`(?:``|[^`])*`|\w+))
  | (?P<number>\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<mark>\.\.|[-+*/%^=<>!~|&:;,.?(){}\[\]])
    """,
    re.S | re.X,
)
_BAD_START = {"'": "a string is not closed", '"': "a string is not closed", "`": "a quoted name is not closed"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `kind` is string, quoted, param, number, word or mark; `text` as written, `upper` for comparing."""

    kind: str
    text: str
    upper: str


def tokens(cypher: str) -> list[Token]:
    """The tokens without space and comments. Raises QueryRefused for text that is no Cypher."""
    found: list[Token] = []
    at = 0
    while at < len(cypher):
        match = _TOKEN.match(cypher, at)
        if match is None:
            raise QueryRefused(_BAD_START.get(cypher[at], f"unexpected character {cypher[at]!r}"))
        kind = str(match.lastgroup)
        if kind == "mark" and cypher.startswith("/*", at):
            raise QueryRefused("a comment is not closed")
        if kind != "space":
            found.append(Token(kind, match.group(), match.group().upper()))
        at = match.end()
    return found
