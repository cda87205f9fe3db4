"""The parser of terminal input: text to Textual's messages. It raises on no input, and its memory is bounded.

Input is split into sequences by the grammar of ECMA-48: one that is unknown, malformed, huge or incomplete is skipped
completely and never read as keys. The meaning of complete ones is left to Textual: `XTermParser` maps sequences to keys
and to mouse events. Textual's own loop around it raises on sequences such as `CSI 97;1:1u`, types unknown ones as text,
and takes a microsecond and more for each character.

Sources: ECMA-48, 5th edition (1991), 5.4 for control sequences and 5.6 for control strings; "XTerm Control Sequences"
for mouse reports and bracketed paste; the kitty keyboard protocol for reports that end with u.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from textual import constants, events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import IS_ITERM, XTermParser
from textual.keys import Keys
from textual.message import Message

from tui.terminal.log import log_text
from tui.terminal.meter import ANSWER
from tui.terminal.type_ahead import TypeAhead
from tui.text.clean import clean

ESC = "\x1b"

MOST_COLUMNS, MOST_LINES = 2000, 1000
"""The largest terminal: a larger reported size is ignored. 8K displays with the smallest fonts stay below."""

MOST_PASTED = 20_000
"""The most characters of a paste; a longer one is refused. Textual's Input has one line and draws all of it."""

MOST_KEPT = 256
"""The most characters of a sequence that are kept; of a longer one only the end is searched for."""

PATIENCE_S = 1.0
"""How long to wait for the end of a sequence or of a paste. ESCAPE_DELAY applies to what may be a complete key."""

KEYSTROKE = 8
"""A piece of input that is no longer may have been typed, and does not prolong the wait."""

MOST_REPORTED = 50
"""The most skipped sequences that are logged."""

_WHOLE = re.compile(
    r"\x1b(?:"
    r"\[M[^\x1b]{3}"  # a mouse report of the X10 kind
    r"|\[\d+\$"  # shift and a key, of rxvt
    r"|\[(?!M)\[?[ -?]*[@-Z\\-~]"  # CSI; a function key of the Linux console has a second bracket
    r"|O[0-?]*[@-~]"  # SS3
    r"|[]PX^_][^\x07\x18\x1a\x1b]*(?:[\x07\x18\x1a]|\x1b\\)"  # a string: OSC, DCS, SOS, PM, APC
    r"|[^\x1b[O\]PX^_]"  # alt and a key
    r")",
    re.DOTALL,
)
_BEGUN = re.compile(r"\x1b(?:\[(?:M[^\x1b]{0,2}|\[?[ -?]*)|O[0-?]*|[]PX^_][^\x07\x18\x1a\x1b]*(?:\x1b\Z)?)?", re.DOTALL)
_REST_OF_STRING = re.compile(r"[^\x07\x18\x1a\x1b]*([\x07\x18\x1a])?")
_REST_OF_CONTROL = re.compile(r"[ -?]*([@-~])?")

_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"
_IN_PASTE = re.compile(rf"{re.escape(_PASTE_ENDS)}|{re.escape(ANSWER)}")
_BEGUN_IN_PASTE = re.compile(r"\x1b(?:\[(?:20?1?|0)?)?\Z")

_C1 = re.compile("[\x80-\x9f]")
# The 8-bit controls that begin a sequence, mapped to the equivalent 7-bit ones; the others have no meaning as input.
_SEVEN_BITS = {
    code: f"{ESC}{chr(code - 0x40)}" if chr(code - 0x40) in "[O]PX^_\\" else "" for code in range(0x80, 0xA0)
}

_SIZE = re.compile(r"\x1b\[48;(\d+)(?::\d*)*;(\d+)(?::\d*)*;(\d+)(?::\d*)*;(\d+)(?::\d*)*t", re.ASCII)
_MODE = re.compile(r"\x1b\[\?(\d+);(\d)\$y", re.ASCII)
_NUMBERED = re.compile(r"\x1b\[(\d*)[\d:;]*([~A-HPQRS])", re.ASCII)
_MOUSE = re.compile(r"\x1b\[<?[-\d;]+[mM]", re.ASCII)


