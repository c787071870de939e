"""Rows as pictures: bars beside peers, curves of engines, growth of time, shares of choices."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from .record import OURS, Row
from .summary import exponents

__all__ = ["PLOTS", "save"]

_COLOURS = mpl.color_sequences["tab10"]
_LINE = 0.28  # inches of height for a case
_TIMES = "time, over that of convcore"


def save(figure: Figure, path: Path) -> None:
    """Write a picture as SVG, the same bytes for the same figures.

    Parameters
    ----------
    figure : Figure
    path : Path
    """
    with mpl.rc_context({"svg.hashsalt": "convcore", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")


def _beside_peers(rows: Sequence[Row]) -> Figure:
    """A bar from convcore to its best peer for each case, a point for each of the others."""
    kept = [row for row in rows if row.ratio() is not None][::-1]
    figure = Figure(figsize=(9, 1 + _LINE * len(kept)))
    axes = figure.subplots()
    ratios = [1 / (row.ratio() or 1) for row in kept]
    colours = [_COLOURS[2] if ratio >= 1 else _COLOURS[3] for ratio in ratios]
    axes.barh(range(len(kept)), [r - 1 for r in ratios], left=1, color=colours, alpha=0.4)
    for number, name in enumerate(_contenders(kept)):
        at = [(relative, y) for y, row in enumerate(kept) if (relative := _relative(row, name))]
        axes.plot(*zip(*at, strict=True), "o", ms=4, color=_COLOURS[number % 10], label=name)
    axes.axvline(1, color="black", lw=1)
    axes.set(xscale="log", xlabel=_TIMES, ylim=(-0.6, len(kept) - 0.4))
    axes.set_yticks(range(len(kept)), [row.case for row in kept], fontsize=7)
    axes.legend(fontsize=7, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=5)
    return figure


def _contenders(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.results if name != OURS))


def _relative(row: Row, name: str) -> float | None:
    ours = row.chosen
    return row.results[name].median / ours.median if ours and name in row.results else None


def _crossover(rows: Sequence[Row]) -> Figure:
    """Time against the size of the kernel: a line for each engine, a ring for each choice."""
    figure, panels = _panels(rows)
    names = _contenders(rows)
    for (series, own), axes in zip(_by_series(rows).items(), panels, strict=False):
        for number, name in enumerate(names):
            at = [(row.at, row.results[name].median) for row in own if name in row.results]
            axes.plot(
                *(zip(*at, strict=True) if at else ((), ())),
                ".-",
                color=_COLOURS[number % 10],
                label=name,
            )
        chosen = [(row.at, row.chosen.median) for row in own if row.chosen]
        axes.plot(*zip(*chosen, strict=True), "o", ms=9, mfc="none", color="black", label="auto")
        _scale(axes, series, own)
    panels[0].legend(fontsize=7)
    return figure


def _scaling(rows: Sequence[Row]) -> Figure:
    """Time against what grows, with the fitted exponent."""
    figure, panels = _panels(rows)
    fitted = exponents(rows)
    for (series, own), axes in zip(_by_series(rows).items(), panels, strict=False):
        points = [(row.at, row.chosen) for row in own if row.chosen]
        x, results = zip(*points, strict=True)
        middle = [result.median for result in results]
        spread = [[r.median - r.low for r in results], [r.high - r.median for r in results]]
        label = f"exponent {fitted[series]:.2f}" if series in fitted else ""
        axes.errorbar(x, middle, spread, fmt="o-", capsize=3, label=label)
        _scale(axes, series, own)
        axes.legend(fontsize=7)
    return figure


def _scale(axes: Any, series: str, rows: Sequence[Row]) -> None:
    """Logarithmic axes, with a tick for each point."""
    axes.set(xscale="log", yscale="log", ylabel="s")
    axes.set_title(series, fontsize=8)
    axes.set_xticks([row.at for row in rows], [f"{row.at:g}" for row in rows], fontsize=7)
    axes.minorticks_off()


def _panels(rows: Sequence[Row]) -> tuple[Figure, list[Any]]:
    """A figure with room for each series, two in a line."""
    count = len(_by_series(rows))
    lines = (count + 1) // 2
    figure = Figure(figsize=(9, 3.2 * lines), layout="constrained")
    panels = list(figure.subplots(lines, 2, squeeze=False).flat)
    for empty in panels[count:]:
        empty.remove()
    return figure, panels[:count]


def _by_series(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.chosen:
            found.setdefault(row.series, []).append(row)
    return found


def _auto(rows: Sequence[Row]) -> Figure:
    """The share of problems that are within a ratio of the best."""
    ratios = sorted(ratio for row in rows if (ratio := row.ratio()) is not None)
    shares = [(n + 1) / len(ratios) for n in range(len(ratios))]
    figure = Figure(figsize=(6, 3.5))
    axes = figure.subplots()
    axes.plot(ratios, shares, drawstyle="steps-post")
    axes.axvline(1.2, color="grey", ls="--", lw=1)
    axes.axhline(0.95, color="grey", ls="--", lw=1)
    axes.set(xlabel="time of the chosen engine, over the fastest", ylabel="share of problems")
    return figure


PLOTS: Final[Mapping[str, Callable[[Sequence[Row]], Figure]]] = {
    "signal": _beside_peers,
    "neural": _beside_peers,
    "tiny": _beside_peers,
    "auto": _auto,
    "scaling": _scaling,
    "crossover": _crossover,
}
"""By grid; one that has no picture is not here."""
