"""The update rules of the papers, in NumPy float32, to compare Keras's with.

Each is a generator: sent the gradient at θ, it yields the next θ, with the momentum and the squared gradients that the
rule keeps, None for those that it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
State = tuple[Array, Array | None, Array | None]
UpdateRule = Generator[State, Array, None]
F = np.float32


def sgd(theta: Array, eta: float) -> UpdateRule:
    while True:
        gradient = yield theta, None, None
        theta = theta - F(eta) * gradient


def momentum(theta: Array, eta: float, mu: float = 0.9) -> UpdateRule:
    """I. Sutskever et al., ICML 2013, equations 1 and 2."""
    v = np.zeros_like(theta)
    while True:
        gradient = yield theta, v, None
        v = F(mu) * v - F(eta) * gradient
        theta = theta + v


def nesterov(theta: Array, eta: float, mu: float = 0.9) -> UpdateRule:
    """I. Sutskever et al., ICML 2013, equations 3 and 4, written for the point at which the gradient is taken: with
    φ = θ + μ·v the step is φ ← φ + μ·v' − η·g, v' = μ·v − η·g (Y. Bengio et al., arXiv:1212.0901, equation 7)."""
    v = np.zeros_like(theta)
    while True:
        gradient = yield theta, v, None
        v = F(mu) * v - F(eta) * gradient
        theta = theta + F(mu) * v - F(eta) * gradient


def rmsprop(theta: Array, eta: float, rho: float = 0.9, epsilon: float = 1e-7) -> UpdateRule:
    """T. Tieleman, G. Hinton, Coursera lecture 6.5, 2012."""
    s = np.zeros_like(theta)
    while True:
        gradient = yield theta, None, s
        s = F(rho) * s + F(1 - rho) * gradient**2
        theta = theta - F(eta) * gradient / np.sqrt(s + F(epsilon))


def adagrad(theta: Array, eta: float, epsilon: float = 1e-7) -> UpdateRule:
    """J. Duchi, E. Hazan, Y. Singer, JMLR 12, 2011, figure 1; Keras's sum of squares begins at 0.1."""
    s = np.full_like(theta, 0.1)
    while True:
        gradient = yield theta, None, s
        s = s + gradient**2
        theta = theta - F(eta) * gradient / np.sqrt(s + F(epsilon))


def adam(
    theta: Array, eta: float, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7, decay: float = 0.0
) -> UpdateRule:
    """D. Kingma, J. Ba, ICLR 2015, section 2's efficient form, whose ε is not algorithm 1's; with `decay` (λ)
    I. Loshchilov, F. Hutter, ICLR 2019, algorithm 2."""
    m = v = np.zeros_like(theta)
    step = 0
    while True:
        gradient = yield theta, m, v
        step += 1
        theta = theta - F(eta * decay) * theta
        m = F(beta_1) * m + F(1 - beta_1) * gradient
        v = F(beta_2) * v + F(1 - beta_2) * gradient**2
        alpha = eta * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
        theta = theta - F(alpha) * m / (np.sqrt(v) + F(epsilon))


def adamw(
    theta: Array, eta: float, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7, decay: float = 0.004
) -> UpdateRule:
    yield from adam(theta, eta, beta_1, beta_2, epsilon, decay)


def nadam(theta: Array, eta: float, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7) -> UpdateRule:
    """T. Dozat, Incorporating Nesterov Momentum into Adam, 2016, algorithm 2, with its schedule of the momentum
    μ_t = β₁·(1 − 0.5·0.96^t)."""
    m = v = np.zeros_like(theta)
    step, product = 0, 1.0

    def mu(at: int) -> float:
        return beta_1 * (1 - 0.5 * 0.96**at)

    while True:
        gradient = yield theta, m, v
        step += 1
        product *= mu(step)
        m = F(beta_1) * m + F(1 - beta_1) * gradient
        v = F(beta_2) * v + F(1 - beta_2) * gradient**2
        ahead = F(mu(step + 1) / (1 - product * mu(step + 1))) * m + F((1 - mu(step)) / (1 - product)) * gradient
        theta = theta - F(eta) * ahead / (np.sqrt(v / F(1 - beta_2**step)) + F(epsilon))


def lion(theta: Array, eta: float, beta_1: float = 0.9, beta_2: float = 0.99) -> UpdateRule:
    """X. Chen et al., NeurIPS 2023, algorithm 2, with no weight decay."""
    m = np.zeros_like(theta)
    while True:
        gradient = yield theta, m, None
        theta = theta - F(eta) * np.sign(F(beta_1) * m + F(1 - beta_1) * gradient)
        m = F(beta_2) * m + F(1 - beta_2) * gradient


RULES: dict[str, Callable[..., UpdateRule]] = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adagrad": adagrad,
    "adam": adam,
    "adamw": adamw,
    "nadam": nadam,
    "lion": lion,
}


def states(
    name: str, gradient: Callable[[Array], Array], start: Any, eta: float, steps: int, **numbers: float
) -> list[State]:
    """`steps` steps of the rule from `start` [d]: the points reached and the slots, after each."""
    rule = RULES[name](np.array(start, np.float32), eta, **numbers)
    theta = next(rule)[0]
    found = []
    for _ in range(steps):
        found.append(rule.send(gradient(theta).astype(np.float32)))
        theta = found[-1][0]
    return found


def path(
    name: str, gradient: Callable[[Array], Array], start: Any, eta: float, steps: int, **numbers: float
) -> npt.NDArray[np.float32]:
    """`steps` steps of the rule from `start` [d]: the points reached, [steps, d]."""
    return np.array([theta for theta, _, _ in states(name, gradient, start, eta, steps, **numbers)])
