"""The NumPy backend's answers to convcore."""

from collections.abc import Mapping
from typing import Any, final

import numpy as np

from convcore.plugins import (
    DTYPES,
    PORTABLE_METHODS,
    Candidate,
    Capabilities,
    Comparison,
    ConvProblem,
    Device,
    Namespace,
    Run,
    Size,
    lend_by,
    return_to,
)

__all__ = ["NumPyBackend"]

_CPU = 1  # DLPack's kDLCPU


@final
class NumPyBackend:
    """Pure NumPy."""

    name = "numpy"
    array_types = ("numpy.ndarray", "numpy.generic")
    refused_types: Mapping[str, str] = {
        "scipy.sparse.sparray": "convert it first (x.toarray())",
        "scipy.sparse.spmatrix": "convert it first (x.toarray())",
        "sparse.SparseArray": "convert it first (x.todense())",
    }

    @property
    def capabilities(self) -> Capabilities:
        dtypes = tuple(name for name in DTYPES if name != "bfloat16")
        return Capabilities(np.__version__, ("cpu",), dtypes, PORTABLE_METHODS)

    def device(self, x: Any) -> Device:
        return None

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        return bool(compare(a, b))

    def namespace(self, x: Any) -> Namespace:
        return np

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        # Imported late, so that importing convcore stays cheap.
        from convcore_numpy._engines import candidates

        return candidates(problem)

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        from convcore_numpy._engines import lower

        return lower(problem, engine)

    def lend(self, x: Any, device: Device) -> Any:
        return lend_by(_taken, x, "NumPy") if not _is_own(x) else x

    def give_back(self, y: Any, like: Any) -> Any:
        # A subclass may be another backend's, which makes its own kind of the result.
        return y if type(like) is np.ndarray or isinstance(like, np.generic) else return_to(y, like)


def _taken(x: Any) -> Any:
    # Naming this backend permits the copy from a device, which is asked for only where it is one.
    on_host = x.__dlpack_device__()[0] == _CPU
    return np.from_dlpack(x) if on_host else np.from_dlpack(x, device="cpu")


def _is_own(x: Any) -> bool:
    return isinstance(x, np.ndarray | np.generic)
