"""Training the U-Net through the autograd of PyTorch and of JAX, with one optimiser for both."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from libraries import Array, Library, doubled
from unet_network import loss

__all__ = ["GRADIENTS", "stray", "train"]

Weights = dict[str, Any]
Gradient = Callable[[Any, Any, Weights], list[Any]]
Batches = Sequence[tuple[Array, Array]]

RATE, MEAN, SQUARE = 0.005, 0.9, 0.99  # Adam (Kingma and Ba, 2015): its step and its two memories


def torch_gradient(x: Any, target: Any, weights: Weights) -> list[Any]:
    """Give the loss and its gradient, by PyTorch's autograd."""
    leaves = {name: w.detach().requires_grad_() for name, w in weights.items()}
    value = loss(x, target, leaves)
    value.backward()
    return [value.detach(), {name: leaf.grad for name, leaf in leaves.items()}]


@cache
def _compiled() -> Callable[..., tuple[Any, Weights]]:
    import jax

    compiled: Callable[..., tuple[Any, Weights]] = jax.jit(jax.value_and_grad(loss, argnums=2))
    return compiled


def jax_gradient(x: Any, target: Any, weights: Weights) -> list[Any]:
    """Give the loss and its gradient, by JAX's and compiled."""
    return list(_compiled()(x, target, weights))


GRADIENTS: dict[str, Gradient] = {"torch": torch_gradient, "jax": jax_gradient}


def train(
    library: Library, weights: Weights, batches: Batches, shaken: float = 0, seed: int = 0
) -> tuple[Weights, Array]:
    """Take a step of Adam for each batch; give the weights at the end and the loss at each step.

    Every gradient is taken at weights that are off by up to `shaken`, relatively and at random.
    """
    random = np.random.default_rng(seed)
    mean = square = dict.fromkeys(weights, 0.0)
    losses = []
    for i, (x, target) in enumerate(batches, 1):
        at = {k: w * _near_one(random, w, shaken) for k, w in weights.items()}
        value, slope = library.run(GRADIENTS[library.name], x, target, at)
        losses.append(value)
        mean = {k: MEAN * mean[k] + (1 - MEAN) * g for k, g in slope.items()}
        square = {k: SQUARE * square[k] + (1 - SQUARE) * g**2 for k, g in slope.items()}
        rate = RATE * np.sqrt(1 - SQUARE**i) / (1 - MEAN**i)
        steps = {k: rate * mean[k] / (np.sqrt(square[k]) + 1e-8) for k in weights}
        weights = {k: (w - steps[k]).astype(w.dtype) for k, w in weights.items()}
    return weights, np.stack(losses)


def _near_one(random: np.random.Generator, like: Array, distance: float) -> Array:
    return (1 + distance * random.uniform(-1, 1, like.shape)).astype(like.dtype)


def stray(library: Library, weights: Weights, batches: Batches, size: float) -> Array:
    """Give how far the losses go astray, up to each step, where the weights are off by `size`.

    Twice at random, in double precision, so that nothing else makes a difference.
    """
    wide, pairs = doubled(weights), doubled([[x, target] for x, target in batches])
    _, straight = train(library, wide, pairs)
    shaken = [train(library, wide, pairs, size, seed)[1] for seed in range(2)]
    return np.maximum.accumulate(np.max(np.abs(shaken - straight), axis=0))
