"""Small tensors to try calls on."""

import pytest

torch = pytest.importorskip("torch")

__all__ = ["made"]


def made(shapes, dtype=None, *, requires_grad=False):
    """Tensors of these shapes, always the same."""
    generator = torch.Generator().manual_seed(7)
    dtype = dtype or torch.float64
    return [
        torch.randn(shape, generator=generator, dtype=dtype).requires_grad_(requires_grad)
        for shape in shapes
    ]
