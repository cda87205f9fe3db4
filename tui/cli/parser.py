"""The command line: its grammar, and its parsed request. Nothing here imports TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import click

from engine.errors import InputError, SettingError
from engine.lesson import Lesson
from engine.lessons import course, lesson_named
from engine.own.lessons import OPTION, add_file
from engine.settings import Settings, param_of, params_of
from tui.cli.attach_command import Attach, attach_of, attach_params
from tui.cli.chosen_options import OptionSources, check, flag, options_of
from tui.cli.common_options import common_options, configured_options, flag_option, logdir_option, resume_options
from tui.cli.completion import a_file, a_number, a_shell, answer, script
from tui.cli.course_commands import Check, ShowProgress, check_asked, check_params, progress_asked, progress_params
from tui.cli.messages import COMMANDS, TRAIN, in_our_words, one_line
from tui.cli.new_lesson import new_params, write_new
from tui.cli.request import CommandResult, Request, new_runs, old_run, resume_of, resume_params
from tui.cli.setting_options import SettingOption, texts_of
from tui.cli.setting_options import options_of as settings_options

# Click removes items from a list's front, which takes seconds for 100,000 arguments.
_MOST_ARGUMENTS = 10_000


class UsageError(Exception):
    """A command line that cannot be followed; the text is one line, or three with a marked mistake."""


def parse(
    argv: Sequence[str], environ: Mapping[str, str] = os.environ
) -> Request | Attach | Check | ShowProgress | CommandResult | str:
    """Parse `argv` into a request, or into the text to print if it asks for help, a version or a list.

    Raises:
        UsageError: it cannot be followed.
    """
    if len(argv) > _MOST_ARGUMENTS:
        raise UsageError(f"{len(argv):,} arguments are too many; expected {_MOST_ARGUMENTS:,} at most")
    try:
        with _Gdtui().make_context("gdtui", list(argv), obj=OptionSources(dict(environ))) as context:
            said: Request | Attach | Check | ShowProgress | CommandResult | str = context.command.invoke(context)
            return said
    except _Printed as printed:
        return printed.text
    except SettingError as error:
        raise UsageError("\n".join((one_line(str(error)), *(f"  {line}" for line in error.pointed())))) from None
    except InputError as error:
        raise UsageError(one_line(str(error))) from None
    except click.ClickException as error:
        raise UsageError(one_line(in_our_words(error, argv))) from None


def complete(instruction: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Answer a shell's request for completion; None if its instruction is unknown."""
    return answer(_Gdtui(), OptionSources(dict(environ)), instruction)


class _Printed(Exception):  # noqa: N818 - not an error: the text was requested
    def __init__(self, text: str) -> None:
        self.text = text


def _lesson_file_option() -> click.Option:
    return click.Option(
        [OPTION, "lesson_files"],
        multiple=True,
        metavar="FILE.py",
        shell_complete=a_file,
        is_eager=True,
        callback=_add_lessons,
        help="a lesson of your own, run as your own code; before the lesson or command; repeatable",
    )


def _add_lessons(context: click.Context, _: click.Parameter, paths: tuple[str, ...]) -> None:
    """Add the lessons of files before any lesson is looked up. The first error in them is raised when it is known that
    no help, version or completion is asked for."""
    if paths:  # a lesson may import TensorFlow, which writes lines to stderr
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for path in paths:
        try:
            context.obj.own_lessons.append(add_file(path))
        except InputError as error:
            context.obj.unusable.append(error)


def _help_option() -> click.Option:
    return click.Option(
        ["-h", "--help", "help"], is_flag=True, is_eager=True, expose_value=False, callback=_show_help,
        help="show this and exit",
    )  # fmt: skip


