"""A Keras callback for training outside gdtui: logs each step's loss, gradient norms, update ratios and learning
rate."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.lazy import keras, tf
from engine.log import summary_values as values
from engine.log.event_writer import EventLog

# How often the written records are flushed to the file, besides the end of each epoch.
_FLUSHED_S = 1.0


class GradientLog(keras.callbacks.Callback):  # type: ignore[misc]
    """Logs, for `gdtui attach` or TensorBoard, what `keras.callbacks.TensorBoard` leaves out:

        model.fit(x, y, callbacks=[GradientLog("logs/run")])

    For every step, the first being 1: `train-loss` (of this step, while Keras reports the epoch's mean so far),
    `learning-rate`, `gradient-norm` (the L2 norm of all gradients), and for each layer `gradient-norm/LAYER` and
    `update-ratio/LAYER`, the L2 norm of the step's change of the weights over that of the weights before it; 1e-3 is
    usual.

    It takes the gradients where `fit` passes them to the optimizer: during the fit, `apply` of the model's optimizer is
    replaced by one that also measures, within the compiled step. It works with `jit_compile`, `steps_per_execution` and
    a `train_step` of your own that calls `optimizer.apply` or `apply_gradients`; `train-loss` is logged if it also
    calls `optimizer.scale_loss`, as Keras's does. Keras must compute with TensorFlow, and without `tf.distribute`.

    With `every` N, only every Nth step is written. If the log cannot be written, or no step calls `apply`, a warning is
    given and training goes on.
    """

    def __init__(self, log_dir: str | os.PathLike[str], *, every: int = 1) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"every: {every!r} is not accepted; expected a whole number, 1 or more")
        super().__init__()
        self._folder = Path(log_dir)
        self._every = every
        self._taps: _Taps | None = None
        self._events: EventLog | None = None
        self._written = 0
        self._flushed = 0.0

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Begin to measure the steps of a fit. Raises RuntimeError if Keras computes with another library."""
        if keras.config.backend() != "tensorflow":
            raise RuntimeError(f"GradientLog: Keras computes with {keras.config.backend()}; expected tensorflow")
        if tf.distribute.has_strategy():
            raise RuntimeError("GradientLog: steps under tf.distribute are not measured; expected one device")
        self._stop()
        self._taps = _Taps(self.model)
        self._written = self._taps.first
        folder = self._folder.resolve()  # where the learner's links lead; below a logdir an EventLog follows none
        self._events = EventLog(folder, lambda line: warnings.warn(line, stacklevel=2))

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Write the steps that were taken since the last call."""
        if self._taps is None or self._events is None:
            return
        now = time.time()
        for row in self._taps.steps_after(self._written):
            self._written += 1
            if self._written % self._every == 0:
                numbers = [values.scalar(tag, number) for tag, number in zip(self._taps.tags, row, strict=True)]
                self._events.add(values.event(self._written, now, numbers))
        if now - self._flushed >= _FLUSHED_S:
            self._flushed = now
            self._events.flush()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Flush the written records to the file."""
        if self._events is not None:
            self._events.flush()

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Close the file, and restore the optimizer."""
        if self._taps is not None and not self._taps.tags:
            warnings.warn("GradientLog: no step called the optimizer's apply: nothing is logged", stacklevel=2)
        self._stop()

    def _stop(self) -> None:
        """End measuring; also called after a fit that failed without ending it."""
        if self._taps is not None:
            self._taps.remove()
        if self._events is not None:
            self._events.close()
        self._taps = self._events = None


class _Taps:
    """Measures within the compiled step of a model: replaces `apply` and `scale_loss` of its optimizer.

    The numbers of the last steps are in a variable float32 [steps per execution, tags], the last step's in its last
    row, and another variable counts the measured steps.
    """

    def __init__(self, model: Any) -> None:
        self._model, self._optimizer = model, model.optimizer
        self.first = int(self._optimizer.iterations.numpy())
        self.tags: tuple[str, ...] = ()
        self._layers: dict[str, list[str]] = {}
        self._rows: Any = None
        self._count = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._loss: Any = None
        self._is_removed = False
        self._apply: Callable[..., Any] = self._optimizer.apply
        self._scale_loss: Callable[..., Any] = self._optimizer.scale_loss
        self._replace(apply=self._measured, scale_loss=self._heard)

    def steps_after(self, step: int) -> Sequence[Sequence[float]]:
        """The numbers of the steps after `step`, in the order of `tags`."""
        count = self.first + int(self._count.numpy()) - step
        rows: list[list[float]] = self._rows.numpy()[-count:].tolist() if count > 0 else []
        return rows

    def _make_room(self) -> None:
        """Create the variable of the numbers, at the first step: the model may not be built before."""
        self._layers = _layers(self._model)
        each = [f"{what}/{layer}" for what in ("gradient-norm", "update-ratio") for layer in self._layers]
        self.tags = (*(() if self._loss is None else ("train-loss",)), "learning-rate", "gradient-norm", *each)
        rows = max(int(getattr(self._model, "steps_per_execution", 1) or 1), 1)
        with tf.init_scope():  # outside the step that is being compiled
            self._rows = tf.Variable(tf.zeros((rows, len(self.tags))), trainable=False)

    def remove(self) -> None:
        """Restore the optimizer; the next fit traces its step again, without measuring. If another log measures too,
        the one that is removed last restores it."""
        self._is_removed = True
        for name in ("apply", "scale_loss"):
            tap = vars(self._optimizer)[name]
            while isinstance(owner := getattr(tap, "__self__", None), _Taps) and owner._is_removed:
                tap = owner._apply if name == "apply" else owner._scale_loss
            object.__delattr__(self._optimizer, name)
            if tap != getattr(self._optimizer, name):
                object.__setattr__(self._optimizer, name, tap)
        self._model.train_function = None

    def _replace(self, **methods: Callable[..., Any]) -> None:
        for name, method in methods.items():
            object.__setattr__(
                self._optimizer, name, method
            )  # Keras's own setattr would track it as a part to be saved
        self._model.make_train_function(force=True)

    def _heard(self, loss: Any) -> Any:
        self._loss = tf.cast(loss, tf.float32)
        return self._scale_loss(loss)

    def _measured(self, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> Any:
        """Call `apply`, and measure the gradients and the weights before and after it."""
        if self._rows is None:
            self._make_room()
        trained = self._model.trainable_variables if trainable_variables is None else list(trainable_variables)
        rate = tf.cast(self._optimizer.learning_rate, tf.float32)
        scale = tf.cast(type(self._optimizer).scale_loss(self._optimizer, 1.0), tf.float32)  # heard by no other log
        dense = [None if grad is None else tf.convert_to_tensor(grad) for grad in grads]
        gradients = [None if grad is None else tf.cast(grad, tf.float32) / scale for grad in dense]
        before = [tf.identity(tf.cast(variable.value, tf.float32)) for variable in trained]
        result = self._apply(grads, trainable_variables)
        changed = [tf.cast(now.value, tf.float32) - then for now, then in zip(trained, before, strict=True)]
        places = {variable.path: place for place, variable in enumerate(trained)}
        norms, ratios = [], []
        for paths in self._layers.values():
            mine = [places[path] for path in paths if path in places]
            norms.append(_norm([gradients[place] for place in mine]))
            weights = _norm([before[place] for place in mine])
            ratios.append(tf.math.divide_no_nan(_norm([changed[place] for place in mine]), weights))
        loss = [] if self._loss is None else [tf.reshape(self._loss, ())]
        row = tf.stack([*loss, rate, _norm(gradients), *norms, *ratios])
        self._rows.assign(tf.concat([self._rows[1:], row[None]], 0))
        self._count.assign_add(1)
        return result


def _layers(model: Any) -> dict[str, list[str]]:
    """The paths of the trainable variables, by the path of their layer in the model."""
    found: dict[str, list[str]] = {}
    for variable in model.trainable_variables:
        layer = variable.path.rpartition("/")[0].removeprefix(f"{model.name}/") or variable.name
        found.setdefault(layer, []).append(variable.path)
    return found


def _norm(tensors: Sequence[Any]) -> Any:
    """The L2 norm of all of them together, float32; 0 if there are none."""
    there = [tf.reduce_sum(tf.square(tensor)) for tensor in tensors if tensor is not None]
    return tf.sqrt(tf.add_n(there)) if there else tf.constant(0.0)
