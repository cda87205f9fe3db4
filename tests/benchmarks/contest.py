"""Rounds in turn: every contestant does its work once, then all again, so other load on the machine affects all
equally."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Sample = dict[str, Any]
Samples = dict[str, list[Sample]]


class MissingError(Exception):
    """A contestant cannot take part here; the text is one line with the reason."""


class Contestant(Protocol):
    """One way of doing the work. Between two rounds it does nothing."""

    name: str

    def start(self) -> None:
        """Prepare and warm up. Raises MissingError."""

    def measure(self, turn: int) -> Sample:
        """Do the work once; `turn` counts the rounds from 0."""

    def stop(self) -> None:
        """Clean up. Called once, also after errors."""


@dataclass
class Results:
    """The measurements by contestant; why some did not take part; and the errors of others, whose first line is enough
    for a person."""

    samples: Samples = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def compete(contestants: Sequence[Contestant], rounds: int, say: Callable[[str], None]) -> Results:
    """Let the contestants work in turn. If one fails, the others go on."""
    results = Results()
    taking_part: list[Contestant] = []
    try:
        for each in contestants:
            say(f"{each.name}: starting")
            try:
                each.start()
            except MissingError as why:
                results.missing[each.name] = str(why)
            except Exception as error:
                results.failed[each.name] = _said(error)
            else:
                taking_part.append(each)
        for turn in range(rounds):
            for each in list(taking_part):
                say(f"{each.name}: round {turn + 1} of {rounds}")
                try:
                    sample = each.measure(turn)
                except Exception as error:
                    results.failed[each.name] = _said(error)
                    taking_part.remove(each)
                else:
                    results.samples.setdefault(each.name, []).append(sample)
    finally:
        for each in contestants:
            each.stop()
    return results


def _said(error: Exception) -> str:
    return str(error).strip() or type(error).__name__
