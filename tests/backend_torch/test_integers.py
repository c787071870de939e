"""Products of integer matrices by digits in float64: what CUDA has, held against what CPUs have."""

import pytest

torch = pytest.importorskip("torch")

from array_api_compat import torch as xp

from convcore_torch import _integers
from convcore_torch._integers import matmul_exact

DTYPES = [torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("terms", [2, 2**21])
@pytest.mark.parametrize("shapes", [((3, 4, 5), (3, 5, 6)), ((2, 1, 4, 9), (3, 9, 2))], ids=str)
def test_random_products_are_those_of_integers(dtype, terms, shapes, monkeypatch):
    monkeypatch.setattr(_integers, "_MOST_TERMS", terms)
    info, made = torch.iinfo(dtype), torch.Generator().manual_seed(5)
    a, b = (torch.randint(info.min, info.max, s, dtype=dtype, generator=made) for s in shapes)
    assert torch.equal(matmul_exact(a, b, xp), a @ b)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("end", ["min", "max"])
def test_products_of_the_extremes_wrap(dtype, end):
    value = getattr(torch.iinfo(dtype), end)
    a, b = torch.full((1, 3), value, dtype=dtype), torch.full((3, 1), value, dtype=dtype)
    assert torch.equal(matmul_exact(a, b, xp), a @ b)
