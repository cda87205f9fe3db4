"""The command line: what it accepts, and the one line for everything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.lessons import course
from engine.log.summary_values import hparams_end
from engine.params import Switch
from engine.settings import params_of
from tests.engine.log_files import append, event, hparams, scalars
from tui.cli.attach_command import Attach
from tui.cli.main import main
from tui.cli.parser import UsageError, parse
from tui.cli.request import Request
from tui.process.exit_codes import Exit
from tui.process.options import ReportOptions


def asked(*argv: str, environ: dict[str, str] | None = None) -> Request:
    request = parse(argv, environ or {})
    assert isinstance(request, Request)
    return request


def printed(*argv: str) -> str:
    text = parse(argv, {})
    assert isinstance(text, str)
    return text


def refused(*argv: str) -> str:
    with pytest.raises(UsageError) as refusal:
        parse(argv, {})
    return str(refusal.value)


def test_no_argument_asks_for_the_app_where_it_was_left() -> None:
    request = asked()
    assert (request.lesson, request.headless, dict(request.texts)) == (None, False, {})


def test_without_a_lesson_the_headless_run_is_the_whole_course_at_its_defaults() -> None:
    request = asked("--no-ui")
    assert request.headless
    assert [lesson.id for lesson in request.lessons] == [lesson.id for lesson in course()]
    assert list(request.settings) == [lesson.settings() for lesson in course()]


@pytest.mark.parametrize("argv", [("--no-ui", "losses"), ("losses", "--no-ui")])
def test_a_common_option_stands_before_or_after_the_lesson(argv: tuple[str, ...]) -> None:
    request = asked(*argv)
    assert request.headless
    assert request.lesson == "losses"


@pytest.mark.parametrize(
    "argv", [("--start", "-4,0", "--start", "4,0"), ("--start=-4,0", "--start=4,0"), ("--start", "-4,0;4,0")]
)
def test_a_list_is_given_by_repeating_its_option_and_may_begin_with_a_minus(argv: tuple[str, ...]) -> None:
    assert asked("himmelblau", *argv).settings[0].start == ((-4.0, 0.0), (4.0, 0.0))  # type: ignore[attr-defined]


def test_a_lesson_is_asked_for_by_its_number_too() -> None:
    assert asked("5", "--start", "4,0") == asked("himmelblau", "--start", "4,0")
    assert "Lesson 5, Himmelblau" in printed("5", "--help")
    assert refused("9") == "no lesson is called '9'; the lessons are " + ", ".join(each.id for each in course())


def test_optimizers_repeat_too() -> None:
    request = asked("himmelblau", "--optimizer", "adam", "--optimizer", "sgd")
    assert request.settings[0].optimizer == ("adam", "sgd")  # type: ignore[attr-defined]


def test_of_an_option_that_is_no_list_the_last_one_counts() -> None:
    assert asked("himmelblau", "--steps", "3", "--steps", "5").texts == {"steps": "5"}


def test_another_function_brings_its_own_start() -> None:
    assert asked("gradients", "--function", "cubic").settings[0].start == ((2.2,),)  # type: ignore[attr-defined]


@pytest.mark.parametrize("lesson", [lesson.id for lesson in course()])
def test_every_setting_is_an_option_of_its_lesson(lesson: str) -> None:
    chosen = next(each for each in course() if each.id == lesson)
    text = chosen.settings().texts()
    argv: list[str] = []
    for param in params_of(chosen.settings):
        if isinstance(param, Switch):
            argv.append(param.option if text[param.name] == "on" else f"--no-{param.option[2:]}")
        else:
            argv += [param.option, text[param.name]]
    assert asked(lesson, *argv).settings == (chosen.settings(),)


@pytest.mark.parametrize("lesson", [lesson.id for lesson in course()])
def test_help_names_every_setting_with_its_default_and_range_and_marks_the_live_ones(lesson: str) -> None:
    chosen = next(each for each in course() if each.id == lesson)
    text = " ".join(printed(lesson, "--help").split())
    for param in params_of(chosen.settings):
        assert param.option in text
        assert " ".join(param.help.split()) in text
    assert "0 to 2147483647" in text
    assert "steps/s; live]" in text


def test_settings_are_grouped_in_the_help_the_lesson_s_own_first() -> None:
    text = printed("tensorboard", "--help")
    heads = [line for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    sections = ["Settings", "Schedule", "Optimizer", "Network", "Data", "Tests and log", "Machine", "Run", "Options"]
    assert heads == [f"{section}:" for section in sections]


def test_lessons_are_listed_in_course_order() -> None:
    rows = [row.split(None, 2) for row in printed("lessons").splitlines()]
    assert [(row[0], row[1], row[2]) for row in rows] == [(str(x.number), x.id, x.summary) for x in course()]


def test_the_version_is_the_distribution_s() -> None:
    assert printed("--version").startswith("gdtui ")


def test_help_lists_the_lessons_and_the_common_options() -> None:
    text = printed("--help")
    for word in [*(lesson.id for lesson in course()), "--no-ui", "--json", "--logdir", "--seed", "--no-color"]:
        assert word in text


@pytest.mark.parametrize(
    ("argv", "environ", "logdir"),
    [
        ((), {}, "logs"),
        ((), {"GDTUI_LOGDIR": "kept"}, "kept"),
        ((), {"GDTUI_LOGDIR": ""}, "logs"),
        (("--logdir", "mine"), {"GDTUI_LOGDIR": "kept"}, "mine"),
        (("--logdir", "first", "losses", "--logdir", "last"), {}, "last"),
    ],
)
def test_flags_go_over_the_environment_over_defaults(
    argv: tuple[str, ...], environ: dict[str, str], logdir: str
) -> None:
    assert asked(*argv, environ=environ).options.logdir == Path(logdir)


def test_a_seed_before_the_lesson_is_the_lesson_s_seed_unless_it_has_its_own() -> None:
    assert asked("--seed", "7", "losses").options.seed == 7
    assert asked("--seed", "7", "losses", "--seed", "8").settings[0].seed == 8
    assert {each.seed for each in asked("--seed", "7", "--no-ui").settings} == {7}
    assert asked("losses").options.seed is None


def test_json_needs_no_app() -> None:
    request = asked("losses", "--json")
    assert request.headless
    assert request.options.json


def test_flags_reach_the_options() -> None:
    options = asked("losses", "--no-log", "-q", "-v", "--ascii", "--low-bandwidth", "--no-color").options
    assert (options.log, options.quiet, options.verbose) == (False, True, True)
    assert (options.ascii_only, options.low_bandwidth, options.no_color) == (True, True, True)


def test_no_color_in_the_environment_is_heard() -> None:
    assert asked("losses", environ={"NO_COLOR": "1"}).options.no_color
    assert not asked("losses", environ={"NO_COLOR": ""}).options.no_color


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("himelblau",), "no lesson is called 'himelblau'; did you mean himmelblau?"),
        (("lesson",), "did you mean lessons?"),
        (("mine", "--lesson-file", "mine.py"), "no lesson is called 'mine'; --lesson-file stands before the lesson"),
        (("xyzzy",), "the lessons are gradients, autograd"),
        (("himmelblau", "--sart", "1,0"), "no option --sart; did you mean --start?"),
        (("--no-iu",), "did you mean --no-ui?"),
        (("--optimizer", "adam", "himmelblau"), "gdtui LESSON --optimizer"),
        (("himmelblau", "--nope"), "no option --nope; see gdtui himmelblau --help"),
        (("himmelblau", "--qwertyuiop"), "see gdtui himmelblau --help"),
        (("himmelblau", "--start"), "requires an argument; see gdtui himmelblau --help"),
        (("himmelblau", "loose"), "loose"),
        (("--logdir", ""), "--logdir: '' is not accepted; expected a folder's path"),
        (("--logdir", __file__), "is a file; expected a folder's path"),
        (("--logdir", "x" * 5000), "--logdir"),
        (("--logdir", "a\x1b[2Jb"), "--logdir"),
    ],
)
def test_what_cannot_be_followed_is_named_and_the_nearest_suggested(argv: tuple[str, ...], expected: str) -> None:
    assert expected in refused(*argv)


# --- go on, let go, list, show ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "lesson", "run", "texts"),
    [
        (("--resume",), None, None, {}),
        (("--resume", "--json"), None, None, {}),
        (("--resume", "fashion-mnist/20261124-211754"), None, "fashion-mnist/20261124-211754", {}),
        (("--resume=logs/x",), None, "logs/x", {}),
        (("--resume", ""), None, "", {}),
        (("--resume", "x", "--epochs", "60", "--learning-rate", "1e-4"), None, "x",
         {"epochs": "60", "learning_rate": "1e-4"}),
        (("--seed", "3", "--resume"), None, None, {"seed": "3"}),
        (("fashion-mnist", "--resume"), "fashion-mnist", None, {}),
        (("fashion-mnist", "--resume", "x", "--batch-size", "64"), "fashion-mnist", "x", {"batch_size": "64"}),
        (("--epochs", "5", "--resume", "x", "fashion-mnist", "--epochs", "6"), "fashion-mnist", "x", {"epochs": "6"}),
    ],
)  # fmt: skip
def test_resume_takes_a_run_or_none_and_changed_settings(
    argv: tuple[str, ...], lesson: str | None, run: str | None, texts: dict[str, str]
) -> None:
    request = asked(*argv)
    assert request.resume is not None
    assert (request.lesson, request.resume.run, request.texts) == (lesson, run, texts)
    assert request.headless
    assert request.lessons == ()


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("--resume", "--no-log"), "--no-log: a resumed run"),
        (("--resume", "x", "--epochs", "0"), "--epochs: '0' is not accepted; expected a whole number from 1"),
        (("fashion-mnist", "--resume", "--activation", "step"), "--activation: 'step' is not accepted"),
        (("--epochs", "5", "fashion-mnist"), "gdtui LESSON --epochs"),
        (("--epochs", "5"), "gdtui LESSON --epochs"),
        (("--detach",), "gdtui LESSON --detach"),
        (("losses", "--detach", "--no-log"), "--no-log: a detached run writes"),
        (("losses", "--checkpoint-every", "0"), "--checkpoint-every: '0' is not accepted; expected a number from 0.1"),
        (("--glyphs", "nope", "lessons"), "--glyphs: 'nope' is not accepted; expected one of auto, braille"),
        (("--seed", "x", "runs"), "--seed: 'x' is not accepted; expected a whole number from 0"),
        (("losses", "--checkpoint-every", "soon"), "(s)"),
    ],
)
def test_what_does_not_go_together_is_reported(argv: tuple[str, ...], expected: str) -> None:
    assert expected in refused(*argv)


def test_detached_runs_need_no_app_and_checkpoints_come_as_often_as_is_asked() -> None:
    request = asked("losses", "--detach", "--checkpoint-every", "5")
    assert request.headless
    assert request.options.detach
    assert request.options.checkpoint_every_s == 5.0
    assert asked("losses").options.checkpoint_every_s == 30.0


def test_attach_takes_runs_and_folders_or_nothing() -> None:
    for targets in ((), ("losses/20261124-211754",), ("one", "two")):
        request = parse(["--ascii", "attach", *targets, "--logdir", "mine"], {})
        assert isinstance(request, Attach)
        assert (request.targets, request.options.logdir, request.options.ascii_only) == (targets, Path("mine"), True)
        assert request.report is None


def test_attach_prints_a_report_where_one_is_asked_for() -> None:
    for argv, report in (
        (("attach", "a", "--no-ui"), ReportOptions()),
        (("--no-ui", "attach", "a"), ReportOptions()),
        (("attach", "a", "--json", "--tags", "val/*", "--tags", "lr"), ReportOptions(json=True, tags=("val/*", "lr"))),
        (("attach", "a", "--csv", "-", "--runs", "b*"), ReportOptions(csv="-", runs=("b*",))),
    ):
        request = parse(list(argv), {})
        assert isinstance(request, Attach)
        assert request.report == report


def test_attach_waits_for_a_runs_end_where_it_is_asked_to(tmp_path: Path) -> None:
    append(tmp_path / "run", hparams(lr=0.1), event(1, hparams_end(succeeded=True)))
    assert main(["attach", "--wait", str(tmp_path)]) == Exit.DONE
    append(tmp_path / "run", event(2, hparams_end(succeeded=False)))
    assert main(["attach", "--wait", str(tmp_path)]) == Exit.FAILED
    append(tmp_path / "other")
    assert main(["attach", "--wait", str(tmp_path)]) == Exit.USAGE
    with pytest.raises(UsageError, match="--wait prints no report"):
        parse(["attach", "--wait", "--json"], {})


def test_without_a_terminal_attach_prints_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    append(tmp_path / "run", *scalars(1, 2))
    assert main(["attach", str(tmp_path)]) == Exit.DONE
    assert "train-loss" in capsys.readouterr().out
    assert main(["attach", str(tmp_path / "nowhere")]) == Exit.USAGE
    file = str(tmp_path / "no" / "file")
    assert main(["attach", str(tmp_path), "--csv", file]) == Exit.FAILED
    assert f"cannot write {file}: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--csv", ""), "--csv"),
        (("--filter", "lr<x"), "--filter: lr<x: expected a number"),
        (("--csv", "-", "--json"), "give --csv a file"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused(argv: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse(["attach", *argv], {})


def test_the_help_says_what_a_resumed_run_may_be_given() -> None:
    text = " ".join(printed("--help").split())
    assert "epochs, learning rate, data dir, data, log every, test every" in text
    assert "speed may be changed" in text
    assert "runs" in printed("--help")


def test_a_flood_of_arguments_is_refused_at_once() -> None:
    assert "arguments are too many" in refused("himmelblau", *["--start", "1,1"] * 100_000)


ACCEPTED = (
    ("himmelblau", "--learning-rate", "a number from 0 to 1000", ("-1", "nan", "inf", "1e999", "", "0.01s")),
    ("himmelblau", "--steps", "a whole number from 1 to 100000", ("0", "1.5", "9" * 10_000, "-3")),
    ("himmelblau", "--optimizer", "one or more of sgd", ("Adam", "")),
    ("himmelblau", "--surface", "one of himmelblau", ("himmel\x1b[31mblau", "himmel\udcffblau")),
    ("himmelblau", "--start", "points x,y", ("", "1", "nan,0", "1e9,0")),
    ("himmelblau", "--start", "1 to 64 points", (";".join(["1,1"] * 100_000),)),
    ("gradients", "--start", "numbers x", ("1,0",)),
    ("himmelblau", "--seed", "a whole number from 0 to 2147483647", ("-1", "2147483648")),
    ("fashion-mnist", "--data-dir", "a folder's path", ("a\nb",)),
    ("fashion-mnist", "--batch-size", "a whole number from 1 to 10000 (examples)", ("10001",)),
)


@pytest.mark.parametrize(
    ("lesson", "option", "accepted", "value"), [(*row, value) for *row, values in ACCEPTED for value in values]
)
def test_a_value_that_is_not_accepted_is_one_line_and_exit_2(
    lesson: str, option: str, accepted: str, value: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--no-ui", lesson, f"{option}={value}", "--logdir", str(tmp_path / "logs")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"gdtui: {option}: ")
    assert accepted in said.err
    assert said.err.count("\n") == 1
    assert said.err.rstrip("\n").isprintable()
    assert len(said.err) < 400
    assert not list(tmp_path.iterdir())


def test_the_app_without_a_terminal_is_one_line_that_says_what_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["losses"]) == 2
    said = capsys.readouterr().err
    assert "ssh -t" in said
    assert "--no-ui" in said
    assert said.count("\n") == 1


def test_bad_settings_are_reported_before_a_missing_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["losses", "--scale", "0"]) == 2
    assert "--scale" in capsys.readouterr().err


def test_what_is_asked_for_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("1  gradients")
    assert said.err == ""


# A lesson and an option make it likely that a value is parsed; the rest is arbitrary.
_WORDS = st.one_of(
    st.sampled_from(
        [
            "himmelblau", "losses", "lessons", "attach", "--start", "--seed", "--no-ui", "--logdir", "--learning-rate",
            "--resume", "--detach", "--",
        ]
    ),
    st.text(st.characters(codec=None, exclude_characters="\x00"), max_size=20),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=6))
def test_any_command_line_is_followed_or_refused_in_one_printable_line(argv: list[str]) -> None:
    try:
        parse(argv, {})
    except UsageError as refusal:
        assert str(refusal).isprintable()
        assert len(str(refusal)) <= 300
