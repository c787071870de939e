"""Weak operands: what Python numbers and sequences become, and what is none of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convcore

from .arguments import NAMES, OPERANDS
from .calls import Call
from .checks import check_literal
from .libraries import Library
from .marks import shows
from .samples import typed


@shows("CC-WEAK-7")
@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2], [1, 1]),
        ((1, 2.5), [1, 1]),
        ([1, 2], [1j]),
        ([[1, 2]], [[-(2**63)]]),
        ([0.1, 0.2], (3, 4)),
        (3, 0.5),
    ],
    ids=repr,
)
def test_two_weak_operands(a: Any, b: Any) -> None:
    for op in (convcore.convolve, convcore.correlate):
        got, wanted = op(a, b), op(np.asarray(a), np.asarray(b))
        assert type(got) is type(wanted) is np.ndarray
        assert got.dtype == wanted.dtype
        assert got.tolist() == wanted.tolist()


@shows("CC-WEAK-8")
@pytest.mark.parametrize(("call", "place"), OPERANDS)
def test_a_sequence_of_arrays_is_refused(call: Call, place: int, library: Library) -> None:
    with library.settings():
        arrays, options = library.arguments(typed(call, "float32"))
        for nested in ([arrays[place]] * 2, ([arrays[place]],), [1.0, arrays[place]]):
            given = [*arrays[:place], nested, *arrays[place + 1 :]]
            with pytest.raises(convcore.ArrayTypeError, match="stack") as caught:
                getattr(convcore, call.op)(*given, **options)
            assert f"{NAMES[call.op][place]} is a sequence" in str(caught.value)


@shows("CC-WEAK-11")
@pytest.mark.parametrize("dtype", ["float64", "int16", "complex128"])
def test_a_numpy_scalar_is_an_array_without_axes(dtype: str, library: Library) -> None:
    scalar = np.dtype(dtype).type(3)
    with library.settings():
        beside = library.asarray(2, "float32")
        outcomes = [_outcome(library, *pair) for pair in ((scalar, beside), (beside, scalar))]
        alike = np.asarray(scalar)
        assert outcomes == [_outcome(library, *pair) for pair in ((alike, beside), (beside, alike))]


@shows("CC-WEAK-11")
def test_a_numpy_scalar_is_not_weak() -> None:
    got = convcore.convolve(np.float64(0.1), np.array(3, "float32"))
    assert (got.dtype, got.item()) == (np.float64, 0.1 * 3)
    assert convcore.convolve(np.int8(100), 2).item() == 200 - 256


def _outcome(library: Library, a: Any, b: Any) -> object:
    """The result's dtype and value, or the class of the refusal."""
    try:
        got = convcore.convolve(a, b)
    except convcore.ConvcoreError as error:
        return type(error)
    return type(got), got.dtype, library.numpy(got).item()


@shows("CC-WEAK-13", "CC-DTYPE-18")
def test_a_weak_bias_is_not_rounded_twice(library: Library) -> None:
    """As written, and not by way of NumPy's float64 in a library of float32."""
    call = Call("conv", (np.zeros((1, 1), "float32"), np.ones((1, 1, 1), "float32"), [0.1]), {})
    check_literal(library, call.but(method="direct"), np.array([[0.1]], "float32"))
