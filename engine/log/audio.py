"""Audio clips of a log, described by their headers. Nothing is played, and no sample is kept."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_RIFF = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHII")
_MOST_CHUNKS = 100


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip: its file format, size in bytes, samples per second, channels, and length in seconds; 0 for what the file
    does not contain. `label` is text from the log."""

    kind: str
    size: int
    rate_hz: int = 0
    channels: int = 0
    seconds: float = 0.0
    label: str = ""


def clip_of(file: bytes, label: str = "") -> Clip:
    """Read a WAV file's header; for other formats only the size is known."""
    if len(file) < _RIFF.size or _RIFF.unpack_from(file)[::2] != (b"RIFF", b"WAVE"):
        return Clip("audio", len(file), label=label)
    rate = channels = bytes_a_second = 0
    at = _RIFF.size
    for _ in range(_MOST_CHUNKS):
        if at + _CHUNK.size > len(file):
            break
        name, size = _CHUNK.unpack_from(file, at)
        at += _CHUNK.size
        if name == b"fmt " and at + _FORMAT.size <= len(file):
            _, channels, rate, bytes_a_second = _FORMAT.unpack_from(file, at)
        if name == b"data":
            held = min(size, len(file) - at)
            seconds = held / bytes_a_second if bytes_a_second else 0.0
            return Clip("wav", len(file), rate, channels, seconds, label)
        at += size + size % 2
    return Clip("wav", len(file), rate, channels, label=label)
