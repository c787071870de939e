"""The grids, by name."""

from collections.abc import Mapping

from . import auto, crossover, memory, neural, scaling, signal, tiny
from ._grid import Grid

__all__ = ["GRIDS", "USUAL", "Grid"]

GRIDS: Mapping[str, Grid] = {
    module.GRID.name: module.GRID
    for module in (signal, neural, tiny, memory, auto, scaling, crossover)
}

USUAL = ("signal", "neural", "tiny", "memory", "auto")
"""What a run measures where it is not said: all that has a limit to reach."""
