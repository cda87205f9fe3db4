"""What a command line can ask for beside a lesson's own settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LOGDIR_VARIABLE = "GDTUI_LOGDIR"
DEFAULT_LOGDIR = "logs"

# A SIGKILL or a power failure loses what came after the last checkpoint: 30 s of it, for 15 ms of writing.
CHECKPOINT_EVERY_S = 30.0


@dataclass(frozen=True, kw_only=True)
class AppOptions:
    """What the app is told: where runs are logged, whether they are, how often checkpoints are saved, and how to draw.
    `seed` is None if not given."""

    logdir: Path = Path(DEFAULT_LOGDIR)
    log: bool = True
    checkpoint_every_s: float = CHECKPOINT_EVERY_S
    low_bandwidth: bool = False
    ascii_only: bool = False
    no_color: bool = False
    seed: int | None = None
    verbose: bool = False


@dataclass(frozen=True, kw_only=True)
class HeadlessOptions(AppOptions):
    """What a run without the app is told beside that: what is written, and whether it leaves the terminal."""

    json: bool = False
    quiet: bool = False
    detach: bool = False
