"""What is written without the app: results to one stream, messages and a line of progress to another."""

from __future__ import annotations

from typing import Protocol, TextIO

from engine.events import Delivery, LogFailed
from tui import console
from tui.headless_output import Output, is_at_rest, is_terminal
from tui.headless_plain import PlainReport
from tui.headless_progress import ERASE, ProgressLine
from tui.options import HeadlessOptions
from tui.plain import plain
from tui.text import clean


class Report(Protocol):
    """What turns events into text."""

    def text(self, delivery: Delivery) -> str:
        """What is printed for an event."""


class Silence:
    """A report that says nothing."""

    def text(self, delivery: Delivery) -> str:
        """Nothing."""
        return ""


class Voice:
    """Where what a session says goes. Nothing here raises where a stream fails."""

    def __init__(self, streams: console.Streams, options: HeadlessOptions) -> None:
        self._options = options
        self.log = streams.log
        self.out, self._err = Output(streams.out), Output(streams.err)
        self._progress: ProgressLine | None = None
        self.report: Report
        self._prepare()

    @property
    def has_progress(self) -> bool:
        """Whether there is a line of progress to be kept up to date."""
        return self._progress is not None

    def show(self, delivery: Delivery) -> None:
        """Print what an event says."""
        if self._progress:
            self._progress.take(delivery)
        text = self.report.text(delivery)
        if text and self._progress:
            self._progress.clear()
        self.out.write(text)
        if isinstance(delivery.event, LogFailed):
            self.say(delivery.event.message)

    def draw_progress(self) -> None:
        """Draw the line of progress where it has changed."""
        if self._progress:
            self._progress.draw()

    def say(self, text: str) -> None:
        """A line for a person, on the messages' stream."""
        if self._progress:
            self._progress.clear()
        self._err.write(self._message(text))

    def last_words(self, text: str) -> str:
        """What another process is to write if this one ends without a word: over the line of progress, if any."""
        return (ERASE if self._progress else "") + self._message(text)

    def results_go_to(self, out: TextIO) -> None:
        """Print results there, in the form that is right for it."""
        self.out = Output(out)
        self._prepare()

    def messages_go_to(self, err: TextIO) -> None:
        """Say there what is to be said from now on, without a line of progress."""
        if self._progress:
            self._progress.clear()
        self._progress = None
        self._err = Output(err)

    def hush(self) -> None:
        """Print no results from now on: another process does."""
        self._progress = None
        self.report = Silence()

    def _message(self, text: str) -> str:
        line = clean(" ".join(text.split()))
        ascii_only = self._options.ascii_only or not console.speaks_unicode(self._err.stream)
        return f"gdtui: {plain(line) if ascii_only else line}\n"

    def _prepare(self) -> None:
        """Choose how results are written, and whether there is a line of progress."""
        self.ascii_only = self._options.ascii_only or not console.speaks_unicode(self.out.stream)
        self.report = self._choose_report()
        self._progress = self._choose_progress()

    def _choose_report(self) -> Report:
        options, out = self._options, self.out.stream
        if options.json:
            from tui.headless_json import JsonReport

            return JsonReport()
        if options.quiet or not (is_terminal(out) and console.has_terminal_type()):
            return PlainReport(ascii_only=self.ascii_only, quiet=options.quiet)
        from tui.headless_rich import RichReport

        return RichReport(console.width_of(out), no_color=options.no_color, ascii_only=self.ascii_only)

    def _choose_progress(self) -> ProgressLine | None:
        """A line for how far it is, where it spoils nothing: on a terminal, with results there too or in a file."""
        options, out, err = self._options, self.out.stream, self._err.stream
        if options.quiet or not (is_terminal(err) and console.has_terminal_type()):
            return None
        if not (is_at_rest(out) or (is_terminal(out) and not options.json)):
            return None
        return ProgressLine(
            self._err.write,
            lambda: console.width_of(err),
            colours=not options.no_color,
            ascii_only=options.ascii_only or not console.speaks_unicode(err),
        )
