"""CuPy's array API namespace, less what would wait for the device or read a global flag."""

from functools import cache
from importlib.util import find_spec
from typing import Any

import array_api_compat.cupy
import cupy
import numpy as np

from convcore_cupy._direct import NARROW, THREADS, kernel, packed

__all__ = ["NAMESPACE", "holds_bfloat16"]

_compat: Any = array_api_compat.cupy  # its names are CuPy's, which no type checker sees


@cache
def holds_bfloat16() -> bool:
    """Whether this CuPy has arrays of bfloat16: from 14 on, where ml_dtypes is installed."""
    return int(cupy.__version__.partition(".")[0]) >= 14 and find_spec("ml_dtypes") is not None


class _CuPyNamespace:
    """``array_api_compat.cupy``, but for the functions below."""

    __name__ = "cupy"

    def __getattr__(self, name: str) -> Any:
        if name == "bfloat16" and holds_bfloat16():
            import ml_dtypes

            return np.dtype(ml_dtypes.bfloat16)
        return getattr(_compat, name)

    def asarray(self, values: Any, *, device: Any = None, **options: Any) -> Any:
        """An array on a device, by its object or by its name."""
        with _place(device):
            return _compat.asarray(values, **options)

    def zeros(self, shape: tuple[int, ...], *, device: Any = None, **options: Any) -> Any:
        """Zeros on a device; array_api_compat's own are on the current one."""
        with _place(device):
            return _compat.zeros(shape, **options)

    def astype(self, x: Any, dtype: Any, **options: Any) -> Any:
        """Convert; CuPy's own reads a foreign byte order as if it were the device's."""
        return _compat.astype(x if x.dtype.isnative else _in_order(x), dtype, **options)

    def clip(self, x: Any, least: Any, most: Any) -> Any:
        """Clip; array_api_compat's own counts what it clips, and so waits for the device."""
        return cupy.clip(x, least, most)

    def matmul(self, a: Any, b: Any) -> Any:
        """Many small products, (b, f, m, k) by (b, f, k, n), with f fastest in memory.

        Those of spectra are such. CuPy's own would be in TF32 where CUPY_TF32 says so.
        """
        (batch, points, m, k), n, dtype = a.shape, b.shape[3], a.dtype
        y = cupy.empty((batch, m, n, points), dtype=dtype)
        if y.size:
            steps = [step // dtype.itemsize for array in (a, b) for step in array.strides]
            wide = max(y.size, *map(_span, (a, b))) >= NARROW
            geometry = packed([batch, points, m, n, k, *steps], wide)
            run = kernel("products", dtype.name, 0, wide)
            run((-(-y.size // THREADS),), (THREADS,), (a, b, y, geometry))
        return cupy.transpose(y, (0, 3, 1, 2))


NAMESPACE = _CuPyNamespace()


def _place(device: Any) -> Any:
    name = isinstance(device, str)
    return cupy.cuda.Device(int(device.rpartition(":")[2]) if name else device)


def _in_order(x: Any) -> Any:
    """The numbers that bytes of the other order stand for."""
    each = x.dtype.itemsize // (2 if x.dtype.kind == "c" else 1)
    flat = cupy.ascontiguousarray(x).reshape(-1).view("uint8").reshape(-1, each)
    swapped = cupy.ascontiguousarray(flat[:, ::-1])
    return swapped.reshape(-1).view(x.dtype.newbyteorder("=")).reshape(x.shape)


def _span(array: Any) -> int:
    """Distance between the first and the last element, in elements."""
    steps = zip(array.shape, array.strides, strict=True)
    return int(sum((size - 1) * abs(step) for size, step in steps) // array.dtype.itemsize)
