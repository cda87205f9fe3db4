"""The contents of the panes: how each is made, and how it shows the present state. Their modules are imported when a
pane is first visible. Those of EARLY can be made and shown before there is a state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from tui.process.options import AppOptions
from tui.screens.layout import Pane as PaneName
from tui.text.fit import cut
from tui.text.plain import plain
from tui.views.small_panes import LessonChoice
from tui.widgets.learn.lesson_list import LessonList

if TYPE_CHECKING:
    from tui.model.app_state import AppState
    from tui.model.series import Series

EARLY: frozenset[PaneName] = frozenset({"lessons", "text"})
"""The panes that need neither a lesson nor NumPy."""


def make_lessons(choice: LessonChoice, options: AppOptions) -> Widget:
    """Make the list of lessons."""
    return LessonList(choice.rows, choice.opened, options.language)


def make_settings(choice: LessonChoice, options: AppOptions) -> Widget:
    """Make the settings of the open lesson."""
    from tui.widgets.learn.settings_pane import SettingsPane

    return SettingsPane()


def make_text(choice: LessonChoice, options: AppOptions) -> Widget:
    """Make the open lesson's text."""
    from tui.widgets.learn.lesson_text import LessonText

    return LessonText(choice.opened, language=options.language)


def make_exercise(choice: LessonChoice, options: AppOptions) -> Widget:
    """Make the open lesson's exercises."""
    from tui.widgets.learn.exercise_pane import ExercisePane

    return ExercisePane()


def make_code(choice: LessonChoice, options: AppOptions) -> Widget:
    """Make the view of the functions that the open lesson runs."""
    from tui.widgets.learn.code_view import CodeView

    return CodeView()


def make_live(choice: LessonChoice, options: AppOptions) -> Widget:
    """Make the views of the runs."""
    from tui.widgets.stage import Stage

    return Stage()


def make_notes(choice: LessonChoice, options: AppOptions) -> Widget:
    """Make the page of the run's sentences and tables."""
    from tui.widgets.tables_view import TablesView

    return TablesView()


def make_history(choice: LessonChoice, options: AppOptions) -> Widget:
    """Make the table of past runs."""
    from tui.widgets.log.history_table import HistoryTable

    return HistoryTable()


MAKERS: dict[PaneName, Callable[[LessonChoice, AppOptions], Widget]] = {
    "lessons": make_lessons,
    "settings": make_settings,
    "text": make_text,
    "exercise": make_exercise,
    "code": make_code,
    "live": make_live,
    "notes": make_notes,
    "history": make_history,
}


def show(pane: PaneName, content: Widget, app_state: AppState, past: Sequence[Series] = ()) -> None:
    """Show the present state in a pane's content, which redraws only what has changed. After a failure, the notice in
    place of the content shows nothing."""
    shower = _SHOWERS.get(pane)
    if shower is not None:
        shower(content, app_state, past)


def show_choice(content: Widget, choice: LessonChoice) -> None:
    """Show the open lesson in the content of a pane of EARLY."""
    from tui.widgets.learn.lesson_text import LessonText

    if isinstance(content, LessonList):
        content.show(choice.rows, choice.opened)
    elif isinstance(content, LessonText):
        content.show(choice.opened)


def exercise_line(app_state: AppState, width: int) -> str:
    """The open question in one line of `width` cells."""
    from tui.views.exercise_picture import one_line  # imports all exercises

    words = f"E: {one_line(app_state)}"
    return cut(plain(words) if app_state.options.ascii_only else words, width)


def choice_of(app_state: AppState) -> LessonChoice:
    """The lessons of a state, and the one that is open."""
    from tui.views import status

    return LessonChoice(status.rows(app_state), app_state.opened)


def _show_choice(content: Widget, app_state: AppState, _: Sequence[Series]) -> None:
    show_choice(content, choice_of(app_state))


def _show_settings(content: Widget, app_state: AppState, _: Sequence[Series]) -> None:
    from tui.widgets.learn.settings_pane import SettingsPane, SettingsPicture

    if not isinstance(content, SettingsPane):
        return
    lesson_state = app_state.lesson_state
    texts = tuple((lesson_state.texts | lesson_state.awaited).items())
    changed = frozenset({*lesson_state.given, *lesson_state.awaited})
    content.show(SettingsPicture(lesson_state.lesson.id, lesson_state.shown_params, texts, changed, app_state.here))


def _show_exercise(content: Widget, app_state: AppState, _: Sequence[Series]) -> None:
    from tui.views.exercise_picture import exercise_picture
    from tui.widgets.learn.exercise_pane import ExercisePane

    if isinstance(content, ExercisePane):
        content.show(exercise_picture(app_state))


def _show_code(content: Widget, app_state: AppState, _: Sequence[Series]) -> None:
    from tui.widgets.learn.code_view import CodeView

    if isinstance(content, CodeView):
        content.show(app_state.lesson_state.lesson.code)


def _show_live(content: Widget, app_state: AppState, past: Sequence[Series]) -> None:
    from tui.views.live_pictures import live_picture
    from tui.widgets.stage import Stage

    if isinstance(content, Stage):
        content.show(app_state.opened, live_picture(app_state.lesson_state, past))


def _show_notes(content: Widget, app_state: AppState, _: Sequence[Series]) -> None:
    from tui.widgets.tables_view import TablesView

    if not isinstance(content, TablesView):
        return
    state = app_state.lesson_state.state
    content.show(state.page if state is not None else ())


_SHOWERS: dict[PaneName, Callable[[Widget, AppState, Sequence[Series]], None]] = {
    "lessons": _show_choice,
    "settings": _show_settings,
    "text": _show_choice,
    "exercise": _show_exercise,
    "code": _show_code,
    "live": _show_live,
    "notes": _show_notes,
}
