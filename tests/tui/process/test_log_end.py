"""The end of a log, and the cause of its process's end in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.process.log_end import TAIL_LINES, cause_in, end_of

INFO = "I0000 00:00:1795921304.069324   17246 port.cc:153] oneDNN custom operations are on.\n"
FATAL = (
    "F0000 00:00:1795921318.909860   17246 parse_flags_from_env.cc:234] Unknown flag in XLA_FLAGS: --xla_nonsense=1\n"
)
TABLE = "".join(f"\t--xla_flag_{number}=false\tbool\tWhat this flag does, at some length.\n" for number in range(300))
DUMP = 'Fatal Python error: Aborted\n\nThread 0x00007f0 (most recent call first):\n  File "x.py", line 1 in f\n'


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (INFO + FATAL, "Unknown flag in XLA_FLAGS: --xla_nonsense=1"),
        (INFO + FATAL + TABLE, "Unknown flag in XLA_FLAGS: --xla_nonsense=1"),
        (
            INFO + FATAL + "*** Check failure stack trace: ***\n    @ 0x7f\n" + DUMP,
            "Unknown flag in XLA_FLAGS: --xla_nonsense=1",
        ),
        (
            "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n" + DUMP,
            "what(): std::bad_alloc",
        ),
        (INFO + DUMP.replace("Aborted", "Segmentation fault"), "Segmentation fault"),
        (INFO + "double free or corruption (out)\n" + DUMP, "double free or corruption (out)"),
        (
            "[futex_waiter.cc : 66] RAW: Futex operation failed with error -38\n" + DUMP,
            "[futex_waiter.cc : 66] RAW: Futex operation failed with error -38",
        ),
        (INFO, ""),
        ("", ""),
        ("F0000 00:00:1.2 7 a.cc:1] \x1b[31mred\n", "\ufffd[31mred"),
    ],
)
def test_the_last_line_that_native_code_said_of_its_end_is_found(tmp_path: Path, log: str, cause: str) -> None:
    (tmp_path / "log").write_text(log)
    assert cause_in(tmp_path / "log") == cause


def test_without_a_log_there_is_no_cause(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert cause_in(None) == cause_in(tmp_path / "none") == cause_in(tmp_path / "pipe") == ""


def test_the_end_of_a_crash_s_log_is_the_thread_that_crashed(tmp_path: Path) -> None:
    other = "".join(f'  File "other.py", line {number} in other\n' for number in range(30))
    crashed = 'Current thread 0x00007f1 (most recent call first):\n  File "engine.py", line 7 in step\n'
    after = f"\nThread 0x00007f2 (most recent call first):\n{other}\nExtension modules: numpy.linalg\n"
    (tmp_path / "log").write_text(INFO + DUMP + other + crashed + after)
    lines = end_of(tmp_path / "log")
    assert lines[:2] == crashed.splitlines()
    assert len(lines) == TAIL_LINES
    (tmp_path / "log").write_text(INFO + DUMP)  # it crashed in a thread of native code
    assert end_of(tmp_path / "log")[0] == "Fatal Python error: Aborted"
