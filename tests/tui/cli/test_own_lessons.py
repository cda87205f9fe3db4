"""A learner's or teacher's own lessons: written by `gdtui new`, run headless and in the app, from files and from
packages; an error in a file is one line with its line number."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from engine.events import Learned, Remark
from engine.exercises import exercises_of
from engine.exercises.exercise import Question
from engine.lessons import course, lesson
from engine.own import lessons as own
from engine.settings import parse_settings
from tests.tui.app_driver import driven
from tui.cli.main import main
from tui.cli.parser import complete
from tui.text.course_texts import course_text
from tui.text.source import source_of
from tui.widgets.learn.exercise_pane import ExercisePane

SMALLEST = """\
from dataclasses import dataclass
from engine.events import Learned
from engine.lesson import Lesson
from engine.settings import Settings

class Mine(Settings):
    pass

def run(settings):
    yield Learned("done")

LESSON = Lesson(number=1, id="smallest", title="Smallest", summary="nothing", settings=Mine, run=run)
"""
QUESTION = """\
from engine.exercises.exercise import Misconception, Question
EXERCISES = [Question(id="smallest-one", lesson="smallest", kind="number", right=lambda n: 1.0,
                      wrong=(Misconception("two", lambda n: 2.0),))]
"""
WORDS = (
    '[smallest-one]\\ntitle = "t"\\nquestion = "q"\\nhint = "h"\\nexplanation = "e"\\nworked = []\\n'
    '[smallest-one.wrong]\\ntwo = "no"\\n'
)
CASES = WORDS.replace("[smallest-one.wrong]", '[smallest-one.cases]\\na = "x"\\n[smallest-one.wrong]')


@pytest.fixture(autouse=True)
def _none_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    own.forget()
    yield
    own.forget()


def written(text: str, name: str = "smallest.py") -> str:
    Path(name).write_text(text)
    return name


def refused(text: str) -> str:
    with pytest.raises(InputError) as error:
        own.add_file(written(text))
    assert "\n" not in str(error.value)
    return str(error.value)


# --- gdtui new ----------------------------------------------------------------------------------------------------


def test_what_new_writes_runs_without_the_app(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "lesson", "my-slope"]) == 0
    assert capfd.readouterr().out == "my-slope.py is written. gdtui --lesson-file my-slope.py opens it.\n"
    assert main(["--lesson-file", "my-slope.py", "my-slope", "--no-ui", "--json", "--steps", "2"]) == 0
    events = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    (table,) = (event for event in events if event["event"] == "table")
    assert [row[1] for row in table["rows"]] == pytest.approx([2.0, 1.6, 1.28])
    assert events[0]["command"] == "gdtui --lesson-file my-slope.py my-slope --steps 2"
    assert (events[0]["title"], events[-1]["outcome"]) == ("My slope", "done")


async def test_what_new_writes_runs_in_the_app_and_its_exercise_is_solved(tmp_path: Path) -> None:
    assert main(["new", "lesson", "my-slope"]) == 0
    own.add_file("my-slope.py")
    async with driven("my-slope", state_path=tmp_path / "state.json") as app:
        await app.run_to_end()
        assert app.lesson_state.state.ended.outcome.name == "DONE"
        assert "My slope" in app.text("LessonList OptionList")
        await app.press("E")
        await app.until(lambda: list(app.screen.query(ExercisePane)), "the exercises")
        now = app.app.app_state.exercises.of("my-slope")
        right = f"{now.exercise.right(now.numbers):.6g}"
        names = {".": "full_stop", "-": "minus"}
        await app.press("enter", *(names.get(character, character) for character in right), "enter")
        await app.until(lambda: app.app.app_state.exercises.of("my-slope").solved, "the solution")


def test_what_new_writes_is_checked_by_check(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "lesson", "my-slope"]) == 0
    own.add_file("my-slope.py")
    (question,) = exercises_of("my-slope")
    assert isinstance(question, Question)
    right = question.right(question.drawn(7, 1))
    Path("answers.json").write_text(json.dumps({"seed": 7, "answers": {question.id: right}}))
    capfd.readouterr()
    assert main(["--lesson-file", "my-slope.py", "check", "my-slope", "--answers", "answers.json"]) == 0
    assert "1 of 1 solved" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Big Name", "'Big Name' is not accepted; expected small letters, digits and '-'"),
        ("himmelblau", "'himmelblau' is a lesson or a command already"),
        ("runs", "'runs' is a lesson or a command already"),
        ("there", "there.py exists already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, told: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("there.py").touch()
    assert main(["new", "lesson", name]) == 2
    assert told in capfd.readouterr().err


# --- a file -------------------------------------------------------------------------------------------------------


def test_a_file_s_lesson_is_listed_completed_and_has_its_text_and_its_code(capfd: pytest.CaptureFixture[str]) -> None:
    written(SMALLEST + 'TEXT = "# Smallest\\n\\nNothing to see."\n')
    assert main(["--lesson-file", "smallest.py", "lessons"]) == 0
    assert capfd.readouterr().out.splitlines()[-1].split() == ["8", "smallest", "nothing"]
    assert course_text("smallest").startswith("# Smallest")
    assert source_of("own_smallest:run") == ('def run(settings):\n    yield Learned("done")', 9)
    assert lesson("smallest").number == 8


def test_a_file_s_lesson_is_offered_by_completion(monkeypatch: pytest.MonkeyPatch) -> None:
    written(SMALLEST)
    monkeypatch.setenv("COMP_WORDS", "gdtui --lesson-file smallest.py sm")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert complete("bash_complete", {}) == "plain,smallest"


def test_a_file_that_is_given_again_is_read_again() -> None:
    own.add_file(written(SMALLEST))
    own.add_file(written(SMALLEST.replace("nothing", "something")))
    assert [each.summary for each in course() if each.id == "smallest"] == ["something"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def run(settings)\n", "smallest.py, line 1: expected ':'"),
        ("import not_there_at_all\n", "smallest.py, line 1: ModuleNotFoundError: No module named 'not_there_at_all'"),
        ("x = 1\n", "smallest.py: it has no LESSON = Lesson(...)"),
        ("x = 1\nLESSON = 3\n", "smallest.py, line 2: it has no LESSON = Lesson(...)"),
        (SMALLEST.replace('"smallest"', '"Small"'), "line 12: its id 'Small' is not accepted"),
        (SMALLEST.replace('"smallest"', '"gradients"'), "line 12: another lesson is called 'gradients' already"),
        (SMALLEST.replace("settings=Mine", "settings=int"), "line 12: its settings are to be a subclass of"),
        (SMALLEST + "TEXT = 3\n", "line 13: TEXT is a int; expected Markdown"),
        (SMALLEST + "EXERCISES = [3]\n", "line 13: EXERCISES holds something else"),
        (
            SMALLEST + QUESTION.replace("smallest-one", "one"),
            "line 14: the exercise 'one' is to have an id",
        ),
        (SMALLEST + QUESTION, "WORDS has no [smallest-one]"),
        (SMALLEST + QUESTION + 'WORDS = "["\n', "line 16: WORDS is no TOML"),
        (
            SMALLEST + QUESTION + f"WORDS = '{WORDS.replace('two', 'six')}'\n",
            "line 16: WORDS: [smallest-one.wrong]",
        ),
        (SMALLEST + QUESTION + f"WORDS = '{WORDS.replace('hint', 'tip')}'\n", "[smallest-one] is to have hint, a text"),
        (
            SMALLEST + QUESTION + "WORDS = '" + WORDS.replace('"q"', '"{rat}"') + "'\n",
            "line 16: WORDS: [smallest-one] question: there is no number 'rat'; the exercise has none",
        ),
        (
            SMALLEST + QUESTION + "WORDS = '" + WORDS.replace('"no"', '"{two"') + "'\n",
            "line 16: WORDS: [smallest-one] wrong.two: expected '}' before end of string",
        ),
        (
            SMALLEST + QUESTION.replace("wrong=", "draw=lambda _: {'case': 'a'}, wrong=") + f"WORDS = '{CASES}'\n",
            "line 16: WORDS: [smallest-one] cases: expected a table of texts for each case",
        ),
        (
            SMALLEST + QUESTION.replace("n: 1.0", "n: n['k']") + f"WORDS = '{WORDS}'\n",
            "line 14: the exercise 'smallest-one' fails: KeyError",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_a_line_with_its_own_number(text: str, told: str) -> None:
    assert told in refused(text)


def test_a_whole_file_with_an_exercise_is_taken() -> None:
    assert own.add_file(written(SMALLEST + QUESTION + f"WORDS = '{WORDS}'\n")).id == "smallest"


def test_a_broken_file_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    written("x = 1\n\n1 / 0\n")
    for argv in ([], ["--no-ui"], ["smallest"], ["smallest", "--no-ui"], ["lessons"], ["--resume"]):
        assert main(["--lesson-file", "smallest.py", *argv]) == 2
        (line,) = capfd.readouterr().err.splitlines()
        assert line == "gdtui: --lesson-file: smallest.py, line 3: ZeroDivisionError: division by zero"


def test_a_lesson_that_fails_in_its_run_is_told_with_its_line(capfd: pytest.CaptureFixture[str]) -> None:
    written(SMALLEST.replace('yield Learned("done")', "yield Learned(str(1 / 0))"))
    assert main(["--lesson-file", "smallest.py", "--no-ui", "--no-log"]) == 2
    assert "smallest.py, line 10: ZeroDivisionError: division by zero" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("5", "run yields a int; expected an event of engine.events"),
        (
            "Table('t', 'T', ('a', 'b'), ((1, 2), (1, 2, 3)))",
            "a row of the Table is (1, 2, 3); expected 2 cells, one a column",
        ),
        (
            "Curve('c', 'c', 'c', np.ones(3), np.ones(3), 2.0)",
            "x, y and gradient of the Curve are [3], [3], float; expected",
        ),
        ("Curve('c', 'c', 'c', [1.0], [2.0], [2.0])", "x, y and gradient of the Curve are list, list, list; expected"),
        ("Table('t', 'T', ('a', 'b'), (1, 2))", "a row of the Table is 1; expected 2 cells, one a column"),
    ],
)
def test_an_event_that_cannot_be_shown_is_told_with_its_line(
    event: str, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "import numpy as np\nfrom engine.events import Curve, Table\n" + SMALLEST
    written(code.replace('    yield Learned("done")', f'    yield {event}\n    yield Learned("done")'))
    assert main(["--lesson-file", "smallest.py", "--no-ui", "--no-log"]) == 2
    assert f"--lesson-file: smallest.py, line 12: {told}" in capfd.readouterr().err


def test_a_run_of_a_file_that_has_changed_begins_with_that() -> None:
    made = own.add_file(written(SMALLEST))
    settings = parse_settings(made.settings, {})
    assert list(made.run(settings)) == [Learned("done")]
    os.utime("smallest.py", ns=(1, 1))
    told, done = made.run(settings)
    assert isinstance(told, Remark) and "smallest.py has changed since gdtui read it" in told.text
    assert done == Learned("done")


def test_a_run_that_is_no_generator_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    written(SMALLEST.replace('yield Learned("done")', "return []"))
    assert main(["--lesson-file", "smallest.py", "--no-ui", "--no-log"]) == 2
    assert "smallest.py, line 9: run is no generator: it is to yield events" in capfd.readouterr().err


RESUMABLE = """\
from dataclasses import dataclass
import numpy as np
from engine.events import Learned, Metrics, Snapshot
from engine.lesson import Lesson
from engine.settings import Settings, integer

