import inspect
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from bad_calls import VALID, X1, X2, invoke

import convcore
from convcore.plugins import clear_caches

NAN, INF = float("nan"), float("inf")
TEXT = ["", "x", "same", "constant", "NCH,OIH->NCH", b"", b"ab", "f4,i4", "(2", "{}", "M8", "\x00"]
NUMBERS = [None, True, 0, 1, -1, 2, 2.5, NAN, INF, -INF, 1j, 2 + 1j, Fraction(1, 3)]
NUMBERS += [Decimal("0.1"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")]
NUMPY = [
    np.int8(-1),
    np.float16(0.5),
    np.complex64(1),
    np.bool(True),
    np.str_("x"),
    np.datetime64(1, "s"),
]
ARRAYS = [
    np.array(1),
    np.array([1]),
    np.array([[1, 2]]),
    np.array("same"),
    np.array(None),
    np.ones(0),
]
ARRAYS += [np.array(["edge", "edge"]), np.array([1.5, NAN]), np.ones((0, 3, 2))]
SEQUENCES = [[], (), [[]], [()], [None], ["x"], [[1]], ((1, 2),), [NAN], [1j], range(3), range(0)]
SEQUENCES += [[True], [1, [2]], [1, "x"], [X1], (1, (2, (3,)))]
OBJECTS = [object(), object, int, float, bool, convcore, len, slice(1), ..., NotImplemented]
OBJECTS += [{}, {1: 2}, set(), frozenset([1]), bytearray(b"1"), memoryview(b"12"), np.dtype("f4")]
JUNK = [*TEXT, *NUMBERS, *NUMPY, *ARRAYS, *SEQUENCES, *OBJECTS]


def attempt(call, *args, **keywords):
    """How a call ended; fails with whatever is neither a result nor a refusal."""
    try:
        return type(call(*args, **keywords)).__name__
    except convcore.ConvcoreError as error:
        return f"{type(error).__name__}: {error}"


def names_of(op):
    return [name for name in inspect.signature(getattr(convcore, op)).parameters if name != "op"]


ARGUMENTS = [(op, name) for op in VALID for name in names_of(op)]


@pytest.mark.parametrize(("op", "name"), ARGUMENTS, ids=map("-".join, ARGUMENTS))
def test_any_argument_is_taken_or_refused(op, name):
    for junk in JUNK:
        clear_caches()
        first = attempt(invoke, op, **{name: junk})
        assert attempt(invoke, op, **{name: junk}) == first, f"{name}={junk!r}"
        invoke(op)
        assert attempt(invoke, op, **{name: junk}) == first, f"{name}={junk!r}, warm"


def convolve_under(**options):
    with convcore.use(**options):
        return convcore.convolve(X1, X2)


@pytest.mark.parametrize("name", names_of("use"))
def test_any_option_in_force_is_taken_or_refused(name):
    for junk in JUNK:
        options = {"backend": "numpy", name: junk}
        first = attempt(convolve_under, **options)
        assert attempt(convolve_under, **options) == first, f"{name}={junk!r}"


@pytest.mark.parametrize("place", range(3))
def test_anything_to_plan_or_to_lags_is_taken_or_refused(place):
    plan = convcore.plan("convolve", X1, X2)
    for junk in JUNK:
        for call, args in ((convcore.plan, ["convolve", X1, X2]), (convcore.lags, [3, 2, "full"])):
            args[place] = junk
            attempt(call, *args)
        for call in (plan, plan.prepare, lambda x: plan(X1, x)):
            attempt(call, junk)
