"""Options that may come before or after the lesson, and those that several commands share."""

from __future__ import annotations

import click

from tui.cli.completion import a_folder, a_glyph_set, a_language, a_run_to_resume
from tui.cli.config_file import CHECKPOINT_EVERY, OPTIONS
from tui.cli.request import NEWEST, resume_params
from tui.cli.setting_options import SettingOption, described
from tui.process import colour
from tui.process.options import DEFAULT_LOGDIR, LOGDIR_VARIABLE
from tui.text.course_texts import VARIABLE, languages


def flag_option(form: list[str], help: str) -> click.Option:
    """An option without a value."""
    return click.Option(form, is_flag=True, help=help)


def switch_option(name: str, help: str) -> click.Option:
    """An option that is on or off; if it is not given, the environment and the configuration file decide."""
    form = name.replace("_", "-")
    return click.Option([f"--{form}/--no-{form}", name], is_flag=True, default=None, help=help)


def logdir_option() -> click.Option:
    """The option for the folder of runs."""
    return click.Option(
        ["--logdir", "logdir"],
        metavar="FOLDER",
        shell_complete=a_folder,
        help=f"where runs are logged for TensorBoard  [default {DEFAULT_LOGDIR}; or ${LOGDIR_VARIABLE}]",
    )


def drawing_options() -> list[click.Option]:
    """The options for drawing."""
    return [
        switch_option("color", f"colours, or none; ${colour.VARIABLE} turns them off if it is not empty"),
        click.Option(
            ["--glyphs", "glyphs"],
            metavar="GLYPHS",
            shell_complete=a_glyph_set,
            help="draw with braille, blocks or ascii  [default blocks on the Linux console, ascii without UTF-8, else "
            "braille]",
        ),
        switch_option("ascii", "ASCII characters only, as --glyphs ascii"),
        switch_option("low_bandwidth", "send less to a slow terminal"),
        switch_option("notify", "in the app: bell and desktop notification when a run ends, diverges or stalls"),
    ]


def language_option() -> click.Option:
    """The option for the language of the texts."""
    return click.Option(
        ["--lang", "language"],
        metavar="LANGUAGE",
        shell_complete=a_language,
        help=f"language of the texts: {' or '.join(languages())}  [default the locale's; or ${VARIABLE}]",
    )


def common_options() -> list[click.Option]:
    """The options that may come before or after the lesson."""
    *names, last = [param.name.replace("_", " ") for param in resume_params()]
    return [
        flag_option(["--no-ui", "no_ui"], "run without the app: text, or JSON"),
        flag_option(["--json", "json"], "one JSON object per line, an event each; implies --no-ui"),
        flag_option(["-q", "--quiet", "quiet"], "print only what was learned and what went wrong"),
        flag_option(["-v", "--verbose", "verbose"], "let TensorFlow's own messages through, to stderr"),
        logdir_option(),
        switch_option("log", "write a TensorBoard log, and checkpoints"),
        switch_option("cache", "use compiled programs of earlier runs, and keep new ones"),
        click.Option(
            ["--resume", "resume"],
            is_flag=False,
            flag_value=NEWEST,
            metavar="[RUN]",
            shell_complete=a_run_to_resume,
            help="go on with a classifier's run from its last checkpoint, without the app: the newest that was cut "
            f"short, or the one of this name or path; {', '.join(names)} and {last} may be changed",
        ),
        click.Option(
            [CHECKPOINT_EVERY.option, CHECKPOINT_EVERY.name], metavar="SECONDS", help=described(CHECKPOINT_EVERY)
        ),
        flag_option(["--detach", "detach"], "run on without the terminal, and return when the run has begun"),
        *drawing_options(),
        language_option(),
    ]


def configured_options() -> list[click.Option]:
    """The options that the configuration file may give a default."""
    return [option for option in common_options() if option.name in {param.name for param in OPTIONS}]


def resume_options() -> list[click.Option]:
    """The settings that can be given with --resume if no lesson is named. The help of --resume names them."""
    options: list[click.Option] = [SettingOption(param) for param in resume_params()]
    for option in options:
        option.hidden = True
    return options
