"""Errors: their classes, their order, and that equal arguments mean the same."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import convcore
from convcore.plugins import clear_caches

from .calls import Call
from .cases import CASES, Case, Refused
from .checks import outcome
from .libraries import Library
from .marks import shows
from .samples import OPERATIONS, typed
from .transforming import row_of

CLASSES = {
    "ConvcoreError": Exception,
    "ArrayTypeError": TypeError,
    "DeviceError": ValueError,
    "DTypeError": TypeError,
    "OptionError": ValueError,
    "MethodError": convcore.OptionError,
    "ShapeError": ValueError,
    "BackendError": RuntimeError,
}


@shows("CC-ERROR-1")
@pytest.mark.parametrize(("name", "built_in"), CLASSES.items())
def test_classes(name: str, built_in: type) -> None:
    kind = getattr(convcore, name)
    assert issubclass(kind, convcore.ConvcoreError)
    assert issubclass(kind, built_in)


FAULTS = {
    "array type": convcore.ArrayTypeError,
    "device": convcore.DeviceError,
    "dtype": convcore.DTypeError,
    "option": convcore.OptionError,
    "shape": convcore.ShapeError,
}
"""In the order in which they must be found."""


def _faulty(library: Library, faults: Sequence[str], when: str) -> Callable[[], Any]:
    """Give a call that is wrong in these ways, each in one of two."""

    def pick(fault: str, at: str, wrong: Any, right: Any) -> Any:
        return wrong if fault in faults and when == at else right

    dtype = pick("dtype", "early", "bool", "float32")
    x = library.asarray(np.ones(pick("shape", "early", (1, 1, 1, 5), (1, 5))), dtype)
    w = library.asarray(np.ones(pick("shape", "late", (1, 2, 2), (1, 1, 2))), dtype)
    bias = pick("array type", "late", "1", pick("dtype", "late", [1j], None))
    options = {
        "stride": pick("option", "early", 0, 1),
        "method": pick("option", "late", "?", None),
    }
    return lambda: convcore.conv(pick("array type", "early", {}, x), w, bias, **options)


def _where(library: Library, faults: Sequence[str]) -> AbstractContextManager[Any]:
    if "device" not in faults:
        return nullcontext()
    named = library.backend if library.backend in convcore.backends() else "array_api"
    return convcore.use(backend=named, device="nowhere")


@shows("CC-ERROR-6")
@pytest.mark.parametrize("when", ["early", "late"])
@pytest.mark.parametrize(
    "faults", [*combinations(FAULTS, 1), *combinations(FAULTS, 2), tuple(FAULTS)], ids=" and ".join
)
def test_the_first_fault_is_raised(faults: tuple[str, ...], when: str, library: Library) -> None:
    with library.settings(), _where(library, faults):
        made = _faulty(library, faults, when)
        with pytest.raises(FAULTS[faults[0]]) as caught:
            made()
    assert caught.type is FAULTS[faults[0]]


REFUSED = [case for case in CASES if isinstance(case.wanted, Refused) and case.wanted.argument]


def _held(library: Library, case: Case) -> Call:
    """Give a refused call in dtypes that the library has."""
    call = library.held_call(case.call)
    if call is None or not case.dtypes <= library.dtypes:
        pytest.skip(f"what is refused in this case are dtypes that {library.name} has not")
    return call


def _error(case: Case) -> str:
    assert isinstance(case.wanted, Refused)
    return case.wanted.error


@shows("CC-ERROR-8", "CC-ERROR-13")
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_refused_alike_whatever_came_before(case: Case, library: Library) -> None:
    """With cold caches, with warm ones, and after a call on the same operands that is right."""
    call = _held(library, case)
    clear_caches()
    with library.settings():
        arrays, options = library.arguments(call)
        cold = outcome(library, call.op, arrays, options)
        warm = outcome(library, call.op, arrays, options)
        outcome(library, call.op, arrays, {})
        after = outcome(library, call.op, arrays, options)
    assert isinstance(cold, type)
    assert cold.__name__ == _error(case)
    assert cold is warm is after


@shows("CC-ERROR-8")
@pytest.mark.parametrize("op", OPERATIONS)
def test_accepted_alike_whatever_came_before(op: str, library: Library) -> None:
    call = typed(OPERATIONS[op], "float32")
    clear_caches()
    with library.settings():
        arrays, options = library.arguments(call)
        cold = outcome(library, op, arrays, options)
        refused = outcome(library, op, arrays, {**options, "backend": "nowhere"})
        warm = outcome(library, op, arrays, options)
    assert refused is convcore.BackendError
    assert cold == warm


@shows("CC-ERROR-12")
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_refused_before_anything_is_computed(case: Case, library: Library) -> None:
    """Lazy arrays raise when they are computed; of others a plan knows shape and dtype alone."""
    call = _held(library, case)
    lazy = row_of(library).ways.get("lazy")
    with library.settings():
        arrays, options = library.arguments(call)
        for i in call.places:
            shape, dtype = tuple(arrays[i].shape), arrays[i].dtype
            arrays[i] = lazy(shape, dtype) if lazy else (shape, dtype)
        refuse = getattr(convcore, call.op) if lazy else partial(convcore.plan, call.op)
        with pytest.raises(convcore.ConvcoreError) as caught:
            refuse(*arrays, **options)
    assert caught.type.__name__ == _error(case)


FUNCTIONS: list[tuple[str, tuple[Any, ...]]] = [
    *((op, call.arrays) for op, call in OPERATIONS.items()),
    ("lags", (3, 2)),
    ("plan", ("convolve", np.ones(3), np.ones(2))),
    ("use", ()),
    ("backends", ()),
]


@shows("CC-ERROR-14")
@pytest.mark.parametrize(("name", "arguments"), FUNCTIONS)
def test_an_unknown_keyword(name: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="strides") as caught:
        getattr(convcore, name)(*arguments, strides=2)
    assert not isinstance(caught.value, convcore.ConvcoreError)


@shows("CC-CONVOLVE-2")
@pytest.mark.parametrize("name", ["convolve", "correlate"])
def test_mode_and_method_are_positional(name: str, library: Library) -> None:
    function = getattr(convcore, name)
    with library.settings():
        x, h = library.asarray([1, 10, 100], "int32"), library.asarray([1, 2], "int32")
        plain, full, same = function(x, h), function(x, h, "full"), function(x, h, "same", "direct")
        keyword = function(x, h, method="direct", mode="same")
        assert library.numpy(plain).tolist() == library.numpy(full).tolist()
        assert library.numpy(same).tolist() == library.numpy(keyword).tolist()
        assert (plain.shape, same.shape) == ((4,), (3,))
        with pytest.raises(convcore.OptionError, match="method"):
            function(x, h, "same", "no method")
        with pytest.raises(TypeError, match="positional"):
            function(x, h, "same", "direct", 0)


@shows("CC-CONVOLVE-2")
@pytest.mark.parametrize("name", ["convolve", "correlate"])
def test_later_parameters_are_keywords(name: str) -> None:
    kinds = {p.name: p.kind for p in inspect.signature(getattr(convcore, name)).parameters.values()}
    later = list(kinds)[4:]
    assert list(kinds)[2:4] == ["mode", "method"]
    assert later == ["axes", "boundary", "fill_value", "dtype", "precision", "backend"]
    assert {kinds[p] for p in later} == {inspect.Parameter.KEYWORD_ONLY}
