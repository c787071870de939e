"""What no table of calls shows: outputs that are written to, definitions, measurements."""

from itertools import product

import numpy as np
import pytest

import convcore
from convcore.compat import jax_lax, scipy_ndimage, scipy_signal
from convcore.compat import numpy as cnp

from .rows import data

EXTENSIONS = {
    "reflect": "symmetric",
    "grid-mirror": "symmetric",
    "nearest": "edge",
    "mirror": "reflect",
    "wrap": "wrap",
    "grid-wrap": "wrap",
}


@pytest.mark.parametrize(("mode", "n", "m"), [*product(EXTENSIONS, range(1, 5), (1, 4, 9, 13))])
def test_ndimage_is_its_definition_also_where_scipy_reads_beyond_the_data(mode, n, m):
    x, w = data(n, dtype="int64"), data(m, dtype="int64", start=3)
    for origin in range(-(m // 2), (m - 1) // 2 + 1):
        before = m // 2 + origin
        extended = np.pad(x, (before, m - 1 - before), EXTENSIONS[mode])
        wanted = [int(extended[i : i + m] @ w) for i in range(n)]
        assert scipy_ndimage.correlate(x, w, mode=mode, origin=origin).tolist() == wanted


@pytest.mark.parametrize("module", [cnp, scipy_ndimage], ids=["numpy", "ndimage"])
def test_a_nan_stays_within_its_windows_however_long_the_kernel(module):
    x, w = np.ones(20000), np.ones(3001)
    x[5000] = np.nan
    y = module.convolve(x, w, mode="same" if module is cnp else "wrap")
    assert np.flatnonzero(np.isnan(y)).tolist() == list(range(3500, 6501))


@pytest.mark.parametrize("name", ["convolve", "correlate", "convolve1d", "correlate1d"])
def test_ndimage_writes_into_its_output(name):
    call = getattr(scipy_ndimage, name)
    x, w = data(6), data(3)
    output = np.zeros(6, "float32")
    assert call(x, w, output=output) is output
    np.testing.assert_array_equal(output, call(x, w))
    same = x.copy()
    assert call(same, w, output=same) is same
    np.testing.assert_array_equal(same, call(x, w))


@pytest.mark.parametrize(("module", "make"), [("torch", "tensor"), ("dask.array", "from_array")])
def test_ndimage_writes_into_an_output_of_a_library(module, make):
    library = pytest.importorskip(module)
    x, output = getattr(library, make)(data(6)), getattr(library, make)(np.zeros(6))
    assert scipy_ndimage.convolve(x, data(3).tolist(), output=output) is output
    np.testing.assert_array_equal(np.asarray(output), scipy_ndimage.convolve(data(6), data(3)))


def test_jax_has_no_output_to_write_into():
    jnp = pytest.importorskip("jax.numpy")
    with pytest.raises(TypeError, match="immutable"):
        scipy_ndimage.convolve(jnp.ones(6), jnp.ones(3), output=jnp.zeros(6))


def test_ndimage_says_a_dtype_in_its_librarys_own_terms():
    torch = pytest.importorskip("torch")
    y = scipy_ndimage.convolve(torch.tensor([1.5, 2.5]), [1, 1], output=torch.int16)
    assert y.dtype is torch.int16


def test_ndimage_warns_of_a_real_dtype_for_a_complex_result():
    with pytest.warns(UserWarning, match="made complex") as caught:
        assert scipy_ndimage.convolve(data(4), [1j], output=float).dtype == "complex128"
    assert caught[0].filename == __file__


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_lags_are_those_of_correlate(mode):
    for n, m in product(range(1, 7), repeat=2):
        lags = scipy_signal.correlation_lags(n, m, mode)
        assert lags.tolist() == list(convcore.lags(n, m, mode))


def test_measured_methods_have_times():
    chosen, times = scipy_signal.choose_conv_method(data(50), data(9), measure=True)
    assert chosen in times
    assert set(times) == {"fft", "direct"}
    assert all(seconds > 0 for seconds in times.values())


def test_precision_is_heeded():
    x, w = data(1, 2, 6, dtype="float32"), data(3, 2, 2, dtype="float32")
    for precision in ("highest", None):
        y = jax_lax.conv_general_dilated(x, w, (1,), "SAME", precision=precision)
        np.testing.assert_array_equal(y, convcore.conv(x, w, padding="same"))


def test_lax_takes_an_array_of_numpys_beside_anothers():
    jnp = pytest.importorskip("jax.numpy")
    x, w = data(1, 2, 6, dtype="float32"), data(3, 2, 2, dtype="float32")
    for operands in ((jnp.asarray(x), w), (x, jnp.asarray(w))):
        y = jax_lax.conv(*operands, (1,), "SAME")
        assert isinstance(y, jnp.ndarray)
        np.testing.assert_array_equal(y, jax_lax.conv(x, w, (1,), "SAME"))
