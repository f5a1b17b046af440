"""State machines as plain tables: state x verb -> state. What is not in the table cannot happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from core.errors import Conflict

S = TypeVar("S", bound=StrEnum)
V = TypeVar("V", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Machine(Generic[S, V]):
    """The steps of one kind of thing. `name` is how people call it in messages."""

    name: str
    steps: Mapping[tuple[S, V], S]

    def allows(self, state: S, verb: V) -> bool:
        """Whether `verb` leads anywhere from `state`."""
        return (state, verb) in self.steps

    def after(self, state: S, verb: V) -> S:
        """The state that follows. Raises Conflict `illegal_step` naming both when the table has no such step."""
        try:
            return self.steps[state, verb]
        except KeyError:
            raise Conflict(
                f"a {self.name} that is {state.value} cannot be {verb.value}: it may have changed meanwhile, load it again",
                code="illegal_step",
            ) from None

    def verbs(self, state: S) -> tuple[V, ...]:
        """What may be done in this state, in the order of the table."""
        return tuple(verb for (here, verb) in self.steps if here == state)

    def final(self, state: S) -> bool:
        """Whether nothing leads out of this state."""
        return not any(here == state for here, _ in self.steps)