class InputParser:
    """Parses the terminal's input; `feed` takes it in pieces, `tick` is called periodically. `on_answer` is called for
    an answer to the line meter's question, `on_refused` with the length of a paste that was too long.

    Characters that come faster than a person types are a paste too: not every terminal brackets one. Such a paste ends
    when the input pauses.
    """

    def __init__(
        self,
        on_answer: Callable[[], object] = lambda: None,
        on_refused: Callable[[int], object] = lambda length: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_answer = on_answer
        self._on_refused = on_refused
        self._clock = clock
        self._known = XTermParser()
        self._begun = ""
        self._rest_of: re.Pattern[str] | None = None
        self._type_ahead = TypeAhead(clock)
        self._paste: list[str] | None = None
        self._bracketed = False
        self._pasted = 0
        self._deadline: float | None = None
        self._unanswered = {"2026", "2048"}
        self._sizes_come = False
        self._reported = 0

    def feed(self, text: str) -> Iterator[Message]:
        """Parse the next piece of input."""
        yield from self._end_where_paused()
        typed = len(text) <= KEYSTROKE
        if _C1.search(text):
            text = text.translate(_SEVEN_BITS)
        text, self._begun = self._begun + text, ""
        deadline, self._deadline = self._deadline, None
        position = 0
        while position < len(text):
            if self._rest_of is not None:
                position = self._skip(self._rest_of, text, position)
            elif self._paste is not None and self._bracketed:
                position, ended = self._collect(self._paste, text, position)
                if ended:
                    yield from self._pasted_text()
            elif text[position] == ESC:
                position, sequence = self._cut(text, position)
                yield from self._interpret(sequence)
            else:
                end = text.find(ESC, position)
                end = len(text) if end < 0 else end
                yield from self._characters(text[position:end])
                position = end
        self._wait(deadline, typed)

    def tick(self) -> Iterator[Message]:
        """Stop waiting for what has not come in time."""
        yield from self._end_where_paused()
        if self._deadline is None or self._clock() < self._deadline:
            return
        self._deadline = None
        self._rest_of = None
        begun, self._begun = self._begun, ""
        if self._paste is not None and self._bracketed:
            yield from self._pasted_text()
        elif begun:
            yield from self._interpret(begun)

    def _end_where_paused(self) -> Iterator[Message]:
        """End the paste without brackets if no more came than a person types."""
        if self._paste is not None and not self._bracketed and self._type_ahead.rested:
            yield from self._pasted_text()

    def _wait(self, deadline: float | None, typed: bool) -> None:
        """Set the time until which the end of what has begun is waited for."""
        in_paste = self._paste is not None and self._bracketed
        if not in_paste and self._rest_of is None and len(self._begun) <= 2:
            self._deadline = self._clock() + constants.ESCAPE_DELAY if self._begun else None
        elif deadline is not None and typed:
            self._deadline = deadline
        else:
            self._deadline = self._clock() + PATIENCE_S

    # --- splitting ------------------------------------------------------------------------------------------------

    def _cut(self, text: str, start: int) -> tuple[int, str]:
        """Find the sequence at `start`, and where it ends; "" for one that is incomplete or malformed."""
        if whole := _WHOLE.match(text, start):
            if len(whole[0]) <= MOST_KEPT:
                return whole.end(), whole[0]
            self._report(whole[0])
            return whole.end(), ""
        begun = _BEGUN.match(text, start)
        assert begun is not None  # it matches any ESC
        if begun.end() < len(text):  # what follows does not belong to a sequence
            if begun[0] == ESC:
                return begun.end(), ESC
            self._report(begun[0])
            return begun.end(), ""
        if len(begun[0]) > MOST_KEPT:
            self._rest_of = _REST_OF_CONTROL if begun[0][1] in "[O" else _REST_OF_STRING
            self._report(begun[0])
        else:
            self._begun = begun[0]
        return len(text), ""

    def _skip(self, rest_of: re.Pattern[str], text: str, start: int) -> int:
        """Skip the rest of a sequence that is too long; returns where it ends."""
        rest = rest_of.match(text, start)
        assert rest is not None  # it also matches an empty text
        if rest[1] is not None or rest.end() < len(text):
            self._rest_of = None
        return rest.end()

    def _collect(self, paste: list[str], text: str, start: int) -> tuple[int, bool]:
        """Collect the characters of a paste; returns where it ends in `text`, and whether the paste has ended."""
        mark = _IN_PASTE.search(text, start)
        begun = None if mark else _BEGUN_IN_PASTE.search(text, start)
        end = mark.start() if mark else begun.start() if begun else len(text)
        self._take_in(paste, text[start:end])
        if mark is None:
            self._begun = text[end:]
            return len(text), False
        if mark[0] == ANSWER:
            self._on_answer()
        return mark.end(), mark[0] != ANSWER

    def _take_in(self, paste: list[str], text: str) -> None:
        """Add to a paste, and keep nothing of one that is too long."""
        self._pasted += len(text)
        if self._pasted <= MOST_PASTED:
            paste.append(text)
        else:
            paste.clear()

    # --- meanings -------------------------------------------------------------------------------------------------

    def _interpret(self, sequence: str) -> Iterator[Message]:
        """The messages for a sequence, complete or without its end."""
        if not sequence or sequence == f"{ESC}\\":  # the end of a string
            return
        if sequence == ANSWER:
            self._on_answer()
        elif sequence == _PASTE_BEGINS:
            if self._paste is not None:
                yield from self._pasted_text()
            self._paste, self._pasted, self._bracketed = [], 0, True
        elif sequence == "\x1b[I":
            yield events.AppFocus()
        elif sequence == "\x1b[O":
            yield events.AppBlur()
        elif size := _SIZE.fullmatch(sequence):
            yield from self._resize(*map(int, size.groups()))
        elif mode := _MODE.fullmatch(sequence):
            yield from self._mode(mode[1], int(mode[2]))
        elif _MOUSE.fullmatch(sequence):
            yield from self._mouse(sequence)
        elif self._paste is not None or not self._type_ahead.take():
            return
        elif sequence == ESC:
            yield events.Key("escape", ESC)
        else:
            yield from self._key(sequence)

    def _characters(self, text: str) -> Iterator[Message]:
        """The keys of single characters; none while they come faster than a person types."""
        typed = self._type_ahead.take(len(text))
        if self._paste is None and typed:
            for character in text:
                yield from self._known._sequence_to_key_events(character)
            return
        if self._paste is None:
            self._paste, self._pasted, self._bracketed = [], 0, False
        self._take_in(self._paste, text)

    def _key(self, sequence: str) -> Iterator[Message]:
        """The key of a sequence. Textual raises for numbers that are not code points."""
        try:
            keys = self._keys_of(sequence)
            if not keys and len(sequence) == 2:
                keys = list(self._known._sequence_to_key_events(sequence[1], alt=True))
            for key in keys:
                f"{key.key}{key.character or ''}".encode()  # surrogates
        except (ValueError, OverflowError):
            keys = []
        if not keys:
            self._report(sequence)
        yield from (key for key in keys if key.key != Keys.Ignore)

    def _keys_of(self, sequence: str) -> list[events.Key]:
        """The keys that Textual knows for a sequence. It takes a number that it does not know for a code point, which
        it is only before u: 113~ would be q."""
        numbered = _NUMBERED.fullmatch(sequence)
        if numbered is None or f"{numbered[1] or 1}{numbered[2]}" in FUNCTIONAL_KEYS:
            return list(self._known._sequence_to_key_events(sequence))
        keys = ANSI_SEQUENCES_KEYS.get(sequence, ())
        return [events.Key(key.value, None) for key in keys] if isinstance(keys, tuple) else []

    def _mouse(self, sequence: str) -> Iterator[Message]:
        event = self._known.parse_mouse_code(sequence)
        if isinstance(event, events.MouseEvent) and event.screen_x < MOST_COLUMNS and event.screen_y < MOST_LINES:
            yield event
        else:
            self._report(sequence)

    def _resize(self, lines: int, columns: int, pixels_high: int, pixels_wide: int) -> Iterator[Message]:
        """Handle a size reported by the terminal, which it does only after it has reported that it can."""
        sane = 0 < columns <= MOST_COLUMNS and 0 < lines <= MOST_LINES and pixels_wide > 0 and pixels_high > 0
        if not sane or not self._sizes_come:
            self._report(f"size of {columns} by {lines}")
            return
        resize = events.Resize.from_dimensions((columns, lines), (pixels_wide, pixels_high))
        self._known.terminal_size, self._known.terminal_pixel_size = resize.size, resize.pixel_size
        self._known.mouse_pixels = True
        yield resize

    def _mode(self, number: str, setting: int) -> Iterator[Message]:
        """Handle the answer to whether the terminal has a mode; each is asked for once."""
        if number not in self._unanswered:
            return
        self._unanswered.discard(number)
        if number == "2026" and setting > 0:
            yield messages.TerminalSupportsSynchronizedOutput()
        elif number == "2048" and constants.SMOOTH_SCROLL and not IS_ITERM:
            report = messages.InBandWindowResize.from_setting_parameter(setting)
            self._sizes_come = report.supported
            yield report

    def _pasted_text(self) -> Iterator[Message]:
        """The paste that has ended, if it is not too long."""
        text = "".join(self._paste or ())
        self._paste = None
        if self._pasted > MOST_PASTED:
            self._on_refused(self._pasted)
        else:
            lines = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
            yield events.Paste(clean(lines, keep_newlines=True))

    def _report(self, sequence: str) -> None:
        """Log a skipped sequence."""
        self._reported += 1
        if self._reported <= MOST_REPORTED:
            log_text(f"gdtui: terminal input skipped: {sequence[:40]!a}\n")
