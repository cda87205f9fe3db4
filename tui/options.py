"""What a command line can ask for beside a lesson's own settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LOGDIR_VARIABLE = "GDTUI_LOGDIR"
DEFAULT_LOGDIR = "logs"


@dataclass(frozen=True, kw_only=True)
class AppOptions:
    """What the app is told: where runs are logged, whether they are, and how to draw. `seed` is None if not given."""

    logdir: Path = Path(DEFAULT_LOGDIR)
    log: bool = True
    low_bandwidth: bool = False
    ascii_only: bool = False
    no_color: bool = False
    seed: int | None = None
    verbose: bool = False


@dataclass(frozen=True, kw_only=True)
class HeadlessOptions(AppOptions):
    """What a run without the app is told beside that: what is written."""

    json: bool = False
    quiet: bool = False
