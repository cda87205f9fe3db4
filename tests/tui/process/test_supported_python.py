"""The supported versions of Python, and the message on others."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tui.cli import doctor

REPOSITORY = Path(__file__).parents[3]
CODE = """
import sys
sys.version_info = (3, {minor}, 1)
from tui.__main__ import entry
entry()
"""


@pytest.mark.parametrize("minor", [6, 10, 14])
def test_another_python_gets_a_line_with_the_supported_ones(minor: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(minor=minor)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == f"gdtui: Python 3.{minor} is not supported; expected 3.11, 3.12 or 3.13\n"


def test_an_older_python_can_read_the_file_that_says_so() -> None:
    known = [found for minor in range(6, 11) if (found := shutil.which(f"python3.{minor}"))]
    running = [
        each for each in known if not subprocess.run([each, "-c", ""], check=False, capture_output=True).returncode
    ]
    if not running:
        pytest.skip("no older Python here")
    old = running[0]
    done = subprocess.run([old, "-m", "tui"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("is not supported; expected 3.11, 3.12 or 3.13\n")
    assert done.stderr.count("\n") == 1


def test_the_metadata_the_makefile_and_the_doctor_name_the_same_versions() -> None:
    first, last = doctor.PYTHONS
    assert (
        f'requires-python = ">={first[0]}.{first[1]},<{last[0]}.{last[1] + 1}"'
        in (REPOSITORY / "pyproject.toml").read_text()
    )
    makefile = (REPOSITORY / "Makefile").read_text()
    assert f"{first} <= sys.version_info < {(last[0], last[1] + 1)}" in makefile
    assert f"({first[0]}, {first[1]}) <= sys.version_info[:2] <= {last}" in (REPOSITORY / "tui/__main__.py").read_text()
