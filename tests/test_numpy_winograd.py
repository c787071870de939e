"""Winograd's algorithm on NumPy: its matrices, its sums, and what it states of their errors."""

import itertools
import tracemalloc
from math import log2, prod

import numpy as np
import pytest

import convcore
from convcore._registry import registry

pytestmark = pytest.mark.numpy_backend
RNG = np.random.default_rng(4)


def whole(dtype, *shape):
    return RNG.integers(-3, 4, shape).astype(dtype)


def offers(*arrays, **options):
    """The engine among those that NumPy has for a layer, or None."""
    plan = convcore.plan("conv", *arrays, **options)
    return next((c for c in (plan.chosen, *plan.rejected) if c.name == "winograd"), None)


def ran(engine, x, w, **options):
    problem = convcore.plan("conv", x, w, **options).problem
    return registry.get("numpy").lower(problem, engine, None)(x, w, None)


@pytest.mark.parametrize("taps", [2, 3, 4, 5])
def test_the_matrices_make_a_correlation(taps):
    """Of each sample with each tap, exactly."""
    from convcore_numpy._cook_toom import POINTS, fractions

    outputs, kernel, samples = fractions(taps)
    for sample, tap in itertools.product(range(POINTS), range(taps)):
        products = [g[tap] * b[sample] for g, b in zip(kernel, samples, strict=True)]
        y = [sum(a * p for a, p in zip(row, products, strict=True)) for row in outputs]
        assert y == [output + tap == sample for output in range(POINTS + 1 - taps)]


@pytest.mark.parametrize("taps", [2, 3, 4, 5])
def test_tiles_and_outputs_are_transformed_by_exact_numbers(taps):
    from convcore_numpy._cook_toom import matrices

    for rows in (matrices(taps).outputs, matrices(taps).samples):
        assert np.array_equal(rows, rows.astype("float16"))


@pytest.mark.parametrize("side", [8, 16, 17])
def test_channels_a_power_of_two_apart_are_the_same(side):
    """Those of 16 x 16 samples lie 1024 bytes apart, and are moved before they are turned."""
    rng = np.random.default_rng(1)
    x = rng.integers(-4, 5, (2, 16, side, side)).astype("float32")
    w = rng.integers(-4, 5, (16, 16, 3, 3)).astype("float32")
    got, wanted = (ran(engine, x, w, padding=1) for engine in ("winograd", "matmul"))
    assert np.array_equal(np.round(got), wanted)


def test_an_impulse_gives_the_kernel_backwards():
    x, w = np.zeros((1, 8, 5, 5), "float32"), np.zeros((8, 8, 3, 3), "float32")
    x[0, 2, 2, 2] = 1
    w[5, 2] = np.arange(9).reshape(3, 3)
    y = np.round(ran("winograd", x, w))
    assert y[0, 5].tolist() == [[8, 7, 6], [5, 4, 3], [2, 1, 0]]
    assert np.count_nonzero(y) == 8


# Images of no whole number of tiles, of one output and of many rows; more channels than one product
# takes; padding on one side, of more than the kernel and negative.
LAYERS = {
    "one tile": ((1, 8, 6, 6), (8, 8, 3, 3), {}),
    "one output": ((2, 8, 3, 3), (9, 8, 3, 3), {}),
    "ragged": ((3, 8, 13, 7), (8, 8, 3, 3), {"padding": 1}),
    "many rows": ((1, 16, 150, 40), (8, 16, 3, 3), {"padding": 1}),
    "many channels": ((1, 70, 9, 9), (150, 70, 3, 3), {"padding": 1}),
    "padded": ((2, 8, 5, 6), (8, 8, 3, 3), {"padding": [(4, 0), (1, 5)]}),
    "cropped": ((2, 8, 15, 16), (8, 8, 3, 3), {"padding": [(-2, 1), (0, -3)]}),
    "unlike axes": ((1, 8, 12, 20), (8, 8, 2, 5), {}),
    "four taps": ((1, 9, 12, 12), (10, 9, 4, 4), {"padding": 2}),
    "dilated": ((1, 8, 21, 22), (8, 8, 3, 3), {"dilation": (2, 3), "padding": 2}),
    "groups": ((2, 24, 9, 10), (27, 8, 3, 3), {"groups": 3, "padding": 1}),
    "slices": ((2, 8, 5, 9, 10), (8, 8, 3, 3, 3), {"padding": 1}),
    "slices, strided": (
        (1, 8, 11, 9, 7),
        (8, 8, 2, 3, 3),
        {"stride": (2, 1, 1), "dilation": (3, 1, 2), "padding": [(2, 0), (1, 1), (0, 3)]},
    ),
    "a boundary": ((1, 8, 9, 10), (8, 8, 3, 3), {"padding": 2, "boundary": "reflect"}),
    "channels last": ((2, 9, 10, 8), (3, 3, 8, 8), {"padding": 1, "layout": "channels_last"}),
}


