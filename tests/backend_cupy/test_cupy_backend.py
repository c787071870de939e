"""What the CuPy backend answers: devices, waiting, lending, availability, choice."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("convcore_cupy")

import cuda_on_cpu
import fake_cupy

import convcore
from convcore.plugins import Axis, clear_caches

pytestmark = cuda_on_cpu.needs_gcc

X = np.arange(10, dtype="float64")
H = np.array([1.0, 2.0, 3.0])
FULL = np.convolve(X, H)


def info():
    return convcore.backends()["cupy"]


def on(device, *arrays):
    """Arrays on one of the fake's devices."""
    return [fake_cupy.ndarray(np.array(a), device) for a in arrays]


def test_importing_convcore_imports_no_cupy():
    code = "import sys, convcore; assert not {'cupy', 'cudnn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_cupy_it_says_so(monkeypatch):
    with fake_cupy.installed():
        for name in ("cupy", "convcore_cupy._namespace"):
            monkeypatch.setitem(sys.modules, name, None)
        assert not info().available
        assert "cupy" in info().reason


def test_without_a_driver_it_says_what_cuda_says(cupy, monkeypatch):
    def failing():
        raise RuntimeError("cudaErrorInsufficientDriver: CUDA driver version is insufficient")

    monkeypatch.setattr(cupy.cuda.runtime, "getDeviceCount", failing)
    assert "cudaErrorInsufficientDriver" in info().reason
    with pytest.raises(convcore.BackendError, match="cudaErrorInsufficientDriver"):
        convcore.convolve(X, H, backend="cupy")


def test_without_a_device_it_says_so(cupy, monkeypatch):
    monkeypatch.setattr(cupy.cuda.runtime, "getDeviceCount", lambda: 0)
    assert "no CUDA device" in info().reason


@pytest.mark.usefixtures("cupy")
def test_capabilities():
    assert info().devices == ("cuda:0", "cuda:1")
    assert "bfloat16" in info().capabilities.dtypes
    assert "native" not in info().capabilities.methods
    assert not any(gap.what == "bfloat16" for gap in info().capabilities.gaps)


def test_an_old_cupy_holds_no_bfloat16(cupy, monkeypatch):
    monkeypatch.setattr(cupy, "__version__", "13.6.0")
    assert "bfloat16" not in info().capabilities.dtypes
    assert any(gap.what == "bfloat16" for gap in info().capabilities.gaps)
    x = cupy.ndarray(np.ones(3, "float32"))
    with pytest.raises(convcore.DTypeError, match="bfloat16 does not exist in cupy"):
        convcore.convolve(x, x, dtype="bfloat16")


@pytest.mark.parametrize("method", ["auto", "direct", "fft", "overlap_add"])
def test_runs_where_its_arrays_lie(cupy, method):
    x, h = on(1, X, H)
    y = convcore.convolve(x, h, method=method)
    assert y.data.device_id == 1
    assert cupy.cuda.Device().id == 0
    np.testing.assert_allclose(y.get(), FULL, atol=1e-13)
    assert convcore.plan("convolve", x, h).device == "cuda:1"


@pytest.mark.usefixtures("cupy")
def test_a_held_kernel_stays_on_its_device():
    x, h = on(1, X, H)
    plan = convcore.plan("convolve", x, h, method="fft").prepare(h)
    np.testing.assert_allclose(plan(x).get(), FULL, atol=1e-13)


@pytest.mark.usefixtures("cupy")
def test_two_devices_in_one_call_raise():
    (x,), (h,) = on(0, X), on(1, H)
    with pytest.raises(convcore.DeviceError, match=r"cuda:0 and x2 on cuda:1"):
        convcore.convolve(x, h)


@pytest.mark.usefixtures("cupy")
def test_numbers_go_to_the_other_operands_device():
    (x,) = on(1, X)
    assert convcore.convolve(x, [1, 2, 3]).get().tolist() == FULL.tolist()


BOUNDARIES = ("constant", "edge", "wrap", "reflect", "symmetric")


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("method", ["direct", "fft", "overlap_add"])
@pytest.mark.usefixtures("cupy")
def test_no_call_waits_for_the_device(boundary, method):
    x, w = on(0, np.ones((2, 4, 12)), np.ones((6, 2, 3)))
    bias, grad = on(0, np.ones(6), np.ones((2, 6, 7)))
    options = {"padding": 2, "stride": 2, "groups": 2, "method": method}
    before = fake_cupy.state.waits
    convcore.conv(x, w, bias, boundary=boundary, **options)
    convcore.conv_transpose(grad, w, **options)
    convcore.conv_input_grad((2, 4, 12), w, grad, boundary=boundary, **options)
    convcore.conv_weight_grad(x, (6, 2, 3), grad, boundary=boundary, **options)
    convcore.convolve(x, x, axes=-1, mode="same", boundary=boundary, method=method)
    assert fake_cupy.state.waits == before


@pytest.mark.usefixtures("cupy")
def test_spectra_are_multiplied_by_a_kernel_that_reads_no_flag():
    """CuPy's own product is in TF32 where CUPY_TF32 says so, whatever the precision."""
    x, w = on(0, np.ones((2, 4, 12), "float32"), np.ones((6, 4, 3), "float32"))
    fake_cupy.state.launches.clear()
    y = convcore.conv(x, w, method="fft")
    assert [name for name, _ in fake_cupy.state.launches] == ["products"]
    np.testing.assert_allclose(y.get(), 12, rtol=1e-5)


@pytest.mark.usefixtures("cupy")
def test_transposed_convolutions_are_one_launch():
    x, w = on(0, np.ones((1, 2, 5, 5)), np.ones((2, 3, 3, 3)))
    fake_cupy.state.launches.clear()
    convcore.conv_transpose(x, w, stride=2)
    assert [name for name, _ in fake_cupy.state.launches] == ["taps"]


