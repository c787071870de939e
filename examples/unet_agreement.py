"""Does the U-Net on a library's arrays agree with torch.nn? Every bound is derived, none tuned."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import convcore
import rounding
from libraries import Array, Library, doubled
from unet_network import unet

__all__ = ["layer_by_layer", "running"]

Weights = dict[str, Array]


def layer_by_layer(library: Library, x: Array, weights: Weights, outputs: list[Array]) -> float:
    """Compare every convolution with the reference's, whose outputs are given in order.

    Returns the largest difference over what two computations of the componentwise class may differ
    by, of any element of any layer. All layers are fed with the reference's own numbers.
    """
    forced = _Forced(library, outputs)
    library.run(partial(unet, operations=forced), x, weights)
    if len(forced.ratios) != len(outputs):
        raise ValueError(f"compared {len(forced.ratios)} of the {len(outputs)} layers of torch.nn")
    return max(forced.ratios)


class _Forced:
    """convcore's convolutions; each is judged, and its result replaced by the reference's."""

    def __init__(self, library: Library, outputs: list[Array]) -> None:
        self._library = library
        self._outputs = outputs
        self.ratios: list[float] = []

    def conv(self, *operands: Any, **options: Any) -> Any:
        return self._judged(convcore.conv, operands, options)

    def conv_transpose(self, *operands: Any, **options: Any) -> Any:
        return self._judged(convcore.conv_transpose, operands, options)

    def _judged(self, operation: Callable[..., Any], operands: Any, options: Any) -> Any:
        ours = self._library.read(operation(*operands, **options))
        theirs = self._outputs[len(self.ratios)]
        plain = [self._library.read(array) for array in operands]
        allowed = 2 * rounding.rounding_of(operation, *plain, dtype=theirs.dtype, **options)
        self.ratios.append(float(np.max(np.abs(ours - theirs) / allowed)))
        return self._library.asarray(theirs)


def running(x: Array, weights: Weights) -> rounding.Running:
    """Give the logits in double precision, and the bound of what is computed in the dtype of x."""
    start = rounding.Running(doubled(x), np.zeros(x.shape), x.dtype.name)
    logits: rounding.Running = unet(start, doubled(weights), operations=rounding)
    return logits
