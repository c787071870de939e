"""An array library in one file: NumPy's functions, on two devices that do not mix."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

DEVICES = ("example:0", "example:1")
__version__ = "0.1.0"


class Array(np.lib.mixins.NDArrayOperatorsMixin):
    """Numbers on a device."""

    def __init__(self, buffer: Any, device: str = DEVICES[0]) -> None:
        if device not in DEVICES:
            raise ValueError(f"device={device!r} is none of {', '.join(DEVICES)}")
        self.buffer = np.asarray(buffer)
        self.device = device

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return self.buffer.shape

    @property
    def ndim(self) -> int:
        """Its number of axes."""
        return self.buffer.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's."""
        return self.buffer.dtype

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return sys.modules[__name__]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return _taking_arrays(getattr(ufunc, method))(*inputs, **options)

    def __getitem__(self, key: Any) -> "Array":
        return Array(self.buffer[key], self.device)

    def __bool__(self) -> bool:
        return bool(self.buffer)

    def __int__(self) -> int:
        return int(self.buffer)

    def __float__(self) -> float:
        return float(self.buffer)

    def __complex__(self) -> complex:
        return complex(self.buffer)

    def __dlpack__(self, **options: Any) -> Any:
        return self.buffer.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.buffer.__dlpack_device__()

    def __repr__(self) -> str:
        return f"Array({self.buffer.tolist()}, {self.device!r})"


def from_dlpack(x: Any, /, *, device: str | None = None) -> Array:
    """An array of any library, in the same memory."""
    own = x.device if isinstance(x, Array) else DEVICES[0]
    return Array(np.from_dlpack(x), device or own)


def __getattr__(name: str) -> Any:
    return _Functions(np).__getattr__(name)


class _Functions:
    """The functions of a module of NumPy's, taking and giving arrays of this library."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        return found if isinstance(found, type) or not callable(found) else _taking_arrays(found)


fft = _Functions(np.fft)


def _taking_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, device: str | None = None, **options: Any) -> Any:
        met = set() if device is None else {device}
        plain = [_plain(value, met) for value in args]
        options = {name: _plain(value, met) for name, value in options.items()}
        if len(met) > 1:
            raise ValueError(f"arrays on {' and '.join(sorted(met))}")
        found = function(*plain, **options)
        is_array = isinstance(found, np.ndarray | np.generic)
        return Array(found, *met) if is_array else found

    return call


def _plain(value: Any, met: set[str]) -> Any:
    if isinstance(value, Array):
        met.add(value.device)
        return value.buffer
    return type(value)(_plain(v, met) for v in value) if isinstance(value, list | tuple) else value
