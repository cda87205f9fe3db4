"""The base of views of a tag's steps: the selected run and step, and the keys that change them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from engine.log.event_values import Logged
from tui.plot.cells import Cells
from tui.plot.series_styles import colour, sample
from tui.text.fit import cut, fullest, shortened
from tui.text.words import duration
from tui.views.log_views import Track
from tui.widgets.cell_widget import PlotWidget
from tui.widgets.log.run_list import middle_cut


class StepView(PlotWidget, can_focus=True):
    """Shows one of a tag's steps of one of several runs; it follows the newest until one goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scrub(-1)", "Earlier", key_display="← →"),
        Binding("right", "scrub(1)", "Later", show=False),
        Binding("shift+left", "scrub(-10)", "Ten steps earlier", show=False),
        Binding("shift+right", "scrub(10)", "Ten steps later", show=False),
        Binding("home", "scrub_to(0)", "First step", show=False),
        Binding("end", "scrub_to(-1)", "Newest step", show=False),
        Binding("n", "next_run", "Next run"),
    ]

    index = reactive(-1)
    """Which step is shown; -1 follows the newest."""
    run = reactive(0)
    """Which of the runs is shown."""

    def __init__(self, *, pause_s: float = 0.0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=pause_s, id=id, classes=classes)
        self._tag = ""
        self._tracks: tuple[Track, ...] = ()

    def show(self, tag: str, tracks: Sequence[Track]) -> None:
        """Show a tag (clean text) of these runs. Free when nothing changed."""
        news = tuple(tracks)
        if tag == self._tag and news == self._tracks:
            return
        before = self.shown
        labels = [track.label for track in news]
        here = self.track.label if self.track is not None else ""
        other = tag != self._tag
        self._tag, self._tracks = tag, news
        self.run = labels.index(here) if here in labels else 0
        if other or self.track is None or self.index >= len(self.track.entries):
            self.index = -1
        self.tracks_changed(moved=other or self.shown is not before)

    def tracks_changed(self, *, moved: bool) -> None:
        """There are other entries than before; `moved` where another one is shown."""
        raise NotImplementedError

    @property
    def track(self) -> Track | None:
        """The run that is shown."""
        return self._tracks[self.run] if self.run < len(self._tracks) else None

    @property
    def shown(self) -> Logged | None:
        """The entry that is shown."""
        track = self.track
        if track is None or not track.entries:
            return None
        entry: Logged = track.entries[self.index if self.index < len(track.entries) else -1]
        return entry

    @property
    def place(self) -> int:
        """The number of the entry that is shown, from 0."""
        return self.index if self.index >= 0 else (len(self.track.entries) if self.track is not None else 0) - 1

    def action_scrub(self, by: int) -> None:
        """Show an earlier or a later step."""
        if self.track is not None:
            last = len(self.track.entries) - 1
            there = min(max(self.place + by, 0), max(last, 0))
            self.index = -1 if there >= last else there

    def action_scrub_to(self, index: int) -> None:
        """Show the first step (0) or follow the newest (-1)."""
        self.index = index if self.track is not None and len(self.track.entries) > 1 else -1

    def action_next_run(self) -> None:
        """Show the next run, at the step nearest to this one."""
        if len(self._tracks) < 2:
            return
        step = self.shown.step if self.shown is not None and self.index >= 0 else None
        self.run = (self.run + 1) % len(self._tracks)
        entries = self._tracks[self.run].entries
        nearest = min(range(len(entries)), key=lambda n: abs(entries[n].step - (step or 0)), default=-1)
        self.index = -1 if step is None or nearest == len(entries) - 1 else nearest

    def watch_index(self) -> None:
        self.tracks_changed(moved=True)

    def watch_run(self) -> None:
        self.tracks_changed(moved=True)

    def header(self, width: int, said: Sequence[str] = ()) -> Cells:
        """The row above: the tag, the step, what is `said` of it, and the run with its sample."""
        cells, title, tick = Cells(width, 1), self._part("title"), self._part("tick")
        more = self._glyphs.more
        name = f" {cut(self._tag, max(width * 2 // 5, 12), more)} "
        cells.put(0, 0, name, title)
        x = cell_len(name) + 1
        track, entry = self.track, self.shown
        if track is None or entry is None:
            cells.put(x, 0, "nothing yet", tick)
            return cells
        words = self._words(track, entry, said)
        room = width - x - len(words[0]) - 6
        several = len(self._tracks) > 1
        if several and room >= 8:
            # Which of the runs it is says more than what of it.
            x = self._put_run(cells, x, track, min(room, max(width // 4, 8)), tick) + 2
        dot = self._glyphs.dot
        text = fullest(map(dot.join, shortened(words)), len, width - x)
        cells.put(x, 0, text, tick)
        x += len(text)
        if not several and width - x > 12:
            self._put_run(cells, x + 2, track, width - x - 5, tick)
        return cells

    def _put_run(self, cells: Cells, x: int, track: Track, room: int, style: Style) -> int:
        """Write a run's name in `room` cells after the sample of its line; returns where the next may begin."""
        line = Style(color=colour(track.slot, dark=self.app.current_theme.dark))
        cells.put(x, 0, sample(track.slot, self._glyphs), line)
        label = middle_cut(track.label, room, self._glyphs.more)
        cells.put(x + 3, 0, label, style)
        return x + 3 + cell_len(label)

    def _words(self, track: Track, entry: Logged, said: Sequence[str]) -> list[str]:
        """The step, which of how many, what a subclass has to say, when it was."""
        words = [f"step {entry.step:,}"]
        if len(track.entries) > 1:
            words.append(f"{self.place + 1}/{len(track.entries)}")
        words += said
        if track.every > 1:
            words.append(f"one in {track.every} held")
        if track.began and entry.wall_time:
            words.append(duration(entry.wall_time - track.began))
        return words
