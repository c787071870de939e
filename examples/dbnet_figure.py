"""The boxes of text in a map of probabilities, and their figure."""

from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from skimage import measure

from libraries import Array
from tour_figure import RED, STYLE

__all__ = ["TEXT", "Box", "boxes", "draw"]

TEXT = 0.3  # a pixel of more is one of text
SCORE = 0.5  # a box of less on average is none
GROWTH = 1.6  # the map shows the middle of each line: a box grows by this times area / perimeter


class Box(NamedTuple):
    """Where a line of text was found, in pixels."""

    left: float
    top: float
    width: float
    height: float


def boxes(probability: Array) -> list[Box]:
    """Find the connected regions of text, from top to bottom, and give them their full height."""
    regions = measure.regionprops(measure.label(probability > TEXT), probability)
    return [_grown(region) for region in regions if region.intensity_mean > SCORE]


def _grown(region: Any) -> Box:
    top, left, bottom, right = region.bbox
    height, width = bottom - top, right - left
    grow = GROWTH * region.area / (2 * (height + width))
    return Box(left - grow, top - grow, width + 2 * grow, height + 2 * grow)


def draw(page: Array, probability: Array, out: Path) -> None:
    """Draw the page with its boxes, and the map beside it."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(12, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        left.imshow(page, cmap="gray", vmin=0, vmax=1)
        for box in boxes(probability):
            corner, size = box[:2], box[2:]
            left.add_patch(Rectangle(corner, *size, ec=RED, fc="none", lw=1.5))
        left.set_title("Text found", pad=6)
        right.imshow(probability, cmap="gray", vmin=0, vmax=1)
        right.set_title("Probability of text", pad=6)
        for ax in (left, right):
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        figure.savefig(out, dpi=80)
