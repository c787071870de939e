"""The vocabulary of the tables: a row is a call, made of the peer and of convcore."""

from dataclasses import dataclass, field

import numpy as np

PEERS = {
    "numpy": "numpy",
    "scipy_signal": "scipy.signal",
    "scipy_ndimage": "scipy.ndimage",
    "torch_functional": "torch.nn.functional",
    "jax_lax": "jax.lax",
}

# Why a result differs from the peer's, by the name that rows use.
REASONS = {
    "kernel": "the peer has no code for the dtype; convcore computes it",
    "empty": "the peer stumbles over an operand without samples; convcore sums nothing",
    "lags": "the peer's lags are off by one against its own correlate",
    "conjugate": "the peer forgets to conjugate the result, or conjugates the wrong operand",
    "exact": "the peer rounds what convcore computes exactly",
    "negative": "the peer does not accept one negative axis, only a tuple of it",
    "channels": "the peer returns a result of the wrong shape",
    "refusal": "both refuse it, convcore by a TypeError or ValueError that says why",
    "bias": "the peer does not compare the dtype of the bias here, as it does elsewhere",
    "tiny": "the peer leaves out weights below 2^-52, so that a NaN beneath a zero is not seen",
    "extended": "convcore has no extended precision here, and raises TypeError",
}


@dataclass(frozen=True, eq=False)
class Row:
    """One call.

    `differs` names the reason for which the results are not the same; `wanted` is then what
    convcore gives or raises. A row that is `everywhere` is also compared on every other library.
    """

    module: str
    name: str
    args: tuple
    kwargs: dict = field(default_factory=dict)
    differs: str = ""
    wanted: object = None
    everywhere: bool = False

    @property
    def arrays(self):
        every = (*self.args, *self.kwargs.values())
        return [value for value in every if isinstance(value, np.ndarray)]

    @property
    def id(self):
        said = [str(x.shape).replace(" ", "") + x.dtype.char for x in self.arrays]
        said += [str(x) for x in self.args if not isinstance(x, np.ndarray)]
        said += [f"{k}={v}" for k, v in self.kwargs.items() if not isinstance(v, np.ndarray)]
        return "-".join([self.module, self.name, *said]).replace(" ", "")


def data(*shape, dtype="float64", start=1):
    """Small integers of both signs (if the dtype has them) that repeat slowly."""
    k = np.arange(start, start + int(np.prod(shape))).reshape(shape)
    values = (5 * k + k // 4) % 11 - (4 if np.dtype(dtype).kind in "ifcgO" else 0)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * ((3 * k) % 7 - 3)
    return values.astype(dtype)
