"""The oracle's own tests: numbers checked by hand, and peers where the semantics agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import pytest

from convcore_conformance import oracle
from convcore_conformance.exact import Number
from convcore_conformance.oracle import Complex, Result, Scalar, Tensor

Nested: TypeAlias = Any


def tensor(nested: Nested) -> Tensor[Scalar]:
    """Nested lists of Python numbers, as the oracle takes them."""
    if not isinstance(nested, list):
        return Tensor((), (exact(nested),))
    rows = [tensor(row) for row in nested]
    inner = rows[0].shape if rows else ()
    return Tensor((len(rows), *inner), tuple(v for row in rows for v in row.values))


def exact(number: Number) -> Scalar:
    if isinstance(number, complex):
        return Complex(Fraction(number.real), Fraction(number.imag))
    return number if isinstance(number, int) else Fraction(number)


def nested(result: Result) -> Nested:
    """Nest the values of a result as Python numbers."""
    values = [python(e.value) for e in result.elements.values]
    shape = result.elements.shape
    return np.array(values, dtype=object).reshape(shape).tolist() if shape else values[0]


def python(value: Scalar) -> complex:
    if isinstance(value, Complex):
        return complex(value.re, value.im)
    return int(value) if value == int(value) else float(value)


def digits(n: int) -> list[int]:
    """1, 10, 100, ...: every product with small numbers shows where they met."""
    return [10**i for i in range(n)]


def counted(m: int) -> list[int]:
    return list(range(1, m + 1))


class TestSignalByHand:
    """The digit tables of the survey of libraries, and the textbook examples."""

    def test_the_first_example_of_numpy(self) -> None:
        result = oracle.convolve(tensor([1, 2, 3]), tensor([0, 1, 0.5]))
        assert nested(result) == [0, 1, 2.5, 4, 1.5]

    @pytest.mark.parametrize(
        ("operation", "n", "m", "mode", "wanted"),
        [
            (oracle.convolve, 5, 4, "same", [12, 123, 1234, 12340, 23400]),
            (oracle.correlate, 5, 4, "same", [43, 432, 4321, 43210, 32100]),
            (oracle.convolve, 5, 3, "same", [12, 123, 1230, 12300, 23000]),
            (oracle.convolve, 2, 4, "same", [12, 23]),
            (oracle.convolve, 3, 3, "full", [1, 12, 123, 230, 300]),
            (oracle.correlate, 3, 3, "full", [3, 32, 321, 210, 100]),
            (oracle.convolve, 5, 2, "valid", [12, 120, 1200, 12000]),
            (oracle.convolve, 2, 4, "valid", [12, 23, 34]),
            (oracle.correlate, 2, 4, "valid", [43, 32, 21]),
            (oracle.convolve, 1, 1, "same", [1]),
        ],
    )
    def test_windows(
        self, operation: Callable[..., Result], n: int, m: int, mode: str, wanted: list[int]
    ) -> None:
        assert nested(operation(tensor(digits(n)), tensor(counted(m)), mode=mode)) == wanted

    def test_polynomial_product(self) -> None:
        # (1 + 2t)(3 + 4t + 5t^2) = 3 + 10t + 13t^2 + 10t^3
        assert nested(oracle.convolve(tensor([1, 2]), tensor([3, 4, 5]))) == [3, 10, 13, 10]

    def test_product_in_two_variables(self) -> None:
        # (1 + s)(1 + t) = 1 + t + s + st
        assert nested(oracle.convolve(tensor([[1], [1]]), tensor([[1, 1]]))) == [[1, 1], [1, 1]]

    def test_correlate_conjugates_the_second(self) -> None:
        result = oracle.correlate(tensor([1 + 2j]), tensor([3 + 4j]))
        assert nested(result) == [11 + 2j]  # (1+2i)(3-4i) = 3 - 4i + 6i + 8

    @pytest.mark.parametrize(
        ("boundary", "wanted"),
        [
            ("constant", [1, 3, 6, 5, 3]),
            ("edge", [3, 4, 6, 8, 9]),
            ("wrap", [6, 6, 6, 6, 6]),
            ("symmetric", [4, 4, 6, 8, 8]),
            ("reflect", [6, 5, 6, 7, 6]),
        ],
    )
    def test_boundaries(self, boundary: str, wanted: list[int]) -> None:
        # full with three ones: sums of extended samples -2..0, -1..1, 0..2, 1..3, 2..4 of 1 2 3
        result = oracle.convolve(tensor([1, 2, 3]), tensor([1, 1, 1]), boundary=boundary)
        assert nested(result) == wanted

    def test_fill_value(self) -> None:
        result = oracle.convolve(tensor([1, 2]), tensor([1, 10]), fill_value=7)
        assert nested(result) == [71, 12, 27]

    def test_valid_never_sees_the_fill_value(self) -> None:
        result = oracle.convolve(tensor([1]), tensor([1, 10]), mode="valid", fill_value=7)
        assert nested(result) == [1, 10]

    def test_reflecting_one_sample_repeats_it(self) -> None:
        result = oracle.convolve(tensor([2]), tensor([1, 1, 1]), boundary="reflect")
        assert nested(result) == [6, 6, 6]

    def test_other_axes_broadcast_and_none_is_a_product(self) -> None:
        rows = tensor([[1, 2], [3, 4]])
        assert nested(oracle.convolve(rows, tensor([[1, 1]]), axes=1)) == [[1, 3, 2], [3, 7, 4]]
        assert nested(oracle.convolve(rows, tensor([[1, 1]]), axes=-1, mode="same")) == [
            [1, 3],
            [3, 7],
        ]
        assert nested(oracle.convolve(rows, tensor([[2, 3]]), axes=())) == [[2, 6], [6, 12]]
        assert nested(oracle.convolve(tensor([[1, 1]]), rows, axes=[1])) == [[1, 3, 2], [3, 7, 4]]

    def test_a_leading_axis(self) -> None:
        result = oracle.convolve(tensor([[1, 2], [3, 4]]), tensor([[1, 10]]), axes=0)
        assert nested(result) == [[1, 20], [3, 40]]

    def test_zero_dimensions(self) -> None:
        assert nested(oracle.convolve(tensor(3), tensor(4))) == 12

    def test_terms_and_magnitude(self) -> None:
        result = oracle.convolve(tensor([1, -2]), tensor([3, 4]))
        assert [e.terms for e in result.elements.values] == [1, 2, 1]
        assert [e.magnitude for e in result.elements.values] == [3, 10, 8]
        assert result.channels == 1


class TestNeuralByHand:
    """One-dimensional convolutions whose digits show the alignment."""

    @pytest.mark.parametrize(
        ("n", "m", "options", "wanted"),
        [
            (6, 3, {"stride": 2, "padding": "same"}, [321, 32100, 210000]),
            (6, 3, {"stride": 2, "padding": "same_lower"}, [32, 3210, 321000]),
            (5, 4, {"padding": "same"}, [432, 4321, 43210, 32100, 21000]),
            (5, 4, {"padding": "same_lower"}, [43, 432, 4321, 43210, 32100]),
            (4, 3, {}, [321, 3210]),
            (3, 2, {"padding": "full"}, [2, 21, 210, 100]),
            (3, 2, {"padding": "valid"}, [21, 210]),
            (3, 2, {"padding": [(1, 0)]}, [2, 21, 210]),
            (5, 2, {"padding": -1}, [210, 2100]),
            (5, 2, {"padding": [(-2, 0)]}, [2100, 21000]),
            (5, 2, {"dilation": 3}, [2001, 20010]),
            (5, 2, {"stride": 3, "padding": 1}, [2, 2100]),
            (3, 2, {"padding": 1, "boundary": "edge"}, [3, 21, 210, 300]),
        ],
    )
    def test_conv(self, n: int, m: int, options: dict[str, Any], wanted: list[int]) -> None:
        result = oracle.conv(tensor([[digits(n)]]), tensor([[counted(m)]]), **options)
        assert nested(result) == [[wanted]]

    @pytest.mark.parametrize(
        ("n", "m", "options", "wanted"),
        [
            (3, 3, {"stride": 2, "padding": "same"}, [1, 2, 13, 20, 130, 200]),
            (3, 3, {"stride": 2, "padding": "same_lower"}, [2, 13, 20, 130, 200, 300]),
            (3, 2, {"stride": 3, "padding": "same"}, [1, 2, 0, 10, 20, 0, 100, 200, 0]),
            (3, 3, {"stride": 2, "padding": "same", "output_size": [5]}, [2, 13, 20, 130, 200]),
            (2, 3, {}, [1, 12, 23, 30]),
            (2, 3, {"padding": 1}, [12, 23]),
            (2, 2, {"stride": 2, "output_padding": 1}, [1, 2, 10, 20, 0]),
            (2, 2, {"stride": 2, "output_size": [5]}, [1, 2, 10, 20, 0]),
            (2, 2, {"dilation": 2}, [1, 10, 2, 20]),
            (2, 2, {"padding": [(-1, 0)]}, [0, 1, 12, 20]),
        ],
    )
    def test_transpose(self, n: int, m: int, options: dict[str, Any], wanted: list[int]) -> None:
        result = oracle.conv_transpose(tensor([[digits(n)]]), tensor([[counted(m)]]), **options)
        assert nested(result) == [[wanted]]

    def test_groups_are_blocks_of_output_channels(self) -> None:
        x, w = tensor([[[1], [10]]]), tensor([[[2]], [[3]], [[4]], [[5]]])
        assert nested(oracle.conv(x, w, groups=2)) == [[[2], [3], [40], [50]]]

    def test_channels_are_summed_and_the_bias_added(self) -> None:
        result = oracle.conv(tensor([[1, 10], [2, 20]]), tensor([[[1], [3]]]), tensor([100]))
        assert nested(result) == [[107, 170]]
        assert {e.terms for e in result.elements.values} == {3}

    def test_no_input_channels(self) -> None:
        x = Tensor[Scalar]((1, 0, 3), ())
        result = oracle.conv(x, Tensor[Scalar]((2, 0, 2), ()), tensor([5, 6]))
        assert nested(result) == [[[5, 5], [6, 6]]]

    def test_dense_layer(self) -> None:
        assert nested(oracle.conv(tensor([1, 2]), tensor([[1, 10], [2, 3]]))) == [21, 8]

    def test_spelled_layout(self) -> None:
        x = tensor([[[1, 2, 3], [4, 5, 6]]])  # N H C: two samples of three channels
        w = tensor([[[1], [2], [3]]])  # H I O: one tap
        assert nested(oracle.conv(x, w, layout="NHC,HIO->NCH")) == [[[14, 32]]]
        assert nested(oracle.conv(x, w, layout="channels_last")) == [[[14], [32]]]

    def test_input_grad_folds_the_extension_back(self) -> None:
        # edge: the padded axis is x0 x0 x1 x2 x2, each read once by a kernel of one tap
        grad = tensor([[[1, 10, 100, 1000, 10000]]])
        w = tensor([[[2]]])
        result = oracle.conv_input_grad((1, 1, 3), w, grad, padding=1, boundary="edge")
        assert nested(result) == [[[22, 200, 22000]]]

    def test_weight_grad(self) -> None:
        grad = tensor([[[1, 100]]])
        result = oracle.conv_weight_grad(tensor([[[1, 2, 3]]]), (1, 1, 2), grad)
        assert nested(result) == [[[201, 302]]]

    def test_gradients_conjugate_the_operand(self) -> None:
        w, grad = tensor([[[1j]]]), tensor([[[1]]])
        assert nested(oracle.conv_input_grad((1, 1, 1), w, grad)) == [[[-1j]]]
        assert nested(oracle.conv_weight_grad(w, (1, 1, 1), grad)) == [[[-1j]]]


class TestNumbers:
    """The exact arithmetic under the oracle."""

    def test_square_root_rounds_up(self) -> None:
        assert oracle.sqrt_up(Fraction(9, 4)) == Fraction(3, 2)
        root = oracle.sqrt_up(2)
        assert 0 < root * root - 2 < Fraction(1, 10**11)

    @pytest.mark.parametrize(("value", "wanted"), [(128, -128), (-129, 127), (255, -1), (0, 0)])
    def test_wrapped(self, value: int, wanted: int) -> None:
        assert oracle.wrapped(value, 8, signed=True) == wanted
        assert oracle.wrapped(value, 8, signed=False) == value % 256

    def test_wide_dynamic_range_loses_nothing(self) -> None:
        result = oracle.convolve(tensor([1e300, 1.0, -1e300]), tensor([1, 1, 1]), mode="valid")
        assert nested(result) == [1]


class TestPeers:
    """NumPy, SciPy and np.pad, on integers, where their meaning is convcore's."""

    @pytest.mark.parametrize("mode", ["full", "same", "valid"])
    @pytest.mark.parametrize(("n", "m"), [(1, 1), (5, 1), (6, 4), (7, 3), (6, 6)])
    def test_numpy(self, n: int, m: int, mode: Any) -> None:
        x, h = _integers(n), _integers(m)
        assert nested(oracle.convolve(tensor(x), tensor(h), mode=mode)) == list(
            np.convolve(x, h, mode)
        )
        assert nested(oracle.correlate(tensor(x), tensor(h), mode=mode)) == list(
            np.correlate(x, h, mode)
        )

    @pytest.mark.parametrize("mode", ["full", "same", "valid"])
    @pytest.mark.parametrize("name", ["convolve", "correlate"])
    def test_scipy(self, name: str, mode: str) -> None:
        signal = pytest.importorskip("scipy.signal")
        x, h = np.reshape(_integers(60), (3, 4, 5)), np.reshape(_integers(12), (2, 2, 3))
        wanted = getattr(signal, name)(x, h, mode, method="direct")
        got = getattr(oracle, name)(tensor(x.tolist()), tensor(h.tolist()), mode=mode)
        assert nested(got) == wanted.tolist()

    @pytest.mark.parametrize("boundary", ["constant", "edge", "wrap", "symmetric", "reflect"])
    @pytest.mark.parametrize("size", [1, 2, 5])
    def test_numpy_pad(self, boundary: Any, size: int) -> None:
        # A kernel of one tap over a padded axis reads the padded axis itself.
        x = _integers(size)
        got = oracle.conv(tensor([[x]]), tensor([[[1]]]), padding=[(7, 6)], boundary=boundary)
        assert nested(got) == [[np.pad(x, (7, 6), mode=boundary).tolist()]]


def _integers(count: int) -> Sequence[int]:
    rng = np.random.default_rng(count)
    return [int(v) for v in rng.integers(-9, 10, count)]
