"""A backend that is there for one test: arrays of its own in NumPy's memory, and a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import array_namespace

from convcore import algorithms
from convcore.plugins import (
    Backend,
    Candidate,
    Capabilities,
    Comparison,
    ConvProblem,
    Run,
    Size,
    clear_caches,
    hookimpl,
    registry,
)

from .calls import Array

__all__ = ["Box", "Ran", "Spare", "registered"]

_DTYPES = ("float32", "float64", "complex64", "complex128", "int8", "int16", "int32", "int64")


class Box:
    """An array of the spare backend.

    Parameters
    ----------
    values : array_like
        What is in it.
    device : {"left", "right"}
        Where it says it is.
    """

    def __init__(self, values: Any, device: str = "left") -> None:
        self._values = np.asarray(values)
        self.shape, self.dtype, self.device = self._values.shape, self._values.dtype, device

    @property
    def values(self) -> Array:
        """What is in it."""
        return self._values


class _Namespace:
    """NumPy's, but what it makes is put into boxes."""

    def asarray(self, values: Any, dtype: Any = None, device: str = "left") -> Box:
        return Box(np.asarray(values, dtype), device)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


class Ran(NamedTuple):
    """How one call was run."""

    method: str
    device: str
    precision: str
    threads: int | None


class Spare:
    """The portable algorithms on NumPy's memory, on two devices that are names only.

    Parameters
    ----------
    name : str
        Its name.
    fault : str
        Why its library cannot be used; empty if it can.

    Attributes
    ----------
    ran : list of Ran
        The calls so far.
    lent : list
        The devices that arrays of other libraries were lent to.
    """

    array_types: tuple[str, ...] = (f"{__name__}.Box",)
    refused_types: Mapping[str, str] = {}

    def __init__(self, name: str = "spare", fault: str = "") -> None:
        self.name = name
        self.fault = fault
        self.ran: list[Ran] = []
        self.lent: list[Any] = []

    @property
    def capabilities(self) -> Capabilities:
        if self.fault:
            raise ImportError(self.fault)
        methods = ("direct", "fft", "overlap_add")
        return Capabilities("1.2.3", ("left", "right"), _DTYPES, methods)

    def device(self, x: Any) -> str:
        return str(x.device)

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        return bool(compare(a, b))

    def namespace(self, x: Any) -> Any:
        return _Namespace()

    def methods(self, problem: ConvProblem, device: Any) -> tuple[Candidate, ...]:
        return tuple(algorithms.candidates(problem, np))

    def lower(self, problem: ConvProblem, engine: str, device: Any) -> Run:
        chosen = next(c for c in self.methods(problem, device) if c.name == engine)
        run = algorithms.lower(problem, engine, np)

        def lowered(x: Any, w: Any, bias: Any) -> Any:
            self.ran.append(Ran(chosen.method, x.device, problem.precision, problem.threads))
            return Box(run(*(None if a is None else a.values for a in (x, w, bias))), x.device)

        return lowered

    def lend(self, x: Any, device: Any) -> Any:
        self.lent.append(device)
        return Box(np.asarray(x), device or "left")

    def give_back(self, y: Any, like: Any) -> Any:
        return array_namespace(like).asarray(y.values)


class _Plugin:
    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @hookimpl
    def convcore_backend(self) -> Backend:
        return self._backend


@contextmanager
def registered(backend: Spare) -> Iterator[Spare]:
    """Register a spare backend for a block.

    Parameters
    ----------
    backend : Spare
        Under a name of its own.

    Yields
    ------
    Spare
        The same.
    """
    registry.register(backend.name, _Plugin(backend), "the suite")
    clear_caches()
    try:
        yield backend
    finally:
        registry.unregister(backend.name)
        clear_caches()
