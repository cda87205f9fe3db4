"""What each pane holds, and how it shows the moment. Their modules are imported when a pane is first in sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.widget import Widget

from tui import bulletin
from tui.layout import Pane as PaneName
from tui.series import Series
from tui.widgets.lesson_list import LessonList
from tui.workbench import Workbench


def make_lessons(bench: Workbench) -> Widget:
    """The list of lessons."""
    return LessonList(bulletin.rows(bench), bench.opened, ascii_only=bench.options.ascii_only)


def make_settings(bench: Workbench) -> Widget:
    """The settings of the open lesson."""
    from tui.widgets.settings_pane import SettingsPane

    return SettingsPane(ascii_only=bench.options.ascii_only)


def make_text(bench: Workbench) -> Widget:
    """The open lesson's text."""
    from tui.widgets.lesson_text import LessonText

    return LessonText(bench.opened, ascii_only=bench.options.ascii_only)


def make_code(bench: Workbench) -> Widget:
    """The functions that the open lesson runs."""
    from tui.widgets.code_view import CodeView

    return CodeView()


def make_live(bench: Workbench) -> Widget:
    """The views of the runs."""
    from tui.widgets.stage import Stage

    return Stage(ascii_only=bench.options.ascii_only)


def make_notes(bench: Workbench) -> Widget:
    """What the run said, and its tables."""
    from tui.widgets.tables_view import TablesView

    return TablesView(ascii_only=bench.options.ascii_only)


def make_history(bench: Workbench) -> Widget:
    """Past runs."""
    from tui.widgets.history_table import HistoryTable

    return HistoryTable(ascii_only=bench.options.ascii_only)


MAKERS: dict[PaneName, Callable[[Workbench], Widget]] = {
    "lessons": make_lessons,
    "settings": make_settings,
    "text": make_text,
    "code": make_code,
    "live": make_live,
    "notes": make_notes,
    "history": make_history,
}


def show(content: Widget, bench: Workbench, past: Sequence[Series] = ()) -> None:
    """Have a pane's content show the moment; it draws itself again only where it changed."""
    shower = _SHOWERS.get(type(content).__name__)
    if shower is not None:
        shower(content, bench, past)


def _show_lessons(content: Widget, bench: Workbench, _: Sequence[Series]) -> None:
    assert isinstance(content, LessonList)
    content.show(bulletin.rows(bench), bench.opened)


def _show_settings(content: Widget, bench: Workbench, _: Sequence[Series]) -> None:
    from tui.widgets.settings_pane import SettingsPane, SettingsPicture

    assert isinstance(content, SettingsPane)
    desk = bench.desk
    texts = tuple(desk.texts.items())
    content.show(SettingsPicture(desk.lesson.id, desk.shown_params, texts, frozenset(desk.given), bench.here))


def _show_text(content: Widget, bench: Workbench, _: Sequence[Series]) -> None:
    from tui.widgets.lesson_text import LessonText

    assert isinstance(content, LessonText)
    content.show(bench.opened)


def _show_code(content: Widget, bench: Workbench, _: Sequence[Series]) -> None:
    from tui.widgets.code_view import CodeView

    assert isinstance(content, CodeView)
    content.show(bench.desk.lesson.code)


def _show_live(content: Widget, bench: Workbench, past: Sequence[Series]) -> None:
    from tui.pictures import live_picture
    from tui.widgets.stage import Stage

    assert isinstance(content, Stage)
    content.show(bench.opened, live_picture(bench.desk, past, ascii_only=bench.options.ascii_only))


def _show_notes(content: Widget, bench: Workbench, _: Sequence[Series]) -> None:
    from tui.widgets.tables_view import TablesView

    assert isinstance(content, TablesView)
    state = bench.desk.state
    content.show(state.page if state is not None else ())


_SHOWERS: dict[str, Callable[[Widget, Workbench, Sequence[Series]], None]] = {
    "LessonList": _show_lessons,
    "SettingsPane": _show_settings,
    "LessonText": _show_text,
    "CodeView": _show_code,
    "Stage": _show_live,
    "TablesView": _show_notes,
}
