"""The NumPy backend's answers to convcore."""

from collections.abc import Mapping
from typing import Any, final

import numpy as np
from array_api_compat import array_namespace

from convcore import algorithms
from convcore.plugins import DTYPES, Candidate, Capabilities, ConvProblem, Device, Namespace, Run

__all__ = ["NumPyBackend"]


@final
class NumPyBackend:
    """Pure NumPy."""

    name = "numpy"
    array_types = ("numpy.ndarray", "numpy.generic")
    refused_types: Mapping[str, str] = {
        "numpy.ma.MaskedArray": "fill the mask first (x.filled(value))",
        "numpy.matrix": "convert it first (numpy.asarray(x))",
    }

    @property
    def capabilities(self) -> Capabilities:
        dtypes = tuple(name for name in DTYPES if name != "bfloat16")
        return Capabilities(np.__version__, ("cpu",), dtypes, ("direct", "fft", "overlap_add"))

    def tracing(self) -> bool:
        return False

    def device(self, x: Any) -> Device:
        return None

    def surely(self, predicate: Any) -> bool:
        return bool(predicate)

    def namespace(self, x: Any) -> Namespace:
        return np

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        return algorithms.candidates(problem, np)

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        return algorithms.lower(problem, engine, np)

    def lend(self, x: Any, device: Device) -> Any:
        return np.from_dlpack(x)

    def give_back(self, y: Any, like: Any) -> Any:
        return array_namespace(like).from_dlpack(y)
