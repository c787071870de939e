"""Sizes that are not known until something is computed."""

import dask
import numpy as np
import pytest

import convcore

da = pytest.importorskip("dask.array")
pytest.importorskip("convcore_dask")

RNG = np.random.default_rng(0)
KEPT = np.array([True, False, True, True, False, False, True])
X = RNG.integers(-9, 10, (7, 4, 9))
W = RNG.integers(-9, 10, (6, 4, 3))


def unknown(x, chunks):
    """The rows that are kept, of which Dask does not know how many there are."""
    lazy = da.from_array(x, chunks=chunks)
    return lazy[da.from_array(KEPT, chunks=lazy.chunks[0])]


def check(y, wanted, unknown_axis=0):
    assert y.shape[unknown_axis] != y.shape[unknown_axis]
    result = y.compute(scheduler="synchronous")
    np.testing.assert_array_equal(result, wanted)
    assert result.dtype == y.dtype


@pytest.mark.parametrize("rows", [7, 2, 1])
@pytest.mark.parametrize("size", ["128 MiB", "1 B"])
def test_an_unknown_batch_stays_unknown(rows, size):
    x, kept = unknown(X, (rows, 2, 4)), X[KEPT]
    with dask.config.set({"array.chunk-size": size}):
        y = convcore.conv(x, da.from_array(W, chunks=2), np.arange(6), padding=1)
        check(y, convcore.conv(kept, W, np.arange(6), padding=1))
        dx = convcore.conv_input_grad(x.shape, W, y, padding=1)
        check(dx, convcore.conv_input_grad(kept.shape, W, y.compute(), padding=1))
        check(
            convcore.conv_input_grad((4, 4, 9), W, y, padding=1),
            dx.compute(scheduler="synchronous"),
        )
        dw = convcore.conv_weight_grad(x, W.shape, y, padding=1)
        wanted = convcore.conv_weight_grad(kept, W.shape, y.compute(), padding=1)
        np.testing.assert_array_equal(dw.compute(scheduler="synchronous"), wanted)
        back = convcore.conv_transpose(y, W, padding=1)
        check(back, convcore.conv_transpose(y.compute(), W, padding=1))


@pytest.mark.parametrize("rows", [7, 2])
def test_an_unknown_batch_of_signals(rows):
    x, kept = unknown(X[:, 0], (rows, 4)), X[KEPT, 0]
    h = RNG.integers(-9, 10, (1, 3))
    check(convcore.convolve(x, h, axes=1), convcore.convolve(kept, h, axes=1))
    check(convcore.convolve(h, x, axes=1), convcore.convolve(h, kept, axes=1))
    check(convcore.correlate(x, x, "same", axes=1), convcore.correlate(kept, kept, "same", axes=1))


def test_a_plan_counts_what_is_known():
    plan = convcore.plan("conv", unknown(X, 2), W)
    assert plan.flops != plan.flops
    assert "nan flop on nan B" in str(plan)
    assert plan.method == "direct"
    assert plan.chosen.seconds > 0


def test_an_unknown_length_on_a_convolved_axis_is_refused():
    with pytest.raises(convcore.ShapeError, match="x1 has an unknown length on convolved axis 0"):
        convcore.convolve(unknown(X[:, 0, 0], 2), np.ones(2, int))
    with pytest.raises(convcore.ShapeError, match="x2 has an unknown length on convolved axis 0"):
        convcore.convolve(np.ones(2, int), unknown(X[:, 0, 0], 2))


def test_unknown_channels_are_refused():
    with pytest.raises(convcore.ShapeError, match="nan channels"):
        convcore.conv(unknown(X[:, 0], 2), W)
    with pytest.raises(convcore.OptionError, match="input_shape=nan"):
        convcore.conv_input_grad((float("nan"), 4, 9), W, np.ones((5, 6, 7)))


def test_unknown_chunks_are_taken_in_pairs():
    x = unknown(X[:, 0], (2, 9))
    with pytest.raises(convcore.ShapeError, match=r"have 4 and 1 chunks.*compute_chunk_sizes"):
        convcore.convolve(x, np.ones((4, 3), int), axes=1)
    others = da.from_array(X[:, 0], chunks=(2, 9))[da.from_array(~KEPT, chunks=2)]
    y = convcore.convolve(x, others, axes=1)
    with pytest.raises(convcore.ShapeError, match="a block of x has shape"):
        y.compute(scheduler="synchronous")
