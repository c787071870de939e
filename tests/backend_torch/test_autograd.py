"""Gradients through convcore, and vmap."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("convcore_torch")

from transform_calls import CALLS

import convcore

from .tensors import made


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_gradients_are_those_of_finite_differences(name, dtype):
    function, shapes = CALLS[name]
    tensors = made(shapes, getattr(torch, dtype), requires_grad=True)
    assert torch.autograd.gradcheck(function, tensors, fast_mode=True)


@pytest.mark.parametrize("name", ["convolve", "convolve-fft", "conv", "conv_transpose"])
def test_second_gradients(name):
    function, shapes = CALLS[name]
    tensors = made(shapes, requires_grad=True)
    assert torch.autograd.gradgradcheck(function, tensors, fast_mode=True)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize(
    "options",
    [
        {"stride": 2, "padding": 1},
        {"padding": 2, "dilation": 2, "boundary": "edge"},
        {"padding": "same", "groups": 2},
    ],
)
def test_gradients_are_convcores_own(dtype, options):
    """PyTorch's complex gradients are the adjoints (CC-INPUTGRAD, CC-WEIGHTGRAD)."""
    groups = options.get("groups", 1)
    x, w = made([(2, 4, 9), (6, 4 // groups, 3)], getattr(torch, dtype), requires_grad=True)
    y = convcore.conv(x, w, **options)
    (g,) = made([y.shape], y.dtype)
    dx, dw = torch.autograd.grad(y, (x, w), g)
    torch.testing.assert_close(dx, convcore.conv_input_grad(x.shape, w, g, **options))
    torch.testing.assert_close(dw, convcore.conv_weight_grad(x, w.shape, g, **options))


@pytest.mark.parametrize("name", CALLS)
def test_vmap_is_a_loop(name):
    function, shapes = CALLS[name]
    stacked = made([(3, *shape) for shape in shapes])
    looped = torch.stack([function(*(t[i] for t in stacked)) for i in range(3)])
    torch.testing.assert_close(torch.func.vmap(function)(*stacked), looped)


@pytest.mark.parametrize("name", ["convolve", "convolve-fft", "conv", "conv_transpose"])
def test_forward_mode_and_per_sample_gradients(name):
    function, shapes = CALLS[name]
    tensors = made(shapes)
    tangents = tuple(torch.ones_like(t) for t in tensors)
    _, pushed = torch.func.jvp(function, tuple(tensors), tangents)
    jacobian = torch.func.jacrev(function, argnums=tuple(range(len(tensors))))(*tensors)
    wanted = sum(j.flatten(pushed.ndim).sum(-1) for j in jacobian)
    torch.testing.assert_close(pushed, wanted)


def test_half_precision_gradients_keep_their_dtype():
    x, w = made([(1, 2, 8), (3, 2, 3)], torch.bfloat16, requires_grad=True)
    convcore.conv(x, w).sum().backward()
    assert x.grad.dtype == w.grad.dtype == torch.bfloat16
