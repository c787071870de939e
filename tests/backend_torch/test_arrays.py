"""Tensors as operands: their kinds, layouts, devices, and lending."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("convcore_torch")

import convcore

from .tensors import made


def test_a_sparse_tensor_says_what_to_do_cold_and_warm():
    x, h = made([(3, 9), (1, 4)])
    for _ in range(2):
        with pytest.raises(convcore.ArrayTypeError, match=r"sparse_coo.*to_dense"):
            convcore.convolve(x.to_sparse(), h, axes=1)
        convcore.convolve(x, h, axes=1)


def test_a_parameter_and_a_subclass_are_tensors():
    class Own(torch.Tensor):
        pass

    x, h = made([(9,), (4,)])
    wanted = convcore.convolve(x, h)
    torch.testing.assert_close(convcore.convolve(x, torch.nn.Parameter(h)).detach(), wanted)
    assert torch.equal(torch.Tensor(convcore.convolve(x.as_subclass(Own), h)), wanted)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_strides_change_no_value(memory_format):
    x, w = made([(2, 3, 6, 5), (4, 3, 3, 3)])
    wanted = convcore.conv(x, w)
    got = convcore.conv(x.to(memory_format=memory_format), w.to(memory_format=memory_format))
    torch.testing.assert_close(got, wanted)
    flipped = torch.flip(x, (3,)).flip((3,)).transpose(0, 1).contiguous().transpose(0, 1)
    torch.testing.assert_close(convcore.conv(flipped, w), wanted)


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
def test_large_unsigned_integers_wrap(dtype):
    most = np.iinfo(dtype).max
    x, h = np.array([most, 2, most], dtype), np.array([most, 3], dtype)
    with np.errstate(over="ignore"):
        wanted = np.convolve(x, h)
    got = convcore.convolve(torch.from_numpy(x), torch.from_numpy(h), fill_value=0)
    assert got.dtype == getattr(torch, dtype)
    np.testing.assert_array_equal(got.numpy(), wanted)
    wanted = convcore.convolve(x, h, fill_value=most)
    got = convcore.convolve(torch.from_numpy(x), torch.from_numpy(h), fill_value=most)
    np.testing.assert_array_equal(got.numpy(), wanted)


def test_many_images_are_done_some_at_a_time():
    x, w = made([(64, 16, 32, 32), (8, 16, 3, 3)])
    torch.testing.assert_close(
        convcore.conv(x, w, method="native"), torch.nn.functional.conv2d(x, w)
    )


AWKWARD = {
    "backward": lambda x: x[::-1],
    "every second": lambda x: np.repeat(x, 2)[::2],
    "foreign": lambda x: x.astype(x.dtype.newbyteorder()),
    "misaligned": lambda x: np.frombuffer(b"0" + x.tobytes(), x.dtype, offset=1),
    "read-only": lambda x: np.frombuffer(x.tobytes(), x.dtype),
    "broadcast": lambda x: np.broadcast_to(x[:1], x.shape),
}


@pytest.mark.parametrize("kind", AWKWARD)
def test_numpy_borrows_the_engine(kind):
    x = AWKWARD[kind](np.arange(1.0, 9.0))
    before = x.copy()
    got = convcore.convolve(x, np.array([1.0, 2.0]), backend="torch")
    assert type(got) is np.ndarray
    assert got.flags.writeable
    np.testing.assert_array_equal(got, np.convolve(x, [1.0, 2.0]))
    np.testing.assert_array_equal(x, before)


def test_lending_copies_nothing_that_need_not_be():
    from convcore_torch._backend import TorchBackend

    x = np.arange(8.0)
    lent = TorchBackend().lend(x, "cpu")
    assert lent.data_ptr() == x.ctypes.data
    assert TorchBackend().give_back(lent, x).ctypes.data == x.ctypes.data


@pytest.mark.numpy_backend
def test_a_tensor_that_requires_a_gradient_is_not_lent():
    x, h = made([(9,), (4,)], requires_grad=True)
    with pytest.raises(convcore.ArrayTypeError, match="cannot be lent to NumPy"):
        convcore.convolve(x, h, backend="numpy")


@pytest.mark.numpy_backend
def test_a_tensor_borrows_numpy():
    x, h = made([(9,), (4,)])
    got = convcore.convolve(x, h, backend="numpy")
    assert isinstance(got, torch.Tensor)
    torch.testing.assert_close(got, convcore.convolve(x, h))


def test_a_device_of_the_backend_may_be_named():
    x, h = np.arange(8.0), np.ones(3)
    with convcore.use(backend="torch", device="cpu"):
        np.testing.assert_array_equal(convcore.convolve(x, h), np.convolve(x, h))
    if not torch.cuda.is_available():
        with (
            convcore.use(backend="torch", device="cuda:0"),
            pytest.raises(convcore.DeviceError, match=r"'cuda:0'.*allowed are 'cpu'"),
        ):
            convcore.convolve(x, h)


def test_tensors_on_two_devices_are_refused():
    x, h = made([(9,), (4,)])
    with pytest.raises(convcore.DeviceError, match="x1 is on device meta and x2 on cpu"):
        convcore.convolve(x.to("meta"), h)


def test_importing_convcore_loads_no_torch():
    import subprocess
    import sys

    code = "import sys, convcore; assert not {'torch', 'convcore_torch._engines'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
