"""The live pane: for each lesson the view that shows its runs, made when it is first needed."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.message import Message
from textual.widget import AwaitMount, Widget

from tui.views.curve_picture import CurvePicture
from tui.views.descent_picture import DescentPicture
from tui.views.training_picture import TrainingPicture
from tui.widgets.background import Box
from tui.widgets.curve.curve_view import CurveView
from tui.widgets.descent.descent_view import DescentView
from tui.widgets.path_view import PathView
from tui.widgets.training.training_view import TrainingView

Picture = CurvePicture | DescentPicture | TrainingPicture


class Stage(Box):
    """One view per lesson, of which the open lesson's is visible. Hidden ones are not drawn; they catch up when
    shown."""

    DEFAULT_CSS = """
    Stage {
        & > * { display: none; height: 1fr; }
        & > .-open { display: block; }
    }
    """

    class Made(Message):
        """A lesson's view and all its parts exist."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._views: dict[str, Widget] = {}
        self._open = ""

    @property
    def view(self) -> Widget | None:
        """The open lesson's view."""
        return self._views.get(self._open)

    @property
    def paths(self) -> PathView[Any] | None:
        """The open lesson's view, if it shows paths whose earlier steps can be shown."""
        return self.view if isinstance(self.view, PathView) else None

    def show(self, lesson: str, picture: Picture) -> None:
        """Show the present state of the lesson's run, and make its view visible."""
        view = self._views.get(lesson)
        if view is None:
            view = self._views[lesson] = _view_for(picture, f"view-{lesson}")
            self.call_later(self._settled, view, self.mount(view))
        if lesson != self._open:
            self._open = lesson
            for name, each in self._views.items():
                each.set_class(name == lesson, "-open")
        _show(view, picture)

    async def _settled(self, view: Widget, mounted: AwaitMount) -> None:
        """When all parts of a new view exist, report it, and tell each part its size once more.

        If anything asks for a widget's position before it is laid out, Textual assumes that it was laid out already and
        does not tell it its size; the tabs of a view do ask.
        """
        await mounted
        self.call_after_refresh(_tell_sizes, view)
        self.post_message(self.Made())


def _tell_sizes(view: Widget) -> None:
    for part in (view, *view.query("*")):
        if part.size:
            part.post_message(events.Resize(part.size, part.virtual_size, part.container_size))


def _view_for(picture: Picture, id: str) -> Widget:
    kinds: dict[type[Any], type[Any]] = {
        CurvePicture: CurveView,
        DescentPicture: DescentView,
        TrainingPicture: TrainingView,
    }
    view: Widget = kinds[type(picture)](id=id)
    return view


def _show(view: Widget, picture: Picture) -> None:
    match view, picture:
        case (CurveView(), CurvePicture()):
            view.show(picture)
        case (DescentView(), DescentPicture()):
            view.show(picture)
        case (TrainingView(), TrainingPicture()):
            view.show(picture)
