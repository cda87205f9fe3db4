"""Message pumps that survive an exception, and the part of the screen that an exception is charged to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget

_PART = "_failed_part"


class Steady(MessagePump):
    """A message pump whose loop goes on after an exception in a handler; Textual's own ends, and the widget with it.

    The app is notified, and decides about the part of the screen that the exception came from.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)


@contextmanager
def contained(part: Widget) -> Iterator[None]:
    """Charge an exception in this context to `part`, and go on after the block."""
    try:
        yield
    except Exception as error:
        setattr(error, _PART, part)
        part.app._handle_exception(error)


def charged(error: Exception) -> Widget | None:
    """The part that `contained` charged an exception to."""
    part: Widget | None = getattr(error, _PART, None)
    return part
