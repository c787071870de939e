import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from bad_calls import GRAD, VALID, X1, X2, W, X, invoke

import convcore
from convcore.plugins import clear_caches

NAN, INF = float("nan"), float("inf")


class Text(str):
    __slots__ = ()


def spellings(number):
    """Values that compare equal to an integer."""
    equal = [number, float(number), complex(number), Fraction(number), Decimal(number)]
    equal += [kind(number) for kind in (np.int8, np.int64, np.float32, np.complex128)]
    if number in (0, 1):
        equal += [bool(number), np.bool(number)]
    if number == 0:
        equal += [-0.0, np.float64(-0.0)]
    return equal


def texts(text):
    return [text, np.str_(text), Text(text)]


PLAIN = {"x1": X1.astype("int64"), "x2": X2.astype("int64")}
WEAK = {"x1": [1, 2], "x2": [3]}
SHORT = {"grad": GRAD[..., :2], "stride": 2}
FLAT = {"x1": np.ones((3, 4)), "x2": np.ones((2, 2))}
CASES = [
    *(("conv", "stride", spellings(n), {}) for n in (0, 1, 2, -1)),
    *(("conv", "dilation", spellings(n), {}) for n in (0, 1, 2)),
    *(("conv", "groups", spellings(n), {"w": np.ones((4, 1, 3))}) for n in (0, 1, 2, 3)),
    *(("conv", "padding", spellings(n), {}) for n in (0, 1, 2, -1, -2)),
    ("conv", "padding", [((n, 0),) for n in spellings(1)], {}),
    ("conv", "stride", [(2.5,), (Fraction(5, 2),), (Decimal("2.5"),), (np.float32(2.5),)], {}),
    ("conv", "stride", [2.5, Fraction(5, 2), Decimal("2.5"), np.float32(2.5), 2.5 + 0j], {}),
    ("conv", "stride", [(2,), [2], (2.0,), np.array([2])], {}),
    ("conv", "padding", texts("same"), {}),
    ("conv", "padding", texts("SAME"), {}),
    ("conv", "padding", [((1, 2),), [(1, 2)], [[1, 2]], np.array([[1, 2]])], {}),
    ("conv", "padding", [(1, 2), [1, 2], np.array([1, 2])], {}),
    ("conv", "layout", texts("NCH,OIH->NHC"), {}),
    ("conv", "layout", texts("channels_last"), {"x": np.ones((1, 6, 2))}),
    ("conv", "bias", [np.ones(4), np.ones(4, ">f8"), [1.0] * 4, [1] * 4, (1,) * 4], {}),
    ("conv_transpose", "output_padding", spellings(0), {"stride": 2}),
    ("conv_transpose", "output_padding", spellings(1), {"stride": 2}),
    ("conv_transpose", "output_padding", spellings(2), {"stride": 2}),
    ("conv_transpose", "output_size", spellings(10), {"stride": 2}),
    ("conv_transpose", "output_size", spellings(12), {"stride": 2}),
    ("conv_transpose", "output_size", [10, (10,), [10.0]], {"stride": 2}),
    ("conv_input_grad", "input_shape", [(1, 2, n) for n in spellings(6)], {}),
    ("conv_input_grad", "input_shape", [(1, 2, n) for n in spellings(7)], {}),
    ("conv_input_grad", "input_shape", [(1, 2, 6), [1, 2, 6], np.array([1, 2, 6])], {}),
    ("conv_weight_grad", "weight_shape", [(4, 2, n) for n in spellings(3)], {}),
    ("convolve", "axes", spellings(0), {}),
    ("convolve", "axes", spellings(1), FLAT),
    ("convolve", "axes", spellings(2), FLAT),
    ("convolve", "axes", [(0, n) for n in spellings(1)], FLAT),
    ("convolve", "axes", [(0, 1), [0, 1], range(2), np.arange(2)], FLAT),
    ("convolve", "mode", texts("same"), {}),
    ("correlate", "mode", texts("Same"), {}),
    ("convolve", "boundary", [*texts("edge"), ("edge",), ["edge"], (np.str_("edge"),)], {}),
    ("convolve", "fill_value", spellings(1), {}),
    ("convolve", "fill_value", spellings(1), PLAIN),
    ("convolve", "fill_value", spellings(0), {**PLAIN, "boundary": "edge"}),
    ("convolve", "fill_value", [0.5, Fraction(1, 2), Decimal("0.5"), np.float32(0.5)], {}),
    ("convolve", "fill_value", [0.5, Fraction(1, 2), Decimal("0.5"), np.float32(0.5)], PLAIN),
    ("convolve", "fill_value", [NAN, np.nan, np.float32("nan"), Decimal("nan")], {}),
    ("convolve", "fill_value", [INF, np.float32("inf"), Decimal("inf"), complex(INF)], {}),
    ("convolve", "fill_value", [2**62, float(2**62), Decimal(2**62)], PLAIN),
    ("convolve", "fill_value", [2**53 + 1, Fraction(2**53 + 1), np.int64(2**53 + 1)], PLAIN),
    ("convolve", "method", texts("fft"), {}),
    ("convolve", "precision", texts("ieee"), {}),
    ("convolve", "backend", texts("numpy"), {}),
    ("convolve", "backend", texts("nope"), {}),
    ("convolve", "dtype", ["float32", np.float32, np.dtype("f4"), "f4", *texts("float32")], WEAK),
    ("convolve", "dtype", [float, "float64", "double", np.dtype(float)], {}),
    ("convolve", "dtype", [bool, "bool", np.bool, np.dtype(bool)], {}),
]  # fmt: skip


