"""The command `gdtui doctor`: versions, the terminal's abilities, folders with their sizes, and problems."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata, resources
from pathlib import Path

from engine import program_cache
from engine.errors import InputError
from engine.files import LFS_POINTER
from engine.own import lessons
from tui.cli.chosen_options import OptionSources, Said, options_of
from tui.headless.tables import aligned
from tui.model import state_file
from tui.process import console, environment, folders
from tui.process.exit_codes import Exit
from tui.process.options import AppOptions
from tui.text.clean import clean
from tui.text.words import counted, size

PACKAGES = ("tensorflow", "keras", "numpy", "tensorboard", "textual", "rich", "click")
PYTHONS = ((3, 11), (3, 13))
"""The first and the last supported Python."""

LEAST_FREE = 100 * 2**20
"""Bytes for a course's runs and their logs."""

_KITTY_TERMS = ("kitty", "ghostty", "foot", "wezterm", "alacritty")


@dataclass
class Findings:
    """The findings, in sections of rows (name, value), and the problems, one line each."""

    sections: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def note(self, section: str, name: str, value: str, problem: str = "") -> None:
        """Add a row, and its problem if there is one."""
        self.sections.setdefault(section, []).append((name, value))
        if problem:
            self.problems.append(f"{name}: {problem}")


def doctor(said: Said, sources: OptionSources, *, as_json: bool = False) -> tuple[str, Exit]:
    """Report the findings, as text or as one JSON object, and the exit code: FAILED if there is a problem."""
    found = Findings()
    _look_at_versions(found)
    options = _look_at_config(found, said, sources)
    _look_at_terminal(found, sources.environ, options)
    _look_at_folders(found, options)
    _look_at_cache(found, sources.environ, options)
    _look_at_data(found)
    _look_at_lessons(found)
    code = Exit.FAILED if found.problems else Exit.DONE
    if as_json:
        sections = {name: dict(rows) for name, rows in found.sections.items()}
        return json.dumps({**sections, "problems": found.problems}), code
    return "\n".join(_lines(found)), code


def _lines(found: Findings) -> Iterator[str]:
    for name, rows in found.sections.items():
        yield name
        yield from (f"  {line}" for line in aligned(("", ""), rows, clean)[1:])
    yield ""
    if not found.problems:
        yield "nothing is wrong"
    for problem in found.problems:
        yield f"wrong: {clean(problem)}"


def _look_at_versions(found: Findings) -> None:
    first, last = (".".join(map(str, each)) for each in PYTHONS)
    supported = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    found.note("versions", "gdtui", _version("gdtui") or "not installed: run from its source")
    found.note(
        "versions",
        "python",
        platform.python_version(),
        "" if supported else f"not supported; expected {first} to {last}",
    )
    for package in PACKAGES:
        version = _version(package)
        found.note("versions", package, version or "missing", "" if version else "it is not installed")
    features = program_cache.processor_features()
    lacks = platform.machine() in ("x86_64", "AMD64") and bool(features) and "avx" not in features.split()
    found.note("versions", "system", platform.platform())
    found.note(
        "versions", "processor", f"{platform.machine()}, {os.cpu_count() or '?'} cores",
        "without AVX, which TensorFlow needs" if lacks else "",
    )  # fmt: skip


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _look_at_config(found: Findings, said: Said, sources: OptionSources) -> AppOptions:
    """The options in effect here; the defaults if they cannot be determined."""
    path, problem = folders.config_file(), ""
    options: AppOptions = AppOptions()
    try:
        options = options_of(said, sources)
    except InputError as error:
        problem = str(error)
    found.note("folders", "configuration", _with_size(path), problem)
    return options


