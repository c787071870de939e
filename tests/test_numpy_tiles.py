"""Tiles over threads, and the products of rows that they are made of."""

import importlib

import numpy as np
import pytest
from numpy_engines import by_definition, names, ran, whole

import convcore

pytestmark = pytest.mark.numpy_backend

THREADED = {"bands": "_row_columns", "matmul": "_columns", "rows": "_row_columns"}


@pytest.mark.parametrize("engine", THREADED)
@pytest.mark.parametrize("dtype", ["float32", "complex64"])
@pytest.mark.parametrize(("images", "groups"), [(3, 4), (1, 4), (1, 1)])
def test_tiles_over_threads_make_the_sums_of_the_definition(
    engine, dtype, images, groups, monkeypatch
):
    monkeypatch.setitem(importlib.import_module("convcore_numpy._threads")._SHARED_FROM, engine, 1)
    monkeypatch.setattr(f"convcore_numpy.{THREADED[engine]}._TILE_BYTES", 2**9)
    outputs = 1 if engine == "bands" else 2
    x, w = whole(dtype, images, groups, 19, 18), whole(dtype, groups * outputs, 1, 3, 5)
    with convcore.use(threads=2):
        got = ran(engine, "conv", x, w, padding=2, groups=groups)
    assert got.tolist() == by_definition(x, w, padding=2, groups=groups).tolist()


@pytest.mark.parametrize("alone", [1, 2**7, 2**11])
def test_rows_are_multiplied_in_pieces_of_channels_and_outputs(alone, monkeypatch):
    monkeypatch.setattr("convcore_numpy._rows.MOST_ALONE", alone)
    x, w = whole("float64", 2, 1, 7, 40), whole("float64", 20, 1, 3, 1)
    assert ran("rows", "conv", x, w).tolist() == by_definition(x, w).tolist()


@pytest.mark.parametrize("engine", ["bands", "rows"])
def test_columns_of_rows_a_power_of_two_apart(engine):
    outputs = 1 if engine == "bands" else 2
    x, w = whole("float32", 1, 1, 6, 512), whole("float32", outputs, 1, 3, 3)
    got = ran(engine, "conv", x, w, padding=1)
    assert got.tolist() == by_definition(x, w, padding=1).tolist()


def test_rows_whose_taps_lie_apart_are_no_matrices():
    x, w = np.ones((1, 2, 9, 9)), np.ones((2, 2, 3, 3))
    assert "rows" not in names("conv", x, w, {"dilation": (2, 1)})
    assert "rows" in names("conv", x, w, {"dilation": (1, 2)})


def test_outputs_of_which_no_phase_has_a_tap_are_zero():
    """A stride and a dilation of two meet every other sample, of which there is none here."""
    w, grad = np.ones((1, 2, 2, 1)), np.ones((1, 1, 1, 2))
    options = {"stride": 2, "padding": [(1, 0), (1, 1)], "dilation": (1, 2)}
    assert not convcore.conv_input_grad((1, 2, 1, 1), w, grad, **options).any()
