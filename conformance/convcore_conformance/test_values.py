"""The hand-written rows, on every library and by every method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import convcore

from . import examples
from .calls import Call
from .cases import CASES, ORACLE, Case, Refused
from .checks import METHODS, check, check_literal
from .exact import expected
from .libraries import Library
from .marks import shows
from .oracle import Complex, Scalar
from .samples import typed


def _methods(case: Case) -> tuple[str, ...]:
    """A refusal does not depend on the method."""
    return case.methods or (("auto",) if isinstance(case.wanted, Refused) else METHODS)


def _typed(case: Case) -> Iterator[tuple[str, Case]]:
    """The case in its own dtypes; at level full also in others, where it says none itself."""
    names = {operand.dtype.name for operand in case.call.operands}
    yield "-".join(sorted(names)) or "weak", case
    if examples.level() == "full" and names == {"int64"} and _is_of_any_kind(case):
        for dtype in ("float32", "complex64"):
            yield dtype, replace(case, call=typed(case.call, dtype), wanted=ORACLE)


def _is_of_any_kind(case: Case) -> bool:
    """Whether a case says no dtype, and is not about the range of integers."""
    served = not isinstance(case.wanted, Refused)
    small = all(np.all(np.abs(a) < 2**20) for a in case.call.operands)
    return served and small and "dtype" not in case.call.kwargs


_RUNS = [
    pytest.param(each, method, id=f"{dtype}-{method}-{case.id}", marks=shows(*case.clauses))
    for case in CASES
    for dtype, each in _typed(case)
    for method in _methods(case)
]


@pytest.mark.parametrize(("case", "method"), _RUNS)
def test_case(case: Case, method: str, library: Library) -> None:
    case = _held(library, case)
    gap = library.gap(case.id, *case.clauses)
    try:
        _judge(library, case, method)
    except (AssertionError, convcore.ConvcoreError) as error:
        if gap:
            pytest.xfail(gap)
        error.add_note(f"{', '.join(case.clauses)}: {case.call.but(method=method)!r}")
        raise
    assert not gap, f"the backend declares a gap that is none: {gap}"


def _held(library: Library, case: Case) -> Case:
    """Give the case in dtypes that the library has; its result is then that of those."""
    call = library.held_call(case.call)
    if call is None:
        pytest.skip(f"the numbers of this case need dtypes that {library.name} has not")
    if _dtypes(call) == _dtypes(case.call):
        return case
    wanted = case.wanted
    if isinstance(wanted, Refused) and not case.dtypes <= library.dtypes:
        pytest.skip(f"what is refused in this case are dtypes that {library.name} has not")
    if isinstance(wanted, np.ndarray):
        wanted = ORACLE if np.isfinite(wanted).all() else library.held(wanted)
    return replace(case, call=call, wanted=wanted)


def _dtypes(call: Call) -> list[Any]:
    return [*(operand.dtype for operand in call.operands), call.kwargs.get("dtype")]


def _judge(library: Library, case: Case, method: str) -> None:
    call = case.call.but(method=method)
    if isinstance(case.wanted, Refused):
        _refused(library, case.call, case.wanted)
    elif isinstance(case.wanted, str):
        check(library, call, expected(call))
    else:
        narrow = case.default_dtype and library.default_float == "float32"
        dtype = _NARROW[case.wanted.dtype.name] if narrow else case.wanted.dtype
        check_literal(library, call, case.wanted.astype(dtype))


_NARROW = {"float64": "float32", "complex128": "complex64"}


def _refused(library: Library, call: Call, wanted: Refused) -> None:
    """Whether a call raises the very class, says what it must, and leaves no trace."""
    with library.settings():
        arrays, options = library.arguments(call)
        message = _message(call.op, arrays, options, wanted.error)
        for place in call.places:
            left = library.numpy(arrays[place]).tobytes()
            same = left == call.arrays[place].tobytes()
            assert same, "CC-ERROR-13: an operand was changed"
        again = _message(call.op, arrays, options, wanted.error)
    assert again == message, "CC-ERROR-13: the same call was refused in another way"
    assert wanted.argument in message, f"CC-ERROR-3: no {wanted.argument!r} in {message!r}"
    assert wanted.value in message, f"CC-ERROR-4: no {wanted.value!r} in {message!r}"
    assert wanted.allowed in message, f"CC-ERROR-5: no {wanted.allowed!r} in {message!r}"


def _message(op: str, arrays: list[Any], options: dict[str, Any], error: str) -> str:
    """What a call says that raises this class, and not one that derives from it."""
    kind = getattr(convcore, error)
    with pytest.raises(kind) as caught:
        getattr(convcore, op)(*arrays, **options)
    assert caught.type is kind, f"CC-ERROR-2: {caught.type} instead of {kind}"
    return str(caught.value)


@pytest.mark.parametrize("case", [c for c in CASES if not isinstance(c.wanted, str | Refused)])
def test_literals_agree_with_the_oracle(case: Case) -> None:
    """A row written by hand and the oracle check each other; the rows with NaN have no oracle."""
    if "nan" in case.id or "infinity" in case.id:
        pytest.skip("the oracle is for finite values")
    wanted = expected(case.call)
    values = np.array([_python(e.value) for e in wanted.result.elements.values], wanted.dtype)
    assert not isinstance(case.wanted, Refused | str)
    assert (wanted.dtype, wanted.shape) == (case.wanted.dtype.name, case.wanted.shape)
    assert values.tolist() == case.wanted.reshape(-1).tolist()


def _python(value: Scalar) -> object:
    return complex(value.re, value.im) if isinstance(value, Complex) else value


def test_ids_are_unique() -> None:
    assert [name for name, count in Counter(case.id for case in CASES).items() if count > 1] == []
