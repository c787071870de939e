"""The CuPy backend's answers to convcore."""

from collections.abc import Mapping
from typing import Any, final

from convcore.plugins import (
    DTYPES,
    PORTABLE_METHODS,
    BackendError,
    Candidate,
    Capabilities,
    Comparison,
    ConvProblem,
    Device,
    Gap,
    Namespace,
    Run,
    Size,
)

__all__ = ["CuPyBackend"]

_NO_BFLOAT16 = Gap(
    "notimpl",
    "bfloat16",
    "CuPy has arrays of bfloat16 from version 14 on, and where ml_dtypes is installed",
)
_NO_INTEGER_FFT = Gap(
    "notimpl",
    "fft and overlap_add of integers",
    "cuFFT's algorithms are not published, so that no bound on their error is proven; "
    "the direct kernels serve all integers",
)


@final
class CuPyBackend:
    """CUDA, by kernels of our own, cuFFT, and cuDNN where it is installed.

    An H200 has run the conformance suite on it; its prices were measured on none.
    """

    name = "cupy"
    array_types = ("cupy.ndarray",)
    refused_types: Mapping[str, str] = {
        "cupyx.scipy.sparse.spmatrix": "convert it first (x.toarray())",
    }

    @property
    def capabilities(self) -> Capabilities:
        import cupy

        from convcore_cupy._cudnn import is_available
        from convcore_cupy._namespace import holds_bfloat16

        count = cupy.cuda.runtime.getDeviceCount()  # raises the driver's reason
        if count == 0:
            raise BackendError("CuPy sees no CUDA device")
        dtypes = tuple(name for name in DTYPES if name != "bfloat16" or holds_bfloat16())
        native = is_available()
        return Capabilities(
            cupy.__version__,
            tuple(f"cuda:{index}" for index in range(count)),
            dtypes,
            (*PORTABLE_METHODS, "native") if native else PORTABLE_METHODS,
            native_ranks=(1, 2, 3) if native else (),
            gaps=(_NO_INTEGER_FFT,) if "bfloat16" in dtypes else (_NO_INTEGER_FFT, _NO_BFLOAT16),
        )

    def device(self, x: Any) -> Device:
        # Of the array's memory: x.device would make an object first.
        return f"cuda:{x.data.device_id}"

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        return bool(compare(a, b))

    def namespace(self, x: Any) -> Namespace:
        from convcore_cupy._namespace import NAMESPACE

        return NAMESPACE

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        # Imported late, so that importing convcore imports no CuPy.
        from convcore_cupy._engines import candidates

        return candidates(problem, device)

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        from convcore_cupy._engines import lower

        return lower(problem, engine)

    def lend(self, x: Any, device: Device) -> Any:
        from convcore_cupy._lending import lend

        return lend(x, device)

    def give_back(self, y: Any, like: Any) -> Any:
        from convcore_cupy._lending import give_back

        return give_back(y, like)
