"""A backend that adds nothing: the portable algorithms on an array class of its own.

It stands for a stranger's backend, proves that dispatch reaches it by counting its runs, and is
what the mutants are made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from convcore import algorithms
from convcore.plugins import (
    DTYPES,
    PORTABLE_METHODS,
    Candidate,
    Capabilities,
    Comparison,
    ConvProblem,
    Device,
    Run,
    Size,
    Staged,
    hookimpl,
    lend_by,
)

__all__ = ["DEVICES", "Loopback", "LoopbackArray", "Plugin"]

Plain: TypeAlias = NDArray[Any]
DEVICES = ("loop:0", "loop:1")
_DTYPES = tuple(name for name in DTYPES if name != "bfloat16")
_CAPABILITIES = Capabilities("1.0", DEVICES, _DTYPES, PORTABLE_METHODS)


class LoopbackArray(np.ndarray[Any, Any]):
    """NumPy's array, on one of two pretended devices."""

    place: str

    def __array_finalize__(self, source: Any) -> None:
        self.place = getattr(source, "place", DEVICES[0])

    @property
    def device(self) -> str:
        """Where it lies; a result of NumPy's functions lies where their first operand does."""
        return self.place


def _on(values: Any, place: str) -> LoopbackArray:
    array = np.asarray(values).view(LoopbackArray)
    array.place = place
    return array


class _Namespace:
    """NumPy, whose new arrays lie on one device."""

    def __init__(self, place: str) -> None:
        self._place = place

    def asarray(self, values: Any, dtype: Any = None, device: Any = None) -> LoopbackArray:
        # array_api_compat takes any NumPy array to lie on "cpu", so this namespace knows better.
        return _on(np.array(values, dtype), self._place)

    def broadcast_to(self, x: LoopbackArray, shape: tuple[int, ...]) -> LoopbackArray:
        return np.broadcast_to(x, shape, subok=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def _lowered(problem: ConvProblem, engine: str) -> Run:
    return algorithms.lower(problem, engine, np)


def _listed(problem: ConvProblem) -> tuple[Candidate, ...]:
    return algorithms.candidates(problem, np)


def _placed(y: Any, x: LoopbackArray) -> Any:
    return _on(y, x.place)


def _device(x: LoopbackArray) -> Device:
    return x.place


def plain(x: Any) -> Any:
    """The same memory as NumPy's own array; None stays None."""
    return None if x is None else x.view(np.ndarray)


@dataclass(eq=False)
class Loopback:
    """The backend; a mutant replaces one of its functions.

    Parameters
    ----------
    name : str
    lowered : callable
        From a problem and an engine to its run on NumPy's arrays.
    listed : callable
        From a problem to its candidates.
    placed : callable
        From a plain result and x to the result that is handed out.
    device : callable
        From an array to where it lies.
    ran : int
        How many convolutions it has run.
    """

    name: str = "loopback"
    lowered: Callable[[ConvProblem, str], Run] = _lowered
    listed: Callable[[ConvProblem], tuple[Candidate, ...]] = _listed
    placed: Callable[[Plain, LoopbackArray], Any] = _placed
    device: Callable[[Any], Device] = _device
    ran: int = 0
    array_types: tuple[str, ...] = (f"{__name__}.LoopbackArray",)
    refused_types: Mapping[str, str] = field(default_factory=dict)
    capabilities: Capabilities = _CAPABILITIES

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        """Whether they compare so: sizes are numbers."""
        return bool(compare(a, b))

    def namespace(self, x: Any) -> Any:
        """NumPy's, for arrays where x lies."""
        return _Namespace(getattr(x, "place", DEVICES[0]))

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        """The portable algorithms."""
        return self.listed(problem)

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        """A portable algorithm, counted."""
        run = self.lowered(problem, engine)
        if not isinstance(run, Staged):
            return lambda x, w, bias: self._handed(run(plain(x), plain(w), plain(bias)), x)
        return Staged(
            lambda w: run.prepare(plain(w)),
            lambda x, kernel, bias: self._handed(run.apply(plain(x), kernel, plain(bias)), x),
        )

    def _handed(self, y: Plain, x: LoopbackArray) -> Any:
        self.ran += 1
        return self.placed(y, x)

    def lend(self, x: Any, device: Device) -> LoopbackArray:
        """Any array, in its own memory where NumPy can see it."""
        place = device or getattr(x, "place", DEVICES[0])
        return _on(lend_by(np.from_dlpack, x, "the loopback"), str(place))

    def give_back(self, y: Any, like: Any) -> Any:
        """A NumPy array for a NumPy array, and one on the device of one of its own."""
        return _on(y, like.place) if isinstance(like, LoopbackArray) else np.asarray(y)


class Plugin:
    """What an entry point would name."""

    def __init__(self, backend: Loopback) -> None:
        self._backend = backend

    @hookimpl
    def convcore_backend(self) -> Loopback:
        """Give the backend."""
        return self._backend
