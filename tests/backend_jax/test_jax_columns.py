"""Columns are unfolded a tile at a time, and multiplied image by image or all together."""

from functools import partial

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("convcore_jax")

import jax.numpy as jnp

import convcore
from convcore import algorithms
from convcore_jax._columns import _Tiles, columns, tile_bytes
from convcore_jax._mixing import Mixing
from convcore_jax._namespace import namespace

CALLS = {
    "layer": ("conv", (5, 3, 9, 7), (4, 3, 3, 2), {"padding": 1}),
    "strided": ("conv", (2, 3, 11, 7), (4, 3, 3, 3), {"stride": (2, 3), "padding": 2}),
    "dilated": ("conv", (1, 2, 17), (3, 2, 3), {"dilation": 3}),
    "cropped": ("conv", (2, 1, 12, 5), (1, 1, 2, 2), {"padding": -1}),
    "groups": ("conv", (3, 4, 6, 6), (6, 2, 3, 3), {"groups": 2, "padding": 1}),
    "transposed": ("conv_transpose", (3, 2, 8, 5), (2, 3, 4, 3), {"stride": 2, "padding": 1}),
    "volume": ("conv", (2, 2, 4, 5, 6), (3, 2, 2, 2, 2), {}),
    "single tap": ("conv", (3, 4, 5, 5), (2, 4, 1, 1), {"stride": 2}),
    "no axis": ("conv", (3, 4), (2, 4), {}),
    "signal": ("convolve", (40,), (5,), {"mode": "full"}),
}
# Bytes of one window, of a row or two, of an image or two, and of everything.
TILES = (4, 500, 1700, 4000, 2**30)


def whole_numbers(*shapes):
    rng = np.random.default_rng(7)
    return [rng.integers(-4, 5, shape).astype("float32") for shape in shapes]


@pytest.mark.parametrize("tile", TILES)
@pytest.mark.parametrize("name", CALLS)
def test_tiles_of_any_size_give_the_same_result(name, tile):
    op, data, kernel, options = CALLS[name]
    x, w = whole_numbers(data, kernel)
    problem = convcore.plan(op, x, w, **options).problem
    # Sums of small whole numbers are exact in any order.
    run = algorithms.frame(problem, partial(columns, tile=tile), namespace())
    got = run(jnp.asarray(x), jnp.asarray(w), None)
    np.testing.assert_array_equal(got, getattr(convcore, op)(x, w, **options))


def problem(data, kernel, **options):
    return convcore.plan("conv", (data, "float32"), (kernel, "float32"), **options).problem


def test_a_tile_is_some_images_or_some_rows_of_one():
    layer = problem((8, 4, 10, 6), (5, 4, 3, 3))  # 4 channels of 9 taps and 8 by 4 outputs
    row, image = 4 * 4 * 9 * 4, 8 * 4 * 4 * 9 * 4
    assert _Tiles.of(layer, 8 * image) == (8, 8)
    assert _Tiles.of(layer, 7 * image) == (4, 8)
    assert _Tiles.of(layer, image) == (1, 8)
    assert _Tiles.of(layer, image - 1) == (1, 4)
    assert _Tiles.of(layer, 3 * row) == (1, 3)
    assert _Tiles.of(layer, 1) == (1, 1)


def test_all_windows_are_never_held():
    shapes = ((8, 64, 56, 56), "float32"), ((64, 64, 3, 3), "float32")
    p = convcore.plan("conv", *shapes, padding=1).problem
    run = algorithms.frame(p, partial(columns, tile=tile_bytes("cpu")), namespace())
    operands = (jax.ShapeDtypeStruct(shape, jnp.float32) for shape, _ in shapes)
    lowered = jax.jit(lambda x, w: run(x, w, None)).lower(*operands)
    held = lowered.compile().memory_analysis().temp_size_in_bytes
    windows, padded = 4 * 8 * 64 * 56 * 56 * 9, 4 * 8 * 64 * 58 * 58
    assert held < padded + 3 * tile_bytes("cpu") < windows


@pytest.mark.parametrize(
    ("data", "kernel", "together"),
    [
        ((1, 512, 7, 7), (512, 512, 1, 1), False),  # one image
        ((8, 512, 7, 7), (512, 512, 1, 1), True),  # small ones, and a large kernel
        ((8, 64, 56, 56), (64, 64, 1, 1), False),  # large ones
        ((8, 64, 3, 3), (1, 64, 1, 1), True),  # nine samples are too few for a product
    ],
)
def test_images_lie_together_where_that_moves_less(data, kernel, together):
    p = problem(data, kernel)
    assert Mixing.of(p, data[1]).together == together
