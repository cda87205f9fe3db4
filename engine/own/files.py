"""A learner's own code from a Python file: `FILE.py` or `FILE.py:NAME`. Only a run that names the file runs it, as the
learner's own code, and again after it was changed. An error in it is reported with its line in the file.

This module reads and runs files, and loads the functions of `--function`, `--surface` and `--activation`.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import chain, starmap
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from engine.errors import InputError, RunFailed, cause
from engine.files import read_regular
from engine.last_used import LastUsed
from engine.lazy import tf
from engine.own.paths import FORM, is_file
from engine.settings import Settings

# Numbers at which a function is tried, first those in (0, 1), where most functions are defined.
_TRIED = ((0.3, 0.45, 0.6, 0.75), (1.5, 2.5, 4.0, 7.0), (-0.3, -0.6, -1.5, -4.0), (12.0, 25.0, 50.0, 100.0))

_MOST_BYTES = 2**24

# How much of each kind, as functions or losses, is kept of the files that runs have loaded. Each version of a file that
# is saved again is loaded again.
KEPT = 32

RANDOM = (
    "it gives other values when it is called again; random numbers come from tf.random.stateless_normal and its like"
)

LearnerFunction = Callable[..., Any]


class Stopped(BaseException):
    """A learner's code was interrupted because its run has to stop."""


@dataclass(frozen=True)
class OwnFunction:
    """A function from a file. `saved` identifies the version of the file; `dtype` is what the function computes in."""

    text: str
    call: LearnerFunction
    saved: int
    dtype: str

    def __call__(self, *arguments: Any) -> Any:
        """Evaluate: the last argument is the array namespace, as for a lesson's formula. NumPy's complex arrays stand
        for dual numbers, as in engine.descent.stability."""
        *values, m = arguments
        if m is not np:
            return self.call(*values)
        arrays = np.broadcast_arrays(*values)
        points = [tf.constant(np.real(array), self.dtype) for array in arrays]
        with tf.GradientTape() as tape:
            tape.watch(points)
            found = self.call(*points)
        result = found.numpy().astype(np.result_type(np.real(arrays[0]).dtype, np.float32))
        if not any(np.iscomplexobj(array) for array in arrays):
            return result
        slopes = tape.gradient(found, points, unconnected_gradients="zero")
        dual = np.empty(result.shape, np.complex128)
        dual.real = result
        dual.imag = sum(slope.numpy() * np.imag(array) for slope, array in zip(slopes, arrays, strict=True))
        return dual


@dataclass(frozen=True)
class Source:
    """A Python file that a setting names: the setting's `option` and `text`, the path, the `name` in the file (empty if
    the text gives none), the file's content, and the time when it was saved, in ns."""

    option: str
    text: str
    path: Path
    name: str
    code: str
    saved: int

    def run(self) -> dict[str, Any]:
        """Run the file; returns the names that it defines. Raises InputError with the line in the file."""
        with self.told():
            return _executed(self.path, self.code)

    def told(self) -> AbstractContextManager[None]:
        """Run the learner's code inside: an error in it becomes an InputError with its line in the file, and
        `interrupt` can stop it."""
        return _reporting(self.option, self.path)

    def explained(self, part: str = "") -> AbstractContextManager[None]:
        """As `told`, for code that must not be interrupted: a run that stops there would lose steps. An error says of
        which `part` of the file it is."""
        return _explained(self.option, self.path, part)

    def refuse(self, why: str, code: CodeType | None = None) -> InputError:
        """Make the error for a file that cannot be used, with the line where the function of this `code` begins."""
        line = f", line {code.co_firstlineno}" if code is not None and code.co_filename == str(self.path) else ""
        return InputError(f"{_of(self.option)}{self.path}{line}: {why}")


