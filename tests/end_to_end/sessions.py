"""Sessions for the random player: what is pressed, clicked, pasted, resized and sent, each generated from a seed."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.end_to_end import odd_logs
from tests.end_to_end.terminal import KEYS

# --- sessions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    """An action, and the wait after it: bytes are sent, written as Latin-1, so many times; the terminal gets another
    size; the shown log grows."""

    send: str = ""
    times: int = 1
    size: tuple[int, int] | None = None
    grow: int | None = None
    pause_ms: int = 0


@dataclass(frozen=True)
class Session:
    """Everything that determines a session except timing."""

    seed: int
    words: tuple[str, ...]
    log: str
    """The name of the shown log folder; empty if a lesson is shown."""
    environ: dict[str, str]
    size: tuple[int, int]
    answers: bool
    eager: bool
    """Whether keys are typed before the first frame."""
    by_signal: bool
    """Whether SIGTERM ends it, instead of keys."""
    actions: tuple[Action, ...]


def save(session: Session, path: Path) -> None:
    """Write a session into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(session), indent=1) + "\n")


def load(path: Path) -> Session:
    """Read a session from a file."""
    read = json.loads(path.read_text())
    actions = [{**action, "size": tuple(action["size"]) if action["size"] else None} for action in read["actions"]]
    parts = {"words": tuple(read["words"]), "size": tuple(read["size"]), "actions": tuple(Action(**a) for a in actions)}
    return Session(**{**read, **parts})


# --- what is played ---------------------------------------------------------------------------------------------------

SMALL = ("--hidden", "32", "--epochs", "2", "--train-examples", "2000", "--test-examples", "500", "--log-every", "5")
LESSONS: tuple[tuple[str, ...], ...] = (
    (), ("gradients",), ("gradients", "--function", "cubic", "--start", "-1.1"), ("autograd",), ("activations",),
    ("gradients", "--function", "wave", "--optimizer", "adam", "--optimizer", "sgd"), ("losses",), ("himmelblau",),
    ("himmelblau", "--surface", "saddle", "--optimizer", "momentum", "--learning-rate", "0.05"),
    ("himmelblau", "--learning-rate", "1000"), ("himmelblau", "--speed", "20"), ("fashion-mnist", *SMALL),
    ("fashion-mnist", "--optimizer", "sgd", "--learning-rate", "100", *SMALL), ("tensorboard", *SMALL),
    ("gradients", "--function", "log(x)/x"), ("activations", "--activation", "x*tanh(log(1+exp(x)))"),
    ("himmelblau", "--surface", "(1 - x)^2 + 100*(y - x^2)^2", "--start", "-1,1", "--optimizer", "adam"),
)  # fmt: skip
LOOKS: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    ((), {}), ((), {}), ((), {"COLORTERM": "truecolor"}), ((), {"NO_COLOR": "1"}), (("--no-color",), {}),
    (("--ascii",), {"TERM": "linux"}), (("--ascii",), {"NO_COLOR": "1", "TERM": "vt100"}), ((), {"LC_ALL": "C"}),
    (("--low-bandwidth",), {"TERM": "screen"}), ((), {"TERM": "xterm"}), ((), {"TERM": "tmux-256color"}),
)  # fmt: skip
SIZES = ((80, 24), (120, 36), (100, 30), (80, 24), (120, 36), (59, 15), (79, 23), (200, 60))
EXTREMES = ((1, 1), (2, 1), (1, 50), (10, 3), (20, 5), (40, 10), (400, 3), (400, 150), (3, 150))

ARROWS = [KEYS[name] for name in ("up", "down", "left", "right", "home", "end")]
MOVES = [*"hjklvnabf+-zcr,.sgGxXbwRoe[]yi=0", *ARROWS]
LETTERS = [chr(code) for code in range(33, 127) if chr(code) not in "qt"]
NAMED = [KEYS[key] for key in KEYS if key not in ("ctrl+q", "ctrl+c", "ctrl+z")]
OPENERS = ["\t", "\r", "\x1b", "\x10", "?", "/"]
KITTY = [
    "\x1b[97u", "\x1b[112;5u", "\x1b[9;2u", "\x1b[13u", "\x1b[27u", "\x1b[32u", "\x1b[1;2B", "\x1b[118u", "\x1b[5;5~",
]  # fmt: skip
TEXTS = [
    "himmelblau", "-5;-3", "0.5", "nan", "1e999", "-", "", "[b]x[/b]", "theme", "start = 4.5", "7" * 40,
    "résumé 語 \u202e", "x^3 - 3x", "1/(x", "sin(x)^", "loss AND NOT run:/k[0-9]/", "lr<0.01 OR (", "/[a-/", "-2, 4",
]  # fmt: skip
NONSENSE = [
    "\x1b[97;1:1u", "\x1b[97;1:3u", "\x1b[99999999u", "\x1b[1099511627776u", "\x1b[55296u", "\x1b[48;0;0;0;0t",
    "\x1b[48;99999;99999;99999;99999t", "\x1b[<0;99999;99999M", "\x1b[<0;-1;-1M", "\x1b[<0;5M", "\x1b[M abc", "\x1b",
    "\x1b[1;1R", "\x1b[200~", "\x1b[201~", "\x1b]11;rgb:0/0/0\x07", "\x1bP1$r\x1b\\", "\x1b]0;", "\x1b[", "\x9b1A",
    "\xc2\x9b1A", "\xff\xfe", "\xc3", "\x1b[?2026;1$y", "\x1b[?2048;1$y", "\x1b[?2048;0$y", "\x1b[I", "\x1b[O",
    "\x1b[0n", "\x1b[" + "1;" * 3000 + "m",
]  # fmt: skip


