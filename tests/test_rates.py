"""What the portable engines are predicted to cost, by a library's rates."""

import numpy as np
import pytest

import convcore
from convcore.algorithms import Rates, candidates


def predicted(op, shapes, rates, **options):
    problem = convcore.plan(op, *map(np.ones, shapes), **options).problem
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
