"""Every row, beside the installed peer on the peer's own arrays."""

import importlib

import numpy as np
import pytest

from convcore_conformance.libraries import LIBRARIES

from .outcomes import check_same, outcome, quietly
from .rows import PEERS
from .tables import ROWS, each

OWN = {"torch_functional": "torch", "jax_lax": "jax_x64"}
BY_NAME = {library.name: library for library in LIBRARIES}


@pytest.mark.parametrize("row", each(ROWS))
def test_row(row):
    peer = pytest.importorskip(PEERS[row.module])
    mine = importlib.import_module(f"convcore.compat.{row.module}")
    library = BY_NAME[OWN.get(row.module, "numpy")]
    with library.settings():
        calls = (quietly, getattr(peer, row.name)), (outcome, getattr(mine, row.name))
        wanted, got = (
            how(call, *taken(row.args, library), **named(row, library)) for how, call in calls
        )
        if not row.differs:
            check_same(row, got, wanted)
            return
        with pytest.raises(AssertionError):
            check_same(row, got, wanted)
    if isinstance(row.wanted, type):
        assert isinstance(got, row.wanted)
    elif row.wanted is not None:
        np.testing.assert_array_equal(np.asarray(got), np.asarray(row.wanted))
    else:
        assert not isinstance(got, Exception), got


def taken(args, library):
    """The arrays as the library's own; NumPy's are copied, so that no call sees another's."""
    return [library.asarray(x, x.dtype) if isinstance(x, np.ndarray) else x for x in args]


def named(row, library):
    return dict(zip(row.kwargs, taken(row.kwargs.values(), library), strict=True))
