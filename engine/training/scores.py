"""Scores of a classifier besides its loss: the confusion matrix and histograms, in NumPy."""

from __future__ import annotations

import numpy as np

from engine.events import FloatArray, Histogram, IntArray


def confusion_matrix(labels: IntArray, predictions: IntArray, classes: int) -> IntArray:
    """Count predictions, int64 [classes, classes]: row the true class, column the predicted."""
    flat: IntArray = np.bincount(labels.astype(np.int64) * classes + predictions, minlength=classes * classes)
    return flat.reshape(classes, classes)


def mean_cross_entropy(logits: FloatArray, labels: IntArray) -> float:
    """Compute the mean cross-entropy in nats of logits float32 [n, c] against labels [n]."""
    highest = logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits - highest).sum(axis=1)) + highest[:, 0]
    return float(np.mean(log_sum - logits[np.arange(len(labels)), labels]))


def mean_squared_error(logits: FloatArray, labels: IntArray) -> float:
    """Compute the mean squared error of the softmax of logits float32 [n, c] against one-hot labels, given as [n]."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    error = powers / powers.sum(axis=1, keepdims=True)
    error[np.arange(len(labels)), labels] -= 1.0
    return float(np.mean(np.square(error)))


def histogram(tag: str, values: FloatArray, bins: int = 30) -> Histogram:
    """Count `values` of any shape in `bins` equal bins from their least to their greatest finite element; in wider ones
    if that range is too narrow for so many bins."""
    finite = values[np.isfinite(values)]
    try:
        counts, edges = np.histogram(finite, bins)
        distinct = bool(np.all(np.diff(edges) > 0))
    except ValueError:
        distinct = False
    if not distinct:
        low, high = float(finite.min()), float(finite.max())
        room = 1e-3 * max(abs(low), abs(high))
        counts, edges = np.histogram(finite.astype(np.float64), bins, (low - room, high + room))
    mean, std = (float(finite.mean()), float(finite.std())) if finite.size else (0.0, 0.0)
    return Histogram(tag, edges.astype(np.float64), counts, mean, std, float(np.linalg.norm(values)))
