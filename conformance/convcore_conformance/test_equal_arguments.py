"""Equal arguments mean the same, whatever calls came before: integers, sequences and texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import convcore
from convcore.plugins import clear_caches

from .calls import Call
from .checks import outcome
from .libraries import Library
from .marks import shows
from .samples import OPERATIONS, typed


def _equals(number: int) -> list[Any]:
    """Values that compare equal to an integer."""
    kinds = (float, complex, Fraction, np.int8, np.uint64, np.float32, np.complex128)
    equal = [number, *(kind(number) for kind in kinds if number >= 0 or kind is not np.uint64)]
    return [*equal, bool(number), np.bool(number)] if number in (0, 1) else equal


_LINE, _PLANE = np.arange(6.0), np.arange(12.0).reshape(3, 4)
_X, _W = np.arange(12.0).reshape(1, 2, 6), np.arange(12.0).reshape(2, 2, 3)
_CONV = Call("conv", (_X, _W), {})
_UNDO = Call("conv_transpose", (_X, _W), {"stride": 3})
_PAIR = Call("convolve", (_LINE, np.ones(3)), {"method": "direct"})
_AXES = Call("convolve", (_PLANE, np.ones((3, 4))), {"mode": "same"})

INTEGERS: list[tuple[Call, str, Callable[[Any], Any], tuple[int, ...]]] = [
    (_CONV, "stride", lambda n: n, (2, 1, 0)),
    (_CONV, "stride", lambda n: [n], (2, 0)),
    (_CONV, "dilation", lambda n: n, (2, 1, -1)),
    (_CONV, "groups", lambda n: n, (1, 0)),
    (_CONV, "padding", lambda n: n, (1, 0, -1)),
    (_CONV, "padding", lambda n: [(n, 1)], (1, 0)),
    (_UNDO, "output_padding", lambda n: n, (2, 1, 0, 3)),
    (_UNDO, "output_size", lambda n: n, (18, 17)),
    (_UNDO, "output_size", lambda n: [n], (19, 21)),
    (_AXES, "axes", lambda n: n, (1, 0, -1, 2)),
    (_AXES, "axes", lambda n: (0, n), (1, 0)),
]
"""A call, an option, how it holds an int, and which ints: some are right and some are not."""

_HOLDERS = [(call, name, into) for call, name, into, _ in INTEGERS]
_INTEGER_IDS = [f"{call.op}-{name}-{into(7)}" for call, name, into, _ in INTEGERS]


def _options(library: Library, call: Call) -> tuple[list[Any], dict[str, Any]]:
    return library.arguments(typed(call, "float32"))


def _check_alike(library: Library, call: Call, name: str, values: Sequence[Any]) -> None:
    """Each value with a cold cache, and after all of the others."""
    with library.settings():
        arrays, options = _options(library, call)
        clear_caches()
        wanted = outcome(library, call.op, arrays, {**options, name: values[0]})
        for value in (*values, *reversed(values)):
            got = outcome(library, call.op, arrays, {**options, name: value})
            assert got == wanted, f"{name}={value!r} is not {name}={values[0]!r}"
        for value in values:
            clear_caches()
            got = outcome(library, call.op, arrays, {**options, name: value})
            assert got == wanted, f"{name}={value!r} is not {name}={values[0]!r}"


@shows("CC-ERROR-7", "CC-ERROR-8", "CC-ERROR-9")
@pytest.mark.parametrize(("call", "name", "into", "numbers"), INTEGERS, ids=_INTEGER_IDS)
def test_what_equals_an_integer_is_that_integer(
    call: Call, name: str, into: Callable[[Any], Any], *, numbers: tuple[int, ...], library: Library
) -> None:
    for number in numbers:
        _check_alike(library, call, name, [into(value) for value in _equals(number)])


NO_INTEGERS = (2.5, float("nan"), float("inf"), "2", b"2", 2 + 1j, Fraction(5, 2), object())


@shows("CC-ERROR-10", "CC-ERROR-3", "CC-ERROR-4")
@pytest.mark.parametrize(
    "value", NO_INTEGERS, ids=lambda value: type(value).__name__ + repr(value)[:4]
)
@pytest.mark.parametrize(("call", "name", "into"), _HOLDERS, ids=_INTEGER_IDS)
def test_what_equals_no_integer_is_refused(
    call: Call, name: str, into: Callable[[Any], Any], *, value: Any, library: Library
) -> None:
    with library.settings():
        arrays, options = _options(library, call)
        with pytest.raises(convcore.OptionError) as caught:
            getattr(convcore, call.op)(*arrays, **{**options, name: into(value)})
    assert caught.type is convcore.OptionError
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)


EQUALS: list[tuple[Call, str, list[Any]]] = [
    (_PAIR, "mode", ["same", np.str_("same")]),
    (_PAIR, "mode", ["Same", np.str_("Same")]),
    (_PAIR, "fill_value", [0.5, Fraction(1, 2), np.float32(0.5), 0.5 + 0j]),
    (_PAIR, "fill_value", [*_equals(0), -0.0, np.float64(-0.0)]),
    (_PAIR, "boundary", ["wrap", np.str_("wrap"), ("wrap",), ["wrap"]]),
    (_PAIR, "method", ["direct", np.str_("direct")]),
    (_PAIR, "precision", ["ieee", np.str_("ieee")]),
    (_PAIR, "dtype", ["float32", np.str_("float32"), np.float32, np.dtype("float32")]),
    (_PAIR, "backend", ["nowhere", np.str_("nowhere")]),
    (_CONV, "layout", ["NCH,OIH->NHC", np.str_("NCH,OIH->NHC")]),
    (_CONV, "padding", ["same", np.str_("same")]),
    (_CONV, "padding", ["SAME", np.str_("SAME")]),
]


@shows("CC-ERROR-7", "CC-ERROR-8")
@pytest.mark.parametrize(("call", "name", "values"), EQUALS)
def test_equal_arguments_mean_the_same(
    call: Call, name: str, values: list[Any], library: Library
) -> None:
    _check_alike(library, call, name, values)


_IMAGE = Call("conv", (np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))), {})
_BACK = replace(_IMAGE, op="conv_transpose").but(stride=2)
SEQUENCES: list[tuple[Call, str, list[Any]]] = [
    (_AXES, "axes", [(1, 0), [1, 0]]),
    (_AXES, "boundary", [("edge", "wrap"), ["edge", "wrap"]]),
    (_IMAGE, "stride", [(1, 2), [1, 2]]),
    (_IMAGE, "dilation", [(2, 1), [2, 1]]),
    (_IMAGE, "padding", [(1, 2), [1, 2]]),
    (_IMAGE, "padding", [((1, 2), (0, 1)), [[1, 2], [0, 1]], [(1, 2), [0, 1]], ((1, 2), [0, 1])]),
    (_IMAGE, "stride", [(1, 2, 3), [1, 2, 3]]),
    (_IMAGE, "stride", [(), []]),
    (_BACK, "output_padding", [(0, 1), [0, 1]]),
    (_BACK, "output_size", [(8, 9), [8, 9]]),
]


@shows("CC-ERROR-11")
@pytest.mark.parametrize(("call", "name", "values"), SEQUENCES)
def test_a_list_is_a_tuple(call: Call, name: str, values: list[Any], library: Library) -> None:
    _check_alike(library, call, name, values)


@shows("CC-ERROR-11")
@pytest.mark.parametrize("op", ["conv_input_grad", "conv_weight_grad"])
@pytest.mark.parametrize("more", [0, 1], ids=["right", "wrong"])
def test_a_shape_may_be_a_list(op: str, more: int, library: Library) -> None:
    with library.settings():
        arrays, options = _options(library, OPERATIONS[op])
        place = next(i for i, one in enumerate(arrays) if isinstance(one, tuple))
        sizes = (arrays[place][0] + more, *arrays[place][1:])
        outcomes = []
        for sequence in (sizes, list(sizes)):
            arrays[place] = sequence
            outcomes.append(outcome(library, op, arrays, options))
    assert outcomes[0] == outcomes[1]


@shows("CC-ERROR-11")
def test_a_weak_operand_may_be_a_tuple(library: Library) -> None:
    with library.settings():
        x = library.asarray([[1, 2, 3]], "float32")
        outcomes = [
            outcome(library, "conv", [x, kernel, bias], {})
            for kernel, bias in (([[[1, 2]]], [3]), (((((1, 2),),)), (3,)), ([[(1, 2)]], (3,)))
        ]
    assert outcomes[0] == outcomes[1] == outcomes[2]
