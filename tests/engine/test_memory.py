"""Freed memory given back to the system."""

from __future__ import annotations

import sys

import numpy as np
import psutil
import pytest

from engine import memory


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc keeps what was freed")
def test_what_was_freed_between_blocks_that_stay_is_given_back() -> None:
    process, block = psutil.Process(), 64 * 1024
    blocks = [np.ones(block, np.uint8) for _ in range(2_000)]
    full = process.memory_info().rss
    staying = blocks[::50]  # or the end of the heap would be free, which glibc returns automatically
    del blocks
    memory.return_freed()
    assert full - process.memory_info().rss > 1_000 * block
    assert all(each.all() for each in staying)
