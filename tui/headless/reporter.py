"""The reporter: writes results to one stream, messages and a progress line to another."""

from __future__ import annotations

import os
from typing import Protocol, TextIO

from engine.events import Delivery, LogFailed
from tui.headless.output import Output, is_at_rest, is_terminal
from tui.headless.plain_report import PlainReport
from tui.headless.progress import ERASE, ProgressLine
from tui.process import console, environment
from tui.process.options import HeadlessOptions
from tui.text.clean import clean
from tui.text.glyphs import Glyphs, for_blocks, glyphs_of


class Report(Protocol):
    """Converts events to text."""

    def text(self, delivery: Delivery) -> str:
        """The text to print for an event."""


class Silence:
    """A report that prints nothing."""

    def text(self, delivery: Delivery) -> str:
        """Return an empty text."""
        return ""


class Reporter:
    """Writes the output of a session. Nothing here raises if a stream fails."""

    def __init__(self, streams: console.Streams, options: HeadlessOptions) -> None:
        self._options = options
        self.log = streams.log
        self._signs = for_blocks() if environment.glyphs(os.environ, options) == "blocks" else None
        self.out, self._err = self._output(streams.out), self._output(streams.err)
        self._progress: ProgressLine | None = None
        self.report: Report
        self._prepare()

    @property
    def has_progress(self) -> bool:
        """Whether there is a progress line to be updated."""
        return self._progress is not None

    def show(self, delivery: Delivery) -> None:
        """Print an event."""
        if self._progress:
            self._progress.take(delivery)
        text = self.report.text(delivery)
        if text and self._progress:
            self._progress.clear()
        self.out.write(text)
        if isinstance(delivery.event, LogFailed):
            self.say(delivery.event.message)

    def draw_progress(self) -> None:
        """Draw the progress line if it has changed."""
        if self._progress:
            self._progress.draw()

    def say(self, text: str) -> None:
        """Write one line to the messages' stream."""
        if self._progress:
            self._progress.clear()
        self._err.write(self._message(text))

    def crash_text(self, text: str) -> str:
        """Format the message that another process prints if this one ends without one: it overwrites the progress
        line."""
        return (ERASE if self._progress else "") + self._message(text)

    def print_results_to(self, out: TextIO) -> None:
        """Print results to `out` from now on, in the form that suits it."""
        self.out = self._output(out)
        self._prepare()

    def write_messages_to(self, err: TextIO) -> None:
        """Write messages to `err` from now on, without a progress line."""
        if self._progress:
            self._progress.clear()
        self._progress = None
        self._err = self._output(err)

    def hush(self) -> None:
        """Print no results from now on: another process prints them."""
        self._progress = None
        self.report = Silence()

    def _output(self, stream: TextIO) -> Output:
        """Wrap the stream; signs that its terminal lacks are replaced."""
        return Output(stream, self._signs if is_terminal(stream) else None)

    def _message(self, text: str) -> str:
        line = clean(" ".join(text.split()))
        return f"gdtui: {self._glyphs_on(self._err.stream).spelled(line)}\n"

    def _prepare(self) -> None:
        """Choose the form of results, and whether there is a progress line."""
        self.glyphs = self._glyphs_on(self.out.stream)
        self.report = self._choose_report()
        self._progress = self._choose_progress()

    def _glyphs_on(self, stream: TextIO) -> Glyphs:
        """The character set of a stream."""
        return glyphs_of(self._options.ascii_only or not console.speaks_unicode(stream))

    def _choose_report(self) -> Report:
        options, out = self._options, self.out.stream
        if options.json:
            from tui.headless.json_report import JsonReport

            return JsonReport()
        if options.quiet or not (is_terminal(out) and console.has_terminal_type()):
            return PlainReport(self.glyphs, quiet=options.quiet)
        from tui.headless.rich_report import RichReport

        return RichReport(console.width_of(out), no_color=options.no_color, glyphs=self.glyphs)

    def _choose_progress(self) -> ProgressLine | None:
        """Make a progress line where it disturbs nothing: on a terminal, with results also there or in a file."""
        options, out, err = self._options, self.out.stream, self._err.stream
        if options.quiet or not (is_terminal(err) and console.has_terminal_type()):
            return None
        if not (is_at_rest(out) or (is_terminal(out) and not options.json)):
            return None
        return ProgressLine(
            self._err.write,
            lambda: console.width_of(err),
            colours=not options.no_color,
            glyphs=self._glyphs_on(err),
        )
