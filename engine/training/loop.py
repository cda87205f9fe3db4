"""The training loop: a Keras model, a Keras optimizer and a loss in one compiled loop, with the data on the device.

The training data stay unchanged on the device, if they fit there; each step gathers its batch by an order that is a
true permutation, a pure function of (seed, epoch). One call of the loop takes a given number of steps, fitted so a call
lasts about 50 ms; it returns the loss of every step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import memory
from engine.descent.schedules import Schedule
from engine.errors import InputError
from engine.events import FloatArray, Histogram
from engine.lazy import tf
from engine.training import faster_layers, halves, loop_choice, variables, workers
from engine.training.batches import Batches, epoch_order
from engine.training.call_length import STEPS_A_CALL, padded
from engine.training.device_data import DeviceData
from engine.training.devices import Place
from engine.training.loop_choice import LOOPS, Loop
from engine.training.prediction import Predicted, Predictor
from engine.training.step import global_norm, mean, train_step, weighted_mean
from engine.training.task import TrainingSteps, TrainingTask
from engine.training.updates import CompiledUpdate, NoUpdate

# The name under which a state keeps the choice of the loop, as an index of LOOPS.
LOOP = "loop/xla"

# The group of a state's variables that belong neither to the model nor to the optimizer: those of a learner's code.
OTHERS = "other"

Array = npt.NDArray[Any]


class Trainer:
    """Compiled training of one network by one optimizer. Only one run uses it at a time: hold `lock`.

    `inputs` and `labels` are the `tf.TensorSpec` of the data, [n, …] each. `loop` selects how the loop is compiled; in
    a plain graph on a CPU XLA compiles the updates of the largest variables. If it is None, `compile` times the loops
    on a few steps, undoes the steps and keeps the fastest. They differ in the last digits of their sums: so `state`
    holds the choice, and a resumed run uses the same loop. They also draw different random numbers from a seed: a model
    that draws any, as Dropout does, always uses the graph, or the timing would decide what a seed means. `why_loop`
    gives the reason of the choice in words.

    Set `schedule` before `compile` to derive each step's rate from the learning rate.
    """

    def __init__(
        self,
        task: TrainingTask,
        inputs: Any,
        labels: Any,
        batch_size: int,
        place: Place | None = None,
        loop: Loop | None = None,
    ) -> None:
        self.lock = Lock()
        self.task = task
        self.model, self.optimizer = task.model, task.optimizer
        self.place = place or Place()
        self.count = int(inputs.shape[0])
        self.batch_size = min(batch_size, self.count)
        self.batches = Batches(self.count, self.batch_size)
        self.steps_an_epoch = self.batches.an_epoch
        self.loop = loop
        self.schedule: Schedule | None = None
        self.why_loop = ""
        self.data = DeviceData(inputs, labels, self.batches, self.place)
        self._decided = loop in ("graph", "xla") or self.place.strategy is not None
        self._keeps_loop = not self._decided
        with self.place.making():
            self.optimizer.build(self.model.trainable_variables)
        self._graph_updater = CompiledUpdate(self.optimizer, self.model.trainable_variables)
        self._others: Sequence[Any] = ()
        self._initial = variables.state_of(self._variables)
        # Reading it from its variable took 0.2 ms, twice a call.
        self._learning_rate = float(self.optimizer.learning_rate.numpy())
        number = tf.TensorSpec((), tf.int32)
        self._signature = [*self.data.signature, number, number]
        self.functions: dict[tuple[Loop | None, int, bool], Any] = {}
        self._loops: dict[tuple[Loop | None, int, bool], Callable[..., Any]] = {}
        self._shared_step = None if self.place.strategy is None else self._shared()
        self._order = tf.function(partial(epoch_order, self.count), input_signature=[number, number], autograph=False)
        self._predictor = Predictor(self.model, task.prepare, inputs)
        # A graph: computed op by op, the gradients of LSTM(32) take eleven times as long.
        self._gradients = tf.function(self._gradients_of_batch, autograph=False)
        self._tests: Sequence[Array] = ()

    def begin(self, inputs: Array, labels: Array, tests: Sequence[Array], weights: Sequence[Any] | None = None) -> None:
        """Start on data, with the model and the optimizer as given. `tests` are the inputs for `predict`. `weights` are
        values for the model's trainable variables, each kernel whole."""
        self.data.begin(inputs, labels)
        self._tests = tests
        variables.restore({name: each for name, each in self._variables.items() if name != OTHERS}, self._initial)
        if weights is not None:
            variables.assign(self.model.trainable_variables, weights)
        self._learning_rate = float(self.optimizer.learning_rate.numpy())

    def end(self) -> None:
        """Release the data; the compiled loop and the weights stay."""
        if self.place.workers is not None:
            self.place.workers.leave()
        self.data.end()
        self._tests = ()

    def state(self) -> dict[str, Array]:
        """Everything that the steps so far have changed: the variables of the model and of the optimizer, each kernel
        whole; and which loop took them, if timing decided it or it is one of halves."""
        state = variables.state_of(self._variables)
        if self._keeps_loop and self.loop is not None:
            state[LOOP] = np.array(LOOPS.index(self.loop))
        return state

    def restore(self, state: Mapping[str, Array]) -> None:
        """Set every variable to its value in `state`. Raises ValueError if a name, a shape or a dtype differs."""
        if self._keeps_loop and LOOP in state:
            if int(state[LOOP]) not in range(len(LOOPS)):
                raise ValueError("it was trained in a loop of another version")
            self.loop, self._decided = LOOPS[int(state[LOOP])], True
        if f"{OTHERS}/0" in state and not self._others:
            self._compiled(0)  # which finds them
        variables.restore(self._variables, state)
        self._learning_rate = float(self.optimizer.learning_rate.numpy())

    @property
    def _variables(self) -> dict[str, Sequence[Any]]:
        others = {OTHERS: self._others} if self._others else {}
        return {"model": self.model.variables, "optimizer": self.optimizer.variables, **others}

    def shuffle(self, seed: int, epoch: int) -> None:
        """Fix the order of the examples for `epoch`."""
        with self.place.computing():
            self.data.shuffle(self._order(tf.constant(seed), tf.constant(epoch)))

    def compile(self) -> None:
        """Compile the loop now, and choose it if that is open, without taking a step. Needs `begin` and `shuffle`; a
        second call costs nothing."""
        if self.place.strategy is not None:  # the functions of a shared step are compiled at their first call
            state = self.state()
            self._call(0, 1)
            self.restore(state)
            return
        known = len(self._loops)
        if self.loop is None or (self.loop == "halves" and not self._decided):
            self._choose()
        for first in {0, self.steps_an_epoch - 1}:
            self._call(first, 0)
        if len(self._loops) > known:
            memory.return_freed()

    def _choose(self) -> None:
        """Choose the fastest loop that computes what a graph does. Steps are taken and undone."""
        self._compiled(0, "graph")  # to know all variables of a step
        start, state = self.state(), self.model.non_trainable_variables
        most = min(self.batches.whole, self.data.most_steps)
        before = variables.values_of(state)
        first = self._call(0, 1, "graph")
        changed = [
            each for each, old, new in zip(state, before, variables.values_of(state), strict=True) if np.any(old != new)
        ]

        def take(loop: Loop, steps: int) -> int:
            return int(self._call(0, steps, loop)[0])

        def halves_may_win() -> bool:
            return self.place.kind == "CPU" and not self._undivided(changed, start)

        if self.loop == "halves":
            if reason := self._undivided(changed, start):
                raise InputError(f"--loop halves: {reason}; expected auto, graph or xla")
        elif any(map(variables.is_seed, changed)):
            self.loop, self.why_loop = "graph", ": the model draws random numbers, and XLA would draw others"
        elif not self._repeats(start, first):
            self.loop, self.why_loop = "graph", loop_choice.UNSEEDED
        else:
            self.restore(start)
            self.loop, self.why_loop = loop_choice.fastest(take, most, halves_may_win)
        self.restore(start)

    def _repeats(self, start: Mapping[str, Array], first: Any) -> bool:
        """Whether a step from the state `start` gives the loss and the gradient's norm that it gave before, except for
        rounding: threads may add up numbers in another order."""
        self.restore(start)
        again = self._call(0, 1, "graph")
        return all(np.allclose(first[place], again[place], rtol=1e-4, equal_nan=True) for place in (1, 3))

    def _undivided(self, changed: Sequence[Any], start: Mapping[str, Array]) -> str:
        """Why a batch cannot be computed in halves; empty if it can. A step from the state `start` changes the
        variables `changed` of the model's state."""
        masks = self._predictor.masks()
        if reason := halves.why_not(self.task, self.batch_size, changed=bool(changed), masks=masks):
            return reason
        steps = min(2, self.batches.whole, self.data.most_steps)

        def numbers(loop: Loop, state: Mapping[str, Array]) -> Array:
            self.restore(state)
            _, losses, _, norm, *_ = self._call(0, steps, loop)
            return np.append(losses.numpy()[:steps], norm.numpy())

        return halves.difference(numbers, start)

    @property
    def learning_rate(self) -> float:
        """η of the following steps, in float32; setting it does not trace again."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate = float(np.float32(value))
        self.optimizer.learning_rate.assign(value)

    def advance(self, first: int, steps: int, done: int = 0) -> TrainingSteps:
        """Take up to `steps` steps (at most `data.most_steps`) of the epoch, starting with its step `first` (0 is its
        first). `done` is the number of steps that the run has taken before.

        It ends after the first step whose loss is not finite, and before a last, short batch that is not padded. Of
        several workers, the chief decides the number of steps and the learning rate. Raises WorkerLost, and InputError
        if a learner's schedule fails.
        """
        steps = min(steps, self.data.most_steps)
        if self.place.workers is not None:
            steps, self.learning_rate = self.place.workers.agree(steps, self.learning_rate)
        if not self.task.pads and first < self.batches.whole:
            steps = min(steps, self.batches.whole - first)
        rates = None if self.schedule is None else self.schedule.rates(done, steps, self.learning_rate)
        taken, loss, mse, norm, correct, finite = self._call(first, steps, rates=rates)
        k = int(taken)
        rates = None if rates is None else rates[:k]
        return TrainingSteps(loss.numpy()[:k], mse.numpy()[:k], float(norm), int(correct), bool(finite), rates)

    def predict(self) -> Predicted:
        """Compute the model's outputs for the inputs of all tests."""
        with self.place.computing():
            return self._predictor.predict(self._tests)

    def histograms(self, first: int) -> tuple[Histogram, ...]:
        """Bin the present weights, and the gradients of the batch at the epoch's step `first`."""
        state = [*self.model.variables, *self._others]  # SpectralNormalization changes a kernel as well
        with self.place.computing():
            kept = variables.values_of(state)
            given = (*self.data.at(first, 1), tf.constant(first))
            gradients = self._gradients(*given, size=self._size(first))
            variables.assign(state, kept)
        scale = float(self.optimizer.scale_loss(1.0))
        return variables.histograms(self.model.trainable_variables, gradients, scale)

    def _gradients_of_batch(self, inputs: Any, *given: Any, size: int) -> Any:
        """The gradients of a batch of `size` examples, one for each trainable variable, zeros if it has none."""
        inputs = workers.on_this_device(self.place.strategy, inputs)
        *_, found = self._taking("graph", size, NoUpdate())(inputs, *given)
        pairs = zip(self.model.trainable_variables, found, strict=True)
        return [tf.zeros_like(each) if one is None else tf.convert_to_tensor(one) for each, one in pairs]

    def _size(self, first: int) -> int:
        """The number of examples with which the loop takes the epoch's step `first`."""
        return self.batch_size if self.task.pads or first < self.batches.whole else self.batches.last

    def _call(self, first: int, steps: int, loop: Loop | None = None, rates: FloatArray | None = None) -> Any:
        """Take steps of one size, with the chosen loop or the one given."""
        compiled = self._compiled(first, loop)
        with self.place.computing():
            given = [*self.data.at(first, steps), tf.constant(first), tf.constant(steps)]
            if self.schedule is not None:
                given.append(tf.constant(padded(rates, self.learning_rate)))
            if self.place.workers is not None:
                return self.place.workers.watch(compiled, *given)
            return compiled(*given)

    def _compiled(self, first: int, loop: Loop | None = None) -> Callable[..., Any]:
        """The loop for the size of the epoch's step `first`, traced at its first use."""
        key = (loop or self.loop, self._size(first), self.schedule is not None)
        with self.place.computing():
            if key not in self._loops:
                self._loops[key] = self._traced(*key)
        return self._loops[key]

    def _traced(self, loop: Loop | None, size: int, scheduled: bool) -> Callable[..., Any]:
        looped = partial(self._loop, self._taking(loop, size))
        if self.place.strategy is not None:
            # Collectives do not compile; what is between them does.
            return tf.function(looped)  # type: ignore[no-any-return]
        # Without AutoGraph, which would inspect and rewrite Keras's code for nothing: half a second less.
        signature = [*self._signature, *([tf.TensorSpec((STEPS_A_CALL,))] if scheduled else [])]
        function = tf.function(looped, input_signature=signature, autograph=False, jit_compile=loop == "xla")
        self.functions[loop, size, scheduled] = function
        # Calling the one concrete function directly takes 0.2 ms less per call than letting TensorFlow choose it.
        concrete = function.get_concrete_function()
        known = [*self.model.variables, *self.optimizer.variables]
        self._others = self._others or variables.captured(concrete.graph, known)
        return concrete  # type: ignore[no-any-return]

    def _taking(self, loop: Loop | None, size: int, updater: Any = None) -> Callable[..., Any]:
        """The function that takes a step of `size` examples: `take(inputs, labels, order, start, number)` returns its
        loss, what is reported of it, and the gradients. With an `updater` it is a step of one device's own."""
        if self._shared_step is not None and updater is None:
            shared = self._shared_step
            return lambda inputs, labels, order, start, number: shared(inputs, labels, order, number)
        # XLA fuses the updates in its own loop.
        in_graph = self.place.kind == "CPU" and loop != "xla"
        updater = updater or self.task.updater or (self._graph_updater if in_graph else self.optimizer)

        shares = halves.COUNT if loop == "halves" and size % halves.COUNT == 0 else 1  # the last batch may be odd

        def batch(inputs: Any, labels: Any, order: Any, start: Any, number: Any, share: int = 0) -> Any:
            part = {"start": start, "size": size // shares, "share": share, "shares": shares}
            return self.batches.gather(inputs, labels, order, number, **part)

        if loop == "halves":
            model = halves.ReadOnce(self.model)
            gradients_of = partial(self._step, updater=NoUpdate(), shares=shares, model=model)
            return halves.step(batch, shares, gradients_of, updater, self.model.trainable_variables)

        def take(*given: Any) -> Any:
            with self._faster(loop):
                return self._step(batch(*given), updater)

        return take

    def _faster(self, loop: Loop | None) -> AbstractContextManager[None]:
        """Let the model's layers compute faster where a step of this loop is traced."""
        if self.place.kind != "CPU":  # none of these ways was measured on a GPU
            return nullcontext()
        return (faster_layers.in_pieces if loop == "xla" else faster_layers.faster_gradients)(self.model)

    def _loop(
        self,
        take: Callable[..., Any],
        inputs: Any,
        labels: Any,
        order: Any,
        start: Any,
        first: Any,
        steps: Any,
        *rates: Any,
    ) -> Any:
        def body(i: Any, losses: Any, mses: Any, norm: Any, correct: Any, _: Any) -> Any:
            if rates:  # from a schedule
                self.optimizer.learning_rate.assign(rates[0][i])
            scale = self.optimizer.scale_loss(1.0)
            loss, mse, right, gradients = take(inputs, labels, order, start, first + i)
            loss = loss / scale
            # Only the norm of the last step: computed at every step it would cost a quarter of the speed.
            norm = tf.cond(i == steps - 1, lambda: global_norm(gradients) / scale, lambda: norm)
            losses = tf.tensor_scatter_nd_update(losses, [[i]], [loss])
            mses = tf.tensor_scatter_nd_update(mses, [[i]], [mse])
            return i + 1, losses, mses, norm, correct + right, tf.math.is_finite(loss)

        buffer = tf.zeros((STEPS_A_CALL,))
        begun = (tf.constant(0), buffer, buffer, tf.constant(0.0), tf.constant(0), tf.constant(True))
        ended = tf.while_loop(lambda i, *rest: (i < steps) & rest[-1], body, begun, parallel_iterations=1)
        # A NaN before a ReLU leaves the loss finite, and XLA's reduce_max drops NaN: check every weight, by their sum.
        sums = [tf.reduce_sum(tf.cast(variable, tf.float32)) for variable in self.model.trainable_variables]
        return *ended[:-1], tf.math.is_finite(tf.add_n(sums))

    def _step(
        self, batch: tuple[Any, Any, Any], updater: Any, shares: int = 1, model: Any = None
    ) -> tuple[Any, Any, Any, Any]:
        """Take a step on a batch, or on one share of it; returns its loss, what is reported of it, and the gradients.
        `model` computes as the task's does.

        In float16 the optimizer scales the loss and the gradients, or small gradients would vanish; it scales them
        back when it makes its update.
        """
        inputs, labels, weights = batch
        model = model or self.model

        def mean_loss(labels: Any, outputs: Any) -> Any:
            of_loss = self.task.loss, labels, outputs
            loss = weighted_mean(*of_loss, weights) if self.task.pads else mean(*of_loss) / shares
            if model.losses:  # from regularizers
                loss += tf.add_n([tf.reduce_sum(each) for each in model.losses]) / shares
            return self.optimizer.scale_loss(loss)

        loss, outputs, gradients = train_step(model, updater, mean_loss, self.task.prepare(inputs), labels)
        return loss, *self.task.measure(labels, outputs, weights), gradients

    def _shared(self) -> Callable[..., Any]:
        """Build a step that all replicas take together."""
        if not self.task.pads or self.model.non_trainable_variables:
            raise ValueError("replicas train only models without state, in batches that may be padded")

        def share_of_step(inputs: Any, labels: Any, order: Any, number: Any, share: Any, shares: int) -> Any:
            batch = self.batches.gather(inputs, labels, order, number, share=share, shares=shares)
            with self._faster("xla"):
                return self._step(batch, NoUpdate(), shares)

        strategy, trained = self.place.strategy, self.model.trainable_variables
        return workers.shared_step(strategy, self.optimizer, trained, share_of_step)
