"""The U-Net's figure: pictures, what it makes of them before and after training, and the losses."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from libraries import Array
from tour_figure import PALE, RED, STYLE

__all__ = ["draw"]


def draw(pictures: dict[str, Array], losses: dict[str, Array], out: Path) -> None:
    """Draw a column for each kind of picture, (N, 1, H, W) from 0 to 1, and both curves."""
    rows = len(next(iter(pictures.values())))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3 * len(pictures) + 4, 3 * rows + 0.4), layout="constrained")
        grid = figure.add_gridspec(
            rows, len(pictures) + 1, width_ratios=[1] * len(pictures) + [1.3]
        )
        for column, (title, images) in enumerate(pictures.items()):
            for row, image in enumerate(images):
                ax = figure.add_subplot(grid[row, column])
                ax.imshow(image[0], cmap="gray", vmin=0, vmax=1)
                ax.set(xticks=[], yticks=[])
                ax.spines[:].set_visible(False)
                ax.set_title("" if row else title, pad=6)
        ax = figure.add_subplot(grid[:, -1])
        for (name, curve), colour, width in zip(losses.items(), (PALE, RED), (5, 1.2), strict=True):
            ax.plot(curve, label=name, color=colour, lw=width)
        ax.set(xlabel="step", ylim=(0, None))
        ax.set_title("Loss", pad=6)
        ax.legend(frameon=False)
        figure.savefig(out, dpi=70)
