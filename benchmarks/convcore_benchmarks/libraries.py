"""The array libraries that convcore is timed on: how they get operands, and give results."""

from collections.abc import Callable, Mapping
from operator import methodcaller
from typing import Any, NamedTuple

import numpy as np

from convcore.plugins import Backend, DeviceError, registry

from .timing import Call

__all__ = ["Library", "library"]

_Await = Callable[[Any], object]


def _synchronize(y: Any) -> None:
    import torch

    torch.accelerator.synchronize(y.device)


# A call of these returns before its result is there, PyTorch's where it runs on a device.
_AWAITED: Mapping[str, _Await] = {
    "cupy": lambda y: y.device.synchronize(),
    "dask": methodcaller("compute"),
    "jax": methodcaller("block_until_ready"),
}
_AWAITED_ON_DEVICES: Mapping[str, _Await] = {**_AWAITED, "torch": _synchronize}


class Library(NamedTuple):
    """An array library, by its backend, and where its arrays are.

    Attributes
    ----------
    backend : Backend
        That of its arrays.
    wait : callable or None
        Waits for a result; None where a call returns when it is done.
    device : str or None
        As the backend names it; None for wherever it takes NumPy's arrays by itself.
    """

    backend: Backend
    wait: _Await | None
    device: str | None = None

    @property
    def name(self) -> str:
        """The name of the backend."""
        return self.backend.name

    def array(self, x: Any) -> Any:
        """An array of NumPy as one of this library; what is none stays."""
        return self.backend.lend(x, self.device) if isinstance(x, np.ndarray) else x

    def awaited(self, call: Call) -> Call:
        """A call that is over when its result is there."""
        wait = self.wait
        return call if wait is None else lambda: _after(wait, call())

    def numpy(self, y: Any) -> Any:
        """An array of this library as one of NumPy."""
        return np.asarray(self.backend.give_back(y, np.empty(0, np.float32)))


def library(name: str, device: str | None = None) -> Library:
    """The library that a backend serves.

    Parameters
    ----------
    name : str
    device : str, optional
        Where its arrays are to be.

    Returns
    -------
    Library

    Raises
    ------
    BackendError
        Where it is not registered or not available, with those that are.
    DeviceError
        For a device that it does not have, with those that it has.
    """
    backend = registry.get(name)
    if device is None:
        return Library(backend, _AWAITED.get(name))
    devices = backend.capabilities.devices
    if device not in devices:
        raise DeviceError(
            f"device={device!r} is none of the backend {name!r}; allowed are {', '.join(devices)}"
        )
    if device == "cpu":
        return library(name)
    return Library(backend, _AWAITED_ON_DEVICES.get(name), device)


def _after(wait: _Await, y: Any) -> Any:
    wait(y)
    return y
