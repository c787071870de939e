"""Direct by columns: the windows of a tile as the columns of a matrix, times the kernel's (im2col).

The columns are copied run by run from flat planes, and never for more than a tile.
"""

from typing import Any

import numpy as np

from convcore.plugins import ConvProblem
from convcore_numpy._in_place import Write
from convcore_numpy._planes import Planes

__all__ = ["Columns"]

_TILE_BYTES = 2**21  # so that products are large, and yet their columns stay in a cache


class Columns:
    """One matrix product for each group of a tile."""

    def __init__(self, problem: ConvProblem) -> None:
        size = np.dtype(problem.accumulator).itemsize
        self.most = _TILE_BYTES / (size * problem.size("g") * problem.terms)

    def prepare(self, w: Any) -> Any:
        """(g, o, c, *k) as matrices (g, o, c * taps)."""
        return w.reshape(*w.shape[:2], -1)

    def writer(self, part: ConvProblem) -> Write:
        """Unfold and multiply."""
        planes = Planes(part.axes)
        taps, rows = planes.taps(), planes.rows
        n, g, o, c = (part.size(role) for role in "ngoc")
        by_image = (1, 2, *range(3, 3 + len(part.axes)), 0, -1)

        def columns(x: Any) -> Any:
            data = planes.laid(x)
            made = np.empty((g, c, len(taps), n, rows), data.dtype)
            if planes.count == 1:
                runs = planes.windows(data).transpose(by_image)
                made.reshape(runs.shape)[...] = runs
            else:
                for k, tap in enumerate(taps):
                    made[:, :, k] = planes.met(data, tap).transpose(1, 2, 0, 3)
            return made.reshape(g, c * len(taps), n * rows)

        def write(x: Any, w: Any, out: Any) -> None:
            y = np.matmul(w, columns(x)).reshape(g, o, n, rows)
            out[...] = planes.outputs(y.transpose(2, 0, 1, 3))

        def write_one_tap(x: Any, w: Any, out: Any) -> None:
            """The data are their own columns."""
            flat = out.reshape(n, g, o, rows)
            np.matmul(w, planes.laid(x)[..., 0, :], out=flat)
            if not np.may_share_memory(flat, out):
                out[...] = flat.reshape(out.shape)

        return write_one_tap if len(taps) == 1 else write
