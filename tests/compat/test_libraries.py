"""The rows that are `everywhere`, on every other library: as on NumPy's arrays."""

import importlib

import numpy as np
import pytest

import convcore
from convcore_conformance.libraries import LIBRARIES

from .outcomes import check_same, outcome
from .tables import EVERYWHERE, each

# Dask's setting of the tiniest chunks cannot make an empty array at all.
NAMES = ("strict", "torch", "jax", "jax_x64", "dask_small_chunks")
OTHERS = [row for row in LIBRARIES if row.name in NAMES]


@pytest.fixture(params=OTHERS, ids=lambda library: library.name, scope="module")
def library(request):
    pytest.importorskip(request.param.module)
    if not request.param.is_standard and request.param.backend not in convcore.backends():
        pytest.skip(f"the backend {request.param.backend!r} is not there")
    return request.param


@pytest.mark.parametrize("row", each(EVERYWHERE))
def test_row(row, library):
    call = getattr(importlib.import_module(f"convcore.compat.{row.module}"), row.name)
    if any(not np.array_equal(held(x, library), x, equal_nan=True) for x in row.arrays):
        pytest.skip(f"{library.name} does not hold these numbers")
    wanted = outcome(call, *row.args, **row.kwargs)
    with library.settings():
        got = outcome(call, *made(row.args, library), **named(row, library))
        if isinstance(got, Exception) or isinstance(wanted, Exception):
            check_same(row, got, wanted)
            return
        if row.arrays:
            assert type(got) is type(library.asarray(np.zeros(1), "float32"))
        check_same(row, library.numpy(got), wanted, held(np.asarray(wanted), library).dtype)


def held(x, library):
    """A NumPy array in a dtype that the library has."""
    return x if x.dtype == bool else library.held(x)


def made(args, library):
    return [
        library.asarray(x, held(x, library).dtype) if isinstance(x, np.ndarray) else x for x in args
    ]


def named(row, library):
    return dict(zip(row.kwargs, made(row.kwargs.values(), library), strict=True))
