"""Calls of jax.lax."""

from itertools import product

import numpy as np

from .rows import Row, data

NUMBERS = (
    None, ("NCHW", "OIHW", "NCHW"), ("NHWC", "HWIO", "NHWC"), ("CWNH", "IHOW", "HNCW"),
    ("NHWC", "OIHW", "NCHW"), ("ab".join("NC"), "aObI", "CNba"),
)  # fmt: skip


def row(name, *args, **kwargs):
    own = {key: kwargs.pop(key) for key in ("differs", "wanted", "everywhere") if key in kwargs}
    return Row("jax_lax", name, args, kwargs, **own)


def arranged(numbers, groups=1):
    """Data of 4 channels, 5 by 6, and 6 kernels of 2 by 3, as the letters say."""
    spec = numbers or ("NCHW", "OIHW", "NCHW")
    space = [letter for letter in spec[1] if letter not in "OI"]
    sizes = dict(zip(["N", "C", *space], (2, 4, 5, 6), strict=True))
    taps = dict(zip(["O", "I", *space], (6, 4 // groups, 2, 3), strict=True))
    x, w = ([n[letter] for letter in part] for n, part in ((sizes, spec[0]), (taps, spec[1])))
    return data(*x), data(*w, start=3)


X, W = data(2, 4, 6), data(6, 4, 3, start=3)

GENERAL = (
    *(
        row("conv_general_dilated", *arranged(numbers), (1, 2), padding, lhs, rhs, numbers,
            everywhere=numbers == NUMBERS[3])
        for numbers, (padding, lhs, rhs) in product(
            NUMBERS,
            (
                ("SAME", None, (1, 2)), ("VALID", (1, 1), None), ("SAME_LOWER", None, None),
                ([(1, 2), (0, -1)], (2, 1), (1, 2)), ([(-1, 3), (2, 2)], None, None),
            ),
        )
    ),
    *(
        row("conv_general_dilated", X, W, (stride,), [(1, 2)], (lhs,), (rhs,))
        for stride, lhs, rhs in product((1, 2, 3), repeat=3)
    ),
    *(
        row("conv_general_dilated", *arranged(numbers, 2), (1, 1), [(1, 1), (0, 0)], lhs, None,
            numbers, 2, everywhere=lhs is not None)
        for numbers, lhs in product(NUMBERS[:3], (None, (2, 1)))
    ),
    *(
        row("conv_general_dilated", *arranged(numbers), (1, 1), "VALID", lhs, None, numbers, 1, 2,
            everywhere=True)
        for numbers, lhs in ((NUMBERS[0], None), (NUMBERS[3], None))
    ),
    row("conv_general_dilated", data(6, 4, 6), W, (1,), "SAME", batch_group_count=2,
        everywhere=True),
    row("conv_general_dilated", X, W, (1,), "same", everywhere=True),
    row("conv_general_dilated", X, data(6, 4, 9), (1,), "VALID", everywhere=True),
    row("conv_general_dilated", np.empty((2, 4, 0)), W, (1,), [(2, 2)], everywhere=True),
    row("conv_general_dilated", np.empty((2, 0, 6)), np.empty((3, 0, 2)), (1,), "VALID"),
    row("conv_general_dilated", data(2, 3), data(4, 3), (), "VALID", everywhere=True),
    row("conv_general_dilated", X > 0, W > 0, (1,), "VALID", everywhere=True),
    *(
        row("conv_general_dilated", X.astype(dtype), W.astype(dtype), (1,), "VALID")
        for dtype in "bBhHiIlLefdFD"
    ),
    *(
        row("conv_general_dilated", X.astype(own), W.astype(own), (1,), "VALID",
            preferred_element_type=wanted)
        for own, wanted in product(
            ("int8", "uint8", "int32", "float32", "complex64"),
            ("int8", "int32", "uint32", "float32", "float64", "complex64", bool),
        )
    ),
    *(
        row("conv_general_dilated", X, W, (1,), "VALID", precision=precision)
        for precision in ("highest", "float32", "high", "default", ("high", "highest"), "most", 3)
    ),
)  # fmt: skip

SHORT = (
    *(row("conv", X, W, (stride,), padding, everywhere=stride == 2)
      for stride, padding in product((1, 2), ("SAME", "VALID"))),
    *(row("conv_with_general_padding", X, W, (1,), padding, lhs, rhs, everywhere=lhs == (2,))
      for padding, lhs, rhs in (
          ("SAME", None, None), ([(0, 1)], (2,), (3,)), ([(2, 2)], None, (2,)))),
)  # fmt: skip

BACK = (
    *(
        row("conv_transpose", data(2, 5, 4), data(taps, 4, 4, start=3), (stride,), padding, rhs,
            transpose_kernel=reverse, use_consistent_padding=consistent,
            everywhere=stride == 2 and rhs is None and not consistent)
        for taps, stride, padding, rhs, reverse, consistent in product(
            (2, 3), (1, 2, 3), ("SAME", "VALID", ((1, 2),)), (None, (2,)), (False, True),
            (False, True),
        )
    ),
    row("conv_transpose", data(2, 3), data(3, 4), (), "SAME"),
    row("conv_transpose", data(1, 3, 4, 2), data(2, 3, 2, 3), (2, 3), "SAME", everywhere=True),
    row("conv_transpose", data(2, 4, 5), data(4, 6, 3), (2,), "VALID",
        dimension_numbers=("NCH", "IOH", "NCH"), everywhere=True),
)  # fmt: skip

REFUSED = (
    *(row("conv_general_dilated", X, W, strides, "VALID", everywhere=strides == (0,))
      for strides in ((0,), (-1,), 1, (1.5,), (1, 1))),
    *(row("conv_general_dilated", X, W, (1,), padding, everywhere=padding == "FULL")
      for padding in ("FULL", [(-4, -3)], [1], 1, [(0.5, 1)], [(1, 1)] * 2, None)),
    *(row("conv_general_dilated", X, W, (1,), [(0, 0)], **{side: steps})
      for side, steps in product(("lhs_dilation", "rhs_dilation"), ((0,), (-1,), 2, (1, 1)))),
    row("conv_general_dilated", X, W, (1,), "SAME", (2,)),
    row("conv_general_dilated", X, data(6, 4, 3, 3), (1,), "VALID", everywhere=True),
    row("conv_general_dilated", X, data(6, 3, 3), (1,), "VALID", everywhere=True),
    row("conv_general_dilated", X, W.astype("int32"), (1,), "VALID", everywhere=True),
    row("conv_general_dilated", X, np.empty((6, 4, 0)), (1,), "VALID"),
    *(row("conv_general_dilated", X, data(6, 2, 3), (1,), "VALID", feature_group_count=groups)
      for groups in (0, -1, 3, 4)),
    *(row("conv_general_dilated", X, W, (1,), "VALID", batch_group_count=groups)
      for groups in (0, -1, 3)),
    row("conv_general_dilated", X, data(6, 2, 3), (1,), "VALID", feature_group_count=2,
        batch_group_count=2),
    *(row("conv_general_dilated", X, W, (1,), "VALID", dimension_numbers=numbers)
      for numbers in (("NCH", "OIH"), "NCH", ("NCH", "OIW", "NCH"), ("NHH", "OIH", "NCH"),
                      ("NC", "OI", "NC"), (1, 2, 3))),
    row("conv_transpose", X, data(2, 2), (2,), "SAME", differs="refusal", wanted=TypeError),
    row("conv_transpose", data(1, 2, 2, 2, 2, 1), data(2, 2, 2, 2, 1, 3), (1,) * 4, "SAME"),
    *(row("conv_transpose", data(2, 5, 4), data(3, 4, 4), (2,), "FULL", use_consistent_padding=c)
      for c in (False, True)),
)  # fmt: skip

ROWS = (*GENERAL, *SHORT, *BACK, *REFUSED)
