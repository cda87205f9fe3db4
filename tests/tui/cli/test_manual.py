"""The manual page: every lesson, command and option of the help, in a form that man shows without a complaint."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from engine.lessons import course
from tui.cli.messages import COMMANDS
from tui.cli.parser import parse
from tui.process.exit_codes import Exit


@pytest.fixture(scope="module")
def page() -> str:
    said = parse(["manual"], {})
    assert isinstance(said, str)
    return said


def shown(page: str) -> str:
    """The page's text without macros and escapes."""
    return re.sub(r"^\.(?:SH|SS|TP|PP|B|TH) ?", "", page, flags=re.MULTILINE).replace(r"\-", "-").replace(r"\e", "\\")


def test_every_lesson_and_command_has_a_section(page: str) -> None:
    sections = [line.removeprefix(".SS ").replace(r"\-", "-") for line in page.splitlines() if line.startswith(".SS")]
    assert sections == [*(lesson.id for lesson in course()), *COMMANDS]


@pytest.mark.parametrize("command", [(), ("himmelblau",), ("attach",), ("check",)])
def test_every_option_of_the_help_is_on_the_page(page: str, command: tuple[str, ...]) -> None:
    help_text = parse([*command, "--help"], {})
    assert isinstance(help_text, str)
    options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", help_text, flags=re.MULTILINE)
    assert len(options) > 5
    assert [option for option in options if option not in shown(page)] == []


def test_every_exit_status_is_told(page: str) -> None:
    section = page.partition(".SH EXIT STATUS")[2].partition(".SH")[0]
    assert re.findall(r"^\.B (\d+)$", section, flags=re.MULTILINE) == [str(int(code)) for code in Exit]


def test_no_text_is_taken_for_a_request(page: str) -> None:
    assert page.isascii()
    macros = [line for line in page.splitlines() if line[:1] in (".", "'")]
    assert all(re.match(r"\.(?:TH|SH|SS|TP|PP|B)\b", line) for line in macros)


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff")
def test_man_shows_it_without_a_complaint(page: str) -> None:
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tascii", "-z"], input=page, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
