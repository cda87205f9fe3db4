"""Every scalar of a log, read by gdtui's own reader, as `gdtui attach --json` does."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from engine.log.scalar_table import read_scalars
from tests.benchmarks.serve import Round, serve


def prepare() -> Round:
    """Do nothing: there is nothing to warm up."""
    return one_round


def one_round(folder: str) -> dict[str, Any]:
    """The duration, and the number of points."""
    began = time.perf_counter()
    table = read_scalars(Path(folder))
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "points": sum(len(each.values) for each in table.scalars.values())}


if __name__ == "__main__":
    serve(prepare)