@pytest.mark.parametrize("case", LAYERS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_it_makes_the_sums_of_the_definition(case, dtype):
    x_shape, w_shape, options = LAYERS[case]
    x, w = whole("int32", *x_shape), whole("int32", *w_shape)
    got = ran("winograd", x.astype(dtype), w.astype(dtype), **options)
    assert got.dtype == dtype
    assert np.array_equal(np.round(got), ran("matmul", x, w, **options))


def loud(x, w):
    """One sample and one tap so large that all others are lost beside them."""
    x[0, 1, 4, 4], w[2, 1, 1, 1] = 2**13, 2**12


def alternating(x, w):
    """What the points tell apart least."""
    x[...] = 99 * (-1) ** np.indices(x.shape).sum(0)
    w[...] = 99 * (-1) ** np.indices(w.shape).sum(0)


def steep(x, w):
    """Rows of every size, so that those of a tile hide each other."""
    x *= 2 ** (2 * np.arange(x.shape[2]) % 13)[:, None]
    w *= 2 ** (5 * np.arange(w.shape[0]) % 12)[:, None, None, None]


@pytest.mark.parametrize("taps", [2, 3, 5])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_errors_stay_below_what_the_constant_allows(dtype, taps):
    """And the constant is no idle one: what it allows is not millions of times what happens.

    One kind of data alone may be computed without any error, by some orders of summation.
    """
    worst = [_error_over_allowed(spoil, dtype, taps) for spoil in (loud, alternating, steep)]
    assert 1e-6 < max(worst) < 1


def _error_over_allowed(spoil, dtype, taps):
    x, w = whole("int64", 2, 16, 19, 18), whole("int64", 17, 16, taps, taps)
    spoil(x, w)
    wanted = ran("matmul", x, w, padding=1)
    x, w = x.astype(dtype), w.astype(dtype)
    errors = np.abs(ran("winograd", x, w, padding=1) - wanted)
    unit = np.finfo(dtype).eps / 2
    norms = np.linalg.norm(x.reshape(2, 1, -1), axis=2) * np.linalg.norm(w.reshape(17, -1), axis=1)
    length = prod(s + 2 + taps - 1 for s in x.shape[2:])
    constant = offers(x, w, padding=1).accuracy.constant
    allowed = constant * (log2(length) + 16) * unit * norms[..., None, None]
    return (errors / (allowed + unit * np.abs(wanted))).max()


LAYER = ((2, 16, 30, 30), "float32"), ((16, 16, 3, 3), "float32")
REFUSED = {
    "integers": (((2, 16, 30, 30), "int32"), ((16, 16, 3, 3), "int32"), {}),
    "complex": (((2, 16, 30, 30), "complex64"), ((16, 16, 3, 3), "complex64"), {}),
    "strides": (*LAYER, {"stride": (1, 2)}),
    "one tap": (LAYER[0], ((16, 16, 3, 1), "float32"), {}),
    "many taps": (LAYER[0], ((16, 16, 3, 6), "float32"), {}),
    "one axis": (((2, 16, 30), "float32"), ((16, 16, 3), "float32"), {}),
    "few channels": (LAYER[0], ((16, 4, 3, 3), "float32"), {"groups": 4}),
    "few outputs": (LAYER[0], ((4, 16, 3, 3), "float32"), {}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_offered_for_small_kernels_of_many_channels(case):
    *arrays, options = REFUSED[case]
    assert offers(*arrays, **options) is None
    offered = offers(*LAYER)
    assert offered.method == "auto"
    assert offered.accuracy.name == "normwise"


def test_it_runs_only_where_the_class_is_left_open():
    """Of a layer where it is by far the fastest."""
    layer = ((8, 64, 56, 56), "float32"), ((64, 64, 3, 3), "float32")
    assert convcore.plan("conv", *layer, padding=1).chosen.name == "winograd"
    assert convcore.plan("conv", *layer, padding=1, method="direct").accuracy.name != "normwise"
    with convcore.use(accuracy="componentwise"):
        assert convcore.plan("conv", *layer, padding=1).accuracy.name == "componentwise"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_stays_in_its_tile_of_its_image_and_group(value):
    x, w = whole("float32", 3, 16, 12, 12), whole("float32", 16, 8, 3, 3)
    x[1, 3, 5, 5] = value
    spoiled = ~np.isfinite(ran("winograd", x, w, padding=1, groups=2))
    assert spoiled[1, :8, 4:7, 4:7].all()
    assert not spoiled[[0, 2]].any()
    assert not spoiled[1, 8:].any()
    assert not spoiled[1, :, 8:].any()


def test_a_kernel_is_held_as_its_values():
    x, w = whole("float32", 2, 64, 28, 28), whole("float32", 64, 64, 3, 3)
    plan = convcore.plan("conv", x, w, padding=1)
    assert plan.chosen.name == "winograd"
    held = plan.prepare(w)
    wanted = convcore.conv(x, w, padding=1)
    w[...] = 0
    assert np.array_equal(held(x), wanted)


MEMORY = {
    "many channels": ((2, 256, 14, 14), (256, 256, 3, 3)),
    "large images": ((1, 16, 400, 500), (16, 16, 3, 3)),
    "slices": ((1, 16, 20, 30, 40), (16, 16, 3, 3, 3)),
}


@pytest.mark.parametrize("case", MEMORY)
def test_it_needs_no_more_memory_than_it_says(case):
    x, w = (whole("float32", *shape) for shape in MEMORY[case])
    y = ran("winograd", x, w)
    tracemalloc.start()
    ran("winograd", x, w)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    stated = offers(x, w).workspace
    assert peak - y.nbytes < stated + 2**20
    assert stated < 3 * peak
