"""Whose arrays the blocks are: NumPy's, PyTorch's, or what must not be taken for arrays."""

import subprocess
import sys

import dask
import numpy as np
import pytest

import convcore
from convcore import ArrayTypeError, DeviceError, DTypeError

da = pytest.importorskip("dask.array")
pytest.importorskip("convcore_dask")

RNG = np.random.default_rng(0)
X = RNG.integers(-9, 10, (2, 3, 12)).astype("float32")
W = RNG.integers(-9, 10, (4, 3, 5)).astype("float32")


def test_masked_blocks_are_refused():
    x = da.from_array(np.ma.masked_array([1.0, 2.0], mask=[0, 1]))
    for given in ((x, np.ones(1)), (np.ones(1), x), (x, [1.0]), (x, x)):
        with pytest.raises(ArrayTypeError, match=r"convcore\.convolve: .*MaskedArray.*fill"):
            convcore.convolve(*given)


def test_masked_blocks_that_dask_does_not_know_of_are_refused():
    x = da.ones(4, chunks=2).map_blocks(np.ma.masked_array, meta=np.empty(0))
    with pytest.raises(ArrayTypeError, match="MaskedArray"):
        convcore.convolve(x, np.ones(1)).compute(scheduler="synchronous")


@pytest.mark.numpy_backend
def test_sparse_blocks_are_refused():
    sparse = pytest.importorskip("scipy.sparse")
    x = da.ones((4, 4), chunks=2).map_blocks(sparse.csr_array, meta=sparse.csr_array((0, 0)))
    with pytest.raises(ArrayTypeError, match=r"csr_array.*toarray"):
        convcore.convolve(x, np.ones((1, 1)))


def test_blocks_that_are_not_what_dask_says_are_refused():
    x = da.ones(4, chunks=2).map_blocks(lambda b: b.astype("float32"), meta=np.empty(0))
    with pytest.raises(DTypeError, match="a block of x has dtype float32, not float64"):
        convcore.convolve(x, np.ones(1)).compute(scheduler="synchronous")
    x = da.ones(4, chunks=2).map_blocks(lambda b: b[:1], meta=np.empty(0))
    with pytest.raises(convcore.ShapeError, match=r"a block of x has shape \(2,\), not \(4,\)"):
        convcore.convolve(x, np.ones(4), "valid").compute(scheduler="synchronous")


@pytest.mark.numpy_backend
@pytest.mark.parametrize("backend", ["numpy", "array_api"])
def test_lazy_arrays_are_not_lent(backend):
    x = da.ones(4, chunks=2)
    for options in ({"backend": backend}, {}):
        with (
            convcore.use(backend=backend),
            pytest.raises(ArrayTypeError, match=r"x1 .*not lent to .*compute it first"),
        ):
            convcore.convolve(x, np.ones(2), **options)
    assert isinstance(convcore.convolve(x, np.ones(2), backend="dask"), da.Array)


def test_dask_can_be_borrowed():
    y = convcore.conv(X, W, backend="dask")
    assert type(y) is np.ndarray
    np.testing.assert_array_equal(y, convcore.conv(X, W))
    with convcore.use(backend="dask"):
        assert convcore.plan("conv", X, W).backend == "dask"
        np.testing.assert_array_equal(
            convcore.conv(X[..., ::-1], W), convcore.conv(X[..., ::-1], W)
        )
        assert isinstance(convcore.conv(da.from_array(X), W), da.Array)
    with (
        convcore.use(backend="dask", device="cpu"),
        pytest.raises(DeviceError, match=r"'dask'.*where they were made"),
    ):
        convcore.conv(X, W)


def test_a_plan_from_shapes_alone():
    plan = convcore.plan("conv", (X.shape, "float32"), (W.shape, "float32"), backend="dask")
    assert (plan.backend, plan.shape) == ("dask", (2, 4, 8))


@pytest.fixture
def torch():
    pytest.importorskip("convcore_torch")
    return pytest.importorskip("torch")


@pytest.fixture
def lazy(torch):
    """A function that makes Dask arrays of tensors."""

    def make(array, chunks):
        meta = torch.from_numpy(np.empty((0,) * array.ndim, array.dtype))
        return da.from_array(array, chunks=chunks).map_blocks(torch.from_numpy, meta=meta)

    return make


def as_numpy(y):
    """A Dask array of tensors as a NumPy array, as Dask itself joins no tensors."""
    dtype = str(y.dtype).removeprefix("torch.")
    return y.map_blocks(lambda t: t.numpy(), dtype=dtype, meta=np.empty((0,) * y.ndim, dtype))


@pytest.mark.parametrize("size", ["128 MiB", "1 B"])
def test_tensors(torch, lazy, size):
    x, w, bias = lazy(X, (1, 2, 5)), lazy(W, (2, 1, 3)), torch.arange(4.0)
    wanted = convcore.conv(X, W, np.arange(4.0, dtype="float32"), padding=2, boundary="reflect")
    with dask.config.set({"array.chunk-size": size}):
        for given in (
            (x, w, bias),
            (x, torch.from_numpy(W), [0, 1, 2, 3]),
            (x, w, lazy(bias.numpy(), 3)),
        ):
            y = convcore.conv(*given, padding=2, boundary="reflect")
            assert (type(y._meta), y.dtype) == (torch.Tensor, torch.float32)
            np.testing.assert_array_equal(as_numpy(y).compute(scheduler="synchronous"), wanted)
        y = convcore.conv(torch.from_numpy(X), w, [0, 1, 2, 3], padding=2, boundary="reflect")
        np.testing.assert_array_equal(as_numpy(y).compute(scheduler="synchronous"), wanted)


