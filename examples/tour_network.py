"""A U-Net-shaped denoiser whose weights are known in closed form.

Each encoder level is a strided 3x3 `conv` with bias and ReLU. Its low-pass channels go one level
down; its detail channels skip to the decoder, where `conv_transpose` with the *same* weights puts
both together again. The weights are the piecewise-linear framelets of Ron and Shen (1997), a tight
frame: the transpose of the analysis is its inverse, so with thresholds of zero the network is the
identity. With a threshold t, relu(c - t) and relu(-c - t), both kept, shrink a coefficient c by t.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

import convcore

Image = npt.NDArray[np.float32]

LEVELS = 4
STRENGTH = (1.25, 1.75, 1.75)  # thresholds over the noise level: luminance, two colour differences

# Orthonormal colour axes, as a 1x1 convolution: (C_out, C_in, 1, 1).
_COLOUR = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
COLOUR_WEIGHTS = _COLOUR.astype(np.float32)[:, :, None, None]

# Per colour axis: 1 low-pass channel, 8 details, and the same 8 with the other sign.
_ROOT = np.sqrt(2)
_TAPS = np.array([[1, 2, 1], [_ROOT, 0, -_ROOT], [-1, 2, -1]]) / (2 * _ROOT)
_FRAME = np.einsum("ai,bj->abij", _TAPS, _TAPS).reshape(9, 1, 3, 3)
_BANK = np.concatenate([_FRAME, -_FRAME[1:]])
FRAME_WEIGHTS = np.tile(_BANK, (3, 1, 1, 1)).astype(np.float32)
DETAIL_NORMS = np.linalg.norm(_BANK[1:, 0], axis=(-2, -1))

# One sample before and two after: every sample meets all its taps, for odd and even sizes.
STRIDED: dict[str, Any] = {"stride": 2, "padding": [(1, 2), (1, 2)], "groups": 3}


def biases(noise: float) -> npt.NDArray[np.float32]:
    """One bias per channel: none for the low-pass, minus the threshold for the details."""
    per_axis = [np.concatenate([[0.0], -noise * s * DETAIL_NORMS]) for s in STRENGTH]
    return np.concatenate(per_axis).astype(np.float32)


def forward(x: Image, noise: float) -> Image:
    """Denoise `x`, (N, 3, H, W), of noise with the standard deviation `noise`."""
    opponent = convcore.conv(x, COLOUR_WEIGHTS)
    clean = level(opponent, biases(noise), LEVELS)
    restored: Image = convcore.conv_transpose(clean, COLOUR_WEIGHTS)
    return restored


def level(x: Image, bias: npt.NDArray[np.float32], depth: int) -> Image:
    """Encode, go one level down on the low-pass channels, and decode with the skipped details."""
    if depth == 0:
        return x
    coded = convcore.conv(x, FRAME_WEIGHTS, bias, **STRIDED)
    n, channels = coded.shape[:2]
    by_axis = coded.reshape(n, 3, channels // 3, *coded.shape[2:])
    low = level(by_axis[:, :, 0], bias, depth - 1)
    details = np.maximum(by_axis[:, :, 1:], 0)
    joined = np.concatenate([low[:, :, None], details], axis=2).reshape(coded.shape)
    size = x.shape[2:]
    decoded: Image = convcore.conv_transpose(joined, FRAME_WEIGHTS, output_size=size, **STRIDED)
    return decoded
