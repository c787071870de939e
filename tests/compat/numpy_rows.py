"""Calls of numpy.convolve and numpy.correlate."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np

from .rows import Row, data

NAMES = ("convolve", "correlate")
LENGTHS = ((1, 1), (5, 3), (5, 4), (4, 5), (2, 5), (1, 3), (6, 6))
MODES = ("full", "same", "valid")
DTYPES = "?bBhHiIlLefdgFDG"


def row(name, *args, **kwargs):
    own = {key: kwargs.pop(key) for key in ("differs", "wanted", "everywhere") if key in kwargs}
    return Row("numpy", name, args, kwargs, **own)


ROWS = (
    *(
        row(name, data(n), data(m, start=3), mode, everywhere=True)
        for name, (n, m), mode in product(NAMES, LENGTHS, MODES)
    ),
    *(
        row(name, data(5, dtype=a), data(4, dtype=b, start=2), mode)
        for name, a, b, mode in product(NAMES, DTYPES, DTYPES, ("full", "same"))
    ),
    # NumPy's own examples.
    row("convolve", [1, 2, 3], [0, 1, 0.5]),
    row("convolve", [1, 2, 3], [0, 1, 0.5], "same"),
    row("convolve", [1, 2, 3], [0, 1, 0.5], "valid"),
    row("correlate", [1, 2, 3], [0, 1, 0.5]),
    row("correlate", [1, 2, 3], [0, 1, 0.5], "same"),
    row("correlate", [1, 2, 3], [0, 1, 0.5], "full"),
    row("correlate", [1 + 1j, 2, 3 - 1j], [0, 1, 0.5j], "full"),
    row("correlate", [0, 1, 0.5j], [1 + 1j, 2, 3 - 1j], "full"),
    # Weak operands, numbers of modes, wrapping integers, objects.
    row("convolve", data(5, dtype="float32"), [1, 0.5]),
    row("convolve", data(5, dtype="int64"), [3, -1], everywhere=True),
    row("convolve", 3, [1, 2]),
    row("convolve", np.ones(300, bool), np.ones(256, bool), "valid"),
    *(row(name, data(4), data(3), mode) for name, mode in product(NAMES, (0, 1, 2))),
    *(
        row(
            name,
            np.array([100, 100, -128], "int8"),
            np.array([100, 3], "int8"),
            "full",
            everywhere=True,
        )
        for name in NAMES
    ),
    row("convolve", np.array([2**62, -(2**63), 5]), np.array([3, -1]), everywhere=True),
    row("convolve", np.array([2**64 - 1, 7], "uint64"), np.array([9, 9], "uint64")),
    row("convolve", np.array([Decimal("0.1"), Decimal(2)]), np.array([Decimal(3)] * 3)),
    row("correlate", np.array([Fraction(1, 3), Fraction(2)]), np.array([Fraction(1, 7)] * 2)),
    row(
        "correlate",
        np.array([1 + 2j, 3]),
        np.array([1j, 2, 5], object),
        "full",
        differs="conjugate",
        wanted=[5 + 10j, 17 + 4j, 8 - 1j, -3j],
    ),
    row("convolve", np.array([1.0, np.nan, 2, np.inf, 4, 5, 6]), np.array([1.0, 2])),
    # Refusals.
    *(row(name, np.empty(0), data(2), "full", everywhere=True) for name in NAMES),
    *(row(name, data(2), np.empty(0), "full", everywhere=True) for name in NAMES),
    *(row(name, data(2, 2), data(2), everywhere=True) for name in NAMES),
    *(row(name, data(3), data(2), "middle", everywhere=True) for name in NAMES),
    row("correlate", 3, [1, 2]),
)
