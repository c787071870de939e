"""Where arrays lie: their devices and addresses, by nothing but the array protocols."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from array_api_compat import to_device

from .libraries import Library

__all__ = ["address", "devices", "moved", "watched"]

_NAME = b"dltensor"


class _Tensor(ctypes.Structure):
    """The head of DLPack's DLTensor."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device", ctypes.c_int32 * 2),
        ("ndim", ctypes.c_int32),
        ("dtype", ctypes.c_uint8 * 4),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("byte_offset", ctypes.c_uint64),
    )


def address(array: Any) -> int | None:
    """Give the address of an array's first element, on whatever device.

    Parameters
    ----------
    array : array
        Any.

    Returns
    -------
    int or None
        None where the library shows no memory, by DLPack.
    """
    if not hasattr(array, "__dlpack__"):
        return None
    try:
        capsule = array.__dlpack__()  # which has to live as long as it is looked into
    except BufferError:
        return None
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    tensor = _Tensor.from_address(pointer(capsule, _NAME))
    return int(tensor.data or 0) + int(tensor.byte_offset)


def devices(library: Library) -> list[Any]:
    """Give the devices that a library's namespace lists, by the array API's inspection.

    Parameters
    ----------
    library : Library
        Whose to list.

    Returns
    -------
    list
        The library's own device objects; that of its arrays alone where it lists none.
    """
    own = getattr(library.asarray(0, "float32"), "device", None)
    if not hasattr(library.xp, "__array_namespace_info__"):
        return [own]
    listed = [one for one in library.xp.__array_namespace_info__().devices() if one is not None]
    return listed if own in listed else [own]


def moved(array: Any, device: Any) -> Any:
    """Give an array on another device of its library.

    Parameters
    ----------
    array : array
        Any.
    device : device
        One of `devices`.

    Returns
    -------
    array
        On that device.
    """
    return to_device(array, device) if getattr(array, "device", device) != device else array


@contextmanager
def watched(kind: type, names: tuple[str, ...]) -> Iterator[None]:
    """Run with these methods of an array class failing.

    Parameters
    ----------
    kind : type
        A class of arrays; one that takes no change skips the test.
    names : tuple of str
        Methods, of which the class need not have all.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            if hasattr(kind, name):
                try:
                    patch.setattr(kind, name, _failing(name))
                except TypeError:
                    pytest.skip(f"{kind.__module__}.{kind.__qualname__} cannot be watched")
        yield


def _failing(name: str) -> Callable[..., Any]:
    def fail(*_args: Any, **_options: Any) -> Any:
        raise AssertionError(f"{name} was called: what the array holds was asked for")

    return fail
