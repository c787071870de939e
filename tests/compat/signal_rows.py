"""Calls of scipy.signal."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np

from .rows import Row, data

PAIR = ("convolve", "correlate")
BY_TRANSFORM = ("fftconvolve", "oaconvolve")
FLAT = ("convolve2d", "correlate2d")
MODES = ("full", "same", "valid")
METHODS = ("auto", "direct", "fft")
SHAPES = (
    ((1,), (1,)), ((5,), (3,)), ((5,), (4,)), ((3,), (6,)), ((64,), (9,)),
    ((4, 5), (2, 3)), ((2, 3), (4, 4)), ((1, 5), (1, 2)), ((3, 2), (2, 3)), ((2, 3, 4), (2, 2, 2)),
)  # fmt: skip
AXES = (None, 0, -1, [1], (0, 1))
BATCHES = (
    ((2, 5), (2, 3)),
    ((1, 5), (3, 2)),
    ((3, 2), (1, 5)),
    ((4, 4), (2, 4)),
    ((2, 6), (1, 1)),
    ((1, 5), (4, 2)),
)
BOUNDARIES = (("fill", 0), ("fill", 3), ("pad", -1), ("wrap", 0), ("circular", 7), ("symm", 0))
PLANES = (((4, 5), (2, 3)), ((2, 2), (5, 7)), ((1, 3), (1, 4)), ((3, 4), (3, 4)))
DTYPES = "bBhHiIlLfdFDg"
TRANSFORMED = "?ebBhHiIlLfdFD"
LENGTHS = range(1, 6)


def row(name, *args, **kwargs):
    own = {key: kwargs.pop(key) for key in ("differs", "wanted", "everywhere") if key in kwargs}
    return Row("scipy_signal", name, args, kwargs, **own)


def is_everywhere(a, b):
    return (a, b) in ((((5,), (4,)), ((4, 5), (2, 3)), ((2, 3), (4, 4)), ((1, 5), (3, 2))))


PAIRS = (
    *(
        row(name, data(*a), data(*b, start=3), mode, method,
            everywhere=is_everywhere(a, b) and method == "auto")
        for name, (a, b), mode, method in product(PAIR, SHAPES, MODES, METHODS)
    ),
    *(
        row(name, data(3, 4, dtype=a), data(2, 2, dtype=b, start=2), "same", method)
        for name, a, b, method in product(PAIR, DTYPES, DTYPES, ("direct", "fft"))
    ),
    *(
        row(name, data(5, dtype=a), data(4, dtype=b, start=2))
        for name, a, b in product(PAIR, "?e" + DTYPES, "?e" + DTYPES)
    ),
    # SciPy's own examples.
    row("correlate", data(9), np.ones(3), "same"),
    row("convolve", np.repeat([0.0, 1.0, 0.0], 20), np.hanning(9), "same", everywhere=True),
    row("convolve", 3, 4),
    row("correlate", 3j, 4j),
    # Exact integers, by every method; objects.
    *(
        row("convolve", data(40, dtype="int64") * 2**20, data(30, dtype="int64") * 2**20, "full", m)
        for m in METHODS
    ),
    row("convolve", np.array([2**62, -(2**63)] * 40), data(30, dtype="int64"), "full", "fft",
        differs="exact"),
    row("convolve", np.array([Decimal("0.1"), Decimal(2)]), np.array([Decimal(3)] * 3)),
    row("correlate", np.array([Fraction(1, 3), Fraction(2)]), np.array([Fraction(1, 7)] * 2),
        "same"),
    row("convolve", np.array([Decimal("0.1")] * 2), np.array([Decimal(3)] * 2), "full", "fft",
        differs="exact", wanted=[Decimal("0.3"), Decimal("0.6"), Decimal("0.3")]),
    row("convolve", np.array([[Fraction(1, 3)] * 2]), np.array([[Fraction(3)] * 2]),
        differs="kernel", wanted=[[1, 2, 1]]),
    *(
        row(name, data(2, 3, dtype=dtype), data(2, 2, dtype=dtype), differs="kernel")
        for name, dtype in product(PAIR, "?e")
    ),
    # Operands without samples.
    row("convolve", np.empty(0), data(2), "same", "direct", everywhere=True),
    row("convolve", np.empty((0, 3)), data(2, 2), "same", "direct", everywhere=True),
    row("correlate", data(1, 3), np.empty((0, 3)), "full", "direct", everywhere=True),
    *(row(name, np.empty(0), data(2), everywhere=True) for name in PAIR),
    *(row(name, data(2), np.empty(0), everywhere=True) for name in PAIR),
    *(
        row(name, np.empty(0), data(2), "full", "fft", differs="refusal", wanted=ValueError)
        for name in PAIR
    ),
    *(
        row(name, np.empty((0, 3)), data(2, 2), "full", "direct", differs="empty",
            wanted=np.zeros((1, 4)))
        for name in PAIR
    ),
    # Refusals.
    *(row(name, data(3), data(1, 3), everywhere=True) for name in PAIR),
    *(row(name, data(3), data(2), "middle", everywhere=True) for name in PAIR),
    *(row(name, data(3), data(2), "full", "slow", everywhere=True) for name in PAIR),
    *(row(name, data(2, 3), data(3, 2), "valid", everywhere=True) for name in PAIR),
)  # fmt: skip

TRANSFORMS = (
    *(
        row(name, data(*a), data(*b, start=3), mode, everywhere=is_everywhere(a, b))
        for name, (a, b), mode in product(BY_TRANSFORM, SHAPES, MODES)
    ),
    *(
        row(name, data(*a), data(*b, start=3), mode, axes=axes,
            everywhere=is_everywhere(a, b) and axes == -1)
        for name, (a, b), mode, axes in product(BY_TRANSFORM, BATCHES, MODES, AXES)
    ),
    *(
        row(name, data(70, dtype=a), data(4, dtype=b, start=2), "same", everywhere=a == b == "l")
        for name, a, b in product(BY_TRANSFORM, TRANSFORMED, TRANSFORMED)
    ),
    *(row(name, data(4, dtype="int64"), np.array([3])) for name in BY_TRANSFORM),
    *(
        row(name, data(4, dtype="g"), data(3, dtype="g"), differs="extended", wanted=TypeError)
        for name in BY_TRANSFORM
    ),
    *(row(name, 3, 4) for name in BY_TRANSFORM),
    *(row(name, np.empty((0, 3)), data(2, 2)) for name in BY_TRANSFORM),
    *(
        row(name, data(2, 3), data(2, 2), axes=axes, everywhere=axes == 5)
        for name, axes in product(BY_TRANSFORM, ([], 5, (0, 0), "a", 0.5))
    ),
    *(row(name, data(2, 3), data(3, 3), axes=1, everywhere=True) for name in BY_TRANSFORM),
    *(row(name, data(3), data(1, 3)) for name in BY_TRANSFORM),
    *(row(name, data(3), data(2), "middle") for name in BY_TRANSFORM),
)  # fmt: skip

PLANAR = (
    *(
        row(name, data(*a), data(*b, start=3), mode, boundary, fill,
            everywhere=is_everywhere(a, b) and mode != "valid")
        for name, (a, b), mode, (boundary, fill) in product(FLAT, PLANES, MODES, BOUNDARIES)
    ),
    *(
        row(name, data(3, 4, dtype=a), data(2, 2, dtype=b, start=2))
        for name, a, b in product(FLAT, DTYPES, DTYPES)
    ),
    *(
        row(name, data(3, 4, dtype=dtype), data(2, 2, dtype=dtype), "full", "fill", fill)
        for name, dtype, fill in product(
            FLAT, "BldD", (1.5, 300, 2j, [4], [1, 2], np.nan)
        )
    ),
    *(
        row(name, np.empty((0, 3)), data(2, 2), mode)
        for name, mode in product(FLAT, ("full", "same"))
    ),
    row("correlate2d", data(2, 3, dtype="g"), data(2, 2, dtype="g"), "same",
        differs="extended", wanted=TypeError),
    row("correlate2d", np.array([[1j]]), np.array([[1, 2j]]), "valid",
        differs="conjugate", wanted=[[2, 1j]]),
    *(
        row(name, data(2, 3, dtype=dtype), data(2, 2, dtype=dtype), differs="kernel")
        for name, dtype in product(FLAT, "?e")
    ),
    *(row(name, data(3), data(2), everywhere=True) for name in FLAT),
    *(row(name, data(2, 3), data(2, 2), "middle", everywhere=True) for name in FLAT),
    *(row(name, data(2, 3), data(2, 2), "full", "reflect", everywhere=True) for name in FLAT),
    *(row(name, data(2, 3), data(3, 2), "valid", everywhere=True) for name in FLAT),
)  # fmt: skip

LAGS = (
    *(
        row("correlation_lags", n, m, mode,
            **({"differs": "lags"} if mode == "same" and n % 2 and not m % 2 else {}))
        for n, m, mode in product(LENGTHS, LENGTHS, MODES)
    ),
    row("correlation_lags", 3, 0, "valid"),
    row("correlation_lags", 3, 2, "middle"),
)  # fmt: skip

CHOICES = (
    row("choose_conv_method", data(5), data(3)),
    row("choose_conv_method", data(3000), data(2000)),
    row("choose_conv_method", data(5, dtype="?"), data(3, dtype="?")),
    row("choose_conv_method", data(5, dtype="O"), data(3, dtype="O")),
    row("choose_conv_method", data(3), data(2), "middle"),
)

ROWS = (*PAIRS, *TRANSFORMS, *PLANAR, *LAGS, *CHOICES)
