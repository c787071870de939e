"""The array libraries that the suite runs on, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from convcore.plugins import clear_caches

from .calls import Call
from .dtypes import DTYPES

__all__ = ["LIBRARIES", "Library"]

_STANDARD = frozenset(DTYPES) - {"float16", "bfloat16"}


@dataclass(frozen=True)
class Library:
    """An array library, and how the suite runs it.

    Parameters
    ----------
    name : str
        The test id.
    module : str
        The module of its namespace.
    dtypes : frozenset of str
        The dtypes its arrays hold.
    flags : mapping
        The flags of array_api_strict to run under.
    """

    name: str
    module: str
    dtypes: frozenset[str]
    flags: Mapping[str, Any] = field(default_factory=dict)

    @property
    def xp(self) -> Any:
        """The namespace."""
        return import_module(self.module)

    def dtype(self, name: str) -> Any:
        """Give the library's own dtype object."""
        own = getattr(self.xp, name)
        return np.dtype(own) if self.module == "numpy" else own

    def asarray(self, values: Any, dtype: str) -> Any:
        """Give an array of the library that shares nothing with ``values``."""
        return self.xp.asarray(np.array(values, dtype=dtype), dtype=self.dtype(dtype), copy=True)

    def arguments(self, call: Call) -> tuple[list[Any], dict[str, Any]]:
        """Give a call's arguments as this library's arrays and dtypes."""
        arrays = [
            self.asarray(a, a.dtype.name) if isinstance(a, np.ndarray) else a for a in call.arrays
        ]
        options = dict(call.kwargs)
        if options.get("dtype") is not None:
            options["dtype"] = self.dtype(options["dtype"])
        return arrays, options

    def holds(self, call: Call) -> bool:
        """Whether the library has every dtype of a call."""
        names = {a.dtype.name for a in call.arrays if isinstance(a, np.ndarray)}
        return names | {call.kwargs.get("dtype") or "float32"} <= self.dtypes

    @contextmanager
    def settings(self) -> Iterator[None]:
        """Run under the library's flags.

        Floating-point warnings are the library's own, on the caller's terms, and not judged here.
        Flags that take something away from a namespace do so behind convcore's back, so its
        caches start and end empty.
        """
        with np.errstate(all="ignore"):
            if not self.flags:
                yield
                return
            clear_caches()
            with self.xp.ArrayAPIStrictFlags(**self.flags):
                yield
            clear_caches()


def _strict(name: str, extensions: tuple[str, ...]) -> Library:
    flags = {
        "boolean_indexing": False,
        "data_dependent_shapes": False,
        "enabled_extensions": extensions,
    }
    return Library(name, "array_api_strict", _STANDARD, flags)


LIBRARIES = (
    Library("numpy", "numpy", _STANDARD | {"float16"}),
    Library("strict", "array_api_strict", _STANDARD),
    _strict("strict_fft_only", ("fft",)),
    _strict("strict_bare", ()),
)
