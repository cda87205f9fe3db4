"""Options of a command line besides a lesson's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tui.text.course_texts import ENGLISH
from tui.text.glyphs import GlyphSet

LOGDIR_VARIABLE = "GDTUI_LOGDIR"
COMPLETION_VARIABLE = "_GDTUI_COMPLETE"
"""The variable by which a shell asks for completions; the scripts of `gdtui completion` set it."""
DEFAULT_LOGDIR = "logs"

# The interval of checkpoints: SIGKILL or a power failure loses at most 30 s of work; writing one takes 15 ms.
CHECKPOINT_EVERY_S = 30.0


@dataclass(frozen=True, kw_only=True)
class AppOptions:
    """Options of the app: where and whether runs are logged, how often checkpoints are saved, how to draw; `glyphs` is
    None where the terminal decides. `seed` is None if not given; `language` names a folder of texts; with `cache`,
    compiled programs are kept for the next start; with `notify` the terminal says that a run ended, diverged or
    stalled. From the configuration file: `theme`, empty where it names none; `keys`, Textual's keymap of actions by id;
    `settings`, defaults of each lesson's settings as texts."""

    logdir: Path = Path(DEFAULT_LOGDIR)
    log: bool = True
    checkpoint_every_s: float = CHECKPOINT_EVERY_S
    low_bandwidth: bool = False
    glyphs: GlyphSet | None = None
    no_color: bool = False
    seed: int | None = None
    language: str = ENGLISH
    verbose: bool = False
    cache: bool = True
    notify: bool = False
    theme: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def ascii_only(self) -> bool:
        """Whether only ASCII is drawn because it was requested."""
        return self.glyphs == "ascii"


@dataclass(frozen=True, kw_only=True)
class HeadlessOptions(AppOptions):
    """Options of a headless run besides those of the app: what is written, and whether it leaves the terminal."""

    json: bool = False
    quiet: bool = False
    detach: bool = False


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """Options of a report on log folders: its form, `csv` the file for every point ("-": standard output), and shell
    patterns of the tags and runs to include, all if there are none. `filter` is one of tui.model.log_filter."""

    json: bool = False
    csv: str = ""
    tags: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    filter: str = ""