def _look_at_terminal(found: Findings, environ: Mapping[str, str], options: AppOptions) -> None:
    can_draw = console.can_draw(environ)
    found.note("terminal", "the app", "can be drawn" if can_draw else "cannot be drawn: no terminal, or TERM is dumb")
    found.note("terminal", "TERM", environ.get("TERM") or "not set")
    size = shutil.get_terminal_size()
    small = can_draw and (size.columns < 60 or size.lines < 15)
    found.note("terminal", "size", f"{size.columns}x{size.lines}", "expected 60x15 at least" if small else "")
    found.note("terminal", "colours", _colours(environ, options))
    found.note("terminal", "drawn with", environment.glyphs(environ, options))
    named = f"{environ.get('TERM', '')} {environ.get('TERM_PROGRAM', '')}".lower()
    kitty = "KITTY_WINDOW_ID" in environ or any(each in named for each in _KITTY_TERMS)
    found.note("terminal", "kitty keys", "yes" if kitty else "not known")


def _colours(environ: Mapping[str, str], options: AppOptions) -> str:
    if options.no_color:
        return "none, as asked"
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "16 million"
    return "256" if "256" in environ.get("TERM", "") else "16, or as Textual finds"


def _look_at_folders(found: Findings, options: AppOptions) -> None:
    log_folder = folders.own_logs()
    for name, path in (("state", state_file.default_path()), ("own logs", log_folder), ("runs", options.logdir)):
        folder = path.parent if name == "state" else path
        found.note("folders", name, _with_size(path), _unwritable(folder))
    try:
        free = shutil.disk_usage(_existing(options.logdir)).free
    except OSError:
        return
    found.note("folders", "free for runs", size(free), f"less than {size(LEAST_FREE)}" if free < LEAST_FREE else "")


def _look_at_cache(found: Findings, environ: Mapping[str, str], options: AppOptions) -> None:
    folder, problem = folders.program_cache(), ""
    value = f"{folder}, nothing yet"
    try:
        if folder.exists():
            count, held = program_cache.size(folder)
            value = f"{folder}, {counted(count, 'program')}, {size(held)}"
            problem = "" if program_cache.is_private(folder) else "others can write to it, so it is not used; chmod 700"
        else:
            problem = _unwritable(folder)
    except OSError as error:
        problem = error.strerror or "cannot be read"
    if not options.cache:
        value, problem = "off", ""
    found.note("folders", "programs", value, problem)
    if environ.get(program_cache.FLAGS):
        found.note("folders", program_cache.FLAGS, environ[program_cache.FLAGS])


def _look_at_lessons(found: Findings) -> None:
    """Check the lessons of installed packages and of files."""
    problems = lessons.problems()
    found.note("lessons", "of packages and files", counted(len(lessons.own_lessons()), "lesson"))
    found.problems += problems


def _look_at_data(found: Findings) -> None:
    """Check the images that ship with gdtui."""
    for name in ("fashion-mnist", "mnist"):
        folder = resources.files("assets") / "datasets" / name
        problem = ""
        files = [each for each in folder.iterdir() if each.name.endswith(".gz")] if folder.is_dir() else []
        if len(files) < 4:
            problem = f"{len(files)} of 4 files; expected images and labels to train and to test"
        for each in files:
            with each.open("rb") as file:
                if file.read(len(LFS_POINTER)) == LFS_POINTER:
                    problem = f"{each.name} is a Git LFS pointer; git lfs pull fetches it"
        found.note("data", name, "damaged" if problem else "there", problem)


def _existing(path: Path) -> Path:
    """The path, or the nearest existing folder above it."""
    path = path.absolute()
    return next((each for each in (path, *path.parents) if each.exists()), path)


def _unwritable(folder: Path) -> str:
    """Why nothing can be written into a folder, which may not exist yet; empty if it can."""
    try:
        there = _existing(folder)
        if not there.is_dir():
            return f"{there} is not a folder"
        return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written"
    except OSError as error:
        return error.strerror or "cannot be read"


def _with_size(path: Path) -> str:
    try:
        if not path.exists():
            return f"{path}, not there yet"
        if path.is_file():
            return f"{path}, {size(path.stat().st_size)}"
        return f"{path}, {size(sum(each.lstat().st_size for each in path.rglob('*')))}"
    except OSError as error:
        return f"{path}, {error.strerror}"
