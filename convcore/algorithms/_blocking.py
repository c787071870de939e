"""Cutting an axis into blocks that overlap, all of them at once: a batch of short problems."""

from typing import Any, NamedTuple

from convcore._axis import Axis
from convcore._typing import Namespace
from convcore.algorithms._boundary import pad

__all__ = ["Blocking"]


class Blocking(NamedTuple):
    """Blocks of an axis's outputs: how many, the samples that each meets, and from which on.

    Attributes
    ----------
    blocks, length, hop : int
        How many, the samples of one, and those from one to the next.
    lo : int
        Samples of padding before the first.
    """

    blocks: int
    length: int
    hop: int
    lo: int

    @classmethod
    def of(cls, axis: Axis, outputs: int) -> "Blocking":
        """Blocks of so many outputs each, of which the last may have some to spare."""
        blocks, length = -(-axis.unfolded // outputs), axis.with_out(outputs).padded
        return cls(blocks, length, outputs * axis.stride, axis.lo)

    def frames(self, x: Any, at: int, xp: Namespace) -> Any:
        """An axis of x as two, the blocks and their samples; nothing is gathered by index."""
        hop, pieces = self.hop, -(-self.length // self.hop)
        rows = self.blocks + pieces - 1
        x = pad(x, at, self.lo, rows * hop - x.shape[at] - self.lo, xp)
        x = xp.reshape(x, (*x.shape[:at], rows, hop, *x.shape[at + 1 :]))
        head = (slice(None),) * at
        parts = [
            x[(*head, slice(i, i + self.blocks), slice(min(hop, self.length - i * hop)), ...)]
            for i in range(pieces)
        ]
        return xp.concat(parts, axis=at + 1)