def utf8(text: str) -> str:
    """Text as the bytes that a terminal sends for it, written as Latin-1."""
    return text.encode().decode("latin-1")


def make_session(seed: int, length: int = 150) -> Session:
    """Generate the session of a seed."""
    rng = random.Random(seed)
    log = rng.choice(list(odd_logs.LOGS)) if rng.random() < 0.25 else ""
    flags, environ = rng.choice(LOOKS)
    words = ("attach", "log", *flags) if log else (*rng.choice(LESSONS), *flags)
    actions = list(itertools.islice(_actions(rng, bool(log)), length))
    if not log and rng.random() < 0.8:  # most sessions have a run in the background
        actions.insert(rng.randrange(3), Action(" ", pause_ms=200))
    return Session(
        seed, words, log, environ, rng.choice(SIZES), answers=rng.random() < 0.9, eager=rng.random() < 0.2,
        by_signal=rng.random() < 0.4, actions=tuple(actions),
    )  # fmt: skip


def _actions(rng: random.Random, grows: bool) -> Iterator[Action]:
    kinds: dict[Callable[[random.Random], Iterator[Action]], int] = {
        _keys: 10, _burst: 4, _typing: 2, _mouse: 4, _paste: 1, _resize: 2, _nonsense: 2, _noise: 1,
    }  # fmt: skip
    for number in itertools.count():
        if grows and rng.random() < 0.05:
            yield Action(grow=number, pause_ms=100)
        (kind,) = rng.choices(list(kinds), list(kinds.values()))
        for action in kind(rng):
            hurried = rng.random() < 0.4
            yield replace(action, pause_ms=0 if hurried else round(5 * 100 ** (rng.random() ** 2)))


def _key(rng: random.Random) -> str:
    rare = rng.random()
    if rare < 0.004:
        return rng.choice(["q", "t", "\x11"])
    pools: Sequence[Sequence[str]] = (MOVES, NAMED, LETTERS, OPENERS, KITTY, "1234567", " ")
    return rng.choice(*rng.choices(pools, [8, 4, 3, 4, 1, 1, 1]))


def _keys(rng: random.Random) -> Iterator[Action]:
    key, held = _key(rng), rng.random() < 0.1
    yield Action(key, times=rng.randint(5, 60) if held else 1)


def _burst(rng: random.Random) -> Iterator[Action]:
    yield Action("".join(_key(rng) for _ in range(rng.randint(2, 12))))


def _typing(rng: random.Random) -> Iterator[Action]:
    """Open something that is typed into, type, and confirm or cancel."""
    opening, closing = rng.choice(["\x10", "/", "\r", "e", ""]), rng.choice(["\r", "\r", "\x1b", "\t", "\x1b[B\r"])
    parts = [opening, utf8(rng.choice(TEXTS)), closing]
    if rng.random() < 0.5:
        parts = ["".join(parts)]
    yield from (Action(part) for part in parts if part)


def _mouse(rng: random.Random) -> Iterator[Action]:
    column, line = rng.randint(1, 130), rng.randint(1, 40)
    modifier, button = rng.choice([0, 0, 0, 4, 8, 16]), rng.choice([0, 0, 0, 1, 2])
    place, other = f"{column};{line}", f"{rng.randint(1, 130)};{rng.randint(1, 40)}"
    press, release = f"\x1b[<{button + modifier};{place}M", f"\x1b[<{button};{place}m"
    match rng.randrange(6):
        case 0 | 1:
            yield Action(press + release, times=rng.choice([1, 1, 2, 3]))
        case 2:
            yield Action(press)
            yield Action(f"\x1b[<{32 + button};{other}M")
            yield Action(f"\x1b[<{button};{other}m")
        case 3:
            yield Action(f"\x1b[<{rng.randint(64, 67) + modifier};{place}M", times=rng.randint(1, 20))
        case _:
            yield Action(f"\x1b[<35;{place}M")


def _paste(rng: random.Random) -> Iterator[Action]:
    text, times = rng.choice(
        [("0.25", 1), ("two\nlines\r\n", 3), ("語\x1b[31m", 2), ("x", 30_000), ("0123456789", 100_000), ("", 1)]
    )
    bracketed = rng.random() < 0.7
    if bracketed:
        yield Action("\x1b[200~")
    yield Action(utf8(text), times=times)
    if bracketed and rng.random() < 0.9:
        yield Action("\x1b[201~")


def _resize(rng: random.Random) -> Iterator[Action]:
    for _ in range(rng.choice([1, 1, 1, 5])):
        common = rng.random() < 0.6
        yield Action(size=rng.choice(SIZES if common else EXTREMES))
    if not common:
        yield Action(size=rng.choice(SIZES))


def _nonsense(rng: random.Random) -> Iterator[Action]:
    yield Action(rng.choice(NONSENSE))


def _noise(rng: random.Random) -> Iterator[Action]:
    """Random bytes, mostly those that sequences consist of; none that leave the app."""
    bytes_of_sequences = "\x1b\x1b\x1b[[[<?;:0123456789OMmuABCDHF~Rt \x9b\xc3\x85"
    anything = "".join(chr(code) for code in range(256) if chr(code) not in "q\x11\x03\x1a\x1c\r")
    yield Action("".join(rng.choice(rng.choice([bytes_of_sequences, anything])) for _ in range(rng.randint(1, 40))))
