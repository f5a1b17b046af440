"""A batch too large for the page memory is refused in one line: Ladybug itself would end the process."""

from __future__ import annotations

import pytest

from core.errors import StoreUnavailable
from graph.stores.ladybug_apply import need_pool


def test_a_batch_that_outgrows_the_memory_is_refused_and_says_what_to_set():
    need_pool(1 << 30, 1 << 29)
    need_pool(0, 1 << 40)
    with pytest.raises(StoreUnavailable, match="RINGTRACE_BUFFER_POOL_MB to at least 4096"):
        need_pool(1 << 30, (1 << 29) + 1)