def outcome(op, changes):
    """The result, or the class it is refused with."""
    try:
        return invoke(op, **changes)
    except convcore.ConvcoreError as error:
        return type(error)


def alike(a, b):
    if isinstance(a, type) or isinstance(b, type):
        return a is b
    return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=True)


@pytest.fixture(autouse=True)
def cold():
    clear_caches()


@pytest.mark.parametrize(
    ("op", "name", "values", "also"),
    CASES,
    ids=[f"{i}-{op}-{name}" for i, (op, name, _, _) in enumerate(CASES)],
)
def test_equal_arguments_mean_the_same(op, name, values, also):
    wanted = outcome(op, {**also, name: values[0]})
    for first, second in itertools.permutations(values, 2):
        clear_caches()
        for value in (first, second, first):
            got = outcome(op, {**also, name: value})
            assert alike(got, wanted), f"{name}={value!r} after {first!r}: {got} is not {wanted}"


@pytest.mark.parametrize("one", spellings(1), ids=lambda v: type(v).__name__ + repr(v))
def test_equal_arguments_of_use_and_lags(one):
    with convcore.use(threads=one):
        assert convcore.plan("convolve", X1, X2).problem.threads == 1
    assert convcore.lags(one, one) == range(1)


def test_single_complex_number_is_its_number():
    for number in (2, 0):
        single = np.complex64(number)
        assert alike(outcome("conv", {"stride": single}), outcome("conv", {"stride": number}))
    assert outcome("conv", {"stride": np.complex64(2 + 1j)}) is convcore.OptionError


@pytest.mark.parametrize(
    ("value", "error"), [(2, None), (0, convcore.OptionError)], ids=["accepted", "refused"]
)
def test_array_without_axes_is_its_number(value, error):
    zero_d = np.array(value)
    assert zero_d == value
    for name in ("stride", "dilation"):
        assert alike(outcome("conv", {name: zero_d}), outcome("conv", {name: value}))
    assert alike(
        outcome("convolve", {"fill_value": zero_d}), outcome("convolve", {"fill_value": value})
    )
    assert alike(outcome("convolve", {"axes": np.array(0)}), outcome("convolve", {"axes": 0}))
    assert (outcome("conv", {"stride": zero_d}) is error) == (error is not None)


@pytest.mark.parametrize("op", VALID)
def test_warm_result_equals_cold_result(op):
    cold_result = invoke(op)
    assert alike(invoke(op), cold_result)
    clear_caches()
    assert alike(invoke(op), cold_result)


def test_calls_that_differ_in_one_option_do_not_share_a_run():
    calls = [
        *(("conv", {"stride": s, "padding": p}) for s in (1, 2) for p in (0, 1, "same", ((0, 1),))),
        *(("conv", {"x": X.astype(t), "w": W.astype(t)}) for t in ("f4", "f8", "i4", "c8")),
        *(("conv_input_grad", {"input_shape": (1, 2, n), **SHORT}) for n in (5, 6)),
        *(("convolve", {"mode": m, "boundary": "edge"}) for m in ("full", "same")),
        *(("convolve", {"mode": m, "boundary": "wrap"}) for m in ("full", "same")),
        *(("correlate", {"fill_value": f}) for f in (0, 1, 1.5)),
    ]  # fmt: skip
    alone = []
    for call in calls:
        clear_caches()
        alone.append(outcome(*call))
    clear_caches()
    for _ in range(2):
        for call, wanted in zip(calls, alone, strict=True):
            assert not isinstance(wanted, type)
            assert alike(outcome(*call), wanted)
