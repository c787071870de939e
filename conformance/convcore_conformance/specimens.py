"""One call or two of each operation, to hold a rule of all operations against.

Unlike `samples`, their numbers fill the significand of their dtype, so that rounding shows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .calls import Array, Call

__all__ = ["specimens", "values"]


def values(seed: int, dtype: str, *shape: int) -> Array:
    """Give numbers of either sign that use every bit of a dtype.

    Parameters
    ----------
    seed : int
        Of the generator.
    dtype : str
        Integers take its whole range.
    *shape : int
        The shape.

    Returns
    -------
    ndarray
        Of the dtype.
    """
    rng = np.random.default_rng(seed)
    if "int" in dtype:
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)
    made = rng.standard_normal(shape)
    if dtype.startswith("complex"):
        made = made + 1j * rng.standard_normal(shape)
    return made.astype(dtype)


def specimens(dtype: str) -> Mapping[str, Call]:
    """Give calls by name.

    Parameters
    ----------
    dtype : str
        Of all operands.

    Returns
    -------
    mapping
        Of `Call`.
    """

    def made(op: str, *shapes: tuple[int, ...], shape: int = -1, **options: object) -> Call:
        arrays = [
            given if place == shape else values(place + 1, dtype, *given)
            for place, given in enumerate(shapes)
        ]
        return Call(op, tuple(arrays), options)

    layer = {"stride": 2, "padding": 1, "groups": 2}
    return {
        "convolve": made("convolve", (23,), (5,)),
        "convolve-2d": made("convolve", (6, 7), (3, 2), mode="same", boundary="reflect"),
        "correlate": made("correlate", (2, 19), (2, 4), axes=1, mode="valid"),
        "conv": made("conv", (1, 2, 6, 6), (2, 2, 3, 3), (2,), padding="same"),
        "conv-1d": made("conv", (2, 4, 11), (4, 2, 3), **layer),
        "conv_transpose": made("conv_transpose", (2, 4, 5), (4, 3, 3), **layer),
        "conv_input_grad": made(
            "conv_input_grad", (2, 4, 9), (4, 2, 3), (2, 4, 5), shape=0, **layer
        ),
        "conv_weight_grad": made(
            "conv_weight_grad", (2, 4, 9), (4, 2, 3), (2, 4, 5), shape=1, **layer
        ),
    }
