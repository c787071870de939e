"""The tour's figure: the pictures above, the recording and the polynomial below."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import tour_data

Image = npt.NDArray[np.float32]

INK, GREY, PALE, RED, BLUE = "#1d2733", "#66727f", "#b4bec9", "#c8412f", "#2a6f97"
STYLE: dict[Any, Any] = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlepad": 20,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
}


@dataclass(frozen=True)
class Panel:
    """One result, with a title and a note on how it was computed."""

    title: str
    note: str
    data: npt.NDArray[Any]


def draw(pictures: Sequence[Panel], voltage: Image, slow: Panel, product: Panel, out: Path) -> None:
    """Draw all panels and write them to `out`."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(16, 8.7), facecolor="white")
        figure.text(0.04, 0.955, "A tour of convcore", size=19, weight="bold")
        note = "one spec of convolution, here on NumPy arrays; times are the best of five"
        figure.text(0.985, 0.957, note, size=10, color=GREY, ha="right")
        grid = figure.add_gridspec(
            2, 1, height_ratios=[3.5, 2.7], hspace=0.27,
            left=0.04, right=0.985, top=0.85, bottom=0.068,
        )  # fmt: skip
        columns = grid[0].subgridspec(1, 5, wspace=0.07)
        for i, picture in enumerate(pictures):
            draw_picture(figure.add_subplot(columns[i]), picture)
        # The recording ends where the third picture does: 3 widths and 2 gaps.
        below = grid[1].subgridspec(1, 2, width_ratios=[3.14, 1.9], wspace=0.0952)
        draw_recording(figure.add_subplot(below[0]), voltage, slow)
        draw_polynomial(figure.add_subplot(below[1]), product)
        figure.savefig(out, dpi=140)


def caption(ax: Axes, panel: Panel) -> None:
    """Set the title and, below it, the note."""
    ax.set_title(panel.title)
    ax.annotate(
        panel.note, (0, 1), xytext=(0, 6), xycoords="axes fraction", textcoords="offset points",
        color=GREY, size=8.5,
    )  # fmt: skip


def draw_picture(ax: Axes, panel: Panel) -> None:
    """Draw a picture, in colour or grey, without a frame."""
    ax.imshow(panel.data, cmap="gray", vmin=0, vmax=1, interpolation="lanczos")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    caption(ax, panel)


def draw_recording(ax: Axes, voltage: Image, slow: Panel) -> None:
    """Draw the membrane potential and, over it, its slow part."""
    seconds = np.arange(voltage.size) / tour_data.SAMPLE_RATE
    ax.plot(seconds, voltage, color=PALE, lw=0.9, label="recording")
    ax.plot(seconds, slow.data, color=RED, lw=2, label="low-pass")
    ax.set(xlim=(0, seconds[-1]), xlabel="time (s)", ylabel="membrane potential (mV)")
    ax.legend(loc="upper left", frameon=False, labelcolor=INK, borderaxespad=0.2)
    caption(ax, slow)


def draw_polynomial(ax: Axes, product: Panel) -> None:
    """Draw the coefficients, and where float64 stops holding every integer."""
    coefficients = product.data.tolist()
    ax.bar(range(len(coefficients)), [math.log10(c) for c in coefficients], color=BLUE, width=0.7)
    ax.axhline(53 * math.log10(2), color=RED, lw=1, ls=(0, (4, 3)))
    limit = "$2^{53}$: beyond it float64\nskips integers"
    ax.text(0, 16.3, limit, color=RED, va="bottom", size=8.5)
    ax.set(xlim=(-0.8, len(coefficients) - 0.2), ylim=(0, 20), xlabel="power of x")
    ax.set(yticks=[0, 6, 12, 18], yticklabels=["1", "$10^6$", "$10^{12}$", "$10^{18}$"])
    caption(ax, product)
