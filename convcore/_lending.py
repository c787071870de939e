"""Arrays from one library to another and back, by DLPack: without a copy where that is possible."""

from collections.abc import Callable
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from convcore._array_api import ArrayAPIBackend
from convcore._errors import ArrayTypeError
from convcore._operands import backend_of, type_name

__all__ = ["lend_by", "return_to"]


def lend_by(take: Callable[[Any], Any], x: Any, library: str) -> Any:
    """An array of another library, as a library's own ``from_dlpack`` takes it.

    Parameters
    ----------
    take : callable
        ``from_dlpack`` of the library that borrows.
    x : array
        What it borrows; arrays that DLPack cannot describe are copied first.
    library : str
        What to call the borrower in a message.

    Raises
    ------
    ArrayTypeError
        Where x cannot be lent, as a tracer or an array that requires a gradient.
    """
    try:
        return take(_described(x))
    except (AttributeError, BufferError, RuntimeError, TypeError, ValueError) as error:
        raise ArrayTypeError(
            f"an array of type {type_name(x)} cannot be lent to {library}: {error}"
        ) from error


def return_to(y: Any, like: Any) -> Any:
    """A result in the library and on the device of the array it came from."""
    owner = backend_of("an operand", like)
    if isinstance(owner, ArrayAPIBackend):
        y = array_namespace(like).from_dlpack(y, device=device(like))
    else:  # which knows its devices, where not every library's from_dlpack does
        y = owner.lend(y, owner.device(like))
    # The memory of a library whose arrays are constant comes back as read-only.
    return y.copy() if isinstance(y, np.ndarray) and not y.flags.writeable else y


def _described(x: Any) -> Any:
    """The array, or a copy of one that DLPack has no words for.

    Backward strides abort some importers, a foreign byte order or a misaligned address they
    misread, and what is read-only they refuse.
    """
    if not isinstance(x, np.ndarray | np.generic):
        return x
    x = np.asarray(x)
    whole = all(step >= 0 and step % x.itemsize == 0 for step in x.strides)
    if whole and x.dtype.isnative and x.flags.aligned and x.flags.writeable:
        return x
    return np.array(x, dtype=x.dtype.newbyteorder("="), order="C")
