"""A U-Net written once, run on every array library installed, and trained on two of them.

Run ``python examples/unet.py`` where PyTorch and JAX are installed. It compares every library with
the same network in torch.nn; trains through the autograd of PyTorch and of JAX; and draws pictures,
and what the network finds in them before and after, in ``unet.png``.
"""

import argparse
from pathlib import Path

import numpy as np

import convcore
import unet_figure
import unet_torch
from libraries import LIBRARIES, Array, doubled, installed
from unet_agreement import layer_by_layer, running
from unet_data import cells
from unet_network import WIDTHS, initial_weights, unet
from unet_training import GRADIENTS, stray, train

STEPS, BATCH, SIZE = 60, 4, 64
TERMS = 9 * max(WIDTHS[-1], 2 * WIDTHS[-2]) + 1  # of the network's longest sum, with its bias

Weights = dict[str, Array]


def compare(weights: Weights) -> None:
    """Print how far the logits of each library are from those of torch.nn, and the bounds."""
    x = cells(1, 96, seed=7)[0]
    wide, wide_weights = doubled([x, weights])
    logits, outputs = unet_torch.run(x, weights)
    wide_logits, _ = unet_torch.run(wide, wide_weights)
    vain, bound = (2 * running(*given).error for given in ((x, weights), (wide, wide_weights)))
    print("| arrays | each layer, float32 | the whole, float32 | the whole, float64 |")
    print("| --- | ---: | ---: | ---: |")
    for library in installed():
        part = layer_by_layer(library, x, weights, outputs)
        far = np.abs(library.run(unet, x, weights) - logits)
        wide_far = np.abs(library.run(unet, wide, wide_weights) - wide_logits)
        print(f"| {library.name} | {part:.2f} | {far.max():.1e} | {wide_far.max():.1e} |")
        if part > 1 or np.any(wide_far > bound):
            raise SystemExit(f"{library.name} is further from torch.nn than the bound allows")
    print(f"| *bound* | 1 | {vain.max():.0e} | {bound.max():.0e} |")


def learn(weights: Weights) -> dict[str, tuple[Weights, Array]]:
    """Train on both libraries and print their losses; give weights and losses by library.

    A float32 convolution of the componentwise class is an exact one whose kernel is off by up to
    (n + 5) u, relatively, other for each output. So the yardstick: how far the losses go astray in
    double precision where before each step all weights are off by that, for the longest sum.
    """
    batches = [cells(BATCH, SIZE, seed) for seed in range(STEPS)]
    runs = {name: train(LIBRARIES[name], weights, batches) for name in GRADIENTS}
    unit = float(np.finfo(np.float32).eps / 2)
    allowed = stray(LIBRARIES["torch"], weights, batches, (TERMS + 5) * unit)
    (_, torch_losses), (_, jax_losses) = runs["torch"], runs["jax"]
    apart = np.abs(torch_losses - jax_losses)
    print("\n| step | loss, PyTorch | loss, JAX | apart | yardstick |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for i in (*range(0, STEPS, 10), STEPS - 1):
        losses = f"{torch_losses[i]:.5f} | {jax_losses[i]:.5f}"
        print(f"| {i} | {losses} | {apart[i]:.1e} | {allowed[i]:.1e} |")
    if np.any(apart > allowed):
        raise SystemExit("the losses are further apart than rounding explains")
    return runs


def overlap(found: Array, target: Array) -> float:
    """Give the share of pixels of either that are pixels of both."""
    return float(np.sum((found > 0.5) & (target > 0.5)) / np.sum((found > 0.5) | (target > 0.5)))


def probabilities(logits: Array) -> Array:
    """Give the probability that each pixel belongs to a cell."""
    found: Array = (1 + np.tanh(logits / 2)) / 2
    return found


def main() -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="A U-Net on every array library.")
    parser.add_argument("--out", type=Path, default=Path("unet.png"), help="the figure to write")
    out: Path = parser.parse_args().out
    weights = initial_weights(seed=0)
    with convcore.use(accuracy="componentwise"):
        compare(weights)
        runs = learn(weights)
    images, masks = cells(2, SIZE, seed=STEPS)
    shown = (images - images.min()) / np.ptp(images)
    pictures = {"Input": shown, "Target": masks, "Before": probabilities(unet(images, weights))}
    for name, (trained, _) in runs.items():
        found = probabilities(LIBRARIES[name].run(unet, images, trained))
        pictures[f"After, {name}"] = found
        print(f"\n{name}: the cells found overlap the target by {overlap(found, masks):.0%}")
    unet_figure.draw(pictures, {name: losses for name, (_, losses) in runs.items()}, out)
    print(f"\nfigure: {out.resolve()}")


if __name__ == "__main__":
    main()
