"""The live pane: for each lesson the view that shows its runs, made when it is first needed."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.widget import AwaitMount, Widget

from tui.curve_picture import CurvePicture
from tui.descent_picture import DescentPicture
from tui.widgets.curve_view import CurveView
from tui.widgets.descent_view import DescentView
from tui.widgets.ground import Box
from tui.widgets.path_view import PathView
from tui.widgets.training_view import TrainingPicture, TrainingView

Picture = CurvePicture | DescentPicture | TrainingPicture


class Stage(Box):
    """One view a lesson, the open lesson's in sight. What is hidden is not drawn; it catches up when it is seen."""

    DEFAULT_CSS = """
    Stage {
        & > * { display: none; height: 1fr; }
        & > .-open { display: block; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._views: dict[str, Widget] = {}
        self._open = ""

    @property
    def view(self) -> Widget | None:
        """The open lesson's view."""
        return self._views.get(self._open)

    @property
    def paths(self) -> PathView[Any] | None:
        """The open lesson's view, if it shows paths that can be looked back along."""
        return self.view if isinstance(self.view, PathView) else None

    def show(self, lesson: str, picture: Picture) -> None:
        """Show this moment of the lesson's run, and bring its view in sight."""
        view = self._views.get(lesson)
        if view is None:
            view = self._views[lesson] = _view_for(picture, self._ascii_only, f"view-{lesson}")
            self.call_later(self._settled, view, self.mount(view))
        if lesson != self._open:
            self._open = lesson
            for name, each in self._views.items():
                each.set_class(name == lesson, "-open")
        _show(view, picture)

    async def _settled(self, view: Widget, mounted: AwaitMount) -> None:
        """A new view is there with all its parts: tell each its size once more.

        Where anybody asks for a widget's place before it is laid out, Textual takes it for laid out already and does
        not tell it its size; the tabs of a view do ask.
        """
        await mounted
        self.call_after_refresh(_tell_sizes, view)


def _tell_sizes(view: Widget) -> None:
    for part in (view, *view.query("*")):
        if part.size:
            part.post_message(events.Resize(part.size, part.virtual_size, part.container_size))


def _view_for(picture: Picture, ascii_only: bool, id: str) -> Widget:
    kinds: dict[type[Any], type[Any]] = {
        CurvePicture: CurveView,
        DescentPicture: DescentView,
        TrainingPicture: TrainingView,
    }
    view: Widget = kinds[type(picture)](ascii_only=ascii_only, id=id)
    return view


def _show(view: Widget, picture: Picture) -> None:
    match view, picture:
        case (CurveView(), CurvePicture()):
            view.show(picture)
        case (DescentView(), DescentPicture()):
            view.show(picture)
        case (TrainingView(), TrainingPicture()):
            view.show(picture)
