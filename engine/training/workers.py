"""Distributed training: the replicas of a strategy, on one machine or in one process on each of several.

Each replica computes its share of every batch, and the results are summed: a step equals the one that a single process
would take with the whole batch, and every replica makes the same update.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import math
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.lazy import tf
from engine.training.distributed import Role, WorkerLost, WorkerStopped, gather, in_words, role

# How long TensorFlow may take to connect workers that are all present. It holds Python's lock meanwhile.
CONNECT_S = 120.0

# The pause before connecting, in which a message or a signal that has arrived is handled first.
_HEARD_S = 0.05

# Signals that end a process at once while it connects: no Python handler would run.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_TASK = re.compile(r"/job:(chief|worker)(?:/replica:\d+)?/task:(\d+)")


class Workers:
    """The processes that train together, as seen by one of them. The chief's decisions hold for all.

    Every worker calls `meet`, then `agree` before each stretch of steps, and `leave` at its end: so all are always at
    the same place, and each notices if another ends early.
    """

    def __init__(self, role: Role, strategy: Any) -> None:
        self.role = role
        self.strategy = strategy
        self._together = False
        vector = tf.TensorSpec((None,), tf.float64)
        self._sum_of = tf.function(self._sum_of_workers, input_signature=[vector])

    def meet(self, step: int, mark: int, state: Mapping[str, npt.NDArray[Any]]) -> tuple[int, dict[str, Any]]:
        """Begin at the chief's step with the chief's state; returns both. `mark` is a number that must be equal on all
        workers, at most 2^53: a checksum of the settings and the data.

        Raises:
            InputError: the marks differ.
            WorkerLost: another worker has ended.
        """
        self._together = True
        said_step, said_mark = self._chiefs(np.array([step, mark], np.float64))
        differ = self._summed(np.array([said_mark != mark], np.float64))[0]
        if differ:
            self._together = False
            raise InputError("the workers differ in settings or data; start all of them with the same")
        joined = self._chiefs(np.concatenate([array.astype(np.float64).ravel() for array in state.values()]))
        ends = np.cumsum([array.size for array in state.values()])
        pieces = np.split(joined, ends[:-1])
        shared = {
            name: piece.reshape(array.shape).astype(array.dtype)
            for (name, array), piece in zip(state.items(), pieces, strict=True)
        }
        return int(said_step), shared

    def agree(self, steps: int, learning_rate: float) -> tuple[int, float]:
        """Agree on how many steps all take now, and at which rate. Raises WorkerLost, WorkerStopped."""
        says = (steps, learning_rate) if self.role.is_chief else (0, 0.0)
        leaving, steps_of_all, rate = self._summed(np.array([0, *says], np.float64))
        if leaving:
            self._together = False
            raise WorkerStopped("another worker has stopped, and this one with it")
        return int(steps_of_all), float(rate)

    def leave(self) -> None:
        """Tell the others that this worker takes no more steps. At the end of a run all of them do so."""
        if self._together:
            with contextlib.suppress(WorkerLost):
                self._summed(np.array([1, 0, 0], np.float64))
            self._together = False

    def watch(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function that communicates with the others. Raises WorkerLost."""
        try:
            return call(*arguments)
        except tf.errors.OpError as error:
            self._together = False
            raise self._lost(error) from None

    def _lost(self, error: Exception) -> WorkerLost:
        """Name the lost worker: the first in TensorFlow's message is where the failure began."""
        for kind, index in _TASK.findall(str(error)):
            for task in self.role.others:
                if (task.kind, str(task.index)) == (kind, index):
                    return WorkerLost(f"{task} is gone, and the run cannot go on without it")
        return WorkerLost(f"another worker is gone ({str(error).strip().splitlines()[-1][:100]})")

    def _chiefs(self, vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The chief's `vector` float64 [n]."""
        return self._summed(vector if self.role.is_chief else np.zeros_like(vector))

    def _summed(self, vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The sum over all workers."""
        total: npt.NDArray[np.float64] = self.watch(lambda: self._sum_of(tf.constant(vector)).numpy())
        return total

    def _sum_of_workers(self, vector: Any) -> Any:
        replicas_here = self.strategy.num_replicas_in_sync // len(self.role.tasks)

        def share() -> Any:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            return tf.where(replica % replicas_here == 0, vector, tf.zeros_like(vector))

        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, self.strategy.run(share), axis=None)


def still_to_come(until_connected: contextlib.ExitStack) -> Iterator[str]:
    """Describe what this process waits for, as often as `gather` yields, and twice before it connects, which it must do
    within the context `until_connected`; ends once it is connected.

    After the last two, signals end the process at once. A signal that came before is handled between the two.
    """
    if workers.cache_info().currsize:
        return
    me = role(os.environ)
    for missing in gather(me):
        yield in_words(missing)
    until_connected.enter_context(_ended_by_signals())
    if not me.others:
        return
    connection = f"the connection to {in_words(me.others)}"
    yield connection
    time.sleep(_HEARD_S)
    yield connection


@cache
def workers(kind: str) -> Workers:
    """Connect the workers of this process's TF_CONFIG, each on its devices of `kind`, CPU or GPU. When the others are
    present it takes a moment. TensorFlow connects only once per process, before anything else that it does.

    Raises:
        InputError: it is too late to connect.
        WorkerLost: it failed.
    """
    me = role(os.environ)
    try:
        if kind == "CPU" and tf.config.list_physical_devices("GPU"):
            tf.config.set_visible_devices([], "GPU")
        # If a worker died at this very moment, this one would wait for it.
        faulthandler.dump_traceback_later(CONNECT_S, exit=True, file=2)
        return Workers(me, tf.distribute.MultiWorkerMirroredStrategy())
    except RuntimeError:
        raise InputError(
            "--strategy: multi-worker must be the first run of its process, and TensorFlow has run; "
            "start one with gdtui LESSON --no-ui --strategy multi-worker"
        ) from None
    except tf.errors.OpError as error:
        raise WorkerLost(f"{me.task} does not connect with {in_words(me.others)} ({error.message[:100]})") from None
    finally:
        faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let signals end this process at once, except those that it ignores, and restore the handlers afterwards.

    TensorFlow's preemption notifier takes over SIGTERM when it begins to connect, and would keep it: then nothing would
    end a run. SIGTERM alone is therefore blocked until the connection stands or has failed. The structure is opaque
    here; 256 bytes hold it on every system.
    """
    libc, kept = ctypes.CDLL(None), {number: ctypes.create_string_buffer(256) for number in _SIGNALS}
    for number, was in kept.items():
        libc.sigaction(int(number), None, was)
        if signal.getsignal(number) is not signal.SIG_IGN:
            libc.signal(int(number), None)  # which is SIG_DFL
    try:
        yield
    finally:
        for number, was in kept.items():
            libc.sigaction(int(number), was, None)


def shared_step(strategy: Any, optimizer: Any, variables: Any, gradients_of: Callable[..., Any]) -> Callable[..., Any]:
    """Build a step that all replicas take together: step(images, labels, order, number) returns the loss, the mean
    squared error, the number of correct answers, and the gradients, all summed over the replicas.

    `gradients_of(images, labels, order, number, share, shares)` returns them for one share. They are sent as one
    vector: one collective per step instead of one per variable was 1.1 to 1.3 times as fast, with two workers on one
    machine. XLA compiles no collective on a CPU, so it compiles what is on either side of it, another 1.2 times as
    fast.
    """
    shares = strategy.num_replicas_in_sync
    shapes = [(), (), (), *(tuple(variable.shape) for variable in variables)]

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def share_of(images: Any, labels: Any, order: Any, number: Any, share: Any) -> Any:
        loss, mse, right, gradients = gradients_of(images, labels, order, number, share, shares)
        parts = [loss, mse, tf.cast(right, tf.float32), *gradients]
        return tf.concat([tf.reshape(part, [-1]) for part in parts], 0)

    def in_replica(images: Any, labels: Any, order: Any, number: Any) -> Any:
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return share_of(images, labels, order, number, tf.cast(replica, tf.int32))

    # XLA compiles for one device.
    @tf.function(jit_compile=len(strategy.extended.worker_devices) == 1)  # type: ignore[untyped-decorator]
    def update(summed: Any) -> Any:
        pieces = tf.split(summed, [math.prod(shape) for shape in shapes])
        loss, mse, right, *gradients = (tf.reshape(piece, shape) for piece, shape in zip(pieces, shapes, strict=True))
        # Outside the replicas, and the strategy's scope, Keras's optimizer sums nothing and updates each replica's
        # copy.
        optimizer.apply(gradients, variables)
        return loss, mse, tf.cast(right, tf.int32), gradients

    def step(images: Any, labels: Any, order: Any, number: Any) -> Any:
        summed = strategy.run(in_replica, args=(images, labels, order, number))
        return update(strategy.reduce(tf.distribute.ReduceOp.SUM, summed, axis=None))

    return step


def on_each_device(strategy: Any, tensor: Any) -> Any:
    """`tensor` on every device of this process's replicas."""
    return strategy.run(tf.identity, args=(tensor,))


def on_this_device(strategy: Any, values: Any) -> Any:
    """One replica's tensor of the result of `on_each_device`."""
    return values if strategy is None else strategy.experimental_local_results(values)[0]
