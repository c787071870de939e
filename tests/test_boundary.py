import itertools

import array_api_strict as strict
import numpy as np
import pytest

from convcore.algorithms import extend, fold, pad, runs
from convcore.plugins import Axis, Fold

X = np.array([1, 2, 3])
BOUNDARIES = ("constant", "edge", "wrap", "symmetric", "reflect")
SIZES = list(itertools.product((1, 2, 3, 5), (-3, -1, 0, 1, 4, 11), (-2, 0, 1, 2, 9)))
LENGTHS = [(n, lo, hi) for n, lo, hi in SIZES if n + lo + hi > 0]


def source(i, size, boundary):
    """The table of the spec: which sample stands at a position; None for the fill value."""
    if boundary == "constant":
        return i if 0 <= i < size else None
    if boundary == "edge":
        return min(max(i, 0), size - 1)
    if boundary == "wrap":
        return i % size
    if boundary == "symmetric":
        t = i % (2 * size)
        return t if t < size else 2 * size - 1 - t
    period = max(2 * size - 2, 1)
    t = i % period
    return t if t < size else period - t


def extended(x, lo, hi, boundary, fill=0, xp=np):
    return extend(x, 0, Axis(x.shape[0], 1, lo=lo, hi=hi, boundary=boundary), fill, xp)


@pytest.mark.parametrize(
    ("lo", "hi", "wanted"),
    [
        (0, 0, [1, 2, 3]),
        (2, 1, [7, 7, 1, 2, 3, 7]),
        (-1, 0, [2, 3]),
        (0, -2, [1]),
        (-1, -1, [2]),
        (-2, 2, [3, 7, 7]),
        (-3, 1, [7]),
        (-5, 4, [7, 7]),
        (4, -5, [7, 7]),
        (1, -4, []),
        (-1, -2, []),
    ],
)
def test_pad(lo, hi, wanted):
    assert pad(X, 0, lo, hi, np, 7).tolist() == wanted
    table = np.stack([X, X])
    assert pad(table, 1, lo, hi, np, 7).tolist() == [wanted, wanted]
    assert pad(table.T, 0, lo, hi, np, 7).T.tolist() == [wanted, wanted]


@pytest.mark.parametrize(
    ("boundary", "before", "after"),
    [
        ("constant", [9, 9, 9, 9], [9, 9, 9, 9]),
        ("edge", [1, 1, 1, 1], [3, 3, 3, 3]),
        ("wrap", [3, 1, 2, 3], [1, 2, 3, 1]),
        ("symmetric", [3, 3, 2, 1], [3, 2, 1, 1]),
        ("reflect", [1, 2, 3, 2], [2, 1, 2, 3]),
    ],
)
def test_extension_of_the_spec(boundary, before, after):
    assert extended(X, 4, 4, boundary, 9).tolist() == [*before, 1, 2, 3, *after]


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("xp", [np, strict], ids=["numpy", "strict"])
def test_extension_by_the_formula(boundary, xp):
    for size, lo, hi in LENGTHS:
        at = [source(i, size, boundary) for i in range(-lo, size + hi)]
        x = xp.asarray([*range(10, 10 + size)])
        got = extended(x, lo, hi, boundary, -1, xp)
        assert [int(v) for v in got] == [-1 if i is None else 10 + i for i in at]


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_extension_is_numpys(boundary):
    for size, lo, hi in LENGTHS:
        if min(lo, hi) >= 0:
            x = np.arange(10, 10 + size)
            np.testing.assert_array_equal(
                extended(x, lo, hi, boundary), np.pad(x, (lo, hi), boundary)
            )


def test_reflect_of_one_sample_repeats_it():
    assert extended(X[:1], 3, 2, "reflect").tolist() == [1] * 6


@pytest.mark.parametrize(
    ("boundary", "wanted"),
    [
        ("edge", [321, 4000, 650000]),
        ("wrap", [600300, 4001, 50020]),
        ("symmetric", [320, 4001, 650000]),
        ("reflect", [300, 604020, 50001]),
    ],
)
def test_fold_by_hand(boundary, wanted):
    # Positions -2 and -1, then 0, 1 and 2, then 3: the digits tell what met where.
    y = np.array([1, 20, 300, 4000, 50000, 600000])
    assert fold(y, 0, Fold(2, 1, boundary), np).tolist() == wanted


@pytest.mark.parametrize("boundary", BOUNDARIES[1:])
@pytest.mark.parametrize("xp", [np, strict], ids=["numpy", "strict"])
def test_fold_is_the_adjoint_of_extend(boundary, xp):
    draw = np.random.default_rng(1).integers
    for size, lo, hi in LENGTHS:
        x, y = draw(-9, 10, (2, size)), draw(-9, 10, (2, size + lo + hi))
        along = Axis(size, 1, lo=lo, hi=hi, boundary=boundary)
        longer = np.from_dlpack(extend(xp.asarray(x), 1, along, 0, xp))
        shorter = np.from_dlpack(fold(xp.asarray(y), 1, Fold(lo, hi, boundary), xp))
        assert shorter.shape == x.shape
        assert (longer * y).sum() == (x * shorter).sum()
        matrix = np.stack([extended(row, lo, hi, boundary) for row in np.eye(size, dtype=int)])
        np.testing.assert_array_equal(shorter, y @ matrix.T)


@pytest.mark.parametrize("boundary", BOUNDARIES[1:])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_runs_are_the_extended_axis_by_stretches(boundary, size):
    for start, stop in itertools.combinations(range(-13, 14), 2):
        found = runs(size, boundary, start, stop)
        samples = [run.source + i * run.step for run in found for i in range(run.length)]
        assert samples == [source(i, size, boundary) for i in range(start, stop)]
        assert all(run.length > 0 for run in found)


def test_runs_are_few():
    assert runs(100, "reflect", -3, 150) == [(3, 3, -1), (100, 0, 1), (50, 98, -1)]
    assert runs(100, "edge", -3, 150) == [(3, 0, 0), (100, 0, 1), (50, 99, 0)]
    assert runs(100, "wrap", -3, 150) == [(3, 97, 1), (100, 0, 1), (50, 0, 1)]
    assert runs(1, "reflect", -300, 500) == [(300, 0, 0), (1, 0, 1), (499, 0, 0)]