@pytest.mark.parametrize("method", ["fft", "overlap_add"])
@pytest.mark.usefixtures("cupy")
def test_integers_have_no_transform(method):
    x, h = on(0, X.astype("int32"), H.astype("int32"))
    with pytest.raises(convcore.MethodError, match=r"allowed are 'auto', 'direct'"):
        convcore.convolve(x, h, method=method)


CHOICES = [
    # many outputs of one channel; one output of many products; channels; a kernel of 100,000 taps
    ("taps", ((1, 1, 10**6), (1, 1, 101))),
    ("dots", ((1, 1, 10**6), (1, 1, 10**6))),
    ("gemm", ((8, 64, 56, 56), (64, 64, 3, 3))),
    ("fft", ((1, 1, 10**6), (1, 1, 10**5))),
]


@pytest.mark.parametrize(("engine", "shapes"), CHOICES)
@pytest.mark.usefixtures("cupy")
def test_auto(engine, shapes):
    with convcore.use(backend="cupy"):
        plan = convcore.plan("conv", *((shape, "float32") for shape in shapes))
    assert plan.chosen.name == engine


@pytest.mark.usefixtures("cupy")
def test_numpy_borrows_it():
    y = convcore.convolve(X, H, backend="cupy")
    assert type(y) is np.ndarray
    assert y.tolist() == FULL.tolist()
    backwards = convcore.convolve(X[::-1], H[::-1], backend="cupy")
    assert backwards.tolist() == FULL[::-1].tolist()


@pytest.mark.usefixtures("cupy")
def test_numpy_borrows_a_device_by_name(monkeypatch):
    ran = []
    run = fake_cupy.RawKernel.__call__

    def watched(self, *arguments, **options):
        ran.append(fake_cupy.state.device)
        run(self, *arguments, **options)

    monkeypatch.setattr(fake_cupy.RawKernel, "__call__", watched)
    with convcore.use(backend="cupy", device="cuda:1"):
        assert convcore.convolve(X, H, method="direct").tolist() == FULL.tolist()
    assert ran == [1]
    with (
        convcore.use(backend="cupy", device="cuda:7"),
        pytest.raises(convcore.DeviceError, match="'cuda:0', 'cuda:1'"),
    ):
        convcore.convolve(X, H)


@pytest.mark.usefixtures("cupy")
def test_its_own_arrays_run_on_the_device_that_is_said():
    x, h = on(0, X, H)
    with convcore.use(backend="cupy", device="cuda:1"):
        y = convcore.convolve(x, h, method="direct")
    assert y.data.device_id == 0
    assert y.get().tolist() == FULL.tolist()


class OnDevice:
    """An array of another library, on a device."""

    def __init__(self, memory, index=1):
        self.memory, self.index = memory, index

    def __dlpack_device__(self):
        return (2, self.index)


@pytest.mark.usefixtures("cupy")
def test_arrays_on_a_device_are_lent_in_place():
    from convcore_cupy._lending import lend

    memory = np.ones(3)
    lent = lend(OnDevice(memory), None)
    assert lent.data.device_id == 1
    assert lent.data.ptr == memory.__array_interface__["data"][0]
    assert lend(OnDevice(memory), "cuda:0").data.device_id == 0


@pytest.mark.usefixtures("cupy")
def test_results_go_back_to_the_device_they_came_from(monkeypatch):
    from convcore_cupy import _lending

    returned = []
    monkeypatch.setattr(_lending, "return_to", lambda y, like: returned.append((y, like)))
    (y,), like = on(0, X), OnDevice(X)
    _lending.give_back(y, like)
    assert returned[0][0].data.device_id == 1
    assert returned[0][1] is like


@pytest.mark.usefixtures("cupy")
def test_what_cannot_be_lent_raises():
    from convcore_cupy._lending import lend

    class Tracked(OnDevice):
        def __dlpack_device__(self):
            raise BufferError("Can't export tensors that require gradient")

    for array in (Tracked(X), SimpleNamespace(shape=(3,), dtype=X.dtype)):
        with pytest.raises(convcore.ArrayTypeError, match="cannot be lent to CuPy"):
            lend(array, None)


LAYERS = [((1, 512, 7, 7), (512, 512, 3, 3)), ((8, 64, 112, 112), (64, 64, 3, 3))]


@pytest.mark.usefixtures("cupy")
def test_memory_beyond_the_operands_is_bounded():
    """Kernels unfold nothing; split sums of `gemm` are the only workspace."""
    spaces = []
    for shapes in LAYERS:
        with convcore.use(backend="cupy"):
            plan = convcore.plan("conv", *((shape, "float32") for shape in shapes))
        spaces.append({c.name: c.workspace for c in (plan.chosen, *plan.rejected)})
    assert all(space["taps"] == space["dots"] == 0 for space in spaces)
    assert 0 < spaces[0]["gemm"] <= 2**25
    assert spaces[1]["gemm"] == 0


def test_axes_without_outputs_of_a_part_give_an_empty_result(cupy):
    from test_cupy_kernels import problem

    from convcore_cupy._direct import ENGINES

    p = problem("float32", (1, 1, 1, 1), Axis(2, 3))
    x, w = on(0, np.ones(p.x_shape, "float32"), np.ones(p.w_shape, "float32"))
    assert all(ENGINES[e](p, cupy)(x, w, None).shape == (1, 1, 1, 0) for e in ENGINES)


@pytest.mark.usefixtures("cupy")
def test_cached_runs_are_for_one_device():
    clear_caches()
    for index in (0, 1, 0):
        x, h = on(index, X, H)
        assert convcore.convolve(x, h).data.device_id == index
