"""jit, gradients, vmap and export of convcore's calls on JAX's arrays."""

import subprocess
import sys

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("convcore_jax")

import jax.numpy as jnp
from jax import export
from jax.test_util import check_grads
from transform_calls import CALLS

import convcore


@pytest.fixture(autouse=True)
def wide():
    with jax.enable_x64(True):
        yield


def made(shapes, dtype="float64"):
    """NumPy arrays of these shapes, always the same."""
    rng = np.random.default_rng(7)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    if dtype.startswith("complex"):
        arrays = [a + 1j * rng.standard_normal(a.shape) for a in arrays]
    return [a.astype(dtype) for a in arrays]


def arrays(shapes, dtype="float64"):
    return [jnp.asarray(a) for a in made(shapes, dtype)]


@pytest.mark.parametrize("name", CALLS)
def test_jit_equals_eager_and_numpy(name):
    function, shapes = CALLS[name]
    given = arrays(shapes)
    eager = function(*given)
    np.testing.assert_allclose(jax.jit(function)(*given), eager, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(eager, function(*made(shapes)), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", CALLS)
def test_gradients_are_those_of_finite_differences(name):
    function, shapes = CALLS[name]
    check_grads(function, arrays(shapes), order=1, modes=("fwd", "rev"), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["convolve", "convolve-fft", "conv", "conv_transpose"])
def test_second_gradients(name):
    function, shapes = CALLS[name]
    check_grads(function, arrays(shapes), order=2, modes=("rev",), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        {"stride": 2, "padding": 1},
        {"padding": 2, "dilation": 2, "boundary": "edge"},
        {"padding": "same", "groups": 2},
    ],
)
def test_complex_gradients_are_the_transpose(options):
    """JAX does not conjugate; the adjoint of the conjugate is the transpose (CC-TRANSFORM-3)."""
    groups = options.get("groups", 1)
    x, w = arrays([(2, 4, 9), (6, 4 // groups, 3)], "complex128")
    y, pull = jax.vjp(lambda x, w: convcore.conv(x, w, **options), x, w)
    (g,) = arrays([y.shape], "complex128")
    dx, dw = pull(g)
    adjoint_x = convcore.conv_input_grad(x.shape, w.conj(), g, **options)
    adjoint_w = convcore.conv_weight_grad(x.conj(), w.shape, g, **options)
    np.testing.assert_allclose(dx, adjoint_x, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(dw, adjoint_w, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", CALLS)
def test_vmap_is_a_loop(name):
    function, shapes = CALLS[name]
    stacked = arrays([(3, *shape) for shape in shapes])
    looped = jnp.stack([function(*(a[i] for a in stacked)) for i in range(3)])
    np.testing.assert_allclose(jax.vmap(function)(*stacked), looped, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", ["convolve", "convolve-fft", "conv", "conv_transpose"])
def test_export(name):
    function, shapes = CALLS[name]
    given = arrays(shapes)
    exported = export.export(jax.jit(function))(*given)
    np.testing.assert_allclose(exported.call(*given), function(*given), rtol=1e-12, atol=1e-12)


def test_export_with_a_symbolic_batch():
    (n,) = export.symbolic_shape("n")
    x, w = arrays([(4, 3, 8, 8), (5, 3, 3, 3)])
    described = jax.ShapeDtypeStruct((n, 3, 8, 8), x.dtype), jax.ShapeDtypeStruct(w.shape, w.dtype)
    exported = export.export(jax.jit(lambda x, w: convcore.conv(x, w, padding=1)))(*described)
    np.testing.assert_allclose(
        exported.call(x, w), convcore.conv(x, w, padding=1), rtol=1e-12, atol=1e-12
    )


def test_no_tracer_is_kept_or_computed():
    """A tracer that were read would raise; one that were kept, leak (jax.checking_leaks)."""
    with jax.checking_leaks():
        for name in ("convolve", "conv"):
            function, shapes = CALLS[name]
            jax.jit(function)(*arrays(shapes))


@pytest.mark.numpy_backend
def test_a_tracer_is_not_lent():
    def borrowed(x):
        return convcore.convolve(x, x, backend="numpy")

    with pytest.raises(convcore.ArrayTypeError):
        jax.jit(borrowed)(jnp.ones(4))


def test_numpy_borrows_the_engine():
    x, h = made([(9,), (4,)])
    got = convcore.convolve(x[::-1], h, backend="jax")
    assert type(got) is np.ndarray
    assert got.flags.writeable
    np.testing.assert_allclose(got, np.convolve(x[::-1], h), rtol=1e-12)


def test_importing_convcore_loads_no_jax():
    code = "import sys, convcore; assert not {'jax', 'convcore_jax._engines'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
