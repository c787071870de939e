"""A text detector that many use, run on every array library installed, beside ONNX Runtime.

Run ``python examples/dbnet.py`` after installing the dependency group "examples". It computes each
of the detector's convolutions from the very numbers that ONNX Runtime computed it from; then runs
the whole detector on a scanned page; and draws the text it finds in ``dbnet.png``.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from skimage import data, transform

import convcore
import dbnet_figure
from dbnet_figure import TEXT, boxes
from dbnet_model import Model, load, reference
from dbnet_network import detect
from dbnet_replay import Replay, replays
from libraries import Array, installed

SIZE = (192, 384)  # the page is 191 x 384; the detector takes multiples of 32


def scan() -> Array:
    """Load a page of a book from scikit-image: (192, 384), from 0 to 1."""
    page: Array = transform.resize(data.page(), SIZE, order=1)
    return page.astype(np.float32)


def compare_nodes(every: list[Replay]) -> None:
    """Print the worst node of each kind on every library: its difference over the bound."""
    libraries = installed()
    worst: dict[str, list[list[float]]] = {}
    for replay in every:
        worst.setdefault(replay.kind, []).append([replay.ratio(to) for to in libraries])
    print("| node | number | " + " | ".join(to.name for to in libraries) + " |")
    print("| --- | ---: |" + " ---: |" * len(libraries))
    for kind, ratios in sorted(worst.items()):
        row = " | ".join(f"{ratio:.3f}" for ratio in np.max(ratios, axis=0))
        print(f"| {kind} | {len(ratios)} | {row} |")
    if max(np.max(ratios) for ratios in worst.values()) > 1:
        raise SystemExit("a convolution is further from ONNX Runtime's than the bound allows")


def compare_maps(model: Model, x: Array, expected: Array) -> Array:
    """Print how far each library's map is from ONNX Runtime's; give the last library's."""
    print("\n| arrays | largest difference | pixels judged otherwise | lines of text |")
    print("| --- | ---: | ---: | ---: |")
    for library in installed():
        found = library.run(partial(detect, model.nodes), x, model.constants)
        other = int(np.sum((found > TEXT) != (expected > TEXT)))
        far = np.max(np.abs(found - expected))
        print(f"| {library.name} | {far:.1e} | {other} | {len(boxes(found[0, 0]))} |")
    last: Array = found[0, 0]
    return last


def main() -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="A text detector on every array library.")
    parser.add_argument("--out", type=Path, default=Path("dbnet.png"), help="the figure to write")
    out: Path = parser.parse_args().out
    page, model = scan(), load()
    x = np.tile((page - 0.5) / 0.5, (1, 3, 1, 1))
    values = {"x": x, **reference(model, x)}
    with convcore.use(accuracy="componentwise"):
        compare_nodes(replays(model, values))
    probability = compare_maps(model, x, values[model.nodes[-1].output])
    dbnet_figure.draw(page, probability, out)
    print(f"\nfigure: {out.resolve()}")


if __name__ == "__main__":
    main()
