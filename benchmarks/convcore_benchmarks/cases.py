"""A case: one call of the public API, as data. A grid is a table of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Case", "Shape", "each_dtype"]

Shape: TypeAlias = tuple[int, ...]

_GIVEN = {"conv_input_grad": 0, "conv_weight_grad": 1}  # the argument that is itself a shape
_MOST = 1000  # of an integer operand: a thousand products stay within 32 bits, for every peer


@dataclass(frozen=True, eq=False)
class Case:
    """One call.

    Attributes
    ----------
    op : str
        The name of the operation.
    shapes : tuple of tuple
        Of the positional arguments.
    dtype : str
        Of every operand.
    options : mapping
        The keywords.
    label : str
        What to call it; its sizes unless said.
    series : str
        The curve on which it is a point, in the grids that show how something grows.
    at : float
        Its abscissa there.
    threads : int
        The cores it may use; 0 for all of them.
    """

    op: str
    shapes: tuple[Shape, ...]
    dtype: str = "float32"
    options: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    series: str = ""
    at: float = 0
    threads: int = 0

    @property
    def name(self) -> str:
        """The case in words; no two of a grid have the same."""
        label = self.label or " * ".join("x".join(map(_short, shape)) for shape in self.shapes)
        said = [f"{key}={value}" for key, value in self.options.items()]
        cores = [f"cores={self.threads}"] if self.threads else []
        return ", ".join([f"{self.op} {label}", self.dtype, *said, *cores])

    def arguments(self) -> tuple[Any, ...]:
        """The positional arguments: NumPy arrays, or the shape where the operation takes one."""
        rng = np.random.default_rng(0)
        given = _GIVEN.get(self.op)
        return tuple(
            shape if place == given else _operand(rng, shape, self.dtype)
            for place, shape in enumerate(self.shapes)
        )


def each_dtype(cases: Iterable[Case], *dtypes: str) -> tuple[Case, ...]:
    """The same cases in several dtypes.

    Parameters
    ----------
    cases : iterable of Case
    *dtypes : str

    Returns
    -------
    tuple of Case
        In the order of the cases.
    """
    return tuple(replace(case, dtype=dtype) for case in cases for dtype in dtypes)


def _short(size: int) -> str:
    """1000000 as 1M, 10000 as 10k; what is not that round, or short anyway, as it is."""
    if size >= 10**6 and size % 10**6 == 0:
        return f"{size // 10**6}M"
    return f"{size // 1000}k" if size >= 10**4 and size % 1000 == 0 else str(size)


def _operand(rng: np.random.Generator, shape: Shape, dtype: str) -> np.ndarray[Any, Any]:
    kind = np.dtype(dtype).kind
    if kind in "iu":
        return rng.integers(0 if kind == "u" else -_MOST, _MOST, shape).astype(dtype)
    values = rng.standard_normal(shape)
    return (values + 1j * rng.standard_normal(shape) if kind == "c" else values).astype(dtype)
