"""What the options do to the calls of a library."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convcore

from .calls import Call
from .checks import METHODS, able, check
from .compare import assert_array
from .exact import expected
from .libraries import Library
from .marks import shows
from .samples import each, typed


def _integers(*shape: int) -> Any:
    return np.random.default_rng(1).integers(-9, 10, shape)


# Large enough for a library to cut them up, small enough to be summed exactly.
_LARGE = (
    Call("convolve", (_integers(4, 24), _integers(1, 9)), {"axes": 1}),
    Call("conv", (_integers(4, 3, 8, 8), _integers(4, 3, 3, 3)), {"padding": "same"}),
)


@shows("CC-USE-10")
@pytest.mark.parametrize("said", [None, "auto"])
@pytest.mark.parametrize("dtype", ["float32", "complex64", "int32"])
@pytest.mark.parametrize("taps", [3, 40, 1000])
def test_auto_keeps_to_componentwise_methods(
    taps: int, dtype: str, said: str | None, library: Library
) -> None:
    """Beside a kernel of the library, a signal that is so long as to ask for a transform."""
    if dtype not in library.dtypes:
        pytest.skip(f"{library.name} has no {dtype}")
    with library.settings(), convcore.use(accuracy="componentwise"):
        h = library.asarray(np.ones(taps), dtype)
        plan = convcore.plan("convolve", ((100_000,), h.dtype), h, method=said)
    assert plan.accuracy.name in ("exact", "componentwise")


@shows("CC-USE-10")
def test_without_it_auto_may_choose_another_class() -> None:
    """Else the test above would show nothing."""
    pair = ((100_000,), "float32"), ((9000,), "float32")
    assert convcore.plan("convolve", *pair, backend="array_api").accuracy.name == "normwise"
    with convcore.use(accuracy="normwise"):
        assert convcore.plan("convolve", *pair, backend="array_api").accuracy.name == "normwise"
    with convcore.use(accuracy="componentwise"):
        assert convcore.plan("convolve", *pair, backend="array_api").accuracy.name != "normwise"


@shows("CC-USE-11")
@pytest.mark.parametrize("method", METHODS[1:])
@each
def test_a_named_method_runs_whatever_its_class(call: Call, method: str, library: Library) -> None:
    held = library.held_call(typed(call, "float32").but(method=method))
    assert held is not None
    with library.settings():
        if method not in able(library, held):
            pytest.skip(f"{method} is no candidate of {library.backend}")
        arrays, options = library.arguments(held)
        with convcore.use(accuracy="componentwise"):
            assert convcore.plan(held.op, *arrays, **options).method == method
            assert check(library, held, expected(held)) is not None


@shows("CC-USE-13")
@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("dtype", ["int64", "float32"])
@pytest.mark.parametrize("method", ["auto", "direct", "fft", "overlap_add"])
@pytest.mark.parametrize("call", _LARGE, ids=lambda call: call.op)
def test_threads_change_no_more_than_rounding(
    call: Call, method: str, dtype: str, *, threads: int, library: Library
) -> None:
    held = library.held_call(typed(call, dtype).but(method=method))
    assert held is not None
    with library.settings():
        if method not in able(library, held):
            pytest.skip(f"{method} is no candidate of {library.backend}")
        arrays, options = library.arguments(held)
        function = getattr(convcore, held.op)
        wanted = library.numpy(function(*arrays, **options))
        with convcore.use(threads=threads):
            got = function(*arrays, **options)
        assert_array(got, arrays[0], library, wanted.dtype.name, wanted.shape)
        if dtype == "int64":
            assert np.array_equal(library.numpy(got), wanted)
