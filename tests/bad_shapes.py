"""Wrong shapes of operands and results."""

from typing import Any

import numpy as np
from bad_calls import GRAD, X1, X2, Bad, X

from convcore import ShapeError


def _shape(id_: str, op: str, *says: str, **changes: Any) -> Bad:
    return Bad(id_, op, changes, ShapeError, says)


Z = np.zeros
SIGNAL = [
    _shape("ranks", "convolve", "x1 has 1", "x2 has 2", "equal rank", x2=Z((1, 3))),
    _shape("rank 0 and 1", "correlate", "x1 has 0", "x2 has 1", "equal rank", x1=np.float64(1)),
    _shape("weak scalar", "convolve", "x2 has 0", "equal rank", x2=2.0),
    _shape(
        "broadcast", "convolve", "x1", "axis 0", "equal lengths", x1=Z((2, 5)), x2=Z((3, 5)), axes=1
    ),
    _shape("product", "convolve", "x2", "axis 0", "equal lengths", x1=Z(2), x2=Z(3), axes=()),
    _shape("no x1", "convolve", "x1 has length 0", "1 or more", x1=Z(0)),
    _shape("no x2", "correlate", "x2 has length 0", "1 or more", x2=Z(0)),
    _shape("neither", "convolve", "x1 has length 0", "1 or more", x1=Z(0), x2=Z(0)),
    _shape("no row", "convolve", "axis 1", "1 or more", x1=Z((2, 0)), x2=Z((1, 3)), axes=1),
    _shape(
        "no row, valid",
        "convolve",
        "length 0",
        "1 or more",
        x1=Z((3, 0)),
        x2=Z((1, 3)),
        mode="valid",
    ),
    _shape(
        "dominance",
        "convolve",
        "valid",
        "x1",
        "every axis",
        x1=Z((3, 5)),
        x2=Z((5, 3)),
        mode="valid",
    ),
    _shape(
        "dominance of 3",
        "correlate",
        "valid",
        "x2",
        "every axis",
        x1=Z((3, 2, 5)),
        x2=Z((3, 4, 3)),
        mode="valid",
    ),
]

FORWARD = [
    _shape("w of rank 1", "conv", "w has shape (3,)", "2 or more", w=Z(3)),
    _shape("w of rank 0", "conv", "w has shape ()", "2 or more", w=np.float64(1)),
    _shape("x too deep", "conv", "x has 4 axes", "w has 3", "(unbatched)", x=Z((1, 1, 2, 6))),
    _shape("x too flat", "conv", "x has 1 axes", "w has 3", "(batched)", x=Z(6)),
    _shape("channels", "conv", "x has 3 channels", "groups=1", "2 * 1 = 2", x=Z((1, 3, 6))),
    _shape("channels by groups", "conv", "2 channels", "groups=2", "2 * 2 = 4", groups=2),
    _shape(
        "groups in w", "conv", "4 output channels", "groups=3", "multiple", x=Z((1, 6, 6)), groups=3
    ),
    _shape("channels last", "conv", "x has 6 channels", "groups=1", layout="channels_last"),
    _shape("no samples", "conv", "x has length 0", "1 or more", x=Z((1, 2, 0))),
    _shape("no samples, padded", "conv", "x has length 0", "1 or more", x=Z((1, 2, 0)), padding=9),
    _shape("no taps", "conv", "w has length 0", "1 or more", w=Z((4, 2, 0))),
    _shape("kernel too large", "conv", "w spans 7", "x has 6", "padding=", w=Z((4, 2, 7))),
    _shape("dilated too far", "conv", "w spans 7", "dilation 3", "padding=", dilation=3),
    _shape("cropped too far", "conv", "w spans 3", "padded to 2", padding=-2),
    _shape("cropped away", "conv", "w spans 3", "padded to -2", padding=((-4, -4),)),
    _shape("bias too long", "conv", "bias has shape (5,)", "(4,)", bias=Z(5)),
    _shape("bias of rank 2", "conv", "bias has shape (4, 1)", "(4,)", bias=Z((4, 1))),
    _shape("scalar bias", "conv", "bias has shape ()", "(4,)", bias=1.0),
    _shape("bias of 1", "conv", "bias has shape (1,)", "(4,)", bias=[1.0]),
]

