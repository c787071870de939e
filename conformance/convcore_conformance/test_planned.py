"""A plan that is called, and one that holds its kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import array_api_strict
import numpy as np
import pytest

import convcore

from .bounds import bounds
from .calls import Array, Call
from .checks import METHODS, able
from .compare import assert_array, assert_values
from .exact import expected
from .libraries import Library
from .marks import shows
from .samples import KERNELS, OPERATIONS, each, filled, typed
from .spare import Box, Ran, Spare, registered

by_every_method = pytest.mark.parametrize("method", METHODS)
of_both_kinds = pytest.mark.parametrize("dtype", ["int64", "float32"])


def _arrays(library: Library, call: Call) -> list[Any]:
    return [library.asarray(a, a.dtype.name) for a in call.operands]


def _kernel(call: Call) -> int:
    return KERNELS.get(call.op, 1)


def _held(library: Library, call: Call, dtype: str, method: str = "auto") -> Call:
    """Give a call in dtypes of the library; skip where its method cannot serve."""
    held = library.held_call(typed(call, dtype).but(method=method))
    assert held is not None
    with library.settings():
        if method not in able(library, held):
            pytest.skip(f"{method} is no candidate of {library.backend}")
    return held


def _plan(library: Library, call: Call) -> convcore.Plan:
    """Plan a call on zeros, so that no value of its own can be in the plan."""
    arrays, options = library.arguments(filled(call, 0))
    return convcore.plan(call.op, *arrays, **options)


def _judge(library: Library, call: Call, plan: convcore.Plan, got: Any) -> None:
    wanted = expected(call)
    assert_array(got, _arrays(library, call)[0], library, wanted.dtype, wanted.shape)
    assert_values(library.numpy(got), wanted, bounds(wanted, plan.accuracy))


@shows("CC-PLAN-5")
@each
@by_every_method
@of_both_kinds
def test_a_plan_runs_its_call(call: Call, method: str, dtype: str, library: Library) -> None:
    call = _held(library, call, dtype, method)
    with library.settings():
        plan = _plan(library, call)
        _judge(library, call, plan, plan(*_arrays(library, call)))


@shows("CC-PLAN-10", "CC-PLAN-11")
@each
@by_every_method
@of_both_kinds
def test_a_plan_holds_its_kernel(call: Call, method: str, dtype: str, library: Library) -> None:
    call = _held(library, call, dtype, method)
    with library.settings():
        plan, arrays = _plan(library, call), _arrays(library, call)
        held = plan.prepare(arrays[_kernel(call)])
        assert isinstance(held, convcore.Plan)
        rest = [a for place, a in enumerate(arrays) if place != _kernel(call)]
        for _ in range(2):  # what is held is not used up
            _judge(library, call, held, held(*rest))
        with pytest.raises(convcore.ShapeError, match=f"takes {len(rest)} arrays"):
            held(*arrays)
        _judge(library, call, plan, plan(*arrays))


def _longer(library: Library, array: Array) -> Any:
    return library.asarray(np.concatenate([array, array], axis=-1), array.dtype.name)


def _of_another_dtype(library: Library, array: Array) -> Any:
    kind = array.dtype.kind
    other = library.held(np.empty(0, "int64" if kind == "f" else "float32")).dtype.name
    return library.asarray(array, other)


def _of_another_library(library: Library, array: Array) -> Any:
    other = np if library.module == array_api_strict.__name__ else array_api_strict
    return other.asarray(array, copy=True)


class _Change(NamedTuple):
    """Another array in place of an operand, and what a plan says of it."""

    made: Callable[[Library, Array], Any]
    error: type[Exception]
    says: str

    @contextmanager
    def refused(self, plan: convcore.Plan, place: int) -> Iterator[None]:
        with pytest.raises(self.error, match=f"{plan.operands[place].name} {self.says}") as caught:
            yield
        assert caught.type is self.error


_SHAPE = _Change(_longer, convcore.ShapeError, "has shape")
_DTYPE = _Change(_of_another_dtype, convcore.DTypeError, "has dtype")
_LIBRARY = _Change(_of_another_library, convcore.ArrayTypeError, "is of type")


@each
@of_both_kinds
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_SHAPE, marks=shows("CC-PLAN-6"), id="shape"),
        pytest.param(_DTYPE, marks=shows("CC-PLAN-7"), id="dtype"),
        pytest.param(_LIBRARY, marks=shows("CC-PLAN-8"), id="library"),
    ],
)
def test_another_array_is_refused(
    call: Call, dtype: str, change: _Change, library: Library
) -> None:
    """Each operand in turn."""
    call = _held(library, call, dtype)
    with library.settings():
        plan, arrays = _plan(library, call), _arrays(library, call)
        for place, own in enumerate(call.operands):
            changed = [*arrays[:place], change.made(library, own), *arrays[place + 1 :]]
            with change.refused(plan, place):
                plan(*changed)


@shows("CC-PLAN-12")
@each
@of_both_kinds
@pytest.mark.parametrize("change", [_SHAPE, _DTYPE], ids=["shape", "dtype"])
def test_another_kernel_is_refused(
    call: Call, dtype: str, change: _Change, library: Library
) -> None:
    call = _held(library, call, dtype)
    place = _kernel(call)
    with library.settings():
        plan = _plan(library, call)
        with change.refused(plan, place):
            plan.prepare(change.made(library, call.operands[place]))


@shows("CC-PLAN-9")
@each
def test_an_array_on_another_device_is_refused(call: Call, library: Library) -> None:
    known = convcore.backends().get(library.backend)
    own = known.devices if known else ()
    others = [device for device in own if device != library.device]
    if len(own) < 2:
        pytest.skip(f"{library.name} has one device here")
    call = _held(library, call, "float32")
    with library.settings():
        _refused_elsewhere(call, _plan(library, call), replace(library, device=others[-1]))


def _refused_elsewhere(call: Call, plan: convcore.Plan, elsewhere: Library) -> None:
    arrays = _arrays(elsewhere, call)
    with pytest.raises(convcore.DeviceError, match=f"{plan.operands[0].name} is on"):
        plan(*arrays)


@shows("CC-PLAN-9")
@pytest.mark.parametrize("place", [0, 1])
def test_the_refusal_names_both_devices(place: int) -> None:
    x = Box(np.ones(5))
    with registered(Spare()):
        plan = convcore.plan("correlate", x, x)
        operands = [x, x]
        operands[place] = Box(np.ones(5), "right")
        with pytest.raises(convcore.DeviceError, match=rf"x{place + 1} is on right.* left"):
            plan(*operands)


@shows("CC-PLAN-13")
@pytest.mark.parametrize("prepared", [False, True])
def test_a_plan_keeps_its_options(prepared: bool) -> None:
    x, h = np.arange(5.0), np.arange(3.0)
    with registered(Spare()) as spare:
        with convcore.use(backend="spare", device="right", method="fft", precision="fast"):
            plan = convcore.plan("convolve", x, h)
        with convcore.use(backend="nowhere", method="native", precision="ieee", threads=3):
            y = plan.prepare(h)(x) if prepared else plan(x, h)
    assert spare.ran == [Ran("fft", "right", "fast", None)]
    assert np.allclose(y, np.convolve(x, h))


@shows("CC-PLAN-13")
@pytest.mark.parametrize("call", list(OPERATIONS.values())[:3], ids=lambda call: call.op)
def test_a_plan_keeps_its_options_on_arrays(call: Call, library: Library) -> None:
    call = _held(library, call, "float32", "direct")
    with library.settings():
        with convcore.use(method="direct"):
            plan = _plan(library, call.but(method=None))
        with convcore.use(backend="nowhere", method="native"):
            assert plan.method == "direct"
            _judge(library, call, plan, plan(*_arrays(library, call)))
