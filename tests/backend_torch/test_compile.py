"""torch.compile, torch.export and fake tensors: as eager, whatever comes first."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torch._dynamo.testing")  # PyTorch does not import it by itself
pytest.importorskip("convcore_torch")

from transform_calls import CALLS

import convcore

from .tensors import made


@pytest.fixture(autouse=True)
def fresh():
    torch._dynamo.reset()


def compiled(function, **options):
    """Compiled for correctness alone: generating code for each would take minutes."""
    return torch.compile(function, fullgraph=True, backend="aot_eager", **options)


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_compiled_equals_eager(name, dynamic):
    function, shapes = CALLS[name]
    tensors = made(shapes)
    got = compiled(function, dynamic=dynamic)(*tensors)
    torch.testing.assert_close(got, function(*tensors))


@pytest.mark.parametrize(("padding", "graphs"), [(1, 1), ("same", 2)])
def test_one_dynamic_graph_serves_all_lengths(padding, graphs):
    """With "same" and a stride, even and odd lengths are padded at different ends."""
    counter = torch._dynamo.testing.CompileCounterWithBackend("aot_eager")

    def function(x, w):
        return convcore.conv(x, w, padding=padding, stride=2)

    compiled = torch.compile(function, fullgraph=True, dynamic=True, backend=counter)
    w = torch.randn(4, 3, 3, 3)
    for size in (8, 11, 12, 17, 18, 23):
        x = torch.randn(2, 3, size, size)
        torch.testing.assert_close(compiled(x, w), function(x, w))
    assert counter.frame_count == graphs


def test_gradients_of_compiled_code():
    x, w, b = made([(2, 3, 6, 5), (4, 3, 3, 3), (4,)], requires_grad=True)
    function = CALLS["conv"][0]
    wanted = torch.autograd.grad(function(x, w, b).sum(), (x, w, b))
    got = torch.autograd.grad(compiled(function)(x, w, b).sum(), (x, w, b))
    for one, other in zip(got, wanted, strict=True):
        torch.testing.assert_close(one, other)


def test_options_are_guarded():
    counter = torch._dynamo.testing.CompileCounterWithBackend("aot_eager")
    function = torch.compile(convcore.convolve, fullgraph=True, backend=counter)
    x, h = made([(30,), (5,)])
    exact = function(x, h)
    with convcore.use(method="fft"):
        other = function(x, h)
    assert counter.frame_count == 2
    torch.testing.assert_close(other, exact)
    assert not torch.equal(other, exact)  # rounded by a transform
    assert torch.equal(function(x, h), exact)
    assert counter.frame_count == 2


def test_an_error_names_the_call():
    with pytest.raises(torch._dynamo.exc.TorchRuntimeError, match=r"convcore\.convolve: x2 has"):
        compiled(convcore.convolve)(torch.ones(3), torch.ones(0))


FIRST = """
import sys
{imports}
assert not convcore._operands.KNOWN or "torch" in sys.modules
f = torch.compile(lambda x, w: convcore.conv(x, w, padding=1), fullgraph=True, backend="aot_eager")
x, w = torch.ones(1, 2, 5), torch.ones(3, 2, 3)
assert torch.equal(f(x, w), torch.conv1d(x, w, padding=1))
assert torch.equal(f(x, w), torch.conv1d(x, w, padding=1))
"""


@pytest.mark.parametrize("imports", ["import torch, convcore", "import convcore, torch"])
def test_the_first_call_ever_may_be_compiled(imports):
    subprocess.run([sys.executable, "-c", FIRST.format(imports=imports)], check=True, timeout=300)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", ["convolve", "convolve-fft", "conv", "conv_transpose"])
def test_export(name, strict):
    function, shapes = CALLS[name]

    class Module(torch.nn.Module):
        def forward(self, *tensors):
            return function(*tensors)

    tensors = made(shapes)
    exported = torch.export.export(Module(), tuple(tensors), strict=strict)
    torch.testing.assert_close(exported.module()(*tensors), function(*tensors))


def test_export_with_a_dynamic_batch():
    class Module(torch.nn.Module):
        def forward(self, x, w):
            return convcore.conv(x, w, padding=1)

    x, w = made([(4, 3, 8, 8), (5, 3, 3, 3)])
    sizes = {"x": {0: torch.export.Dim("batch", min=2)}, "w": None}
    module = torch.export.export(Module(), (x, w), dynamic_shapes=sizes).module()
    (other,) = made([(7, 3, 8, 8)])
    torch.testing.assert_close(module(other, w), convcore.conv(other, w, padding=1))


@pytest.mark.parametrize("name", CALLS)
def test_meta_and_fake_tensors_have_shape_and_dtype(name):
    function, shapes = CALLS[name]
    tensors = made(shapes)
    wanted = function(*tensors)
    meta = function(*(t.to("meta") for t in tensors))
    assert (meta.shape, meta.dtype, meta.device.type) == (wanted.shape, wanted.dtype, "meta")
    with torch._subclasses.fake_tensor.FakeTensorMode() as mode:
        fake = function(*(mode.from_tensor(t) for t in tensors))
    assert (fake.shape, fake.dtype, fake.device) == (wanted.shape, wanted.dtype, wanted.device)
