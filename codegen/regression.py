"""Softmax regression on real handwritten digits, trained with an emitted kernel.

The loss is Σ_r −log p_{r t_r} + ½ λ ‖W‖², p = softmax(X W + b): what scikit-learn's
LogisticRegression minimises, for C = 1/λ.  The kernel gives the loss and its gradient in the
logits;
the gradient in W is Xᵀ times that (entry `softmax_regression` of the catalog).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.compiling import compile as compile_kernel
from codegen.errors import CodegenError
from codegen.interface import Kernel

Matrix = NDArray[np.float64]
PENALTY = 1.0
EVERY = 5


@dataclass(frozen=True)
class Digits:
    """1,797 images of 8×8 pixels in [0, 1] with their labels; every fifth is held out."""

    train_x: Matrix
    train_t: NDArray[np.int64]
    test_x: Matrix
    test_t: NDArray[np.int64]


@dataclass(frozen=True)
class Fit:
    """A trained model: its objective, accuracy on the held-out digits (0..1), seconds of
    training."""

    target: str
    objective: float
    accuracy: float
    seconds: float
    steps: int


def load() -> Digits:
    """The digits that come with scikit-learn; CodegenError names the extra if it is missing."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise CodegenError(
            "the digits come with scikit-learn: pip install 'lossmith[examples]'"
        ) from error
    bunch = load_digits()
    x, t = bunch.data / 16.0, bunch.target.astype(np.int64)
    held = np.arange(len(t)) % EVERY == 0
    return Digits(x[~held], t[~held], x[held], t[held])


def objective(kernel: Kernel, digits: Digits, weights: Matrix) -> tuple[float, Matrix]:
    """The objective and its gradient at weights of shape (65, 10), the last row the bias."""
    logits = digits.train_x @ weights[:-1] + weights[-1]
    value, slope = kernel.value_and_grad(logits, digits.train_t, reduction="sum")
    penalised = np.vstack([weights[:-1], np.zeros((1, weights.shape[1]))])
    gradient = np.vstack([digits.train_x.T @ slope, slope.sum(axis=0)]) + PENALTY * penalised
    return float(value) + 0.5 * PENALTY * float(np.sum(penalised**2)), gradient


def accuracy(digits: Digits, weights: Matrix) -> float:
    """The share of held-out digits that are named rightly."""
    scores = digits.test_x @ weights[:-1] + weights[-1]
    return float(np.mean(scores.argmax(axis=1) == digits.test_t))


def one_thread() -> Any:
    """Matrices this small lose by threads of the BLAS."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)


def train(target: str, digits: Digits) -> Fit:
    """Train with the kernel of a target ("numpy" or "c") by L-BFGS, in float64."""
    from scipy.optimize import minimize

    kernel = compile_kernel("cross_entropy", target, "float64")
    shape = (digits.train_x.shape[1] + 1, 10)

    def flat(w: Any) -> tuple[float, Any]:
        value, gradient = objective(kernel, digits, w.reshape(shape))
        return value, gradient.ravel()

    began = time.perf_counter()
    options = {"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-7, "maxcor": 20}
    first = np.zeros(shape[0] * shape[1])
    with one_thread():
        found = minimize(flat, first, jac=True, method="L-BFGS-B", options=options)
    seconds = time.perf_counter() - began
    return Fit(
        target, float(found.fun), accuracy(digits, found.x.reshape(shape)), seconds, int(found.nit)
    )


def reference(digits: Digits) -> Fit:
    """The same problem solved by scikit-learn, its objective evaluated with the NumPy kernel."""
    from sklearn.linear_model import LogisticRegression

    began = time.perf_counter()
    model = LogisticRegression(C=1 / PENALTY, tol=1e-8, max_iter=5000)
    with one_thread():
        model.fit(digits.train_x, digits.train_t)
    seconds = time.perf_counter() - began
    weights = np.vstack([model.coef_.T, model.intercept_])
    kernel = compile_kernel("cross_entropy", "numpy", "float64")
    value, _ = objective(kernel, digits, weights)
    return Fit("scikit-learn", value, accuracy(digits, weights), seconds, int(model.n_iter_.max()))
