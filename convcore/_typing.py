"""The vocabulary of types: arrays are whatever their library says, known by protocol only."""

from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeAlias

__all__ = [
    "Array",
    "Comparison",
    "DType",
    "Device",
    "Namespace",
    "Run",
    "Scalar",
    "Shape",
    "Size",
]


class Array(Protocol):
    """What the core asks of an array: a shape and a dtype. All else goes through a namespace."""

    @property
    def shape(self) -> tuple[Any, ...]: ...
    @property
    def dtype(self) -> Any: ...


DType: TypeAlias = Any
"""A dtype object of some library; inside the core dtypes are names, such as ``"float32"``."""
Device: TypeAlias = Hashable
"""A device as its backend tells it; None where the library has only one."""
Namespace: TypeAlias = Any
"""An array API namespace."""
Scalar: TypeAlias = int | float | complex
"""A Python number."""
Size: TypeAlias = Any
"""A length: an int, a symbolic integer while tracing, or nan where a lazy library knows none."""
Comparison: TypeAlias = Callable[[Size, Size], Any]
"""A comparison of two sizes, such as `operator.lt`."""
Shape: TypeAlias = tuple[Size, ...]
"""A tuple of sizes."""
Run: TypeAlias = Callable[[Any, Any, Any], Any]
"""A lowered problem: ``(x, w, bias or None) -> y``."""
