"""The place where a network is trained: device, threads, precision, distribution."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from engine.errors import InputError
from engine.lazy import tf

if TYPE_CHECKING:
    from engine.training.workers import Workers

DEVICES = ("auto", "cpu", "gpu")
STRATEGIES = ("none", "mirrored", "multi-worker")

# The share of a device's memory that may be taken by data; the rest is for the model and what it computes.
DATA_SHARE = 0.5


class DeviceRequest(Protocol):
    """The settings that decide where to compute."""

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
    """Where a network is trained. `device` is TensorFlow's name for it, or empty if TensorFlow is to choose; `kind` is
    CPU or GPU; `policy` is the Keras dtype policy of the hidden layers; `strategy` a `tf.distribute.Strategy` over
    several devices; `workers` the processes that train together, if there are several. Training data of more than
    `data_bytes` are not kept on the device."""

    device: str = ""
    kind: str = "CPU"
    policy: str = "float32"
    strategy: Any = None
    workers: Workers | None = None
    data_bytes: float = math.inf

    def making(self) -> AbstractContextManager[Any]:
        """A context in which variables are created on the right devices."""
        made: AbstractContextManager[Any] = self.computing() if self.strategy is None else self.strategy.scope()
        return made

    def computing(self) -> AbstractContextManager[Any]:
        """A context that places functions on the device; a strategy's functions place themselves."""
        return tf.device(self.device) if self.device else nullcontext()


def place(asked: DeviceRequest) -> Place:
    """Find the place that the settings ask for. If there are several workers, it returns when all of them are present.

    Raises:
        InputError: there is no such place, or it is too late to ask for it.
    """
    _use_threads(asked.threads)
    gpus = tf.config.list_physical_devices("GPU")
    if asked.device == "gpu" and not gpus:
        raise InputError("--device: 'gpu' is not accepted: TensorFlow finds no GPU here; expected auto or cpu")
    kind = "GPU" if gpus and asked.device != "cpu" else "CPU"
    # float16 needs its loss scaled, which Keras's optimizer does only on one device; CPUs know only bfloat16.
    half = "mixed_float16" if kind == "GPU" and asked.strategy == "none" else "mixed_bfloat16"
    policy = half if asked.mixed_precision else "float32"
    match asked.strategy:
        case "mirrored":
            return Place(kind=kind, policy=policy, strategy=_mirrored(kind))
        case "multi-worker":
            from engine.training import workers

            together = workers.workers(kind)
            return Place(kind=kind, policy=policy, strategy=together.strategy, workers=together)
        case _:
            device = "" if asked.device == "auto" else f"/{kind}:0"
            return Place(device, kind, policy, data_bytes=DATA_SHARE * _memory(kind))


@cache
def _memory(kind: str) -> float:
    """The bytes of memory that TensorFlow may use on the first device of a kind; infinite for a CPU, on which tensors
    share the memory of arrays, and where TensorFlow does not tell."""
    if kind == "GPU":
        with suppress(ImportError, AttributeError):  # it is not in TensorFlow's public interface
            from tensorflow.python.client import device_lib

            limits = [each.memory_limit for each in device_lib.list_local_devices() if each.device_type == kind]
            return float(limits[0]) if limits else math.inf
    return math.inf


@cache
def _mirrored(kind: str) -> Any:
    """The strategy over all devices of a kind on this machine; one per process, because its compiled functions are
    kept."""
    return tf.distribute.MirroredStrategy([device.name for device in tf.config.list_logical_devices(kind)])


def _use_threads(threads: int) -> None:
    """Set TensorFlow's number of threads for one operation, and for concurrent operations; 0 leaves the default."""
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
