"""Optional parts (neo4j, chromium, postgres): skipped with the reason when missing, unless RINGTRACE_REQUIRE names them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NoReturn, TypeVar

import pytest

T = TypeVar("T")


def required(part: str) -> bool:
    """Whether RINGTRACE_REQUIRE names this optional part."""
    return part in {name.strip() for name in os.environ.get("RINGTRACE_REQUIRE", "").split(",")}


def missing(part: str, reason: str) -> NoReturn:
    """Fail when `part` is required, else skip, with the reason."""
    if required(part):
        pytest.fail(f"{part} is required (RINGTRACE_REQUIRE) but missing: {reason}", pytrace=False)
    pytest.skip(f"{part} is missing: {reason}")


@contextmanager
def optional(part: str, make: Callable[[], AbstractContextManager[T]], cannot: type[Exception]) -> Iterator[T]:
    """What an optional part's context gives; `missing` when it cannot start."""
    with ExitStack() as open_parts:
        try:
            started = open_parts.enter_context(make())
        except cannot as error:
            missing(part, str(error))
        yield started
