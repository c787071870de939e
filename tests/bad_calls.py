"""A wrong call is a valid one with some arguments replaced; the tables of them are bad_*.py."""

from typing import Any, NamedTuple

import numpy as np

import convcore

X1, X2 = np.arange(1.0, 6.0), np.ones(3)
X, W, GRAD = np.ones((1, 2, 6)), np.ones((4, 2, 3)), np.ones((1, 4, 4))

VALID: dict[str, dict[str, Any]] = {
    "convolve": {"x1": X1, "x2": X2},
    "correlate": {"x1": X1, "x2": X2},
    "conv": {"x": X, "w": W},
    "conv_transpose": {"x": GRAD, "w": W},
    "conv_input_grad": {"input_shape": X.shape, "w": W, "grad": GRAD},
    "conv_weight_grad": {"x": X, "weight_shape": W.shape, "grad": GRAD},
}


class Bad(NamedTuple):
    """A wrong call: what it is, what it replaces in a valid one, and how it must be refused."""

    id: str
    op: str
    changes: dict[str, Any]
    error: type[convcore.ConvcoreError]
    says: tuple[str, ...]

    def __repr__(self) -> str:
        return f"{self.op}, {self.id}"

    def __call__(self) -> Any:
        return invoke(self.op, **self.changes)


def arguments(op: str, **changes: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional arguments and keywords of the valid call of an operation, some replaced."""
    merged = {**VALID[op], **changes}
    positional = tuple(merged.pop(name) for name in VALID[op])
    return positional, merged


def invoke(op: str, **changes: Any) -> Any:
    """The valid call of an operation with some arguments replaced or added."""
    positional, keywords = arguments(op, **changes)
    return getattr(convcore, op)(*positional, **keywords)
