"""Loops over many terms, and over odd numbers of outputs, which are computed for a round one."""

import itertools
import os

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("convcore_jax")

import convcore
from convcore._registry import registry
from convcore_jax._loops import Loop
from convcore_jax._views import OneRow

CALLS = {
    "written-out": ("convolve", (301,), (5,), {"mode": "same"}),
    "in-steps": ("convolve", (333,), (60,), {"mode": "full"}),
    "odd": ("convolve", (9001,), (9,), {"mode": "same"}),
    "odd-cropped": ("correlate", (9009,), (35,), {"mode": "valid"}),
    "odd-strided": ("conv", (2, 3, 18_001), (4, 3, 9), {"stride": 2, "padding": 4}),
    "two-dimensional": ("conv", (1, 5, 20, 20), (2, 5, 4, 5), {"padding": 1}),
    "phases": ("conv_transpose", (1, 4, 301), (4, 3, 5), {"stride": 2}),
    "alone": ("convolve", (150, 150), (3, 4), {"mode": "same"}),
    "alone-channels": ("conv", (1, 3, 60, 60), (5, 3, 3, 3), {"padding": 1}),
    "one-row": ("conv", (2, 3, 20, 18), (5, 3, 5, 5), {"padding": 2}),
    "one-row-dilated": ("conv", (1, 4, 30, 23), (2, 4, 4, 4), {"dilation": (3, 1)}),
    "one-row-volume": ("correlate", (9, 12, 20), (8, 2, 4), {"mode": "same"}),
    "odd-phases": ("conv_transpose", (1, 2, 9001), (2, 1, 9), {"stride": 2, "padding": 4}),
}


PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
SHARED = "outer_dimension_partitions"
"""What XLA writes beside a loop that it shares among threads."""


def has_channels(name):
    return CALLS[name][0] in ("conv", "conv_transpose")


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        *itertools.product(CALLS, ["taps", "overlap_add"]),
        *((name, "dots") for name in CALLS if has_channels(name)),
    ],
)
def test_every_output_is_there_and_no_other(name, engine, monkeypatch):
    if engine == "dots":  # which CPUs are offered for kernels of more taps than columns take
        monkeypatch.setattr("convcore_jax._offers.MOST_VIEWS", 0)
    op, data, kernel, options = CALLS[name]
    rng = np.random.default_rng(3)
    x, w = (rng.standard_normal(shape).astype("float32") for shape in (data, kernel))
    wanted = getattr(convcore, op)(x.astype("float64"), w.astype("float64"), **options)
    plan = convcore.plan(op, jax.numpy.asarray(x), jax.numpy.asarray(w), **options)
    run = registry.get("jax").lower(plan.problem, engine, plan.device)
    got = np.asarray(run(jax.numpy.asarray(x), jax.numpy.asarray(w), None))
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-4)


def compiled(op, data, kernel, **options):
    """XLA's own program of a problem's scaled views."""
    x, w = (jax.numpy.ones(shape, "float32") for shape in (data, kernel))
    plan = convcore.plan(op, x, w, **options)
    run = registry.get("jax").lower(plan.problem, "taps", plan.device)
    return run.lower(x, w, None).compile().as_text()


@pytest.mark.parametrize("name", [name for name in CALLS if name.startswith("one-row")])
def test_short_rows_are_one(name):
    op, data, kernel, options = CALLS[name]
    p = convcore.plan(op, (data, "float32"), (kernel, "float32"), **options).problem
    assert isinstance(Loop.of(p, "cpu", phased=False).views, OneRow)


@pytest.mark.parametrize("name", ["written-out", "in-steps", "alone", "alone-channels"])
def test_what_a_core_does_in_no_time_is_not_shared(name):
    op, data, kernel, options = CALLS[name]
    assert SHARED not in compiled(op, data, kernel, **options)


@pytest.mark.skipif(jax.default_backend() != "cpu" or PROCESSORS == 1, reason="one thread")
@pytest.mark.parametrize(("samples", "taps"), [(200_000, 3), (100_000, 60)])
def test_what_is_more_is_shared(samples, taps):
    assert SHARED in compiled("convolve", (samples,), (taps,), mode="same")


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="the engines of a CPU")
@pytest.mark.parametrize(("taps", "engine"), [((3, 3), "columns"), ((17, 17), "dots")])
def test_channels_are_mixed_by_columns_or_else_for_each_tap(taps, engine):
    data, kernel = ((1, 32, 40, 40), "float32"), ((4, 32, *taps), "float32")
    plan = convcore.plan("conv", data, kernel, backend="jax")
    names = {candidate.name for candidate in (plan.chosen, *plan.rejected)}
    assert names & {"columns", "dots"} == {engine}
