"""The convolutions that are compiled for accelerators, as rows."""

from functools import partial

import jax

import convcore

__all__ = ["ROWS"]


def _grad(op, which, **options):
    """The gradient of a sum of squares, so that it depends on both operands."""

    def loss(x, w):
        return (op(x, w, **options) ** 2).sum()

    return jax.grad(loss, which)


conv, transposed = convcore.conv, convcore.conv_transpose
IMAGE, KERNEL = (8, 64, 56, 56), (64, 64, 3, 3)
SIGNAL, LONG = (100_000,), (1001,)

# name, function, shape and dtype of x, shape and dtype of w
ROWS = [
    ("1-D", partial(conv, padding=2), (8, 64, 1000), (64, 64, 5), "float32"),
    ("2-D", partial(conv, padding=1), IMAGE, KERNEL, "float32"),
    (
        "2-D, channels last",
        partial(conv, padding=1, layout="channels_last"),
        (8, 56, 56, 64),
        (3, 3, 64, 64),
        "float32",
    ),
    ("2-D, fast", partial(conv, padding=1, precision="fast"), IMAGE, KERNEL, "float32"),
    ("2-D, direct", partial(conv, padding=1, method="direct"), IMAGE, KERNEL, "float32"),
    ("2-D, 1x1", conv, (8, 256, 56, 56), (64, 256, 1, 1), "float32"),
    (
        "2-D, 7x7, stride 2",
        partial(conv, padding=3, stride=2),
        (8, 3, 224, 224),
        (64, 3, 7, 7),
        "float32",
    ),
    ("3-D", partial(conv, padding=1), (2, 16, 24, 24, 24), (16, 16, 3, 3, 3), "float32"),
    ("4-D", partial(conv, padding=1), (2, 4, 8, 8, 8, 8), (4, 4, 3, 3, 3, 3), "float32"),
    ("dilated", partial(conv, padding=2, dilation=2), IMAGE, KERNEL, "float32"),
    ("grouped", partial(conv, padding=1, groups=8), IMAGE, (64, 8, 3, 3), "float32"),
    ("depthwise", partial(conv, padding=1, groups=64), IMAGE, (64, 1, 3, 3), "float32"),
    (
        "transposed",
        partial(transposed, stride=2, padding="same"),
        (8, 64, 28, 28),
        (64, 64, 4, 4),
        "float32",
    ),
    (
        "transposed, grouped",
        partial(transposed, stride=2, padding="same", groups=8),
        (8, 64, 28, 28),
        (64, 8, 4, 4),
        "float32",
    ),
    ("reflect", partial(conv, padding=1, boundary="reflect"), IMAGE, KERNEL, "float32"),
    ("gradient in x", _grad(conv, 0, padding=1, stride=2), IMAGE, KERNEL, "float32"),
    ("gradient in w", _grad(conv, 1, padding=1, stride=2), IMAGE, KERNEL, "float32"),
    (
        "gradient in w, grouped",
        _grad(conv, 1, padding=1, groups=8),
        IMAGE,
        (64, 8, 3, 3),
        "float32",
    ),
    (
        "gradient in w, long data",
        _grad(conv, 1, padding=2),
        (4, 16, 20_000),
        (16, 16, 5),
        "float32",
    ),
    ("bfloat16", partial(conv, padding=1), IMAGE, KERNEL, "bfloat16"),
    ("float16", partial(conv, padding=1), IMAGE, KERNEL, "float16"),
    ("complex64", partial(conv, padding=1), (8, 16, 56, 56), (16, 16, 3, 3), "complex64"),
    ("int8", partial(conv, padding=1), IMAGE, KERNEL, "int8"),
    ("int8 in int32", partial(conv, padding=1, dtype="int32"), IMAGE, KERNEL, "int8"),
    ("int32", partial(conv, padding=1), IMAGE, KERNEL, "int32"),
    ("int32, depthwise", partial(conv, padding=1, groups=64), IMAGE, (64, 1, 3, 3), "int32"),
    (
        "int32, transposed",
        partial(transposed, stride=2, padding="same"),
        (8, 64, 28, 28),
        (64, 64, 4, 4),
        "int32",
    ),
    ("int64", partial(conv, padding=1), (8, 16, 56, 56), (16, 16, 3, 3), "int64"),
    ("float64", partial(conv, padding=1), (8, 16, 56, 56), (16, 16, 3, 3), "float64"),
    ("100k * 31", convcore.convolve, SIGNAL, (31,), "float32"),
    ("100k * 1001", convcore.convolve, SIGNAL, LONG, "float32"),
    ("100k * 1001, gradient", _grad(convcore.convolve, 1), SIGNAL, LONG, "float32"),
    ("100k * 1001, direct", partial(convcore.convolve, method="direct"), SIGNAL, LONG, "float32"),
    ("100k * 1001, int32", convcore.convolve, SIGNAL, LONG, "int32"),
    ("100k * 1001, complex64", convcore.convolve, SIGNAL, LONG, "complex64"),
    (
        "100k * 1001, overlap-add",
        partial(convcore.convolve, method="overlap_add"),
        SIGNAL,
        LONG,
        "float32",
    ),
    (
        "1-D, 1001 taps, channels",
        partial(conv, padding="same"),
        (2, 16, 20_000),
        (16, 16, 1001),
        "float32",
    ),
    ("4096 * 4096, fft", partial(convcore.convolve, method="fft"), (2048,), (2049,), "float32"),
    ("256x256 * 31x31", partial(convcore.convolve, mode="same"), (256, 256), (31, 31), "float32"),
]
