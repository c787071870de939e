"""Where results lie, and that nothing else is touched: class, device, memory, host."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from array_api_compat import device

import convcore
from convcore.plugins import clear_caches

from .calls import Call
from .checks import METHODS, able
from .dtypes import DTYPES
from .gradients import result
from .libraries import Library
from .marks import shows
from .memory import address, devices, moved, watched
from .samples import OPERATIONS, typed, whole
from .transforming import function_of, operands, row_of

OPS = pytest.mark.parametrize("op", OPERATIONS)

_ONE, _ROW = np.ones((1, 1, 1), "float32"), whole(1, 1, 6).astype("float32")
SAME = {
    "convolve-by-one": Call("convolve", (_ROW[0, 0], _ONE[0, 0]), {}),
    "convolve-one-by": Call("convolve", (_ONE[0, 0], _ROW[0, 0]), {}),
    "convolve-same": Call("convolve", (_ROW[0, 0], _ONE[0, 0]), {"mode": "same"}),
    "convolve-valid": Call("convolve", (_ROW[0, 0], _ONE[0, 0]), {"mode": "valid"}),
    "convolve-no-axes": Call("convolve", (_ROW, _ONE), {"axes": ()}),
    "correlate-by-one": Call("correlate", (_ROW[0, 0], _ONE[0, 0]), {}),
    "conv-by-one": Call("conv", (_ROW, _ONE), {}),
    "conv-unbatched": Call("conv", (_ROW[0], _ONE), {}),
    "conv-dense": Call("conv", (_ROW[0].T, _ONE[0]), {}),
    "conv-of-one": Call("conv", (_ONE[0], _ROW[0].T), {}),
    "conv-of-zero": Call("conv", (0 * _ONE[0], _ROW[0].T, _ROW[0, 0]), {}),
    "transpose-by-one": Call("conv_transpose", (_ROW, _ONE), {}),
    "input-grad-by-one": Call("conv_input_grad", (_ROW.shape, _ONE, _ROW), {}),
    "weight-grad-by-one": Call("conv_weight_grad", (_ROW, _ROW.shape, _ONE), {}),
}
"""Calls whose result equals one of their operands."""
LARGE = {
    "blocks": Call("convolve", (whole(20_000), whole(65)), {}),
    "image": Call("conv", (whole(2, 8, 20, 20), whole(8, 8, 3, 3), whole(8)), {"padding": 1}),
    "pointwise": Call("conv", (whole(2, 16, 30, 30), whole(8, 16, 1, 1), whole(8)), {}),
    "integers": Call("convolve", (whole(500).astype("int16"), whole(9).astype("int16")), {}),
}
READ = ("__array__", "__dlpack__", "numpy", "cpu", "tolist", "compute", "to_numpy", "persist")
WAIT = ("__bool__", "__int__", "__float__", "__complex__", "__index__", "item", "tolist")


def by_method(library: Library, call: Call) -> list[Call]:
    """Give the call by each method that can serve it."""
    methods = able(library, call)
    return [call.but(method=method) for method in METHODS if method in methods]


def samples(library: Library, op: str) -> list[Call]:
    """Give calls of float32, which every device holds."""
    return by_method(library, typed(OPERATIONS[op], "float32"))


@shows("CC-DEVICE-1")
@OPS
def test_the_result_is_of_the_operands_class(op: str, library: Library) -> None:
    with library.settings():
        for call in samples(library, op):
            arrays = operands(library, call)
            assert type(function_of(call)(*arrays)) is type(arrays[0]), call


@shows("CC-DEVICE-2", "CC-DEVICE-6")
@OPS
def test_the_result_is_on_the_operands_device(op: str, library: Library) -> None:
    """Also on devices that hold no values, or whose values the host must not read."""
    with library.settings():
        for call in samples(library, op):
            for place in devices(library):
                arrays = [moved(array, place) for array in operands(library, call)]
                assert device(function_of(call)(*arrays)) == device(arrays[0]), call


@shows("CC-DEVICE-3")
@OPS
def test_operands_on_two_devices_are_refused(op: str, library: Library) -> None:
    """A call that was refused once is refused again, whichever operand lies elsewhere."""
    with library.settings():
        call = samples(library, op)[0]
        arrays = operands(library, call)
        here, *others = sorted(devices(library), key=lambda one: one != device(arrays[0]))
        if not others:
            pytest.skip(f"{library.name} has one device")
        for i in (*range(len(arrays)), 0):
            apart = [moved(a, others[0]) if i == j else a for j, a in enumerate(arrays)]
            with pytest.raises(convcore.DeviceError) as caught:
                function_of(call)(*apart)
            assert caught.type is convcore.DeviceError
            assert str(here) in str(caught.value)
            assert str(others[0]) in str(caught.value)


@shows("CC-DEVICE-4")
@OPS
def test_operands_stay_as_they_were(op: str, library: Library) -> None:
    """Byte for byte, also by the second call, which finds a warm cache."""
    with library.settings():
        for call in samples(library, op):
            arrays = operands(library, call)
            for _ in range(2):
                function_of(call)(*arrays)
            assert_unchanged(library, call, arrays)


@shows("CC-DEVICE-4", "CC-DEVICE-5")
@pytest.mark.parametrize("name", LARGE)
def test_large_operands_stay_as_they_were(name: str, library: Library) -> None:
    """Where other engines serve; one that pads in place would change them."""
    if library.chunks:
        pytest.skip("chunks of few samples would make as many tasks as there are samples")
    call = library.held_call(LARGE[name])
    assert call is not None
    with library.settings():
        for one in by_method(library, call):
            arrays = operands(library, one)
            got = function_of(one)(*arrays)
            assert_unchanged(library, one, arrays)
            assert not any(overlap(got, array) for array in arrays), one


@shows("CC-DEVICE-5")
@pytest.mark.parametrize("name", SAME)
def test_a_result_that_equals_an_operand_is_a_copy(name: str, library: Library) -> None:
    with library.settings():
        for call in by_method(library, SAME[name]):
            arrays = operands(library, call)
            if address(arrays[0]) is None:
                pytest.skip(f"arrays of {library.name} show no memory")
            for _ in range(2):
                got = function_of(call)(*arrays)
                values = np.rint(library.numpy(got)).ravel().tolist()
                assert values in [library.numpy(a).ravel().tolist() for a in arrays], call
                assert not any(overlap(got, array) for array in arrays), call


def assert_unchanged(library: Library, call: Call, arrays: list[Any]) -> None:
    for place, array in zip(call.places, arrays, strict=True):
        assert library.numpy(array).tobytes() == call.arrays[place].tobytes(), call


def overlap(a: Any, b: Any) -> bool:
    """Whether two arrays, dense in memory, share any of it."""
    first, second = address(a), address(b)
    if first is None or second is None:
        return False
    return first < second + size_in_bytes(b) and second < first + size_in_bytes(a)


def size_in_bytes(array: Any) -> int:
    name = str(array.dtype).rpartition(".")[2]
    return int(math.prod(array.shape)) * DTYPES[name].bits // 8


@shows("CC-DEVICE-6")
@OPS
def test_nothing_is_read_on_the_host(op: str, library: Library) -> None:
    """No method that takes an array to the host is called, with cold caches and warm."""
    with library.settings():
        for call in samples(library, op):
            arrays = operands(library, call)
            clear_caches()
            with watched(type(arrays[0]), READ):
                for _ in range(2):
                    function_of(call)(*arrays)
                reader = next(name for name in READ if hasattr(arrays[0], name))
                with pytest.raises(AssertionError, match="was called"):  # it would be seen
                    getattr(arrays[0], reader)()


@shows("CC-DEVICE-6", "CC-DEVICE-7")
@OPS
def test_arrays_without_values_are_served(op: str, library: Library) -> None:
    """Whatever reads or waits for a value fails here."""
    abstract = row_of(library).abstract
    if abstract is None:
        pytest.skip(f"{library.name} has no arrays without values")
    with library.settings():
        for call in samples(library, op):
            got = abstract(function_of(call), operands(library, call))
            assert tuple(got.shape) == result(typed(OPERATIONS[op], "float32")).shape, call
            assert got.dtype == library.dtype("float32"), call


@shows("CC-DEVICE-7")
@OPS
def test_no_value_is_waited_for(op: str, library: Library) -> None:
    """A number or a truth of an array would have to wait for it."""
    with library.settings():
        for call in samples(library, op):
            arrays = operands(library, call)
            clear_caches()
            with watched(type(arrays[0]), WAIT):
                for _ in range(2):
                    function_of(call)(*arrays)
                with pytest.raises(AssertionError, match="was called"):  # it would be seen
                    bool(arrays[0])
