"""Every scalar tag as a small plot, a page of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from tui.model.series import Series
from tui.model.smoothing import HIGHEST
from tui.plot.cells import Cells
from tui.plot.line_plot import Look
from tui.plot.series_picture import Ink, ink
from tui.plot.small_plots import PlotLayout, laid_out, small_plot
from tui.plot.smoothed_series import SmoothedSeries
from tui.text.clean import clean
from tui.widgets.cell_widget import PlotWidget
from tui.widgets.loss_plot import SMOOTHINGS

CurvesOf = Callable[[str], Sequence[Series]]


class PlotGrid(PlotWidget, can_focus=True):
    """Small plots of tags; arrow keys choose one, `enter` opens it. Only the visible plots are computed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="enter"),
        Binding("p", "pin", "Pin"),
        Binding("left", "move(-1)", "Plot before", show=False),
        Binding("right", "move(1)", "Plot after", show=False),
        Binding("up", "move_row(-1)", "Plot above", show=False),
        Binding("down", "move_row(1)", "Plot below", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "to_end(-1)", "First plot", show=False),
        Binding("end", "to_end(1)", "Last plot", show=False),
        Binding("less_than_sign", "smooth(-1)", "Smooth less", key_display="<"),
        Binding("greater_than_sign", "smooth(1)", "Smooth more", key_display=">"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--chosen"}
    DEFAULT_CSS = """
    PlotGrid {
        & > .cell--chosen { color: $text-accent; text-style: bold underline; }
        &:focus > .cell--title { color: $foreground; text-style: bold; }
        &:focus > .cell--chosen { color: $text-accent; text-style: bold reverse; }
    }
    """

    smoothing = reactive(0.6)

    class Opened(Message):
        """A plot is to be shown alone."""

        def __init__(self, grid: PlotGrid, tag: str) -> None:
            super().__init__()
            self.grid = grid
            self.tag = tag

        @property
        def control(self) -> PlotGrid:
            return self.grid

    class Pinned(Message):
        """A request to pin a plot before the others, or to unpin it."""

        def __init__(self, grid: PlotGrid, tag: str) -> None:
            super().__init__()
            self.grid = grid
            self.tag = tag

    def __init__(self, *, pause_s: float = 0.0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=pause_s, id=id, classes=classes)
        self._tags: Sequence[str] = ()
        self._curves_of: CurvesOf = lambda tag: ()
        self._slots: Mapping[str, int] = {}
        self._known: dict[tuple[str, str], SmoothedSeries] = {}
        self._shown: tuple[tuple[Series, ...], ...] = ()
        self._chosen = 0

    def show(self, tags: Sequence[str], curves_of: CurvesOf, slots: Mapping[str, int]) -> None:
        """Show these tags; `curves_of` is called for the visible ones, `slots` gives each label's style."""
        moved = tags != self._tags or slots != self._slots
        self._tags, self._curves_of, self._slots = tags, curves_of, dict(slots)
        self._chosen = min(self._chosen, max(len(tags) - 1, 0))
        if moved:
            self._known = {}
            self._canvas.changed()
        elif tuple(tuple(curves_of(tag)) for tag in self.visible_tags) != self._shown:
            self._canvas.changed(now=False)

    @property
    def chosen(self) -> str:
        """The tag of the plot that is chosen; empty where there is none."""
        return self._tags[self._chosen] if self._tags else ""

    @property
    def visible_tags(self) -> Sequence[str]:
        """The tags of the page that holds the chosen plot."""
        count = self._layout.count
        first = self._chosen // count * count
        return self._tags[first : first + count]

    @property
    def _layout(self) -> PlotLayout:
        width, height = max(self.size.width, 1), max(self.size.height, 1)
        layout = laid_out(width, height, len(self._tags))
        # Where there are further pages, the last line says so.
        return layout if layout.count >= len(self._tags) else laid_out(width, max(height - 1, 1), len(self._tags))

    # --- keys ---------------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Choose another plot."""
        self._chosen = min(max(self._chosen + by, 0), max(len(self._tags) - 1, 0))
        self._canvas.changed()

    def action_move_row(self, by: int) -> None:
        """Choose the plot above or below."""
        there = self._chosen + by * self._layout.across
        if 0 <= there < len(self._tags):
            self.action_move(there - self._chosen)

    def action_page(self, by: int) -> None:
        """To the next page or the one before."""
        self.action_move(by * self._layout.count)

    def action_to_end(self, direction: int) -> None:
        """Choose the first (-1) or last (1) plot."""
        self.action_move(direction * len(self._tags))

    def action_open(self) -> None:
        """Show the chosen plot alone."""
        if self.chosen:
            self.post_message(self.Opened(self, self.chosen))

    def action_pin(self) -> None:
        """Pin the chosen plot before the others, or unpin it."""
        if self.chosen:
            self.post_message(self.Pinned(self, self.chosen))

    def action_smooth(self, direction: int) -> None:
        """Smooth more (1) or less (-1), to the next stop."""
        further = [s for s in SMOOTHINGS if (s - self.smoothing) * direction > 1e-9]
        if further:
            self.smoothing = min(further) if direction > 0 else max(further)

    def validate_smoothing(self, weight: float) -> float:
        return min(max(weight, 0.0), HIGHEST)

    def watch_smoothing(self) -> None:
        self._known = {}
        self._canvas.changed()

    def on_click(self, event: events.Click) -> None:
        """Choose the plot that was clicked, or open it."""
        layout = self._layout
        across, down = event.x // (layout.width + 2), event.y // layout.height
        number = down * layout.across + across
        if across < layout.across and number < len(self.visible_tags):
            there = self._chosen // layout.count * layout.count + number
            if there == self._chosen:
                self.action_open()
            self.action_move(there - self._chosen)

    # --- drawing ------------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        layout = self._layout
        tags = self.visible_tags
        self._shown = tuple(tuple(self._curves_of(tag)) for tag in tags)
        axis, tick, bad = (self._part(part) for part in ("axis", "tick", "bad"))
        look = Look(axis, tick, tick, bad, self._glyphs)
        known: dict[tuple[str, str], SmoothedSeries] = {}
        for number, (tag, series) in enumerate(zip(tags, self._shown, strict=True)):
            curves = [self._curve(tag, one) for one in series]
            known |= {(tag, curve.series.label): curve for curve in curves}
            style = self._part("chosen" if tag == self.chosen else "title")
            plot = small_plot(layout.width, layout.height, clean(tag), curves, self._inks(curves), style, look)
            cells.paste(*layout.place(number), plot)
        self._known = known
        if not self._tags:
            cells.put(2, 1, "no scalars yet", look.tick)
        if layout.count < len(self._tags):
            first = self._chosen // layout.count * layout.count
            words = f"{first + 1} to {first + len(tags)} of {len(self._tags)}"
            cells.put(width - len(words), height - 1, words, look.tick)
        return cells

    def _curve(self, tag: str, series: Series) -> SmoothedSeries:
        known = self._known.get((tag, series.label))
        return known if known is not None and known.grow(series) else SmoothedSeries(series, self.smoothing)

    def _inks(self, curves: Sequence[SmoothedSeries]) -> list[Ink]:
        """The inks, as in the large plot: the first run's raw values are dim, below its smoothed ones."""
        slots = [self._slots.get(curve.series.label, 0) for curve in curves]
        ground, smooth, plain = self.background_colors[1], self.smoothing > 0, self.app.no_color
        return [
            ink(slot, ground, dark=self.dark, raw=place == 0 and smooth, plain=plain)
            for place, slot in enumerate(slots)
        ]
