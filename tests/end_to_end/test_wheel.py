"""The wheel: it installs into a new environment and runs from another folder, with all its data files."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("gdtui-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds only the wheel."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    python = str(home / "bin" / "python")
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index"]
    command += ["--find-links", str(wheel.parent), "gdtui"]  # by its name from an index, as pipx and uvx do
    subprocess.run(command, check=True, capture_output=True)
    return home / "bin"


def run(installed: Path, folder: Path, *command: str) -> str:
    """Run a command of the environment from `folder`. Dependencies come by PYTHONPATH, which ignores .pth files: the
    checkout that the tests run from is not on the path."""
    environ = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib"), "HOME": str(folder)}
    done = subprocess.run(
        [str(installed / command[0]), *command[1:]],
        check=False,
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_code_texts_styles_and_data_but_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "engine/lessons/himmelblau.py", "tui/app/styles/lab.tcss", "assets/lessons/en/himmelblau.md",
        "assets/datasets/fashion-mnist/train-images-idx3-ubyte.gz", "assets/datasets/NOTICE.md",
    ):  # fmt: skip
        assert wanted in names
    assert not [name for name in names if name.startswith(("tests/", "assets/screenshots/"))]


def test_it_runs_from_another_folder_on_its_own_data(installed: Path, tmp_path: Path) -> None:
    where = run(installed, tmp_path, "python", "-c", "import engine, tui, assets; print(engine.__file__, tui.__file__)")
    assert all(path.startswith(str(installed.parent)) for path in where.split())
    assert "fashion-mnist" in run(installed, tmp_path, "gdtui", "lessons")
    said = run(
        installed, tmp_path, "gdtui", "fashion-mnist", "--no-ui", "--epochs", "1", "--hidden", "32",
        "--train-examples", "2000", "--test-examples", "500", "--logdir", "here",
    )  # fmt: skip
    assert "epoch 1 test acc" in said
    assert len(list((tmp_path / "here" / "fashion-mnist").glob("*/run.json"))) == 1


def test_a_file_in_the_working_folder_stands_for_no_module(installed: Path, tmp_path: Path) -> None:
    for name in ("numbers", "random", "click", "tensorflow"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file in the working folder was imported')")
    assert "From x = 2.5" in run(installed, tmp_path, "gdtui", "gradients", "--no-ui", "--no-log")
