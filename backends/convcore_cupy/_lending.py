"""Arrays of other libraries as CuPy's, and back: in place on a device, by a copy from the host."""

from typing import Any

import cupy
import numpy as np
from array_api_compat import is_numpy_array

from convcore.plugins import Device, lend_by, return_to

__all__ = ["give_back", "lend"]

_CUDA = {2, 13}  # DLPack's kDLCUDA and kDLCUDAManaged


def lend(x: Any, device: Device) -> Any:
    """An array as CuPy's on a device; on the one it lies on, or the current one, if none is said.

    To name this backend is the permission to copy it there.
    """
    with cupy.cuda.Device(None if device is None else int(str(device).rpartition(":")[2])):
        mine = x if isinstance(x, cupy.ndarray) else lend_by(_taken, x, "CuPy")
        return mine if device is None else _moved(mine, cupy.cuda.Device().id)


def give_back(y: Any, like: Any) -> Any:
    """A result in the library and on the device of the array it came from."""
    if isinstance(like, cupy.ndarray):
        return _moved(y, like.data.device_id)
    kind, index = (1, 0) if is_numpy_array(like) else like.__dlpack_device__()
    if kind in _CUDA:
        return return_to(_moved(y, index), like)
    with cupy.cuda.Device(y.data.device_id):
        host = cupy.asnumpy(y)
    return host if is_numpy_array(like) else return_to(host, like)


def _taken(x: Any) -> Any:
    if is_numpy_array(x):
        return cupy.asarray(x)
    if x.__dlpack_device__()[0] in _CUDA:
        return cupy.from_dlpack(x)
    return cupy.asarray(np.from_dlpack(x))


def _moved(x: Any, index: int) -> Any:
    """The array on a device: itself, if it lies there."""
    if x.data.device_id == index:
        return x
    source, target = cupy.cuda.Device(x.data.device_id), cupy.cuda.Device(index)
    _order(source, target)
    with target:
        copy = x.copy()
    # What x's device does with its memory next comes after the copy.
    _order(target, source)
    return copy


def _order(first: Any, then: Any) -> None:
    """Let the current stream of one device wait for that of another; the host does not."""
    with first:
        event = cupy.cuda.Event(disable_timing=True)
        event.record()
    with then:
        cupy.cuda.get_current_stream().wait_event(event)
