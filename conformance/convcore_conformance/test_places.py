"""Class and device of a result are the operands', on every device that a backend lends to."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import convcore
from convcore.plugins import registry

from .calls import Array, Call
from .libraries import Library
from .marks import shows


def _ones(*shape: int) -> Array:
    return np.ones(shape, "float32")


X, W, Y = (1, 2, 5), (3, 2, 2), (1, 3, 4)
CALLS = {
    "convolve": Call("convolve", (_ones(5), _ones(3)), {}),
    "correlate": Call("correlate", (_ones(5), _ones(3)), {"mode": "same", "boundary": "edge"}),
    "longer-kernel": Call("convolve", (_ones(3), _ones(7)), {"mode": "same"}),
    "one-tap": Call("convolve", (_ones(5), _ones(1)), {}),
    "no-axes": Call("convolve", (_ones(5), _ones(5)), {"axes": ()}),
    "0-d": Call("convolve", (_ones(), _ones()), {}),
    "empty": Call("convolve", (_ones(0, 5), _ones(1, 3)), {"axes": 1}),
    "conv": Call("conv", (_ones(*X), _ones(*W), _ones(3)), {"padding": "same"}),
    "no-channels": Call("conv", (_ones(1, 0, 5), _ones(3, 0, 2)), {}),
    "dense": Call("conv", (_ones(2, 3), _ones(4, 3)), {}),
    "conv_transpose": Call("conv_transpose", (_ones(*Y), _ones(*W)), {"stride": 2}),
    "conv_input_grad": Call("conv_input_grad", (X, _ones(*W), _ones(*Y)), {}),
    "conv_weight_grad": Call("conv_weight_grad", (_ones(*X), W, _ones(*Y)), {}),
}


def _place(library: Library, array: Any) -> Any:
    """Where its backend says that an array lies, which may name more places than the array does."""
    return registry.get(library.backend).device(array)


def _devices(library: Library) -> tuple[str, ...]:
    known = convcore.backends().get(library.backend)
    return known.devices if known else ()


def _on(library: Library, array: Array, where: str) -> Any:
    return registry.get(library.backend).lend(array.copy(), where)


@shows("CC-DEVICE-1", "CC-DEVICE-2")
@pytest.mark.parametrize("name", list(CALLS))
def test_every_device(name: str, library: Library) -> None:
    """Also on those where arrays are not made unless it is said."""
    call = CALLS[name]
    if not _devices(library) or library.chunks:
        pytest.skip(f"{library.name} lists no devices of its own")
    for where in _devices(library):
        with library.settings():
            arrays = call.each(partial(_on, library, where=where))
            _assert_stays(library, call, arrays, dict(call.kwargs))


def _assert_stays(library: Library, call: Call, arrays: list[Any], options: dict[str, Any]) -> None:
    like = arrays[call.places[0]]
    try:
        got = getattr(convcore, call.op)(*arrays, **options)
    except convcore.MethodError as error:
        pytest.skip(str(error))
    assert type(got) is type(like)
    assert _place(library, got) == _place(library, like)


@shows("CC-DEVICE-3")
@pytest.mark.parametrize("moved", [0, 1, 2])
def test_two_devices(moved: int, library: Library) -> None:
    """Each operand in turn elsewhere; the error names both places."""
    devices = _devices(library)
    if len(devices) < 2:
        pytest.skip(f"{library.name} has one device here")
    call = CALLS["conv"]
    with library.settings():
        arrays = [_on(library, a, devices[i == moved]) for i, a in enumerate(call.arrays)]
        places = [str(_place(library, a)) for a in arrays]
        with pytest.raises(convcore.DeviceError) as caught:
            convcore.conv(*arrays)
    assert all(place in str(caught.value) for place in places)
