"""The worker's side of a round: it prepares once, then answers one request per line with its measurements.

Requests and answers are JSON objects, one per line: the keyword arguments of the round, and its results. Needs only the
standard library, because some workers run in their own environment.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

Round = Callable[..., dict[str, Any]]

READY = {"ready": True}


def serve(prepare: Callable[[], Round]) -> None:
    """Prepare and warm up, report that, and answer rounds until the requests end."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # native libraries print to any descriptor; answers have their own

    def answer(said: dict[str, Any]) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    one_round = prepare()
    answer(READY)
    for line in sys.stdin:
        answer(one_round(**json.loads(line)))
