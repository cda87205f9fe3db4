"""Completion: the scripts, and the suggestions in each shell."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from engine.lessons import course, lesson
from engine.params import Choice
from engine.run.run_folder import RunFolder
from engine.settings import param_of
from tui.cli.completion import SHELLS
from tui.cli.main import main
from tui.cli.parser import UsageError, complete, parse

Offered = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Offered:
    """A function that returns the words that bash suggests after a line, whose last word is not complete."""
    monkeypatch.chdir(tmp_path)

    def ask(line: str, **environ: str) -> list[tuple[str, str]]:
        words = line.split(" ")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        text = complete("bash_complete", environ)
        assert text is not None
        return [(kind, value) for kind, _, value in (row.partition(",") for row in text.splitlines())]

    return ask


def words(offered: list[tuple[str, str]]) -> list[str]:
    return [value for kind, value in offered if kind == "plain"]


def test_lessons_and_commands(offered: Offered) -> None:
    first = words(offered("gdtui "))
    assert {each.id for each in course()} <= set(first)
    assert {"runs", "attach", "config", "doctor", "completion"} <= set(first)
    assert words(offered("gdtui himm")) == ["himmelblau"]
    assert words(offered("gdtui 5")) == words(offered("gdtui check 5")) == ["5"]
    assert words(offered("gdtui 5 --surf")) == ["--surface"]


def test_the_settings_of_a_lesson_and_their_values(offered: Offered) -> None:
    settings = words(offered("gdtui himmelblau --"))
    assert {"--surface", "--learning-rate", "--start", "--no-ui"} <= set(settings)
    assert "--epochs" not in settings
    surface = param_of(lesson("himmelblau").settings, "surface")
    assert isinstance(surface, Choice)
    assert words(offered("gdtui himmelblau --surface ")) == list(surface.options)
    assert words(offered("gdtui himmelblau --optimizer mo")) == ["momentum"]


def test_names_of_runs_of_the_log_folder_that_is_meant(offered: Offered, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "mine", "losses", datetime(2026, 1, 2, 3, 4, 5))
    folder.close()
    assert words(offered("gdtui attach --logdir mine ")) == [folder.name]
    assert words(offered("gdtui --logdir mine attach los")) == [folder.name]
    assert words(offered("gdtui attach ", GDTUI_LOGDIR="mine")) == [folder.name]
    assert offered("gdtui attach ")[0] == ("dir", "")
    assert words(offered("gdtui attach ")) == []
    assert words(offered("gdtui --logdir mine --resume ")) == []


def test_folders_and_files_are_left_to_the_shell(offered: Offered) -> None:
    assert offered("gdtui --logdir ") == [("dir", "")]
    assert offered("gdtui check --answers a") == [("file", "a")]


def test_a_file_is_offered_for_a_setting_that_takes_one_once_no_word_begins_so(offered: Offered) -> None:
    assert words(offered("gdtui himmelblau --optimizer ada")) == ["adagrad", "adam", "adamw"]
    for option in ("himmelblau --surface", "himmelblau --optimizer", "fashion-mnist --loss", "gradients --schedule"):
        assert offered(f"gdtui {option} ./my") == [("file", "./my")]
    assert offered("gdtui fashion-mnist --initializer ./my") == []


def test_a_configuration_that_cannot_be_read_offers_no_runs(
    offered: Offered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "gdtui").mkdir()
    (tmp_path / "gdtui" / "config.toml").write_text("nonsense")
    assert words(offered("gdtui attach ")) == []
    assert words(offered("gdtui gra")) == ["gradients"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_each_shell_is_one_that_it_reads(shell: str, tmp_path: Path) -> None:
    text = str(parse(["completion", shell], {}))
    assert f"_GDTUI_COMPLETE={shell}_complete" in text
    if shutil.which(shell) is not None:
        script = tmp_path / "script"
        script.write_text(text)
        subprocess.run([shell, "-n", str(script)], check=True)


def test_there_is_no_script_of_another_shell() -> None:
    with pytest.raises(UsageError, match="'tcsh' is not accepted; expected one of bash, zsh, fish"):
        parse(["completion", "tcsh"], {})


@pytest.mark.parametrize("instruction", ["", "bash", "tcsh_complete", "bash_fly"])
def test_an_instruction_that_is_not_understood_offers_nothing(
    instruction: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_GDTUI_COMPLETE", instruction)
    assert main([]) == 0
    assert capsys.readouterr().out == "\n"
