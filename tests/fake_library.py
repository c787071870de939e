"""An array library of a few lines, and a backend for it: to test dispatch, borrowing and plans."""

from typing import Any

import array_api_compat
import numpy as np

from convcore import algorithms
from convcore.plugins import Capabilities, Compiler, hookimpl, traced_call


class Tiny:
    """An array: samples somewhere."""

    def __init__(self, samples: Any, device: str = "left") -> None:
        self.samples = np.asarray(samples)
        self.device = device

    @property
    def shape(self) -> tuple[int, ...]:
        return self.samples.shape

    @property
    def dtype(self) -> Any:
        return self.samples.dtype


class Tinier(Tiny):
    """A subclass, which may have a backend of its own."""


class Unit(np.ndarray):
    """A NumPy array that may have a backend of its own."""


class Tracer:
    """An instance of Tiny by isinstance, but not by inheritance, as tracers are."""

    def __init__(self, samples: Any) -> None:
        self.inner = Tiny(samples)

    @property
    def __class__(self) -> type:
        return Tiny

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class _Namespace:
    def asarray(self, values: Any, dtype: Any = None, device: str = "left") -> Tiny:
        return Tiny(np.asarray(values, dtype), device)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


class TinyBackend:
    """What a backend must be; the tests change its attributes."""

    def __init__(self, name: str = "tiny", array_types: tuple[str, ...] = ("fake_library.Tiny",)):
        self.name = name
        self.array_types = array_types
        self.refused_types: dict[str, str] = {}
        self.dtypes = ("float32", "float64", "complex64", "complex128", "int8", "int64")
        self.absent: Exception | None = None
        self.is_tracing = False
        self.lent: list[Any] = []
        self.ran = 0

    @property
    def capabilities(self) -> Capabilities:
        if self.absent is not None:
            raise self.absent
        return Capabilities("1.0", ("left", "right"), self.dtypes, ("direct", "fft"))

    def device(self, x: Any) -> str:
        return x.device

    def surely(self, compare: Any, a: Any, b: Any) -> bool:
        return bool(compare(a, b))

    def namespace(self, x: Any) -> Any:
        return _Namespace()

    def methods(self, problem: Any, device: Any) -> Any:
        return algorithms.candidates(problem, np)

    def lower(self, problem: Any, engine: str, device: Any) -> Any:
        run = algorithms.lower(problem, engine, np)

        def lowered(x: Any, w: Any, bias: Any) -> Tiny:
            self.ran += 1
            arrays = (None if a is None else a.samples for a in (x, w, bias))
            return Tiny(run(*arrays), x.device)

        return lowered

    def lend(self, x: Any, device: Any) -> Tiny:
        self.lent.append(device)
        return Tiny(np.asarray(x), device or "left")

    def give_back(self, y: Any, like: Any) -> Any:
        return array_api_compat.array_namespace(like).asarray(y.samples)


class Plugin:
    """A plugin with a backend."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    @hookimpl
    def convcore_backend(self) -> Any:
        return self.backend

    @hookimpl
    def convcore_compiler(self) -> Any:
        if not hasattr(self.backend, "is_tracing"):
            return None
        return Compiler(__name__, lambda: traced_call if self.backend.is_tracing else None)