def _show_help(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        raise _Printed(context.get_help())


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from importlib.metadata import version

        raise _Printed(f"gdtui {version('gdtui')}")


class _Gdtui(click.Group):
    """The main command: common options, then a lesson with its settings, or one of the other commands."""

    def __init__(self) -> None:
        version = click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
            help="show the version and exit",
        )  # fmt: skip
        seed = click.Option(
            ["--seed", "seed"],
            type=click.UNPROCESSED,
            metavar="N",
            help=f"{param_of(Settings, 'seed').help}, for every lesson",
        )
        super().__init__(
            "gdtui",
            params=[*common_options(), _lesson_file_option(), seed, *resume_options(), _help_option(), version],
            invoke_without_command=True,
            add_help_option=False,
            callback=_ask_for_all,
            help="A gradient-descent laboratory in a terminal. With a lesson, by name or number, open or run "
            "that one; with none, the app opens where it was left, and --no-ui runs the whole course in order.",
            epilog="gdtui LESSON --help lists a lesson's settings.",
            subcommand_metavar="[LESSON [SETTINGS]...]",
            context_settings={"max_content_width": 100},
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*(lesson.id for lesson in course()), *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if ctx.obj.unusable and not ctx.resilient_parsing:
            raise ctx.obj.unusable[0]
        if cmd_name in COMMANDS and cmd_name != TRAIN:
            return _other_command(cmd_name)
        lesson = lesson_named(cmd_name)
        return None if lesson is None else _LessonCommand(lesson)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[click.shell_completion.CompletionItem]:
        return [*super().shell_complete(ctx, incomplete), *a_number(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Lessons"):
            formatter.write_dl([(lesson.id, lesson.summary) for lesson in course()])
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _other_command(name: str) -> click.Command:
    params: list[click.Parameter] = []
    match name:
        case "lessons":
            callback: Any = _list_of_lessons
        case "runs":
            as_json = flag_option(["--json", "json"], "one JSON object a line, a run each, all of them")
            params = [flag_option(["--all", "every"], "all of them, however many there are"), as_json, logdir_option()]
            callback = _list_of_runs
        case "check":
            params, callback = check_params(), _ask_to_check
        case "progress":
            params, callback = progress_params(), _ask_for_progress
        case "new":
            params, callback = new_params(), write_new
        case "config":
            params, callback = (
                [flag_option(["--json", "json"], "one JSON object"), *configured_options()],
                _show_config,
            )
        case "doctor":
            params, callback = [flag_option(["--json", "json"], "one JSON object"), logdir_option()], _examine
        case "completion":
            params, callback = [click.Argument(["shell"], metavar="SHELL", shell_complete=a_shell)], _show_completion
        case "manual":
            callback = _show_manual
        case _:
            params = attach_params()
            callback = _ask_to_attach
    return click.Command(
        name, params=[*params, _help_option()], callback=callback, add_help_option=False,
        help=f"{COMMANDS[name].capitalize()}.",
    )  # fmt: skip


class _LessonCommand(click.Command):
    """One lesson, with an option for each of its settings."""

    def __init__(self, lesson: Lesson[Any]) -> None:
        super().__init__(
            lesson.id,
            params=[*settings_options(lesson.settings), *common_options(), _help_option()],
            callback=lambda **values: _ask_for_one(lesson, values),
            help=_help_of(lesson),
            short_help=lesson.summary,
            epilog="A live setting can be changed while the app runs it.",
            add_help_option=False,
            options_metavar="[SETTINGS] [OPTIONS]",
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # its message names the lesson
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {SettingOption.MAIN: []}
        for option in self.get_params(ctx):
            record = option.get_help_record(ctx)
            if record is not None:
                title = option.section if isinstance(option, SettingOption) else "Options"
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def _help_of(lesson: Lesson[Any]) -> str:
    """The beginning of a lesson's help."""
    if lesson.in_course:
        return f"Lesson {lesson.number}, {lesson.title}: {lesson.summary}."
    return (
        f"{COMMANDS[lesson.id].capitalize()}. The file defines model(), which returns a Keras model, and may define "
        "data(), loss, optimizer, metrics and class_names. It is run as your own code, with your rights."
    )


@click.pass_context
def _ask_for_all(context: click.Context, /, **values: Any) -> Request | str | None:
    """Request the whole course, or a run to resume; if a command follows, only keep the options before it."""
    if context.invoked_subcommand is not None:
        check(values, context.obj)
        return None
    if context.obj.unusable:
        raise context.obj.unusable[0]
    texts = _texts_before(values)
    run = resume_of([values])
    if run is not None:
        return old_run(run, None, texts, [values], context.obj)
    _refuse_misplaced(texts)
    own = context.obj.own_lessons
    return new_runs(own[0].id if len(own) == 1 else None, own or course(), texts, [values], context.obj)


@click.pass_context
def _ask_for_one(context: click.Context, /, lesson: Lesson[Any], values: dict[str, Any]) -> Request:
    before = context.parent.params if context.parent is not None else {}
    given, said = texts_of(lesson.settings, values), [before, values]
    run, above = resume_of(said), _texts_before(before)
    if run is not None:
        return old_run(run, lesson, {**above, **given}, said, context.obj)
    _refuse_misplaced(above)
    for param in params_of(lesson.settings):
        if param.positional and not given.get(param.name):
            raise InputError(f"{lesson.id}: no file is named; expected {param.accepted}")
    return new_runs(lesson.id, (lesson,), {**above, **given}, said, context.obj)


@click.pass_context
def _list_of_runs(context: click.Context, /, **values: Any) -> str:
    from tui.headless.runs_list import listing

    before = context.parent.params if context.parent is not None else {}
    options = options_of([before, values], context.obj)
    return listing(options.logdir, every=values["every"], as_json=options.json)


@click.pass_context
def _ask_to_attach(context: click.Context, /, targets: tuple[str, ...], **values: Any) -> Attach:
    before = context.parent.params if context.parent is not None else {}
    return attach_of(targets, values, [before, values], context.obj)


@click.pass_context
def _ask_to_check(context: click.Context, /, **values: Any) -> Check:
    before = context.parent.params if context.parent is not None else {}
    return check_asked(values, options_of([before, values], context.obj), before.get("seed"))


@click.pass_context
def _ask_for_progress(context: click.Context, /, **values: Any) -> ShowProgress:
    before = context.parent.params if context.parent is not None else {}
    return progress_asked(values, options_of([before, values], context.obj))


@click.pass_context
def _show_config(context: click.Context, /, **values: Any) -> str:
    from tui.cli.config_report import config_report

    before = context.parent.params if context.parent is not None else {}
    return config_report([before, values], context.obj, as_json=flag([before, values], "json"))


@click.pass_context
def _examine(context: click.Context, /, **values: Any) -> CommandResult:
    from tui.cli.doctor import doctor

    before = context.parent.params if context.parent is not None else {}
    return CommandResult(*doctor([before, values], context.obj, as_json=flag([before, values], "json")))


def _show_completion(shell: str) -> str:
    return script(shell)


@click.pass_context
def _show_manual(context: click.Context, /) -> str:
    from tui.cli.manual import manual

    assert context.parent is not None
    return manual(context.parent).rstrip()


def _list_of_lessons() -> str:
    lessons = course()
    wide = max(len(lesson.id) for lesson in lessons)
    rows = [f"{lesson.number}  {lesson.id:<{wide}}  {lesson.summary}" for lesson in lessons]
    return "\n".join(rows)


def _texts_before(values: Mapping[str, Any]) -> dict[str, str]:
    """The settings given before the lesson, as texts: the seed of all, and those for --resume."""
    texts = {param.name: values[param.name][-1] for param in resume_params() if values.get(param.name)}
    return texts if values.get("seed") is None else {**texts, "seed": values["seed"]}


def _refuse_misplaced(texts: Mapping[str, str]) -> None:
    """Raise if a lesson's setting stands before the lesson."""
    for name in texts:
        if name != "seed":
            option = f"--{name.replace('_', '-')}"
            raise InputError(f"{option} is a lesson's setting and stands after the lesson: gdtui LESSON {option} …")
