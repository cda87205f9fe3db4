"""The environment of the peers that gdtui does not need: created beside the project's own when first used."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.benchmarks.contest import MissingError
from tests.benchmarks.workers import ROOT

FOLDER = ROOT / ".bench-venv"
PACKAGES = ("torch==2.13.0", "jax")

INSTALL_S = 1800.0


@cache
def python() -> Path:
    """The interpreter of the peers' environment, with its packages installed. Raises MissingError if that fails."""
    found = FOLDER / "bin" / "python"
    done = FOLDER / ".installed"
    wanted = "\n".join(PACKAGES)
    if found.exists() and done.exists() and done.read_text() == wanted:
        return found
    print(f"installing {' and '.join(PACKAGES)} into {FOLDER.name}: some minutes, once", file=sys.stderr)
    try:
        _run(sys.executable, "-m", "venv", str(FOLDER))
        _run(str(found), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES)
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingError(f"{' and '.join(PACKAGES)} could not be installed: {_said(error)}") from None
    done.write_text(wanted)
    return found


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True, text=True, timeout=INSTALL_S)


def _said(error: Exception) -> str:
    """The message of the failed program: its first line of an error, or its last line."""
    lines = str(getattr(error, "stderr", "") or error).strip().splitlines() or [type(error).__name__]
    return next((line for line in lines if line.startswith("ERROR")), lines[-1]).strip()
