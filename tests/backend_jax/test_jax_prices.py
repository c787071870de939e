"""What a problem has of all that takes time, counted by hand, and the lines that price it."""

from dataclasses import fields
from functools import partial

import pytest

pytest.importorskip("jax")
pytest.importorskip("convcore_jax")

import convcore
from convcore_jax import _counts
from convcore_jax._counts import unfolded_bytes
from convcore_jax._prices import PRICES, Prices, priced

counts, banded_counts = (
    partial(function, platform="cpu") for function in (_counts.counts, _counts.banded_counts)
)


def problem(op, *arrays, **options):
    return convcore.plan(op, *arrays, **options).problem


def test_a_layer_is_counted():
    p = problem("conv", ((2, 3, 5), "float32"), ((4, 3, 2), "float32"), padding=1)
    got = counts(p)
    # 2 images of 3 channels and 5 samples, 4 kernels of 2 taps, 6 outputs.
    expected = {
        "program": 1,
        "handed": 0,
        "taps": 2,
        "phases": 0,
        "data": 30,
        "padded": 30,
        "kernel": 24,
        "outputs": 48,
        "joined": 0,
        "fresh": 0,
        "windows": 72,
        "apart": 0,
        "fresh_windows": 0,
        "moved": 78,
        "met": 72,
        "met_places": 24,
        "shared": 0,
        "products": 288,
        "alone": 288,
        "apart_products": 0,
        "rows": 48,
        "steps": 0,
        "passes": 0,
        "tap_passes": 96,
        "mixed": 288,
        "thin": 72,
        "short": 48,
        "integers": 0,
    }
    assert {name: got[name] for name in expected} == expected
    assert unfolded_bytes(p) == 288


def test_a_strided_transposed_layer_has_phases_and_zeros():
    p = problem("conv_transpose", ((1, 1, 500), "float32"), ((1, 1, 4), "float32"), stride=2)
    got = counts(p)
    assert (got["phases"], got["joined"], got["windows"]) == (1, 1002, 2004)
    assert got["met"] == 2 * got["windows"]
    assert got["handed"] == 1


def test_wide_and_complex_numbers_count_more():
    single, double, complex_, whole = (
        counts(problem("convolve", ((100,), dtype), ((5,), dtype)))
        for dtype in ("float32", "float64", "complex64", "int32")
    )
    assert double["products"] == 2 * single["products"]
    assert complex_["products"] == 8 * single["products"]
    assert complex_["mixed"] == 4 * single["mixed"]
    assert whole["integers"] == single["mixed"]
    assert whole["mixed"] == 0


@pytest.mark.parametrize(
    ("samples", "taps", "steps", "shared"),
    [
        (1000, 48, 0, 0),
        (1000, 64, 3, 0),
        (20_000, 4, 0, 0),
        (20_000, 7, 2, 0),  # 640 KB in one loop; 400 KB in each of two and in the first
        (20_000, 8, 2, 0),  # 20007 outputs, an odd number, are computed as 20016
        (100_000, 31, 0, 1),
        (100_001, 64, 3, 4),
    ],
)
def test_many_terms_are_steps_of_a_loop(samples, taps, steps, shared):
    p = problem("convolve", ((samples,), "float32"), ((taps,), "float32"))
    got = counts(p)
    outputs = samples + taps - 1
    assert (got["steps"], got["shared"]) == (steps, shared)
    assert got["passes"] == steps * outputs
    assert got["alone"] == (0 if shared else taps * outputs)


@pytest.mark.parametrize(("taps", "steps"), [(7, 0), (256, 0), (257, 16)])
def test_an_accelerator_launches_few_steps(taps, steps):
    p = problem("convolve", ((20_000,), "float32"), ((taps,), "float32"))
    assert _counts.counts(p, "gpu")["steps"] == steps


def test_sums_of_no_terms_are_counted():
    got = counts(problem("conv", ((2, 0, 5), "float32"), ((4, 0, 2), "float32")))
    assert (got["products"], got["steps"], got["shared"]) == (0, 0, 0)


def test_outputs_cut_out_of_more_are_counted():
    odd, even, short, long = (
        counts(problem("conv", ((1, c, *space), "float32"), ((1, c, *taps), "float32")))["cut"]
        for c, space, taps in (
            (1, (9001,), (1,)),
            (1, (9000,), (1,)),
            (8, (40, 24), (4, 5)),
            (8, (40, 64), (4, 5)),
        )
    )
    assert (odd, even, short, long) == (9001, 0, 37 * 20, 0)


def test_phases_of_many_terms_are_summed_in_steps():
    few, many = (
        counts(
            problem(
                "conv_transpose",
                ((1, channels, 500), "float32"),
                ((channels, 1, 4), "float32"),
                stride=2,
            )
        )
        for channels in (3, 4)
    )
    assert few["passes"] == 0
    # Two phases of 501 outputs and 8 terms: the last 2, and twice 3 more.
    assert many["passes"] == 2 * 2 * 501


def test_the_zeros_of_a_banded_matrix_are_counted():
    p = problem("convolve", ((1000,), "float32"), ((64,), "float32"), "valid")
    assert banded_counts(p)["mixed"] == counts(p)["mixed"] * (128 + 63) / 64


@pytest.mark.parametrize("platform", PRICES)
def test_every_price_is_of_a_count(platform):
    p = problem("convolve", ((100,), "float32"), ((16,), "float32"))
    lines = [getattr(PRICES[platform], field.name) for field in fields(Prices)][:7]
    for line in lines:
        assert line
        assert priced(line, banded_counts(p)) > 0


def test_no_count_is_without_a_price():
    p = problem("convolve", ((100,), "float32"), ((16,), "float32"))
    priced_ones = {
        name
        for prices in PRICES.values()
        for field in fields(Prices)[:7]
        for name in getattr(prices, field.name)
    }
    assert priced_ones == set(banded_counts(p))
