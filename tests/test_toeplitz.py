"""The banded engine: blocks, tiles, several kernels, and what it does with a NaN."""

from functools import partial

import numpy as np
import pytest
from array_api_strict import asarray

import convcore
from convcore import algorithms

RNG = np.random.default_rng(0)


def lowered(xp, x, w, **options):
    problem = convcore.plan(convcore.convolve, x, w, **options).problem
    return algorithms.lower(problem, "toeplitz", xp)(x, w, None)


@pytest.mark.parametrize("n", [4, 63, 64, 65, 127, 128, 129, 1000, 30_000])
@pytest.mark.parametrize("m", [4, 5, 64, 65, 300])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_it_is_the_sum_of_products(n, m, mode):
    if m > n:
        pytest.skip("the kernel is longer")
    x, w = RNG.integers(-9, 10, n).astype("f8"), RNG.integers(-9, 10, m).astype("f8")
    full = np.convolve(x, w)
    windows = {"full": (0, n + m - 1), "same": ((m - 1) // 2, n), "valid": (m - 1, n - m + 1)}
    start, size = windows[mode]
    got = lowered(np, x, w, mode=mode)
    assert got.tolist() == full[start : start + size].tolist()


@pytest.mark.parametrize(("x", "w"), [((3, 90), (1, 7)), ((1, 90), (4, 7)), ((3, 90), (3, 7))])
def test_batches_kernels_and_groups(x, w):
    x, w = (RNG.integers(-9, 10, shape).astype("f8") for shape in (x, w))
    wanted = [
        np.convolve(x[i % len(x)], w[i % len(w)]).tolist() for i in range(max(len(x), len(w)))
    ]
    assert lowered(np, x, w, axes=1).tolist() == wanted


@pytest.mark.parametrize("x", [(5, 90), (2, 3, 90)])
def test_a_kernel_of_one_row_makes_signals_of_the_rows(x):
    w = (1,) * (len(x) - 1) + (7,)
    x, w = (RNG.integers(-9, 10, shape).astype("f8") for shape in (x, w))
    wanted = [np.convolve(row, w.ravel(), "same").tolist() for row in x.reshape(-1, 90)]
    assert lowered(np, x, w, mode="same").reshape(-1, 90).tolist() == wanted


@pytest.mark.parametrize("outputs", [1, 2, 7, 30])
@pytest.mark.parametrize("padding", [0, 3, -1])
@pytest.mark.parametrize("dtype", ["int8", "complex128"])
def test_channels_by_blocks_of_any_length(outputs, padding, dtype):
    """Untiled, in integers too; 7 does not divide the outputs, and 30 is more than there are."""
    x, w = (RNG.integers(-9, 10, shape).astype(dtype) for shape in ((2, 6, 24), (4, 3, 5)))
    problem = convcore.plan(convcore.conv, x, w, groups=2, padding=padding).problem
    engine = partial(algorithms.banded, outputs=outputs)
    got = algorithms.frame(problem, engine, np)(x, w, None)
    margins = (0, 0), (0, 0), (max(padding, 0),) * 2
    data = np.pad(x, margins)[:, :, max(-padding, 0) : 24 + max(padding, 0) + padding]
    windows = np.lib.stride_tricks.sliding_window_view(data, 5, axis=2).reshape(2, 2, 3, -1, 5)
    wanted = np.einsum("ngcpk,gock->ngop", windows, w.reshape(2, 2, 3, 5)).reshape(got.shape)
    assert got.tolist() == wanted.tolist()


@pytest.mark.parametrize(("x", "w"), [((2**20,), (2**17,)), ((4096, 200), (4096, 31))])
def test_a_matrix_that_would_outgrow_the_data_is_not_made(x, w):
    """Of a long kernel, and of many short ones."""
    pairs = ((x, "float32"), (w, "float32"))
    problem = convcore.plan("convolve", *pairs, axes=-1).problem
    names = {candidate.name for candidate in algorithms.candidates(problem, np)}
    assert {"taps", "matmul"} <= names
    assert "toeplitz" not in names


def test_it_is_written_in_the_standard_alone():
    x, w = asarray(RNG.integers(-9, 10, 200).astype("f8")), asarray([1.0, 2.0, 3.0, 4.0])
    got = lowered(x.__array_namespace__(), x, w)
    assert np.asarray(got).tolist() == np.convolve(np.asarray(x), np.asarray(w)).tolist()


@pytest.mark.numpy_backend
class TestOnNumPy:
    """Served as `direct`, so it must keep a NaN to its windows and warn of nothing."""

    @staticmethod
    def spoiled(value):
        x = np.ones(50_000)
        x[1234] = value
        return x

    def test_it_is_chosen(self):
        plan = convcore.plan(convcore.convolve, np.ones(50_000), np.ones(31))
        assert (plan.method, plan.chosen.name) == ("direct", "toeplitz")

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_what_is_not_finite_stays_in_its_windows(self, value):
        with np.errstate(invalid="ignore"):
            got = convcore.convolve(self.spoiled(value), np.ones(31), method="direct")
        touched = np.zeros(50_030, bool)
        touched[1234 : 1234 + 31] = True
        np.testing.assert_array_equal(got[touched], np.full(31, value))
        np.testing.assert_array_equal(
            got[~touched], np.convolve(np.ones(50_000), np.ones(31))[~touched]
        )

    def test_a_sum_that_overflows_changes_nothing(self):
        x = np.full(50_000, 2.0**1010)
        got = convcore.convolve(x, np.ones(32), "valid")
        np.testing.assert_array_equal(got, np.full(49_969, 2.0**1015))
