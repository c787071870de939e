"""Calls of scipy.ndimage."""

from itertools import product

import numpy as np

from .rows import Row, data

ND, ALONG = ("convolve", "correlate"), ("convolve1d", "correlate1d")
MODES = (
    "reflect", "grid-mirror", "constant", "grid-constant", "nearest", "mirror", "grid-wrap", "wrap",
)  # fmt: skip
LENGTHS = ((5, 3), (5, 4), (1, 3), (3, 1), (4, 6))
DTYPES = "?bBhHiIlLfdFD"
OUTPUTS = (float, "float32", np.dtype("int16"), np.float32, np.uint8, bool)


def row(name, *args, **kwargs):
    own = {key: kwargs.pop(key) for key in ("differs", "wanted", "everywhere") if key in kwargs}
    return Row("scipy_ndimage", name, args, kwargs, **own)


def origins(taps):
    return range(-(taps // 2), (taps - 1) // 2 + 1)


MEANING = (
    *(
        row(name, data(n, dtype=dtype), data(m, dtype=dtype, start=3), mode=mode, cval=cval,
            everywhere=dtype == "d" and cval == 3 and (n, m) == (5, 4))
        for name, (n, m), mode, cval, dtype in product(
            ND + ALONG, LENGTHS, MODES, (0, 3, 1.5), "ldD"
        )
    ),
    *(
        row(name, data(5), data(m, start=3), mode=mode, origin=origin,
            everywhere=m == 4 and mode == "mirror")
        for name, m, mode in product(ND + ALONG, (3, 4), ("reflect", "mirror", "constant"))
        for origin in origins(m)
    ),
    *(
        row(name, data(3, 4, dtype=dtype), data(2, 3, dtype=dtype, start=5), mode=mode,
            everywhere=dtype == "B")
        for name, mode, dtype in product(ND, MODES, "dBF")
    ),
    *(
        row(name, data(2, 3, 4), data(*w), axes=axes, origin=origin, everywhere=axes in (1, (0, 2)))
        for name in ND
        for w, axes, origin in (
            ((3,), 1, 0), ((3,), (-1,), -1), ((2, 3), (0, 2), (0, 1)), ((2, 3), (2, 0), (1, -1)),
            ((2, 3), (-2, -1), 0), ((1, 2, 3), None, (0, -1, 1)),
            ((1, 2, 3), (2, 1, 0), (0, -1, 0)), ((), (), 0),
        )
    ),
    *(
        row(name, data(3, 4), data(3), axis, everywhere=axis == 0)
        for name, axis in product(ALONG, (0, 1, -1, -2))
    ),
    *(row(name, data(2, 3, 4), data(3), axes=-1, differs="negative") for name in ND),
    # SciPy's own examples.
    row("convolve", np.array([[1, 2, 0, 0], [5, 3, 0, 4], [0, 0, 0, 7], [9, 3, 0, 0]]),
        np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0]]), mode="constant", cval=0.0, everywhere=True),
    row("convolve", np.array([[2.0, 0, 0], [1, 0, 0], [0, 0, 0]]),
        np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]]), mode="nearest", everywhere=True),
    row("convolve", np.array([[1, 0], [0, 0]]), np.array([[1, 1], [0, 0]]), origin=(-1, 0)),
    row("correlate", np.arange(25).reshape(5, 5), np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])),
    row("correlate1d", [2, 8, 0, 4, 1, 9, 9, 0], weights=[1, 3]),
    row("convolve1d", [2, 8, 0, 4, 1, 9, 9, 0], weights=[1, 3]),
)  # fmt: skip

TYPES = (
    *(
        row(name, data(9, dtype=a), data(3, dtype=b, start=2))
        for name, a, b in product(ND + ALONG, DTYPES, "?bBilfdFD")
    ),
    *(
        row(name, data(9, dtype=dtype), data(3, start=5) / 4, everywhere=dtype in "Bl")
        for name, dtype in product(ND + ALONG, DTYPES)
    ),
    *(
        row(name, data(9, dtype=dtype), data(3), output=output)
        for name, dtype, output in product(ND + ALONG, "Bld", OUTPUTS)
    ),
    *(
        row(name, data(9, dtype="F"), data(3), output=output)
        for name, output in product(ND + ALONG, (complex, np.complex64, "complex64", "float32"))
    ),
    *(row(name, data(4, dtype="e"), data(3), differs="kernel") for name in ND + ALONG),
    row("correlate", np.array([2**62 + 1, 1]), [1], differs="exact", wanted=[2**62 + 1, 1]),
    row("correlate", data(4), np.array([1, 2, 1], object)),
    row("correlate", np.array([1 + 1j, 2]), [1j, 1, 2], mode="constant", cval=1 + 2j,
        everywhere=True),
    row("convolve", np.array([1 + 1j, 2]), [1j, 1, 2], mode="constant", cval=1 + 2j,
        everywhere=True),
    row("convolve", data(4), np.array([2.0, -1, 3]), mode="constant", cval=np.nan, everywhere=True),
    row("convolve", data(4), np.array([1.0, 6, 0]), mode="constant", cval=np.nan, differs="tiny",
        wanted=[np.nan, 36, 6, np.nan]),
    row("correlate", data(4), np.array([1e-20]), differs="tiny", wanted=data(4) * 1e-20),
    row("convolve", data(4), data(3), cval=np.nan),
)  # fmt: skip

REFUSED = (
    *(
        row(name, data(4), data(3), **wrong)
        for name in ND + ALONG
        for wrong in (
            {"mode": "periodic", "everywhere": True}, {"mode": ["wrap"]}, {"mode": None},
            {"cval": 1j}, {"cval": "1"}, {"cval": None}, {"origin": 2, "everywhere": True},
            {"origin": -2}, {"origin": 0.5}, {"output": "bool"}, {"output": "object"},
            {"output": "spam"}, {"output": complex}, {"output": np.zeros(3)},
            {"output": np.zeros(4, complex)},
        )
    ),
    *(row(name, data(4), data(2, 2), everywhere=True) for name in ND + ALONG),
    *(row(name, data(4), np.empty(0), everywhere=True) for name in ND + ALONG),
    *(row(name, data(4, dtype="O"), data(2)) for name in ND + ALONG),
    *(row(name, data(4, dtype="g"), data(2)) for name in ND + ALONG),
    *(row(name, data(4), data(3), 1, everywhere=True) for name in ALONG),
    *(row(name, np.array(3.0), data(3)) for name in ALONG),
    *(
        row(name, data(2, 3), data(3), axes=axes)
        for name, axes in product(ND, ((0, 0), (5,), (0.5,), ("a",), (0, 1)))
    ),
    *(row(name, data(2, 3), data(3), axes=0, origin=(0, 0)) for name in ND),
)  # fmt: skip

EMPTY = (
    *(row(name, np.empty((0, 3)), data(2), axes=(1,), everywhere=True) for name in ND),
    *(row(name, np.empty((0, 3)), data(2), 0, everywhere=True) for name in ALONG),
    *(row(name, np.array(3.0), np.array(2.0), everywhere=True) for name in ND),
)

ROWS = (*MEANING, *TYPES, *REFUSED, *EMPTY)
