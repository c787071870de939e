"""A U-Net (Ronneberger, Fischer and Brox, 2015), written once for the arrays of any library."""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from array_api_compat import array_namespace

import convcore

__all__ = ["WIDTHS", "initial_weights", "loss", "unet"]

WIDTHS = (8, 16, 32)  # channels of each level; each is half as wide and high as the one above


def unet(x: Any, weights: dict[str, Any], operations: Any = convcore) -> Any:
    """Map images (N, 1, H, W) to logits of the same shape.

    `operations` has the two convolutions. Others than convcore's may watch, or count, or bound.
    """
    xp = array_namespace(x)

    def conv(name: str, x: Any, **options: Any) -> Any:
        return operations.conv(x, weights[f"{name}.weight"], weights[f"{name}.bias"], **options)

    def relu(x: Any) -> Any:
        return xp.maximum(x, xp.zeros_like(x))

    def level(x: Any, depth: int) -> Any:
        skip = relu(conv(f"encode{depth}", x, padding=1))
        if depth + 1 == len(WIDTHS):
            return skip
        below = level(relu(conv(f"down{depth}", skip, stride=2, padding=1)), depth + 1)
        up = operations.conv_transpose(
            below, weights[f"up{depth}.weight"], weights[f"up{depth}.bias"],
            stride=2, padding=1, output_size=skip.shape[2:],
        )  # fmt: skip
        return relu(conv(f"decode{depth}", xp.concat([skip, up], axis=1), padding=1))

    return conv("head", level(x, 0))


def loss(x: Any, target: Any, weights: dict[str, Any]) -> Any:
    """Give the mean cross entropy of the logits: log(1 + exp(logit)) - logit * target."""
    xp = array_namespace(x)
    logits = unet(x, weights)
    # Not by abs, as often seen: its derivative at 0 is 0 in PyTorch and 1 in JAX.
    return xp.mean(xp.logaddexp(xp.zeros_like(logits), logits) - logits * target)


def initial_weights(seed: int) -> dict[str, npt.NDArray[np.float32]]:
    """Draw kernels that keep the size of a signal (He et al., 2015); the biases are 0."""
    draw = np.random.default_rng(seed).standard_normal
    weights = {}
    for name, shape in _kernels().items():
        # Of a transposed kernel of 3 taps at stride 2 an output meets 9/4 on average.
        out, inputs = (shape[1], shape[0] / 4) if name.startswith("up") else shape[:2]
        scale = np.sqrt(2 / (inputs * shape[2] * shape[3]))
        weights[f"{name}.weight"] = (scale * draw(shape)).astype(np.float32)
        weights[f"{name}.bias"] = np.zeros(out, np.float32)
    return weights


def _kernels() -> dict[str, tuple[int, int, int, int]]:
    """Give the shapes of all kernels, (C_out, C_in, K, K); (C_in, C_out, K, K) for `up`."""
    kernels = {"encode0": (WIDTHS[0], 1, 3, 3), "head": (1, WIDTHS[0], 1, 1)}
    for depth, (width, below) in enumerate(pairwise(WIDTHS)):
        kernels |= {
            f"down{depth}": (below, width, 3, 3),
            f"encode{depth + 1}": (below, below, 3, 3),
            f"up{depth}": (below, width, 3, 3),
            f"decode{depth}": (width, 2 * width, 3, 3),
        }
    return kernels
