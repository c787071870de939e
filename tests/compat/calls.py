"""One call of every function, as data: what the transforms of the libraries are tried on."""

from convcore.compat import jax_lax as lax
from convcore.compat import numpy as np
from convcore.compat import scipy_ndimage as ndimage
from convcore.compat import scipy_signal as signal
from convcore.compat import torch_functional as F  # noqa: N812

from .rows import data

LINE, TAPS = data(5), data(4, start=3)
PLANE, PATCH = data(5, 6), data(2, 3, start=3)
LAYER, KERNEL, TURNED = data(1, 2, 8), data(3, 2, 2, start=3), data(2, 3, 2, start=3)
IMAGE, FILTERS, BACK = data(1, 2, 4, 5), data(3, 2, 2, 3, start=3), data(2, 3, 2, 3, start=3)
BLOCK, CUBES, CORNERS = data(1, 1, 3, 3, 3), data(2, 1, 2, 2, 2), data(1, 2, 2, 2, 2)

CALLS = {
    "numpy-convolve": (lambda x, h: np.convolve(x, h), LINE, TAPS),
    "numpy-correlate": (lambda x, h: np.correlate(h, x, "same"), LINE, TAPS),
    "signal-convolve": (lambda x, h: signal.convolve(x, h, "same"), PLANE, PATCH),
    "signal-correlate": (lambda x, h: signal.correlate(x, h, method="fft"), PLANE, PATCH),
    "signal-fftconvolve": (
        lambda x, h: signal.fftconvolve(x, h, "same", axes=1), PLANE[:2], PATCH,
    ),
    "signal-oaconvolve": (lambda x, h: signal.oaconvolve(x, h), PLANE, PATCH),
    "signal-convolve2d": (lambda x, h: signal.convolve2d(x, h, "same", "symm"), PLANE, PATCH),
    "signal-correlate2d": (lambda x, h: signal.correlate2d(x, h, "same", "wrap"), PLANE, PATCH),
    "ndimage-convolve": (lambda x, h: ndimage.convolve(x, h, mode="mirror"), PLANE, PATCH),
    "ndimage-correlate": (lambda x, h: ndimage.correlate(x, h, origin=(0, -1)), PLANE, PATCH),
    "ndimage-convolve1d": (lambda x, h: ndimage.convolve1d(x, h, 0, mode="wrap"), PLANE, TAPS),
    "ndimage-correlate1d": (
        lambda x, h: ndimage.correlate1d(x, h, mode="constant", cval=3), PLANE, TAPS,
    ),
    "torch-conv1d": (lambda x, w: F.conv1d(x, w, stride=2, padding=1), LAYER, KERNEL),
    "torch-conv2d": (lambda x, w: F.conv2d(x, w, dilation=(1, 2)), IMAGE, FILTERS),
    "torch-conv3d": (lambda x, w: F.conv3d(x, w, padding="same"), BLOCK, CUBES),
    "torch-conv_transpose1d": (lambda x, w: F.conv_transpose1d(x, w, None, 2, 1, 1), LAYER, TURNED),
    "torch-conv_transpose2d": (lambda x, w: F.conv_transpose2d(x, w, stride=2), IMAGE, BACK),
    "torch-conv_transpose3d": (lambda x, w: F.conv_transpose3d(x, w), BLOCK, CORNERS),
    "lax-conv_general_dilated": (
        lambda x, w: lax.conv_general_dilated(x, w, (2,), [(1, 2)], (2,), (2,)), LAYER, KERNEL,
    ),
    "lax-conv": (lambda x, w: lax.conv(x, w, (2, 1), "SAME"), IMAGE, FILTERS),
    "lax-conv_with_general_padding": (
        lambda x, w: lax.conv_with_general_padding(x, w, (1,), [(2, -1)], None, (2,)),
        LAYER, KERNEL,
    ),
    "lax-conv_transpose": (
        lambda x, w: lax.conv_transpose(
            x, w, (2,), "SAME", dimension_numbers=("NCH", "OIH", "NCH")
        ),
        LAYER, KERNEL,
    ),
}  # fmt: skip