TRANSPOSED = [
    _shape("channels", "conv_transpose", "x has 3 channels", "4 output channels", x=Z((1, 3, 4))),
    _shape("groups", "conv_transpose", "x has 4 channels", "groups=3", "multiple", groups=3),
    _shape("w of rank 1", "conv_transpose", "w has shape (4,)", "2 or more", w=Z(4)),
    _shape("no samples", "conv_transpose", "x has length 0", "1 or more", x=Z((1, 4, 0))),
    _shape("no taps", "conv_transpose", "w has length 0", "1 or more", w=Z((4, 2, 0))),
    _shape("cropped away", "conv_transpose", "0 samples", "padding=", padding=3),
    _shape(
        "size too small", "conv_transpose", "output_size=8", "9 ... 10", stride=2, output_size=8
    ),
    _shape(
        "size too large", "conv_transpose", "output_size=11", "9 ... 10", stride=2, output_size=11
    ),
    _shape("no such size", "conv_transpose", "output_size=7", "6 ... 6", output_size=(7,)),
    _shape(
        "same, too small",
        "conv_transpose",
        "output_size=6",
        "7 ... 8",
        stride=2,
        padding="same",
        output_size=6,
    ),
    _shape(
        "same, too large",
        "conv_transpose",
        "output_size=9",
        "7 ... 8",
        stride=2,
        padding="same_lower",
        output_size=9,
    ),
    _shape("size of 0", "conv_transpose", "0", "1 or more", output_size=0),
    _shape("bias", "conv_transpose", "bias has shape (4,)", "(2,)", bias=Z(4)),
]

GRADIENTS = [
    _shape("grad too long", "conv_input_grad", "grad", "(1, 4, 5)", "(1, 4, 4)", grad=Z((1, 4, 5))),
    _shape("grad unbatched", "conv_input_grad", "grad", "(4, 4)", "(1, 4, 4)", grad=GRAD[0]),
    _shape("grad of rank 0", "conv_input_grad", "grad", "()", "(1, 4, 4)", grad=1.0),
    _shape("input channels", "conv_input_grad", "input_shape", "3 channels", input_shape=(1, 3, 6)),
    _shape("input rank", "conv_input_grad", "input_shape", "4 axes", input_shape=(1, 1, 2, 6)),
    _shape("input empty", "conv_input_grad", "input_shape", "length 0", input_shape=(1, 2, 0)),
    _shape("input short", "conv_input_grad", "input_shape", "padding=", input_shape=(1, 2, 2)),
    _shape("w of rank 1", "conv_input_grad", "w has shape", "2 or more", w=X2),
    _shape(
        "grad too long", "conv_weight_grad", "grad", "(1, 4, 5)", "(1, 4, 4)", grad=Z((1, 4, 5))
    ),
    _shape("grad of x", "conv_weight_grad", "grad", "(1, 2, 6)", "(1, 4, 4)", grad=X),
    _shape("weight rank", "conv_weight_grad", "weight_shape", "2 or more", weight_shape=(3,)),
    _shape("weight channels", "conv_weight_grad", "weight_shape", "3 * 1", weight_shape=(4, 3, 3)),
    _shape("weight empty", "conv_weight_grad", "weight_shape", "length 0", weight_shape=(4, 2, 0)),
    _shape("weight long", "conv_weight_grad", "weight_shape", "padding=", weight_shape=(4, 2, 7)),
    _shape(
        "weight groups", "conv_weight_grad", "weight_shape", "multiple", x=Z((1, 6, 6)), groups=3
    ),
    _shape("x too flat", "conv_weight_grad", "x has 1 axes", "weight_shape has 3", x=X1),
]

SHAPES = SIGNAL + FORWARD + TRANSPOSED + GRADIENTS
