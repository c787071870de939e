import collections
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import array_api_strict as strict
import numpy as np
import pytest
from bad_calls import VALID, X1, X2, invoke

import convcore
from convcore import _dispatch
from convcore.plugins import clear_caches


@pytest.fixture(autouse=True)
def cold():
    clear_caches()


@pytest.fixture
def planned(monkeypatch):
    """The operations planned from here on, in order."""
    names = []
    make_plan = _dispatch.make_plan

    def counted(op, *args):
        names.append(op.name)
        return make_plan(op, *args)

    monkeypatch.setattr(_dispatch, "make_plan", counted)
    return names


@pytest.mark.parametrize("op", VALID)
def test_second_call_is_not_planned(op, planned):
    first = invoke(op)
    np.testing.assert_array_equal(invoke(op), first)
    assert planned == [op]


@pytest.mark.parametrize(
    ("op", "changes"),
    [
        ("conv", {"bias": np.ones(4)}),
        ("conv", {"bias": [1, 2, 3, 4]}),
        ("conv", {"padding": [[1, 2]], "stride": [2]}),
        ("conv_input_grad", {"input_shape": [1, 2, 6]}),
        ("convolve", {"x2": [1, 2]}),
        ("convolve", {"x1": [1, 2], "x2": (3, 4)}),
        ("convolve", {"axes": [0], "boundary": ["edge"]}),
        ("convolve", {"x1": strict.asarray(X1), "x2": strict.asarray(X2)}),
    ],
)
def test_lists_and_weak_operands_are_cached_too(op, changes, planned):
    first, second = invoke(op, **changes), invoke(op, **changes)
    assert bool(
        (first == second).all() if isinstance(first, np.ndarray) else strict.all(first == second)
    )
    assert planned == [op]


def test_unhashable_option_is_planned_every_time(planned):
    for _ in range(2):
        np.testing.assert_array_equal(
            invoke("conv", stride=np.array([2])), invoke("conv", stride=2)
        )
    assert planned == ["conv"] * 3


def test_refused_call_is_not_remembered():
    for _ in range(2):
        with pytest.raises(convcore.OptionError, match="stride"):
            invoke("conv", stride=0)
    assert not _dispatch._RUNS


def test_failing_run_is_not_remembered(monkeypatch):
    def broken(*_):
        raise MemoryError

    make_plan = _dispatch.make_plan
    with monkeypatch.context() as patch:
        patch.setattr(
            _dispatch,
            "make_plan",
            lambda *args: replace(make_plan(*args), run=broken),
        )
        with pytest.raises(MemoryError):
            invoke("convolve")
    assert not _dispatch._RUNS
    np.testing.assert_array_equal(invoke("convolve"), np.convolve(X1, X2))


def test_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(_dispatch, "_MOST_RUNS", 5)
    for size in range(1, 12):
        convcore.convolve(np.ones(size), X2)
        assert len(_dispatch._RUNS) == min(size, 5)


def test_the_oldest_run_leaves_first(monkeypatch, planned):
    monkeypatch.setattr(_dispatch, "_MOST_RUNS", 2)
    for size in (1, 2, 3, 3, 2, 1):
        convcore.convolve(np.ones(size), X2)
    assert len(planned) == 4


class Marked(np.ndarray):
    """A subclass that would spread to what is computed from it."""


class MarkedTwice(Marked):
    pass


def _mapped(tmp_path):
    mapped = np.memmap(tmp_path / "samples", dtype=X1.dtype, mode="w+", shape=X1.shape)
    mapped[:] = X1
    return mapped


SUBCLASSES = {
    "memmap": _mapped,
    "subclass": lambda _: X1.view(Marked),
    "subclass of it": lambda _: X1.view(MarkedTwice),
    "recarray": lambda _: X1.view(np.recarray),
}


@pytest.mark.numpy_backend
@pytest.mark.parametrize("subclass", SUBCLASSES)
@pytest.mark.parametrize("method", ["direct", "fft", "overlap_add"])
@pytest.mark.parametrize("op", ["convolve", "correlate"])
def test_subclass_gives_plain_arrays(subclass, method, op, tmp_path):
    x = SUBCLASSES[subclass](tmp_path)
    for first, second in ((x, X2), (X2, x), (x, x), (x, [1.0]), (x, [1.0, 2.0])):
        for _ in range(2):
            y = getattr(convcore, op)(first, second, "full", method)
            assert type(y) is np.ndarray
            np.testing.assert_allclose(
                y, getattr(np, op)(np.asarray(first), second, "full"), rtol=1e-12, atol=1e-12
            )


def test_numpy_scalar_is_an_array_without_axes():
    for first, second in ((np.float32(3), np.float32(2)), (np.array(3.0), 2), (2, np.int8(3))):
        y = convcore.convolve(first, second)
        assert isinstance(y, np.ndarray)
        assert y.shape == ()
        assert y == 6
    assert convcore.convolve(np.float32(3), np.float64(2)).dtype == np.float64
    assert convcore.convolve(np.float32(3), 2.0).dtype == np.float32


@pytest.mark.parametrize(
    "sequence", [range(1, 4), collections.deque([1, 2, 3]), (1, 2, 3), [[1], [2], [3]]]
)
def test_any_sequence_of_numbers_is_weak(sequence):
    x = np.ones((4, 1) if isinstance(sequence, list) else 4, "int16")
    y = convcore.convolve(x, sequence)
    assert y.dtype == np.int16
    np.testing.assert_array_equal(y.reshape(-1), [1, 3, 6, 6, 5, 3])


def test_threads_share_the_cache():
    def work(seed):
        sizes = np.random.default_rng(seed).integers(1, 9, 60)
        return all(
            np.array_equal(
                convcore.convolve(np.arange(n) + 1, [1, 2]), np.convolve(np.arange(n) + 1, [1, 2])
            )
            for n in sizes
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
