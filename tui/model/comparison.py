"""The comparison of two runs of a lesson: one line on what differs and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from engine.events import Outcome, PathEnded, SettingChanged
from tui.model.run_state import RunState
from tui.text.fit import cut
from tui.text.words import counted, number, rounded

SILENT = ("speed", "log_every", "test_every", "data", "data_dir")
"""Settings that change none of a run's numbers."""
_MOST = 3


def compared(before: RunState, after: RunState) -> str:
    """Compare two runs in one line: `only learning rate: 0.01 to 0.02 · steps 112 to 61 · same minimum`; empty if there
    is nothing to compare."""
    if before.lesson != after.lesson or before.ended is None or after.ended is None:
        return ""
    files = [name for name, saved in after.files.items() if before.files.get(name, saved) != saved]
    changed = changed_words(before.settings_at_start, after.settings_at_start, files)
    meanwhile = [
        _changes_words(before.changes, "the last run"),
        _changes_words(after.changes, "this run" if before.changes else ""),
    ]
    if any(meanwhile):
        changed = changed.removeprefix("only ")  # a live change made a difference too
    said = [changed, *meanwhile, *_effects(before, after)]
    return " · ".join(part for part in said if part)


def changed_words(before: Mapping[str, str], after: Mapping[str, str], files: Iterable[str] = ()) -> str:
    """The changed settings: `only learning rate: 0.01 to 0.02`; and the files of settings that were saved again, as the
    settings name them: `only mine.py: saved again`."""
    changed = [
        f"{name.replace('_', ' ')}: {_short(before[name])} to {_short(text)}"
        for name, text in after.items()
        if name in before and before[name] != text and name not in SILENT
    ]
    changed += [f"{cut(PurePath(name).name, 24)}: saved again" for name in files]
    if not changed:
        return "same settings"
    shown = ", ".join(changed[:_MOST])
    more = f" and {len(changed) - _MOST} more" if len(changed) > _MOST else ""
    return ("only " if len(changed) == 1 else "") + shown + more


def _changes_words(changes: Sequence[SettingChanged], run: str) -> str:
    """The live changes during a run: `learning rate 0.1 to 0.2 at step 29`; empty if there were none."""
    told = [change for change in changes if change.name not in SILENT]
    said = [
        f"{change.name.replace('_', ' ')} {_short(change.before)} to {_short(change.after)} at step {change.step:,}"
        for change in told[:1]
    ]
    if len(told) > 1:
        said.append(f"{counted(len(told) - 1, 'more change')} after it")
    return f"{run}: ".removeprefix(": ") + ", ".join(said) if said else ""


def _short(text: str) -> str:
    return cut(rounded(text), 24)


def _effects(before: RunState, after: RunState) -> list[str]:
    stopped = [state for state in (before, after) if state.outcome in (Outcome.STOPPED, Outcome.FAILED)]
    if stopped:
        return ["this one did not finish" if after in stopped else "the last one did not finish"]
    if before.ended_paths and after.ended_paths:
        return _descents(before.ended_paths, after.ended_paths)
    if before.training is not None and after.training is not None:
        return _classifiers(before, after)
    return []


def _descents(before: tuple[PathEnded, ...], after: tuple[PathEnded, ...]) -> list[str]:
    if len(before) == len(after) == 1:
        return _one_descent(before[0], after[0])
    arrived = [sum(end.minimum is not None for end in ends) for ends in (before, after)]
    lost = [sum(end.diverged_step is not None for end in ends) for ends in (before, after)]
    said = [_moved("arrived", *(f"{some} of {len(ends)}" for some, ends in zip(arrived, (before, after), strict=True)))]
    if all(arrived):
        fastest = [min(end.arrived_step or 0 for end in ends if end.minimum) for ends in (before, after)]
        said.append(_moved("fastest", *(f"{steps} steps" for steps in fastest)))
    if any(lost):
        said.append(_moved("diverged", *map(str, lost)))
    pairs = list(zip(before, after, strict=False)) if len(before) == len(after) else []
    if pairs:
        same = sum(_minimum(a) == _minimum(b) for a, b in pairs)
        said.append("same minima" if same == len(pairs) else f"{len(pairs) - same} of {len(pairs)} ended elsewhere")
    return said


def _one_descent(before: PathEnded, after: PathEnded) -> list[str]:
    if after.diverged_step is not None:
        again = "diverged again" if before.diverged_step is not None else "diverged now"
        return [f"{again}, at step {after.diverged_step}"]
    said = []
    if before.diverged_step is not None:
        said.append("diverged before, not now")
    if before.arrived_step is not None and after.arrived_step is not None:
        said.append(_moved("steps", str(before.arrived_step), str(after.arrived_step)))
    elif after.arrived_step is not None:
        said.append(f"arrived now, in {after.arrived_step} steps")
    elif before.arrived_step is not None:
        said.append("arrived before, not now")
    else:
        said.append(_moved("f", number(before.value), number(after.value)))
    if before.minimum is not None and after.minimum is not None:
        said.append("same minimum" if _minimum(before) == _minimum(after) else f"another minimum, {_name(after)}")
    return said


def _minimum(end: PathEnded) -> tuple[float, ...] | None:
    return end.minimum.point if end.minimum is not None else None


def _name(end: PathEnded) -> str:
    return end.minimum.label if end.minimum is not None else ""


def _classifiers(before: RunState, after: RunState) -> list[str]:
    said = []
    runs = [state.training for state in (before, after) if state.training is not None]
    tests = [run.evaluations[-1] if run.evaluations else None for run in runs]
    accuracies = [test.accuracy if test is not None and test.class_names else None for test in tests]
    losses = [test.loss if test is not None else None for test in tests]
    if after.diverged is not None:
        said.append(("diverged again" if before.diverged else "diverged now") + f", at step {after.diverged.step}")
    elif before.diverged is not None:
        said.append("diverged before, not now")
    if accuracies[0] is not None and accuracies[1] is not None:
        said.append(_moved("test accuracy", *(f"{share:.2%}" for share in accuracies if share is not None)))
    if losses[0] is not None and losses[1] is not None:
        said.append(_moved("test loss", *(number(loss) for loss in losses if loss is not None)))
    if before.step != after.step:
        said.append(_moved("steps", f"{before.step:,}", f"{after.step:,}"))
    return said


def _moved(what: str, before: str, after: str) -> str:
    return f"{what} {before} to {after}" if before != after else f"{what} {after} again"