def test_gradients_of_tensors(lazy):
    grad = convcore.conv(X, W, boundary="edge", padding=2)
    dx = convcore.conv_input_grad(X.shape, lazy(W, 2), lazy(grad, 5), boundary="edge", padding=2)
    wanted = convcore.conv_input_grad(X.shape, W, grad, boundary="edge", padding=2)
    np.testing.assert_array_equal(as_numpy(dx).compute(scheduler="synchronous"), wanted)
    dw = convcore.conv_weight_grad(lazy(X, 2), W.shape, lazy(grad, 5), boundary="edge", padding=2)
    wanted = convcore.conv_weight_grad(X, W.shape, grad, boundary="edge", padding=2)
    np.testing.assert_array_equal(as_numpy(dw).compute(scheduler="synchronous"), wanted)


def test_a_dtype_that_only_the_blocks_have(torch, lazy):
    x = lazy(X, 4).map_blocks(
        lambda t: t.bfloat16(), meta=torch.empty((0, 0, 0), dtype=torch.bfloat16)
    )
    y = convcore.conv(x, W.tolist())
    assert y.dtype == torch.bfloat16
    blocks = y.map_blocks(lambda t: t.float().numpy(), dtype="f4", meta=np.empty((0, 0, 0), "f4"))
    np.testing.assert_allclose(blocks.compute(), convcore.conv(X, W), rtol=2**-8)


@pytest.mark.numpy_backend
def test_blocks_of_two_libraries_are_refused(torch, lazy):
    x = lazy(X, 4)
    with pytest.raises(DeviceError, match="x is on device torch on cpu and w on numpy"):
        convcore.conv(x, da.from_array(W))
    message = r"x is an array of dask \(made of torch on cpu\) and w one of numpy"
    with pytest.raises(ArrayTypeError, match=message):
        convcore.conv(x, W)
    with pytest.raises(ArrayTypeError, match="w one of torch"):
        convcore.conv(da.from_array(X), torch.from_numpy(W))
    with pytest.raises(ArrayTypeError, match="bias one of torch"):
        convcore.conv(da.from_array(X), W, torch.ones(4))


def test_a_plan_of_tensors(torch, lazy):
    x, w = lazy(X, 4), torch.from_numpy(W)
    plan = convcore.plan("conv", x, w)
    assert "dask on torch on cpu" in str(plan)
    assert type(plan(x, w)._meta) is type(plan(x, W.tolist())._meta) is torch.Tensor
    assert type(plan.prepare(w)(x)._meta) is torch.Tensor
    with pytest.raises(ArrayTypeError, match="w is of type dask"):
        plan(x, lazy(W, 4))


def test_tensors_that_borrow_dask_come_back_as_tensors(torch):
    y = convcore.conv(torch.from_numpy(X), torch.from_numpy(W), backend="dask")
    np.testing.assert_array_equal(y.numpy(), convcore.conv(X, W))
    with pytest.raises(ArrayTypeError, match="lent to Dask"):
        convcore.conv(torch.from_numpy(X).requires_grad_(), torch.from_numpy(W), backend="dask")


@pytest.mark.parametrize("library", ["array_api_strict", "jax.numpy"])
def test_blocks_of_any_other_library(library):
    xp = pytest.importorskip(library)
    empty = xp.asarray(np.empty((0, 0, 0), "float32"))
    lazy = da.from_array(X, chunks=(1, 2, 5)).map_blocks(xp.asarray, meta=empty)
    with dask.config.set({"array.chunk-size": "1 B"}):
        y = convcore.conv(lazy, xp.asarray(W), [1, 2, 3, 4], padding=3, boundary="symmetric")
    assert type(y._meta) is type(empty)
    wanted = convcore.conv(X, W, [1, 2, 3, 4], padding=3, boundary="symmetric")
    blocks = y.map_blocks(np.asarray, dtype="float32", meta=np.empty((0, 0, 0), "float32"))
    np.testing.assert_array_equal(blocks.compute(scheduler="synchronous"), wanted)


PLANNING = """
import subprocess
import sys

import dask
dask.config.set({"array.query-planning": True})
import dask.array as da, convcore
info = convcore.backends()["dask"]
assert not info.available and "array.query-planning is on" in info.reason, info
try:
    convcore.convolve(da.ones(4), da.ones(4))
except convcore.BackendError as error:
    print(error)
"""


def test_query_planning_is_declared():
    run = subprocess.run(
        [sys.executable, "-c", PLANNING], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "convcore.convolve: Dask's array.query-planning is on" in run.stdout
    gaps = convcore.backends()["dask"].capabilities.gaps
    assert [gap.what for gap in gaps] == ["fft", "array.query-planning"]
