"""A JSON file in the user's state folder: replaced atomically, readable only by its owner. A damaged one is renamed,
never deleted, and is never fatal."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from engine.files import read_regular

LARGEST = 1 << 20
_LONGEST = 10_000

T = TypeVar("T")


class DamagedError(ValueError):
    """A file's content is invalid; the text says why in a few words."""


def read(path: Path, parse: Callable[[Any], T]) -> tuple[T | None, str]:
    """Read a file; returns its content, or None and why it cannot be used. The file stays in place."""
    try:
        return parse(json.loads(read_regular(path, LARGEST, follow=True))), ""
    except OSError as error:
        return None, error.strerror or str(error)
    except (ValueError, RecursionError) as error:
        known = isinstance(error, DamagedError) or "larger" in str(error)
        return None, str(error) if known else "it is not JSON"


def load(path: Path, parse: Callable[[Any], T], nothing: T, what: str) -> tuple[T, str]:
    """Read the file; returns its content and a message for the user if it could not be used (else an empty text).
    `what` names the file; `parse` takes the JSON and raises DamagedError."""
    try:
        raw = read_regular(path, LARGEST, follow=True)
    except FileNotFoundError:
        return nothing, ""
    except OSError as error:
        return nothing, f"the {what} cannot be read ({error.strerror}): starting with defaults"
    except ValueError:
        return nothing, _rename_damaged(path, "larger than 1 MB", what)
    try:
        return parse(json.loads(raw)), ""
    except (ValueError, RecursionError) as error:
        return nothing, _rename_damaged(path, str(error) if isinstance(error, DamagedError) else "not JSON", what)


def save(path: Path, content: Any) -> None:
    """Replace the file atomically. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp makes the file 0600 and its name unique: two sessions may save at once.
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def versioned(content: Any, version: int) -> dict[str, Any]:
    """Check the version of a file's content. Raises DamagedError."""
    if not isinstance(content, dict):
        raise DamagedError("not an object")
    if "version" not in content:
        raise DamagedError("it has no version")
    if content.get("version") != version:
        raise DamagedError(f"written by another version, {str(content.get('version'))[:20]!r}")
    return content


def text(value: Any, name: str) -> str:
    """Check for a text. Raises DamagedError."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise DamagedError(f"{name[:40]!r} is not a text")
    return value


def mapping(value: Any, name: str) -> dict[str, Any]:
    """Check for an object. Raises DamagedError."""
    if not isinstance(value, dict):
        raise DamagedError(f"{name[:40]!r} is not an object")
    return value


def items(value: Any, name: str) -> list[Any]:
    """Check for a list. Raises DamagedError."""
    if not isinstance(value, list):
        raise DamagedError(f"{name[:40]!r} is not a list")
    return value


def whole(value: Any, name: str) -> int:
    """Check for a whole number that is not negative. Raises DamagedError."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise DamagedError(f"{name[:40]!r} is not a whole number")
    return value


def truth(value: Any, name: str) -> bool:
    """Check for true or false. Raises DamagedError."""
    if not isinstance(value, bool):
        raise DamagedError(f"{name[:40]!r} is not true or false")
    return value


def _rename_damaged(path: Path, why: str, what: str) -> str:
    """Rename the file to the first free name; returns the message for the learner."""
    aside = next(
        (there for n in range(1, 100) if not (there := path.with_name(f"{path.name}.damaged-{n}")).exists()), None
    )
    if aside is not None:
        try:
            path.rename(aside)
        except OSError:
            aside = None
    kept = f"kept as {aside.name}" if aside is not None else "left where it is"
    return f"the {what} is damaged ({why}): {kept}, starting with defaults"
