"""Gradients, compilers, vmap and laziness reach through every adapter."""

import numpy as np
import pytest

from .calls import CALLS

each_call = pytest.mark.parametrize(("call", "x", "h"), CALLS.values(), ids=CALLS)


@pytest.fixture
def torch():
    pytest.importorskip("convcore_torch")
    return pytest.importorskip("torch")


@pytest.fixture
def jax():
    pytest.importorskip("convcore_jax")
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        yield jax


@pytest.fixture
def dask():
    pytest.importorskip("convcore_dask")
    pytest.importorskip("dask.array")
    return pytest.importorskip("dask")


@each_call
def test_torch_gradients(call, x, h, torch):
    operands = torch.tensor(x, requires_grad=True), torch.tensor(h, requires_grad=True)
    assert torch.autograd.gradcheck(call, operands)


@each_call
def test_torch_vmap(call, x, h, torch):
    both = torch.vmap(call, (0, None))(torch.tensor(np.stack([x, 2 * x])), torch.tensor(h))
    np.testing.assert_allclose(both, np.stack([call(x, h), call(2 * x, h)]), atol=1e-9)


# Dynamo looks into array_api_compat, whose caches it reads past, and says so.
@each_call
@pytest.mark.filterwarnings("ignore:Dynamo detected a call to a `functools.lru_cache`")
def test_torch_compile_takes_it_whole(call, x, h, torch):
    compiled = torch.compile(call, fullgraph=True, backend="eager")
    np.testing.assert_allclose(compiled(torch.tensor(x), torch.tensor(h)), call(x, h), atol=1e-9)


@each_call
def test_jax_jit(call, x, h, jax):
    np.testing.assert_allclose(jax.jit(call)(x, h), call(x, h), atol=1e-9)


@each_call
def test_jax_gradients(call, x, h, jax):
    from jax.test_util import check_grads

    check_grads(jax.jit(call), (x, h), order=1)


@each_call
def test_jax_vmap(call, x, h, jax):
    both = jax.vmap(call, (0, None))(np.stack([x, 2 * x]), jax.numpy.asarray(h))
    np.testing.assert_allclose(both, np.stack([call(x, h), call(2 * x, h)]), atol=1e-9)


@each_call
def test_dask_computes_nothing_before_it_is_asked(call, x, h, dask):
    def refuse(*_args, **_kwargs):
        raise AssertionError("it was computed")

    with dask.config.set(scheduler=refuse):
        y = call(dask.array.from_array(x, chunks=2), h)
    assert isinstance(y, dask.array.Array)
    assert y.shape == call(x, h).shape
    np.testing.assert_allclose(y.compute(scheduler="synchronous"), call(x, h), atol=1e-9)
