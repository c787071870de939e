"""Arrays that are made of other libraries' arrays: whose those are, and where they lie."""

from typing import Any, NamedTuple

from convcore._backend import Backend
from convcore._dtypes import native
from convcore._operands import backend_of
from convcore._sketch import Sketch
from convcore._typing import Device

__all__ = ["Blocks", "device_beside", "inner_blocks"]


class Blocks(NamedTuple):
    """The backend and device of the blocks of an array: what `Backend.device` is where it wraps."""

    backend: Backend
    device: Device

    @classmethod
    def of(cls, what: str, array: Any) -> "Blocks":
        """Those of an array that is, or might be, a block; `what` names it in messages."""
        backend = backend_of(what, array)
        device = array.device if isinstance(array, Sketch) else backend.device(array)
        return cls(backend, device)

    def __str__(self) -> str:
        name = self.backend.name
        return name if self.device is None else f"{name} on {self.device}"

    def asarray(self, values: Any, dtype: str) -> Any:
        """A block of Python numbers."""
        xp = self.backend.namespace(None)
        return xp.asarray(values, dtype=native(xp, dtype), device=self.device)


def device_beside(array: Any, backend: Backend) -> Device:
    """Where an operand lies, as the backend of all operands tells it."""
    if not isinstance(array, Sketch):
        return backend.device(array)
    return array.device if array.backend is backend else Blocks.of("an operand", array)


def inner_blocks(array: Any, backend: Backend) -> Blocks | None:
    """The blocks of an array, or of the sketch of one, if its backend wraps."""
    device = array.device if isinstance(array, Sketch) else backend.device(array)
    return device if isinstance(device, Blocks) else None
