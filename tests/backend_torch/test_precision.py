"""Single precision under flags that allow less, where a device could use them."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("convcore_torch")

from functorch.compile import make_boxed_func
from torch._dynamo.backends.common import aot_autograd
from transform_calls import CALLS

import convcore
from convcore.plugins import clear_caches
from convcore_torch import _calls, _ieee, _namespace

from .tensors import made


@pytest.fixture
def reducing(monkeypatch):
    """A CPU that could compute float32 with less: whatever asks goes the careful way."""
    for module in (_ieee, _calls, _namespace):
        monkeypatch.setattr(module, "may_reduce", lambda device: True)
    clear_caches()
    yield monkeypatch
    clear_caches()


@pytest.fixture
def hostile():
    """Every flag that lets a product of float32 be less, and nothing else changed."""
    before = torch.backends.fp32_precision
    torch.backends.fp32_precision = "tf32"
    yield
    torch.backends.fp32_precision = before


def flags():
    backends = torch.backends
    return [
        (part.fp32_precision if hasattr(part, "fp32_precision") else None)
        for part in (
            backends,
            backends.cuda.matmul,
            backends.cudnn,
            backends.cudnn.conv,
            backends.mkldnn,
            backends.mkldnn.conv,
            backends.mkldnn.matmul,
        )
    ]


@pytest.mark.usefixtures("reducing", "hostile")
def test_every_reduced_flag_is_seen():
    assert _ieee.is_reduced("conv", "cpu")
    assert _ieee.is_reduced("matmul", "cpu")
    assert _ieee.is_reduced("conv", "cuda")
    assert _ieee.is_reduced("matmul", "cuda")


@pytest.mark.usefixtures("reducing", "hostile")
@pytest.mark.parametrize("name", CALLS)
def test_flags_change_no_value_and_are_not_changed(name):
    function, shapes = CALLS[name]
    tensors = made(shapes, torch.float32, requires_grad=True)
    before = flags()
    y = function(*tensors)
    grads = torch.autograd.grad(y.sum(), tensors)
    assert flags() == before
    wide = [t.detach().double().requires_grad_() for t in tensors]
    wanted = function(*wide)
    torch.testing.assert_close(y, wanted.float(), rtol=1e-5, atol=1e-5)
    for got, exact in zip(grads, torch.autograd.grad(wanted.sum(), wide), strict=True):
        torch.testing.assert_close(got, exact.float(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bias", [None, torch.ones(1)])
def test_flags_and_gradients_are_asked_for_at_every_call(bias, reducing, request):
    """The call was planned, and has run, when no flag was set."""
    careful = []

    def convolve_ieee(*arguments):
        careful.append(arguments)
        return _ieee.convolve_ieee(*arguments)

    reducing.setattr(_calls, "convolve_ieee", convolve_ieee)
    large = 2.0**24  # beside which single precision forgets a one
    x, w = torch.tensor([[[large, 1.0, -large]]]), torch.ones(1, 1, 3)
    convcore.conv(x, w, bias)
    assert not careful
    convcore.conv(x.clone().requires_grad_(), w, bias)
    assert len(careful) == 1
    request.getfixturevalue("hostile")
    assert convcore.conv(x, w, bias).item() == (1 if bias is None else 2)
    assert len(careful) == 2


@pytest.mark.parametrize("reduced", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_the_careful_way_has_the_same_gradients(name, reduced, reducing):
    """In double precision all the same code runs, and can be checked by differences."""
    single = (*_namespace._SINGLE, torch.float64, torch.complex128)
    reducing.setattr(_namespace, "_SINGLE", single)
    reducing.setattr(_calls, "SINGLE", ("float64", "complex128"))
    reducing.setattr(_ieee, "is_reduced", lambda operation, device: reduced)
    reducing.setattr(_ieee, "_WIDE", {d: d for d in (*single, torch.float32)})
    function, shapes = CALLS[name]
    for dtype in (torch.float64, torch.complex128):
        tensors = made(shapes, dtype, requires_grad=True)
        assert torch.autograd.gradcheck(function, tensors, fast_mode=True)
    tensors = made(shapes, requires_grad=True)
    assert torch.autograd.gradgradcheck(function, tensors, fast_mode=True)
    plain = made(shapes)
    tangents = tuple(torch.ones_like(t) for t in plain)
    _, pushed = torch.func.jvp(function, tuple(plain), tangents)
    plus, minus = ([t + sign * 1e-4 for t in plain] for sign in (1, -1))
    torch.testing.assert_close(
        pushed, (function(*plus) - function(*minus)) / 2e-4, rtol=1e-6, atol=1e-7
    )
    stacked = made([(2, *shape) for shape in shapes])
    looped = torch.stack([function(*(t[i] for t in stacked)) for i in range(2)])
    torch.testing.assert_close(torch.func.vmap(function)(*stacked), looped)


@pytest.mark.usefixtures("reducing")
def test_the_careful_way_compiles():
    torch._dynamo.reset()
    function, shapes = CALLS["conv-strided-groups"]
    tensors = made(shapes, torch.float32, requires_grad=True)
    graphs = []

    def kept(graph, _):
        graphs.append(graph.code)
        return make_boxed_func(graph.forward)

    backend = aot_autograd(fw_compiler=kept, bw_compiler=kept)
    compiled = torch.compile(function, fullgraph=True, backend=backend)
    y = compiled(*tensors)
    torch.testing.assert_close(y, function(*tensors))
    grads = torch.autograd.grad(y.sum(), tensors)
    wanted = torch.autograd.grad(function(*tensors).sum(), tensors)
    for got, other in zip(grads, wanted, strict=True):
        torch.testing.assert_close(got, other)
    counts = [code.count("torch.ops.convcore.convolution") for code in graphs]
    assert counts == [1, 2]
    assert not any("aten.convolution" in code for code in graphs)


@pytest.mark.parametrize("name", CALLS)
def test_an_autocast_region_changes_nothing(name):
    function, shapes = CALLS[name]
    tensors = made(shapes, torch.float32)
    wanted = function(*tensors)
    with torch.autocast("cpu", torch.bfloat16):
        got = function(*tensors)
    assert got.dtype == torch.float32
    assert torch.equal(got, wanted)


def test_defaults_of_the_process_do_not_matter():
    x, h = made([(9,), (4,)], torch.float32)
    wanted = convcore.convolve(x, h, "same", boundary="reflect")
    torch.set_default_dtype(torch.float64)
    try:
        with torch.device("meta"):
            got = convcore.convolve(x, h, "same", boundary="reflect")
    finally:
        torch.set_default_dtype(torch.float32)
    assert got.device.type == "cpu"
    assert torch.equal(got, wanted)
