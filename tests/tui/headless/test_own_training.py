"""`gdtui train FILE.py` from its command line to its exit code."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from engine.run.run_record import read_record
from engine.run.runs import find_run
from tui.cli.main import main

README = Path(__file__).parents[3] / "README.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The README's file, in the folder where the command runs."""
    (text,) = re.findall(r"```python\n(# ring.py\n.*?)```", README.read_text("utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("ring.py").write_text(text)
    return "ring.py"


def told(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]], str]:
    """The exit code of a command, the JSON lines it printed, and its messages. A command keeps the descriptors of its
    process; here another one comes after it."""
    kept = [os.dup(number) for number in (1, 2)]
    code = main([*words, "--json", "--logdir", "logs"])
    for number, copy in zip((1, 2), kept, strict=True):
        os.dup2(copy, number)
        os.close(copy)
    out, err = capfd.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def test_the_readme_s_example_learns_and_goes_on(example: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, events, _ = told(capfd, "train", example, "--epochs", "20", "--learning-rate", "0.003", "--loop", "graph")
    tests = [event for event in events if event["event"] == "evaluated"]
    assert code == 0 and len(tests) == 20
    assert tests[-1]["class_names"] == ["inside", "outside"] and tests[-1]["accuracy"] > 0.85
    record = read_record(find_run(Path("logs")))
    assert (record.lesson, record.outcome, record.settings["file"]) == ("train", "done", "ring.py")
    assert record.command == "gdtui train ring.py --epochs 20 --learning-rate 0.003 --loop graph"

    code, events, err = told(capfd, "--resume", "--epochs", "40")
    assert code == 2 and "none is run that only a checkpoint names; name it: gdtui train ring.py --resume" in err
    code, events, err = told(capfd, "train", example, "--resume", "--epochs", "22")
    assert code == 0 and "goes on after step 260" in err
    assert [event["epoch"] for event in events if event["event"] == "evaluated"] == [21, 22]


def test_a_broken_file_is_one_line_and_exit_code_2(example: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path(example).write_text(Path(example).read_text().replace("layers.Dense(2)", "layers.Dense(0)"))
    code, events, err = told(capfd, "train", example)
    assert code == 2 and events[-1]["outcome"] == "failed"
    assert re.search(r"^gdtui: train: ring\.py, line 15: ValueError: ", err, re.MULTILINE)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("train",), "gdtui: train: no file is named; expected the path of a Python file, FILE.py"),
        (("train", "model.txt"), "gdtui: --file: 'model.txt' is not accepted; expected the path of a Python file"),
        (("train", "a.py", "b.py"), "unexpected extra argument (b.py)"),
        (
            ("train", "a.py", "--loop", "fast"),
            "--loop: 'fast' is not accepted; expected one of auto, graph, xla, halves",
        ),
    ],
)
def test_a_command_that_names_no_file_is_refused(
    words: tuple[str, ...], expected: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--no-ui"]) == 2
    assert expected in capfd.readouterr().err
