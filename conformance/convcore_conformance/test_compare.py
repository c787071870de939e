"""The suite's own judges: bounds with numbers worked by hand, comparators that must complain."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from .bounds import bounds
from .calls import Call
from .compare import assert_array, assert_literal, assert_values
from .dtypes import DTYPES, promoted
from .exact import Expected, expected
from .libraries import LIBRARIES

NUMPY = LIBRARIES[0]
U32, U64 = Fraction(1, 2**24), Fraction(1, 2**53)


@dataclass(frozen=True)
class Accuracy:
    name: str
    constant: float = 0.0


def sums(dtype: str, scale: float = 1) -> Expected:
    """[1, -2] * [3, 4] = [3, -2, -8], of 1, 2 and 1 terms with magnitudes 3, 10 and 8."""
    x, h = np.array([1, -2]) * scale, np.array([3, 4]) * scale
    return expected(Call("convolve", (x.astype(dtype), h.astype(dtype)), {}))


def test_componentwise_bound() -> None:
    tiny = Fraction(1, 2**126)
    assert bounds(sums("float32"), Accuracy("componentwise")) == (
        5 * U32 * 3 + U32 * 3 + tiny,
        6 * U32 * 10 + U32 * 2 + 2 * tiny,
        5 * U32 * 8 + U32 * 8 + tiny,
    )


def test_componentwise_bound_of_float16_sums_in_float32() -> None:
    first = bounds(sums("float16"), Accuracy("componentwise"))[0]
    assert first == 5 * U32 * 3 + Fraction(3, 2**11) + Fraction(1, 2**14)


def test_complex_numbers_may_err_four_times() -> None:
    first = bounds(sums("complex128"), Accuracy("componentwise"))[0]
    assert first == 5 * 4 * U64 * 3 + U64 * 3 + Fraction(1, 2**1022)


def test_normwise_bound() -> None:
    # full: 2 samples with one more on either side, and a reach of 1: L = 5; norms sqrt(5) and 5
    last = bounds(sums("float64"), Accuracy("normwise", 3.0))[2]
    wanted = 3 * (np.log2(5) + 1) * 2.0**-53 * np.sqrt(5) * 5 + 2.0**-53 * 8
    assert float(last) == pytest.approx(wanted, rel=1e-12)


def test_integers_have_no_tolerance() -> None:
    assert bounds(sums("int8"), Accuracy("exact")) == (Fraction(0),) * 3


def test_a_class_without_a_bound_is_an_error() -> None:
    with pytest.raises(AssertionError, match="no bound"):
        bounds(sums("float32"), Accuracy("hopeful"))


def test_no_bound_where_the_sums_may_overflow() -> None:
    """CC-ACCURACY-10."""
    with pytest.raises(ValueError, match="CC-ACCURACY-10"):
        bounds(sums("float32", 1e19), Accuracy("componentwise"))


def limits(wanted: Expected) -> tuple[Fraction, ...]:
    exact = wanted.dtype.startswith("int")
    return bounds(wanted, Accuracy("exact" if exact else "componentwise"))


def test_the_worst_element_is_reported() -> None:
    wanted = sums("float32")
    got = np.array([3, -2, -8.001], dtype=np.float32)
    with pytest.raises(AssertionError, match=r"1 of 3 wrong; the worst at \(2,\): got -8.00"):
        assert_values(got, wanted, limits(wanted))


def test_an_error_within_the_bound_passes() -> None:
    wanted = sums("float32")
    got = np.nextafter(np.array([3, -2, -8], np.float32), np.float32(9))
    assert 0 < assert_values(got, wanted, limits(wanted)) <= 1


@pytest.mark.parametrize("wrong", [[4, -2, -8], [3, 2, -8]])
def test_integers_must_be_equal(wrong: list[int]) -> None:
    wanted = sums("int8")
    with pytest.raises(AssertionError, match="error/bound inf"):
        assert_values(np.array(wrong, np.int8), wanted, limits(wanted))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_non_finite_values_are_wrong(bad: float, dtype: str) -> None:
    wanted = sums(dtype)
    with pytest.raises(AssertionError, match="values"):
        assert_values(np.array([3, bad, -8], dtype), wanted, limits(wanted))


def test_overflow_is_right_where_the_exact_value_overflows() -> None:
    wanted = sums("float16", 128)  # 3 * 2**14, -2 * 2**14, -8 * 2**14: the last is beyond 65504
    got = np.array([49152, -32768, -np.inf], np.float16)
    assert_values(got, wanted, limits(wanted))
    for saturated in (np.inf, -65504):
        got[2] = saturated
        with pytest.raises(AssertionError, match=r"at \(2,\)"):
            assert_values(got, wanted, limits(wanted))


def test_overflow_is_right_where_the_bound_reaches_beyond_the_range() -> None:
    """As where a transform of large numbers sums up to nothing."""
    wanted = sums("float16")
    got = np.array([np.inf, -np.inf, -8], np.float16)
    assert_values(got, wanted, (Fraction(65517), Fraction(65518), Fraction(1)))
    with pytest.raises(AssertionError, match=r"1 of 3 wrong; the worst at \(0,\)"):
        assert_values(got, wanted, (Fraction(65516), Fraction(65518), Fraction(1)))


def test_float16_overflows_half_a_spacing_above_its_largest() -> None:
    assert DTYPES["float16"].overflow == 65520


def test_the_order_of_comparison() -> None:
    like = np.zeros(2, np.float32)
    for got, match in (
        ([0.0, 0.0], "^type"),
        (np.zeros(2, np.float64), "^dtype"),
        (np.zeros(3, np.float32), "^shape"),
    ):
        with pytest.raises(AssertionError, match=match):
            assert_array(got, like, NUMPY, "float32", (2,))


def test_literals_compare_nan_as_equal() -> None:
    assert_literal(np.array([np.nan, 1]), np.array([np.nan, 1]))
    with pytest.raises(AssertionError, match=r"at \(0,\)"):
        assert_literal(np.array([1.0, np.nan]), np.array([np.nan, np.nan]))


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        ("int8", "uint8", "int16"),
        ("uint32", "int8", "int64"),
        ("uint8", "uint64", "uint64"),
        ("int64", "float16", "float16"),
        ("uint64", "complex64", "complex64"),
        ("float64", "complex64", "complex128"),
        ("float16", "bfloat16", "float32"),
        ("bfloat16", "bfloat16", "bfloat16"),
        ("bfloat16", "complex64", "complex64"),
    ],
)
def test_promotion(a: str, b: str, wanted: str) -> None:
    assert promoted(a, b) == promoted(b, a) == wanted


def test_a_call_prints_itself_ready_to_paste() -> None:
    call = Call("conv", (np.array([[[1.5]]], np.float32), np.zeros((1, 0), np.int8)), {"stride": 2})
    assert repr(call) == (
        "convcore.conv(np.array([[[1.5]]], dtype=np.float32), "
        "np.zeros((1, 0), dtype=np.int8), stride=2)"
    )
    text = repr(Call("convolve", (np.array([np.nan]),), {"dtype": "int8", "fill_value": np.inf}))
    assert "float('nan')" in text
    assert "dtype=np.int8, fill_value=float('inf')" in text