@dataclass(frozen=True, kw_only=True)
class Mine(Settings):
    steps: int = integer(60, low=1, high=1000, help="steps")

def run(settings):
    yield from resume(settings, Snapshot(0, 1, {"x": np.array(1.0)}))

def resume(settings, snapshot):
    step, x, turn = snapshot.step, float(snapshot.arrays["x"]), None
    while step < settings.steps:
        step, x = step + 1, 0.9 * x
        turn = yield Metrics(1, step, np.array([x]), np.zeros(1), x, 0.1, 1.0, settings.steps, 1)
        if turn is not None and turn.snapshot:
            turn = yield Snapshot(step, 1, {"x": np.array(x)})
    yield Learned(repr(x))

LESSON = Lesson(number=1, id="slowly", title="Slowly", summary="goes on", settings=Mine, run=run, resume=resume)
"""


@pytest.mark.slow
def test_a_killed_run_of_a_file_s_lesson_goes_on_and_a_changed_file_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    command = ["--lesson-file", written(RESUMABLE, "slowly.py"), "slowly", "--no-ui", "--json", "--logdir", "logs"]
    running = [sys.executable, "-m", "tui", *command, "--speed", "10", "--checkpoint-every", "1"]
    with subprocess.Popen(running, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        saved = next(event["step"] for event in map(json.loads, process.stdout) if event["event"] == "checkpoint_saved")
        process.kill()
    written(RESUMABLE + "# another comment\n", "slowly.py")
    assert main([*command, "--resume", "--speed", "0"]) == 0
    told = capfd.readouterr()
    events = [json.loads(line) for line in told.out.splitlines()]
    losses = [loss for event in events if event["event"] == "metrics" for loss in event["loss"]]
    np.testing.assert_allclose(losses, 0.9 ** np.arange(saved + 1, 61), rtol=1e-6)
    assert "slowly.py has changed since the checkpoint: the numbers may differ" in told.err


# --- a package ----------------------------------------------------------------------------------------------------


def install(folder: Path, entry: str, module: str, text: str) -> None:
    """Write a package as an installer leaves it, with an entry point."""
    (folder / f"{module}.py").write_text(text)
    about = folder / f"{module}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{own.GROUP}]\n{entry} = {module}\n")


def test_a_package_s_lesson_is_one_of_the_course_and_a_broken_one_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    install(site, "good", "good_lessons_of_a_test", SMALLEST)
    install(site, "bad", "bad_lessons_of_a_test", "1 / 0\n")
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    own.forget()
    try:
        assert course()[-1].id == "smallest"
        assert main(["smallest", "--no-ui", "--no-log", "-q"]) == 0
        told = capfd.readouterr().err
        why = "the lesson 'bad' of the package bad_lessons_of_a_test cannot be used: ZeroDivisionError"
        assert why in told
        assert main(["doctor"]) == 1
        assert f"wrong: {why}" in capfd.readouterr().out
    finally:
        sys.modules.pop("good_lessons_of_a_test", None)


async def test_a_broken_package_is_a_calm_line_in_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    site.mkdir()
    install(site, "bad", "worse_lessons_of_a_test", "1 / 0\n")
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    own.forget()
    async with driven(prepare=lambda: None) as app:
        told = "the lesson 'bad' of the package worse_lessons_of_a_test cannot be used: ZeroDivisionError"
        await app.until(lambda: told in app.text("NewsLines"), "the message")
        assert app.app.app_state.opened == "gradients"


# --- a task that fails ----------------------------------------------------------------------------------------------

TASKS = """\
from engine.exercises.exercise import Task
EXERCISES = [
    Task(id="smallest-broken", lesson="smallest", done=lambda runs: 1 / 0, wrong=(), solution=()),
    Task(id="smallest-run", lesson="smallest", done=lambda runs: True, wrong=(), solution=()),
]
"""
TASK_WORDS = "".join(
    f'[{name}]\ntitle = "{name}"\nquestion = "q"\nhint = "h"\nexplanation = "e"\nworked = []\n[{name}.wrong]\n'
    for name in ("smallest-broken", "smallest-run")
)
WITH_TASKS = f"{SMALLEST}{TASKS}WORDS = '''{TASK_WORDS}'''\n"
FAILS = "smallest.py, line 14: the exercise 'smallest-broken' fails: ZeroDivisionError: division by zero"


def test_a_task_that_fails_is_told_and_the_others_are_judged(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--lesson-file", written(WITH_TASKS), "smallest", "--no-ui"]) == 0
    said = capfd.readouterr()
    assert "exercise solved: smallest-run" in said.out + said.err
    assert FAILS in said.out + said.err and "Traceback" not in said.out + said.err


def test_a_task_that_fails_is_told_by_check(capfd: pytest.CaptureFixture[str]) -> None:
    written(WITH_TASKS)
    Path("answers.json").write_text(json.dumps({"smallest-broken": {}}))
    assert main(["--lesson-file", "smallest.py", "check", "smallest", "--answers", "answers.json"]) == 2
    assert FAILS in capfd.readouterr().err


async def test_a_task_that_fails_says_so_in_the_app(tmp_path: Path) -> None:
    own.add_file(written(WITH_TASKS))
    async with driven("smallest", state_path=tmp_path / "state.json") as app:
        await app.press("E")
        await app.until(lambda: list(app.screen.query(ExercisePane)), "the exercises")
        assert app.app.app_state.exercises.of("smallest").exercise.id == "smallest-broken"
        await app.run_to_end()
        await app.until(lambda: FAILS in app.app.app_state.exercises.of("smallest").words, "the reason")
        assert app.app.app_state.exercises.practice.record(exercises_of("smallest")[1]).solved


def test_two_exercises_with_one_id_are_refused() -> None:
    twice = QUESTION.replace("EXERCISES = [", "EXERCISES = 2 * [")
    assert "two exercises have the id 'smallest-one'" in refused(f"{SMALLEST}{twice}WORDS = '''{WORDS}'''\n")
