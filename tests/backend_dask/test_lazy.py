"""Making a graph computes nothing; what a task needs is in it."""

import pickle

import cloudpickle
import dask
import numpy as np
import pytest

import convcore

da = pytest.importorskip("dask.array")
pytest.importorskip("convcore_dask")


@pytest.fixture
def never():
    """A scheduler that must not be asked."""

    def compute(*_args, **_kwargs):
        raise AssertionError("something was computed")

    with dask.config.set(scheduler=compute):
        yield


def source(shape, chunks=3):
    """An array whose blocks cannot even be made."""

    def fail(_block):
        raise AssertionError("a block was made")

    return da.zeros(shape, chunks=chunks).map_blocks(fail, meta=np.empty((0,) * len(shape)))


def arrays(op):
    x, w, y = source((2, 3, 9)), source((4, 3, 2)), source((2, 4, 8))
    return {
        "convolve": (source((9,)), source((4,))),
        "correlate": (source((9,)), source((4,))),
        "conv": (x, w, source((4,))),
        "conv_transpose": (y, w, source((3,))),
        "conv_input_grad": ((2, 3, 9), w, y),
        "conv_weight_grad": (x, (4, 3, 2), y),
    }[op]


OPS = ["convolve", "correlate", "conv", "conv_transpose", "conv_input_grad", "conv_weight_grad"]


@pytest.mark.usefixtures("never")
@pytest.mark.parametrize("method", [None, "direct", "overlap_add"])
@pytest.mark.parametrize("op", OPS)
def test_nothing_is_computed(op, method):
    given = arrays(op)
    plan = convcore.plan(op, *given, method=method)
    called = getattr(convcore, op)(*given, method=method)
    operands = [a for a in given if not isinstance(a, tuple)]
    for y in (called, plan(*operands), plan(*operands)):
        assert isinstance(y, da.Array)
        assert (y.shape, y.dtype) == (plan.shape, np.dtype(plan.dtype))
        assert isinstance(y._meta, np.ndarray)
        assert y.name == called.name


@pytest.mark.usefixtures("never")
def test_nothing_is_computed_for_weak_operands_and_a_held_kernel():
    x = source((1, 1, 9))
    for y in (
        convcore.conv(x, [[[1, 2.0]]], [3]),
        convcore.convolve([[[1, 2.0]]], x),
        convcore.plan("conv", x, [[[1, 2.0]]]).prepare([[[1, 2.0]]])(x),
        convcore.plan("conv", x, x).prepare(x)(x),
    ):
        assert isinstance(y, da.Array)


@pytest.mark.parametrize("op", OPS)
def test_every_task_can_be_pickled(op):
    y = getattr(convcore, op)(*arrays(op))
    graph = dict(y.dask.layers[y.name])
    assert pickle.loads(pickle.dumps(graph)) == graph
    assert cloudpickle.loads(cloudpickle.dumps(graph)) == graph


def test_options_are_those_of_the_call():
    x, w = da.from_array(np.arange(40.0), chunks=9), np.ones(4)
    with convcore.use(method="overlap_add", threads=3, precision="fast"):
        y = convcore.convolve(x, w)
    tasks = [task[0] for task in dict(y.dask.layers[y.name]).values()]
    parts = [task for task in tasks if hasattr(task, "problem")]
    assert {part.order.methods for part in parts} == {("fft", "overlap_add")}
    assert {(part.problem.threads, part.problem.precision) for part in parts} == {(3, "fast")}
    with convcore.use(method="direct", backend="dask"):
        result = y.compute()
    np.testing.assert_allclose(result, convcore.convolve(np.arange(40.0), w), atol=1e-12)


def test_accuracy_keeps_auto_to_a_class():
    x, w = da.zeros(100_000, chunks=10_000), np.ones(5000)
    assert convcore.plan("convolve", x, w).method == "overlap_add"
    with convcore.use(accuracy="componentwise"):
        plan = convcore.plan("convolve", x, w)
    assert (plan.method, plan.accuracy.name) == ("direct", "componentwise")


def test_methods_that_a_part_cannot_be_are_refused():
    x, w = da.zeros(10, chunks=4), np.ones(3)
    for method in ("fft", "native"):
        with pytest.raises(
            convcore.MethodError, match=f"'{method}'.*allowed are 'auto', 'direct', 'overlap_add'"
        ):
            convcore.convolve(x, w, method=method)


@pytest.mark.numpy_backend
def test_a_plan_tells_whose_blocks_run():
    plan = convcore.plan("convolve", da.zeros(10, chunks=4), np.ones(3))
    assert (plan.backend, str(plan.device)) == ("dask", "numpy")
    assert "dask on numpy" in str(plan)
    assert plan.why.endswith("block by block")
