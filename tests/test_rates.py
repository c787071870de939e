"""What the portable engines are predicted to cost, by a library's rates."""

from dataclasses import replace

import numpy as np
import pytest

import convcore
from convcore.algorithms import Rates, candidates


def predicted(op, shapes, rates, dtype="float64", **options):
    operands = (np.ones(shape, dtype) for shape in shapes)
    problem = convcore.plan(op, *operands, **options).problem
    return {c.name: c.seconds for c in candidates(problem, np, rates)}


@pytest.mark.parametrize("shapes", [(400, 30), (30, 400)])
def test_an_engine_may_have_rates_of_its_own(shapes):
    fast, slow = (predicted("convolve", shapes, Rates(call=call)) for call in (1e-6, 1.0))
    assert set(fast) == {"taps", "matmul", "toeplitz", "fft", "overlap_add"}
    for name in fast:
        rates = {**dict.fromkeys(fast, Rates(call=1e-6)), name: Rates(call=1.0)}
        assert predicted("convolve", shapes, rates) == {**fast, name: slow[name]}


# Of 2 images and 7 channels, 5 outputs of 3 taps: of eight bytes, and far from each other.
@pytest.mark.parametrize(("stride", "copied"), [(1, 0), (2, 2 * 7 * 5 * 3 * 2 * 2)])
def test_samples_that_lie_apart_are_read_as_slowly_as_copied(stride, copied):
    rates = Rates(call=0, tap=0, product=0, column=1)
    shapes = (2, 7, 4 * stride + 3), (7, 1, 3)
    assert predicted("conv", shapes, rates, stride=stride, groups=7)["taps"] == copied


@pytest.mark.parametrize(("dtype", "factor"), [("float64", 1), ("complex128", 0.25)])
def test_complex_numbers_may_be_transformed_faster(dtype, factor):
    plain = Rates(call=0, tap=0, point=1)
    faster = replace(plain, complexes=0.25)
    both = (predicted("convolve", (400, 30), rates, dtype) for rates in (plain, faster))
    slow, fast = ({name: seconds[name] for name in ("fft", "overlap_add")} for seconds in both)
    assert fast == {name: factor * seconds for name, seconds in slow.items()}