def read(option: str, text: str, *, named: bool = True) -> Source:
    """Read the file that `text` names, without running it; with `named`, the text may name something in it as well.
    Raises InputError if it cannot be read."""
    form = FORM.fullmatch(text)
    if form is None or (form["name"] and not named):
        raise InputError(f"{option}: {text!r} is not accepted; expected FILE.py{' or FILE.py:NAME' if named else ''}")
    path = Path(form["path"]).expanduser()
    try:
        code = _content(path).decode("utf-8")
        return Source(option, text, path, form["name"] or "", code, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        reason = str(error) if isinstance(error, ValueError) else error.strerror
        if isinstance(error, UnicodeDecodeError):
            reason = "it is not UTF-8 text"
        raise InputError(f"{_of(option)}cannot read {path}: {reason}") from None


def of(settings: Settings) -> tuple[str, ...]:
    """The texts of the settings that name a Python file, in their order."""
    values = (getattr(settings, name) for name in settings.texts())
    texts = (text for value in values for text in (value if isinstance(value, tuple) else (value,)))
    return tuple(text for text in texts if isinstance(text, str) and is_file(text))


def saved(text: str) -> int:
    """When the file that `text` names was saved, in ns; −1 if there is no such file."""
    form = FORM.fullmatch(text)
    try:
        return -1 if form is None else Path(form["path"]).expanduser().stat().st_mtime_ns
    except OSError:
        return -1


def checksum(text: str) -> int:
    """The CRC-32 of the file that `text` names, which is not run; −1 if it cannot be read."""
    form = FORM.fullmatch(text)
    try:
        return -1 if form is None else zlib.crc32(_content(Path(form["path"]).expanduser()))
    except (OSError, ValueError):
        return -1


def _content(path: Path) -> bytes:
    """The bytes of a file; a pipe or a device would block. Raises OSError, or ValueError if it is too large."""
    return read_regular(path, _MOST_BYTES, follow=True)


def named(
    source: Source,
    names: dict[str, Any],
    *defaults: str,
    kind: str = "function",
    usable: Callable[[Any], bool] = callable,
) -> Any:
    """Find the wanted name among the names of a file, or else the first of the default names.

    Raises:
        InputError: nothing `usable`, of this `kind`, has the name; the text lists the names that do.
    """
    wanted = (source.name,) if source.name else defaults
    value = next((names[name] for name in wanted if usable(names.get(name))), None)
    if value is None:
        known = ", ".join(each for each, value in names.items() if usable(value) and each[0] != "_")
        raise InputError(
            f"{_of(source.option)}{source.path} has no {kind} {' or '.join(wanted)}; it has {known or 'none'}"
        )
    return value


_functions: LastUsed[OwnFunction] = LastUsed(KEPT)


def load(option: str, text: str, default: str, arity: int) -> OwnFunction:
    """Load the function of `arity` arguments that `text` names, or `default` if it names none, and try it.

    Raises:
        InputError: there is no such file or function, or it cannot be used; the text gives the file's line.
    """
    source = read(option, text)

    def make() -> OwnFunction:
        function = named(source, source.run(), default)
        return OwnFunction(text, function, source.saved, _tried(option, source.path, function, arity))

    return _functions.get((text, source.saved, arity), make)


def last_run(text: str) -> OwnFunction | None:
    """The function that a run last loaded from a file; None before any. The file itself is not read."""
    return _functions.last(text)


def interrupt(thread: int | None) -> None:
    """Raise Stopped in a thread if it is running a learner's code."""
    with _lock:
        if thread in _executing:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread or 0), ctypes.py_object(Stopped))


_lock = threading.Lock()
_executing: set[int] = set()


@contextmanager
def _reporting(option: str, path: Path) -> Iterator[None]:
    """Run a learner's code, which `interrupt` can stop; an error in it becomes an InputError with its line in the
    file."""
    thread = threading.get_ident()
    with _lock:
        within = thread in _executing  # a file's code may load another file, as a loss does when it is traced
        _executing.add(thread)
    try:
        with _explained(option, path):
            yield
    finally:
        if not within:
            with _lock:
                _executing.discard(thread)


@contextmanager
def _explained(option: str, path: Path, part: str = "") -> Iterator[None]:
    """Convert an error of a learner's code into an InputError with its line in the file."""
    try:
        yield
    except SyntaxError as error:
        raise InputError(f"{_of(option)}{path}, line {error.lineno}: {error.msg}") from None
    except (InputError, RunFailed):
        raise
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise  # ctrl+c
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        where = f", line {lines[-1]}" if lines else ""
        raise InputError(f"{_of(option)}{path}{where}: {_of(part)}{_reason(error)}") from error


