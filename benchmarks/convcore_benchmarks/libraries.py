"""The array libraries that convcore is timed on: how they get operands, and give results."""

from collections.abc import Callable, Mapping
from operator import methodcaller
from typing import Any, NamedTuple

import numpy as np

from convcore.plugins import Backend, registry

__all__ = ["Library", "library"]

_Await = Callable[[Any], object]

# A call of these returns before its result is there.
_AWAITED: Mapping[str, _Await] = {
    "cupy": lambda y: y.device.synchronize(),
    "dask": methodcaller("compute"),
    "jax": methodcaller("block_until_ready"),
}


class Library(NamedTuple):
    """An array library, by its backend.

    Attributes
    ----------
    backend : Backend
        That of its arrays.
    wait : callable or None
        Waits for a result; None where a call returns when it is done.
    """

    backend: Backend
    wait: _Await | None

    @property
    def name(self) -> str:
        """The name of the backend."""
        return self.backend.name

    def array(self, x: Any) -> Any:
        """An array of NumPy as one of this library; what is none stays."""
        return self.backend.lend(x, None) if isinstance(x, np.ndarray) else x

    def numpy(self, y: Any) -> Any:
        """An array of this library as one of NumPy."""
        return np.asarray(self.backend.give_back(y, np.empty(0, np.float32)))


def library(name: str) -> Library:
    """The library that a backend serves.

    Parameters
    ----------
    name : str

    Returns
    -------
    Library

    Raises
    ------
    BackendError
        Where it is not registered or not available, with those that are.
    """
    return Library(registry.get(name), _AWAITED.get(name))
