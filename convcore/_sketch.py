"""An array without its values: what planning needs of it."""

from dataclasses import dataclass
from typing import Any

from convcore._backend import Backend
from convcore._typing import Device, DType, Shape

__all__ = ["Sketch", "sketch"]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a plan needs of an array; a call with sketches for arrays returns its Plan."""

    shape: Shape
    dtype: DType
    backend: Backend
    device: Device


def sketch(array: Any, backend: Backend) -> Sketch:
    """The sketch of an array, or of a sketch itself."""
    if isinstance(array, Sketch):
        return array
    return Sketch(tuple(array.shape), array.dtype, backend, backend.device(array))
