"""One training step, the losses of a classifier, and what is reported of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from engine.lazy import keras, tf

Model: TypeAlias = Any  # keras.Model
Optimizer: TypeAlias = Any  # keras.optimizers.Optimizer
Tensor: TypeAlias = Any  # tf.Tensor
Loss: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def train_step(
    model: Model,
    optimizer: Optimizer,
    mean_loss: Loss,
    images: Tensor,
    labels: Tensor,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """One step of gradient descent on a batch. Returns the loss before the
    step, the logits and the gradients.

    `mean_loss` is a batch's mean `cross_entropy`, or any other loss.
    """
    with tf.GradientTape() as tape:
        logits = model(images, training=True)
        loss = mean_loss(labels, logits)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss, logits, gradients


def cross_entropy(labels: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy of each example in nats, float32 [b]: labels int32 [b],
    logits float32 [b, c]."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)


def squared_error(labels: Tensor, logits: Tensor) -> Tensor:
    """Mean squared error of each example's softmax against its one-hot
    label, float32 [b]: labels int32 [b], logits float32 [b, c].

    Its mean over a batch is reported beside the cross-entropy.
    """
    one_hot = tf.one_hot(labels, logits.shape[-1])
    error = softmax(logits) - one_hot
    return tf.reduce_mean(tf.square(error), axis=1)


def softmax(logits: Tensor) -> Tensor:
    """Softmax of float32 [b, c]. On a CPU `tf.nn.softmax` takes eight times as long for a small batch, 0.08 ms: oneDNN
    prepares more than it computes."""
    return tf.exp(tf.nn.log_softmax(logits))


def weighted_mean(loss: Loss, labels: Tensor, outputs: Tensor, weights: Tensor) -> Tensor:
    """Compute the mean loss of a batch whose examples are weighted by `weights`, float32 [b], 0 for padding; over all
    replicas they add up to 1. `loss` is a function of labels and outputs whose result begins with [b]."""
    losses = loss(labels, _in_32_bits(outputs))
    return tf.reduce_sum(tf.reduce_mean(losses, axis=range(1, len(losses.shape))) * weights)


def mean(loss: Loss, labels: Tensor, outputs: Tensor) -> Tensor:
    """Compute the mean loss of a batch of examples that count alike, as `fit` of Keras does: the mean of all numbers
    that a function, or a `keras.losses.Loss` without a reduction, returns."""
    if not isinstance(loss, keras.losses.Loss):
        outputs = _in_32_bits(outputs)
    return tf.reduce_mean(loss(labels, outputs))


def _in_32_bits(outputs: Tensor) -> Tensor:
    """The outputs for a function: those of 16 bits as float32, as Keras converts them for its losses."""
    return tf.cast(outputs, tf.float32) if outputs.dtype.is_floating and outputs.dtype.size < 4 else outputs


def classification(labels: Tensor, logits: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Measure a classifier's batch: the mean squared error of
    the softmax, and how many answers, the argmax of the logits,
    are right.

    Labels int [b], logits float32 [b, c], weights as in
    `weighted_mean`.
    """
    correct = (tf.argmax(logits, axis=1, output_type=labels.dtype) == labels) & (weights > 0.0)
    return weighted_mean(squared_error, labels, logits, weights), tf.reduce_sum(tf.cast(correct, tf.int32))


def regression(labels: Tensor, outputs: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Measure a regression's batch: the mean squared error, and 0, as nothing is classified. Labels and outputs float32
    with the same number of elements, weights as in `weighted_mean`."""
    difference = tf.cast(outputs, tf.float32) - tf.cast(tf.reshape(labels, tf.shape(outputs)), tf.float32)
    return weighted_mean(lambda *_: tf.square(difference), labels, outputs, weights), tf.constant(0)


def global_norm(gradients: Sequence[Any]) -> Any:
    """The global L2 norm of gradients, some of which may be None. A sparse one may have several rows of one index."""
    return tf.linalg.global_norm([tf.convert_to_tensor(each) for each in gradients if each is not None])
