"""The runs of a logdir as a table or as JSON lines: their names, their outcomes, and which can be resumed."""

from __future__ import annotations

import json
import os
from pathlib import Path

from engine.errors import InputError
from engine.run.resuming import can_be_resumed
from engine.run.run_folder import reason
from engine.run.run_record import RunRecord
from engine.run.runs import past_runs
from tui.headless.tables import aligned
from tui.model.history import past_run
from tui.text.clean import clean
from tui.text.words import duration, number

MOST_SHOWN = 30

_HEADS = ("run", "began", "took", "outcome", "steps", "loss or f", "accuracy", "resumes after")


def listing(logdir: Path, *, every: bool = False, as_json: bool = False) -> str:
    """List the runs below `logdir`, newest first: as JSON all of them, as a table MOST_SHOWN unless `every` is set.

    Raises:
        InputError: the folder cannot be read.
    """
    try:
        os.scandir(logdir).close()
    except FileNotFoundError:
        pass  # the first run makes it
    except OSError as error:
        raise InputError(f"{clean(str(logdir))} cannot be read: {reason(error)}") from None
    records = past_runs(logdir)
    if as_json:
        return "\n".join(_as_json(record) for record in records)
    if not records:
        return f"{clean(str(logdir))} holds no run"
    shown = records if every else records[:MOST_SHOWN]
    lines = aligned(_HEADS, [_row(record) for record in shown], clean)
    if len(shown) < len(records):
        lines.append(f"and {len(records) - len(shown):,} older ones; --all lists them")
    lines += [clean(f"{record.name}: {record.damaged}") for record in shown if record.damaged]
    return "\n".join(lines)


def resumable_step(record: RunRecord) -> int | None:
    """The step of a run's last checkpoint; None if it cannot be resumed now. Reads the disk."""
    return (record.checkpoint_step or 0) if can_be_resumed(record) else None


def _row(record: RunRecord) -> tuple[str, ...]:
    run, step = past_run(record), resumable_step(record)
    return (
        run.run,
        run.started.strftime("%Y-%m-%d %H:%M") if run.started is not None else "?",
        duration(run.duration_s) if run.duration_s is not None else "",
        run.outcome,
        f"{run.steps:,}",
        number(run.value) if run.value is not None else "",
        f"{run.accuracy:.2%}" if run.accuracy is not None else "",
        f"step {step:,}" if step is not None else "",
    )


def _as_json(record: RunRecord) -> str:
    """Format a run as one line of ASCII."""
    step = resumable_step(record)
    return json.dumps(
        {
            "run": record.name,
            "path": str(record.path),
            "lesson": record.lesson,
            "outcome": record.outcome,
            "started": record.started.isoformat() if record.started is not None else None,
            "elapsed_s": record.elapsed_s,
            "step": record.step,
            "checkpoint_step": step,
            "pid": record.pid,
            "host": record.host,
            "gdtui": record.version,
            "command": record.command,
            "settings": dict(record.settings),
            "metrics": dict(record.metrics),
            "message": record.message,
            "learned": record.learned,
            "damaged": record.damaged,
        },
        allow_nan=False,
    )
