"""Every refusal of an adapter says what was given and what is allowed."""

import numpy as np
import pytest

import convcore
from convcore.compat import jax_lax as lax
from convcore.compat import numpy as cnp
from convcore.compat import scipy_ndimage as ndimage
from convcore.compat import scipy_signal as signal
from convcore.compat import torch_functional as F  # noqa: N812

from .rows import data

X, H, P = data(4), data(2), data(2, 3)
LAYER, KERNEL = data(1, 2, 6), data(4, 2, 3)


def general(*args, lhs=LAYER, rhs=KERNEL, strides=(1,), padding="VALID", **kwargs):
    return lax.conv_general_dilated(lhs, rhs, strides, padding, *args, **kwargs)


def turned(lhs, rhs, padding="SAME", **kwargs):
    return lax.conv_transpose(lhs, rhs, (2,), padding, **kwargs)


REFUSED = [
    (lambda: cnp.convolve(P, H), ValueError, r"a is of shape \(2, 3\); allowed is one axis"),
    (lambda: cnp.correlate(3, H), ValueError, "allowed are sequences"),
    (lambda: signal.convolve(X, P), ValueError, r"\(4,\) and \(2, 3\): allowed are operands of eq"),
    (lambda: signal.convolve(X, H, "x"), ValueError, "mode='x'; allowed are 'full', 'same'"),
    (lambda: signal.convolve(X, H, "full", "x"), ValueError, "method='x'; allowed are 'auto'"),
    (lambda: signal.convolve(np.empty((0, 3)), np.ones((1, 1)), "valid"), ValueError,
     "allowed is one operand as long as the other"),
    (lambda: signal.fftconvolve(P, P, axes="a"), ValueError, "axes='a'; allowed are one int or"),
    (lambda: signal.fftconvolve(P, P, axes=[]), ValueError, "allowed are one or more"),
    (lambda: signal.fftconvolve(P, P, axes=2), ValueError, "axes=2; allowed are distinct"),
    (lambda: signal.convolve2d(X, H), ValueError, "allowed are operands of two axes"),
    (lambda: signal.convolve2d(P, P, "full", "x"), ValueError, "boundary='x'; allowed are 'fill'"),
    (lambda: signal.convolve2d(P, P, fillvalue=[1, 2]), ValueError, "allowed is one number"),
    (lambda: signal.convolve(np.ma.ones(3), H), convcore.ArrayTypeError, "fill the mask"),
    (lambda: ndimage.convolve(X, P), RuntimeError, r"\(2, 3\); allowed are 1 axes"),
    (lambda: ndimage.convolve(X, H, origin=(0, 0)), RuntimeError, "allowed is one int, or 1"),
    (lambda: ndimage.convolve(X.astype(object), H), RuntimeError, "dtype object; allowed are"),
    (lambda: ndimage.convolve(X, H, mode="x"), RuntimeError, "mode='x'; allowed are 'reflect'"),
    (lambda: ndimage.convolve(X, H, origin=1), ValueError, r"origin=1; allowed are -1 \.\.\. 0"),
    (lambda: ndimage.convolve(X, H, cval="1"), TypeError, "cval='1'; allowed is a number"),
    (lambda: ndimage.convolve(X, H, output=P), RuntimeError, r"\(2, 3\); allowed is \(4,\)"),
    (lambda: ndimage.convolve(X, H, output=complex), RuntimeError, "allowed are real dtypes"),
    (lambda: ndimage.convolve(X, [1j], output="float32"), RuntimeError, "allowed are complex dty"),
    (lambda: ndimage.convolve(X, H, output="bool"), RuntimeError, "allowed are numeric dtypes"),
    (lambda: ndimage.convolve1d(X, P), RuntimeError, "allowed is one axis, which is not empty"),
    (lambda: ndimage.convolve1d(X, H, 1), np.exceptions.AxisError, "axis 1 is out of bounds"),
    (lambda: F.conv1d(LAYER, KERNEL, stride=0), RuntimeError, "stride=0; allowed are ints from 1"),
    (lambda: F.conv1d(LAYER, KERNEL, stride=2, padding="same"), RuntimeError, "'same' at stride 1"),
    (lambda: F.conv1d(LAYER, KERNEL[..., :0]), RuntimeError, r"convcore\.conv: w has length 0"),
    (lambda: F.conv1d([[1.0]], KERNEL), TypeError, "allowed are arrays, and None for the bias"),
    (lambda: F.conv1d(LAYER, KERNEL.astype(int)), RuntimeError, "allowed is one for all operands"),
    (lambda: F.conv2d(LAYER, KERNEL), RuntimeError, r"\(4, 2, 3\); allowed are 4 axes"),
    (lambda: F.conv_transpose1d(LAYER, data(2, 4, 3), output_padding=1), RuntimeError,
     "allowed is less than the larger of them"),
    (lambda: general(out_sharding="x"), NotImplementedError, "out_sharding; allowed is None"),
    (lambda: general(rhs=P), TypeError, "allowed are operands of equal rank"),
    (lambda: general(dimension_numbers="NCH"), TypeError, "three strings of 3 letters"),
    (lambda: general(padding="SAME", lhs_dilation=(2,)), ValueError, "allowed are numbers"),
    (lambda: general(rhs=KERNEL[..., :0]), ValueError, "allowed are kernels with taps"),
    (lambda: general(strides=(1, 1)), ValueError, "allowed is one int for each of 1 axes"),
    (lambda: general(strides=(0,)), ValueError, r"window_strides=\(0,\); allowed are ints from 1"),
    (lambda: general(rhs_dilation=(0,)), TypeError, r"rhs_dilation=\(0,\); allowed are ints"),
    (lambda: general(padding=3), ValueError, r"padding=3; allowed are a name and \(low, high\)"),
    (lambda: general(padding=[(0, 0)] * 2), TypeError, "allowed is one pair for each of 1 axes"),
    (lambda: general(padding="FULL"), RuntimeError, "padding='FULL'; allowed are 'SAME', 'SAME_L"),
    (lambda: general(padding=[(-9, 0)]), ValueError, "of 6 samples; allowed is to crop all"),
    (lambda: general(feature_group_count=0), ValueError, "feature_group_count=0 and batch.*from 1"),
    (lambda: general(feature_group_count=3), ValueError, r"\(1, 2, 6\) and \(4, 2, 3\) do not fit"),
    (lambda: general(lhs=data(3, 2, 6), batch_group_count=3), ValueError, "divisors of rhs's 4"),
    (lambda: general(rhs=KERNEL.astype(int)), TypeError, "allowed is one for both operands"),
    (lambda: general(preferred_element_type="int8"), TypeError, "preferred_element_type=int8 with"),
    (lambda: general(precision="most"), ValueError, "precision='most'; allowed are highest"),
    (lambda: turned(LAYER, P), TypeError, r"\(1, 2, 6\) and \(2, 3\); allowed are operands of eq"),
    (lambda: turned(data(*(1,) * 6), data(*(1,) * 6)), ValueError, "of 6 axes need dimension_num"),
    (lambda: turned(LAYER, data(2, 6, 1), "x", use_consistent_padding=True), ValueError,
     r"padding='x'; allowed are 'SAME', 'VALID' and \(low, high\) pairs"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "match"), REFUSED)
def test_refused(call, error, match):
    with pytest.raises(error, match=match):
        call()
