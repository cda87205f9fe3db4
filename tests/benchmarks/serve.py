"""The worker's side of a round: it prepares once, then answers one request a line with what it measured.

Requests and answers are JSON objects, a line each: the keyword arguments of the round, and the numbers that came of it.
Needs the standard library alone, since some workers run in an environment of their own.
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
    """Prepare and warm up, say so, and answer rounds until the requests end."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # native libraries print where they like; answers have a descriptor of their own

    def answer(said: dict[str, Any]) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    one_round = prepare()
    answer(READY)
    for line in sys.stdin:
        answer(one_round(**json.loads(line)))
