"""The array libraries that the examples of networks run on: all that are installed."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import convcore

__all__ = ["LIBRARIES", "Array", "Library", "doubled", "each", "installed"]

Array = npt.NDArray[Any]


class Library(NamedTuple):
    """How to make a library's arrays of NumPy's, how to read them, and what to run under."""

    name: str
    asarray: Callable[[Array], Any]
    read: Callable[[Any], Array] = np.asarray
    settings: Callable[[], AbstractContextManager[Any]] = nullcontext

    @property
    def is_installed(self) -> bool:
        """Whether calls on its arrays can run here."""
        known = convcore.backends().get(self.name)
        return known.available if known else find_spec(self.name) is not None

    def run(self, function: Callable[..., Any], *arrays: Any) -> Any:
        """Call a function on this library's arrays, given NumPy's; return NumPy's again.

        Arguments and results may be arrays, and dictionaries or lists of arrays.
        """
        with self.settings():
            return each(self.read, function(*each(self.asarray, list(arrays))))


def each(change: Callable[[Any], Any], tree: Any) -> Any:
    """Change an array, or all arrays of a dictionary or list."""
    if isinstance(tree, dict):
        return {name: each(change, value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [each(change, value) for value in tree]
    return change(tree)


def doubled(tree: Any) -> Any:
    """Give NumPy's arrays in double precision."""
    return each(lambda array: array.astype(np.float64), tree)


def _of(path: str) -> Callable[[Any], Any]:
    """Give a function of a library, which is imported when it is first called."""

    def function(argument: Any) -> Any:
        return resolve_name(path)(argument)

    return function


def _in_blocks(x: Array) -> Any:
    """Cut images into blocks of 64 x 64; kernels are smaller and stay whole."""
    return resolve_name("dask.array:from_array")(x, chunks=(-1, -1, 64, 64)[: x.ndim])


_EVERY = (
    Library("numpy", np.asarray),
    Library("torch", _of("torch:asarray")),
    # JAX holds 64-bit numbers only where it is told to; those of 32 bits stay what they are.
    Library("jax", _of("jax.numpy:asarray"), settings=lambda: _of("jax:enable_x64")(True)),
    Library("dask", _in_blocks),
    Library("array_api_strict", _of("array_api_strict:asarray")),
    Library("cupy", _of("cupy:asarray"), read=lambda array: np.asarray(array.get())),
)
LIBRARIES = {library.name: library for library in _EVERY}


def installed() -> tuple[Library, ...]:
    """Give the libraries whose arrays can be computed with here."""
    return tuple(library for library in _EVERY if library.is_installed)
