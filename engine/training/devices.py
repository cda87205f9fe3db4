"""Where and how exactly a classifier computes: which device, how many threads, in what precision, shared out or not."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from engine import workers
from engine.errors import InputError
from engine.lazy import tf
from engine.workers import Workers

DEVICES = ("auto", "cpu", "gpu")
STRATEGIES = ("none", "mirrored", "multi-worker")


class Asked(Protocol):
    """The settings that say where to compute."""

    @property
    def threads(self) -> int: ...
    @property
    def device(self) -> str: ...
    @property
    def mixed_precision(self) -> bool: ...
    @property
    def strategy(self) -> str: ...


@dataclass(frozen=True)
class Place:
    """Where a network is trained. `device` is TensorFlow's name for it, or nothing where TensorFlow is to choose;
    `kind` what it is, CPU or GPU; `policy` the Keras dtype policy of the hidden layers; `strategy` a
    `tf.distribute.Strategy` over several devices; `workers` the processes that train together, where there are several.
    """

    device: str = ""
    kind: str = "CPU"
    policy: str = "float32"
    strategy: Any = None
    workers: Workers | None = None

    def making(self) -> AbstractContextManager[Any]:
        """Within it variables are made where they belong."""
        made: AbstractContextManager[Any] = self.computing() if self.strategy is None else self.strategy.scope()
        return made

    def computing(self) -> AbstractContextManager[Any]:
        """Within it functions are called where they belong; a strategy's know by themselves."""
        return tf.device(self.device) if self.device else nullcontext()


def place(asked: Asked) -> Place:
    """The place that settings ask for. With several workers, it returns when all of them are there.

    Raises:
        InputError: there is no such place, or it is too late to ask for it.
    """
    _use_threads(asked.threads)
    gpus = tf.config.list_physical_devices("GPU")
    if asked.device == "gpu" and not gpus:
        raise InputError("--device: 'gpu' is not accepted: TensorFlow finds no GPU here; expected auto or cpu")
    kind = "GPU" if gpus and asked.device != "cpu" else "CPU"
    # float16 needs its loss scaled, which Keras's optimizer does on one device alone; CPUs know bfloat16 only.
    half = "mixed_float16" if kind == "GPU" and asked.strategy == "none" else "mixed_bfloat16"
    policy = half if asked.mixed_precision else "float32"
    match asked.strategy:
        case "mirrored":
            return Place(kind=kind, policy=policy, strategy=_mirrored(kind))
        case "multi-worker":
            together = workers.workers(kind)
            return Place(kind=kind, policy=policy, strategy=together.strategy, workers=together)
        case _:
            return Place("" if asked.device == "auto" else f"/{kind}:0", kind, policy)


@cache
def _mirrored(kind: str) -> Any:
    """The strategy over all devices of this machine of a kind; one for the process, as what it compiled is kept."""
    return tf.distribute.MirroredStrategy([device.name for device in tf.config.list_logical_devices(kind)])


def _use_threads(threads: int) -> None:
    """Have TensorFlow use so many threads for one operation, and for operations at once; 0 leaves it as it is."""
    if not threads:
        return
    config = tf.config.threading
    try:
        config.set_intra_op_parallelism_threads(threads)
        config.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        now = config.get_intra_op_parallelism_threads() or "as many threads as it chose"
        raise InputError(
            f"--threads: {threads} comes too late: TensorFlow has started with {now} and keeps them until gdtui ends"
        ) from None
