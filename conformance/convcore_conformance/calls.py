"""A call of convcore as data, printed as the line to paste."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Call"]

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Call:
    """One call of the public API.

    Parameters
    ----------
    op : str
        The name of the operation.
    arrays : tuple
        The positional arguments: NumPy arrays, or a shape for a gradient's.
    kwargs : mapping
        The options; dtypes by name.
    """

    op: str
    arrays: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def but(self, **options: Any) -> Call:
        """Give the same call with some options replaced."""
        return replace(self, kwargs={**self.kwargs, **options})

    @property
    def places(self) -> list[int]:
        """Where its operands stand among the positional arguments, of which one may be a shape."""
        return [place for place, one in enumerate(self.arrays) if isinstance(one, np.ndarray)]

    @property
    def operands(self) -> list[Array]:
        """Its arrays, in order."""
        return [self.arrays[place] for place in self.places]

    def each(self, change: Callable[[Array], Any]) -> list[Any]:
        """Give its positional arguments with something else in place of each operand."""
        return [change(one) if isinstance(one, np.ndarray) else one for one in self.arrays]

    def on(self, change: Callable[[Array], Array]) -> Call:
        """Give the same call on other operands, made of these."""
        return replace(self, arrays=tuple(self.each(change)))

    def with_operand(self, place: int, operand: Array) -> Call:
        """Give the same call with the operand at a place replaced."""
        return replace(self, arrays=(*self.arrays[:place], operand, *self.arrays[place + 1 :]))

    def __repr__(self) -> str:
        arguments = [_text(a) for a in self.arrays]
        options = [f"{name}={_option(name, value)}" for name, value in self.kwargs.items()]
        return f"convcore.{self.op}({', '.join(arguments + options)})"


def _option(name: str, value: Any) -> str:
    return f"np.{value}" if name == "dtype" and value is not None else _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return _number(value) if isinstance(value, float | complex) else repr(value)
    dtype = f"dtype=np.{value.dtype}"
    if not value.size:
        return f"np.zeros({value.shape}, {dtype})"
    return f"np.array({_nested(value.tolist())}, {dtype})"


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    return _number(value)


def _number(value: Any) -> str:
    """Print a literal, also where Python has none: nan and inf."""
    if isinstance(value, complex):
        return repr(value) if np.isfinite(value) else f"complex({value.real!r}, {value.imag!r})"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    return repr(value)
