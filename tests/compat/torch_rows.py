"""Calls of torch.nn.functional."""

from itertools import product

import numpy as np

from .rows import Row, data

RANKS = (1, 2, 3)


def row(name, *args, **kwargs):
    own = {key: kwargs.pop(key) for key in ("differs", "wanted", "everywhere") if key in kwargs}
    return Row("torch_functional", name, args, kwargs, **own)


def layer(rank, size, taps, *, channels=(4, 6), groups=1, batch=(2,), dtype="float64"):
    """Data and kernel of a convolution."""
    x = data(*batch, channels[0], *(size,) * rank, dtype=dtype)
    return x, data(channels[1], channels[0] // groups, *(taps,) * rank, dtype=dtype, start=3)


def transposed(rank, size, taps, *, channels=(4, 6), groups=1, batch=(2,), dtype="float64"):
    """Data and kernel of a transposed convolution."""
    x = data(*batch, channels[0], *(size,) * rank, dtype=dtype)
    return x, data(channels[0], channels[1] // groups, *(taps,) * rank, dtype=dtype, start=3)


FORWARD = (
    *(
        row(f"conv{rank}d", *layer(rank, 6, taps, groups=groups), data(6), stride, padding,
            dilation, groups, everywhere=rank == 1 and taps == 2)
        for rank, taps, stride, padding, dilation, groups in product(
            RANKS, (2, 3), (1, 2), (0, 2), (1, 2), (1, 2)
        )
    ),
    *(
        row(f"conv{rank}d", *layer(rank, 5, taps), padding=padding, dilation=dilation,
            everywhere=rank == 2)
        for rank, taps, padding, dilation in product(RANKS, (2, 3), ("same", "valid"), (1, 2))
    ),
    *(row(f"conv{rank}d", *layer(rank, 5, 3, batch=()), everywhere=True) for rank in RANKS),
    *(row(f"conv{rank}d", *layer(rank, 5, 3), stride=[2], padding=(1,)) for rank in RANKS),
    row("conv2d", *layer(2, 6, 3), stride=(1, 2), padding=(2, 0), dilation=(1, 2), everywhere=True),
    row("conv2d", *layer(2, 6, 3, groups=4, channels=(4, 8)), None, 1, 1, 1, 4, everywhere=True),
    *(row("conv1d", *layer(1, 6, 3, dtype=dtype), everywhere=dtype in "lF")
      for dtype in "bBhilefdFD"),
    row("conv1d", *layer(1, 6, 3, batch=(0,)), everywhere=True),
    row("conv1d", np.ones((2, 0, 6)), np.ones((3, 0, 2)), differs="channels", everywhere=True),
    row("conv1d", data(2, 4, 6, dtype="?"), data(3, 4, 2, dtype="?"),
        differs="refusal", wanted=TypeError),
)  # fmt: skip

BACK = (
    *(
        row(f"conv_transpose{rank}d", *transposed(rank, 3, taps, groups=groups), data(6), stride,
            padding, more, groups, dilation, everywhere=rank == 1 and taps == 2)
        for rank, taps, stride, padding, (more, dilation), groups in product(
            RANKS, (2, 3), (1, 2, 3), (0, 1), ((0, 1), (0, 2), (1, 2)), (1, 2)
        )
    ),
    *(
        row(f"conv_transpose{rank}d", *transposed(rank, 3, 3, batch=()), everywhere=True)
        for rank in RANKS
    ),
    row("conv_transpose1d", *transposed(1, 3, 3), None, 2, 0, 3, 1, 4, everywhere=True),
    row("conv_transpose2d", *transposed(2, 3, 3), stride=(1, 3), padding=(1, 0),
        output_padding=(0, 2), everywhere=True),
    *(row("conv_transpose1d", *transposed(1, 4, 3, dtype=dtype)) for dtype in "lefdFD"),
    row("conv_transpose1d", *transposed(1, 4, 3, dtype="int32"), differs="kernel"),
    row("conv_transpose1d", *transposed(1, 4, 3, batch=(0,)), everywhere=True),
)  # fmt: skip

REFUSED = (
    *(
        row(name, *make(1, 6, 3), **{option: value}, everywhere=isinstance(value, int))
        for (name, make), (option, value) in product(
            (("conv1d", layer), ("conv_transpose1d", transposed)),
            (
                ("stride", 0), ("stride", (1, 2)), ("stride", 1.5), ("stride", "2"),
                ("stride", None), ("stride", ()), ("padding", -1), ("padding", (1, 2)),
                ("padding", [(1, 2)]), ("padding", None), ("padding", 1.5), ("padding", "full"),
                ("dilation", 0), ("dilation", 1.5), ("groups", 0), ("groups", 3), ("groups", 1.5),
                ("bias", np.ones(5)), ("bias", np.ones((6, 1))), ("bias", [1.0] * 6),
            ),
        )
    ),
    row("conv1d", *layer(1, 6, 3), np.ones(6, "float32")),
    row("conv_transpose1d", *transposed(1, 6, 3), np.ones(6, "float32"), differs="bias",
        wanted=RuntimeError),
    *(
        row("conv_transpose1d", *transposed(1, 6, 3), output_padding=value)
        for value in (1, -1, (1, 1), "a")
    ),
    row("conv_transpose1d", *transposed(1, 1, 3), padding=3, everywhere=True),
    row("conv1d", *layer(1, 6, 3), padding="same", stride=2),
    row("conv1d", *layer(1, 2, 3), everywhere=True),
    row("conv1d", data(2, 3, 6), data(6, 4, 3), everywhere=True),
    row("conv1d", data(2, 4, 6, 6), data(6, 4, 3)),
    row("conv1d", data(6), data(6, 4, 3)),
    row("conv1d", *layer(2, 6, 3)),
    row("conv2d", *layer(1, 6, 3)),
    row("conv1d", data(2, 4, 6), data(6, 4, 3, dtype="int32"), everywhere=True),
    row("conv1d", [[1.0, 2.0]], data(1, 1, 2)),
    row("conv1d", data(2, 4, 0), data(6, 4, 3)),
    row("conv1d", data(2, 4, 5), data(6, 4, 0)),
)  # fmt: skip

ROWS = (*FORWARD, *BACK, *REFUSED)
