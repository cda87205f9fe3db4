"""The imports of each stage of a start: their seconds, their processor seconds, and the number of modules."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from tests.benchmarks.workers import ROOT, environ

ROUNDS = 5

STAGES: Mapping[str, Sequence[str]] = {
    "entry": ("tui.cli.main",),
    "textual": ("textual.app",),
    "app": ("tui.terminal.driver", "tui.app.app"),
    "first frame": ("tui.screens.lab.screen", "tui.widgets.learn.lesson_text", "markdown_it"),
    "course": ("numpy", "engine.lessons"),
    "lab": ("tui.model.app_state", "tui.model.session", "tui.views.status", "tui.widgets.learn.settings_pane"),
    "command line": ("click", "tui.cli.parser"),
    "log viewer": ("tui.screens.log_viewer.screen",),
    "tensorflow": ("tensorflow",),
}
"""Each stage's modules, imported after those before it: the app's start, then what only some starts need."""

_CODE = """
import importlib, json, sys, time
found = {}
for stage, modules in json.loads(sys.argv[1]).items():
    before, wall, busy = set(sys.modules), time.perf_counter(), time.process_time()
    for module in modules:
        importlib.import_module(module)
    if stage == "course":
        sys.modules["engine.lessons"].course()
    found[stage] = {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - busy,
        "modules": len(set(sys.modules) - before),
    }
print(json.dumps(found))
"""


def measured(rounds: int = ROUNDS) -> dict[str, dict[str, Any]]:
    """The median of each number of each stage, over some rounds in new processes."""
    with tempfile.TemporaryDirectory(prefix="gdtui-bench-") as home:
        taken = [_round(home) for _ in range(rounds)]
    return {
        stage: {name: statistics.median(each[stage][name] for each in taken) for name in taken[0][stage]}
        for stage in STAGES
    }


def _round(home: str) -> dict[str, dict[str, float]]:
    argv = (sys.executable, "-c", _CODE, json.dumps(STAGES))
    done = subprocess.run(argv, cwd=ROOT, env=environ(home), check=True, capture_output=True, text=True)
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found