def _of(option: str) -> str:
    """The beginning of a message about an option's file, or a part of a file; empty for a file that is a positional
    argument, or all of it."""
    return f"{option}: " if option else ""


def _reason(error: BaseException) -> str:
    """Explain in one line why a learner's code failed."""
    message = cause(error)
    if "symbolic" in message.lower() and "numpy" in message.lower():
        return "it leaves TensorFlow for NumPy, which is not compiled and has no gradient: use tf.math"
    if "must be real number, not" in message and "Tensor" in message:
        return "a function of Python's math takes one number: use tf.math"
    if "unknown TensorShape" in message:
        return "a result has no known shape, as of tf.numpy_function and tf.py_function: use tf.math, which is compiled"
    if "as a Python `bool`" in message:
        return "a tensor's value is not known to `if` and `while` when the step is compiled: use tf.where"
    return f"{type(error).__name__}: {message[:200]}"


def _executed(path: Path, source: str) -> dict[str, Any]:
    """Run the file as a module, which may import others beside it; returns the module's names."""
    module = ModuleType(f"own_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up here
    with _beside(path.resolve().parent):
        exec(compile(source, str(path), "exec"), module.__dict__)
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}


_imported: dict[str, set[str]] = {}


@contextmanager
def _beside(folder: Path) -> Iterator[None]:
    """Let a file import the modules in its folder, now and later; they are read again each time.

    The folder comes last on the path: a module there called like one of a library must not take its place.
    """
    for other, names in list(_imported.items()):
        for name in names:
            sys.modules.pop(name, None)
        if other in sys.path:
            sys.path.remove(other)
    _imported.clear()
    before, writes_none = set(sys.modules), sys.dont_write_bytecode
    sys.path.append(str(folder))
    sys.dont_write_bytecode = True  # bytecode is known by its second: it would hide what is saved twice in one
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes_none
        new = {
            name: getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name not in before
        }
        _imported[str(folder)] = {name for name, file in new.items() if file and folder in Path(file).parents}


def _tried(option: str, path: Path, function: LearnerFunction, arity: int) -> str:
    """Try a function; returns the dtype it computes in: float64, or float32 if a constant in it allows no other.

    Raises:
        InputError: it returns no value or gradient of the arguments' shape, no finite one, or another one each time.
    """
    try:
        with _reporting(option, path):
            return _try(option, path, function, arity, "float64")
    except InputError:
        with _reporting(option, path):
            return _try(option, path, function, arity, "float32")


def _try(option: str, path: Path, function: LearnerFunction, arity: int, dtype: str) -> str:
    tried = [[tf.constant(np.roll(each, shift), dtype) for shift in range(arity)] for each in _TRIED]

    def value_and_slopes(*points: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(points)
            value = function(*points)
        if not tf.is_tensor(value):
            raise InputError(f"{option}: {path}: it returned a {type(value).__name__}; expected a tensor")
        if value.shape != points[0].shape or value.dtype != points[0].dtype:
            raise InputError(
                f"{option}: {path}: of tensors {dtype} {list(points[0].shape)} it returned {value.dtype.name} "
                f"{value.shape.as_list()}; expected the same shape and dtype"
            )
        slopes = tape.gradient(value, points)
        if all(slope is None for slope in slopes):
            raise InputError(f"{option}: {path}: it has no gradient: all of it is to be computed by TensorFlow")
        return value, [slope for slope in slopes if slope is not None]

    compiled = tf.function(value_and_slopes, autograph=False, jit_compile=True)
    first, again = compiled(*tried[0]), compiled(*tried[0])
    if not np.array_equal(first[0], again[0], equal_nan=True):
        raise InputError(f"{option}: {path}: {RANDOM}")
    for value, slopes in chain([first], starmap(compiled, tried[1:])):
        if np.isfinite([value, *slopes]).any(axis=1).all():
            return dtype
    numbers = ", ".join(f"{each:g}" for each in sorted(sum(_TRIED, ())))
    raise InputError(f"{option}: {path}: it has no finite value or gradient at any of {numbers}")
