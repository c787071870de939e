"""What engines that have columns of all axes but the first would cost."""

from math import prod

from convcore_numpy._bands import rows_made, rows_met
from convcore_numpy._rows import pieces
from convcore_numpy._steps import Steps

__all__ = ["RowCosts"]

_CACHED = 2**19  # samples of four bytes
_FEW, _VECTOR = 4, 16  # channels and outputs, of which a product takes as long as of fewer


class RowCosts(Steps):
    """Predicted seconds for one problem."""

    def rows(self) -> float:
        """Columns of all axes but the first, and each row of outputs as products."""
        p, axes, phases = self._prices, self._unexpanded, self._phases
        made = phases * self._n * self._g * prod(a.unfolded for a in axes)
        others = prod(a.unfolded for a in axes[1:])
        taps = prod(a.taps for a in self._problem.axes) / max(phases, 1)  # in the mean
        terms = self._c * taps
        channels, outputs = pieces(self._problem)
        # Products of few channels, or outputs, take as long as of some more.
        wide = _VECTOR * -(-others // _VECTOR) / others
        multiplied = made * wide * terms * _FEW * -(-self._o // _FEW) * p.small_product
        multiplied *= 2 if self._problem.is_complex else 1
        packed = made * terms * p.packed if self._o <= _FEW else 0
        calls = made / others * -(-others // outputs) * -(-self._o // channels) * p.row_call
        work = self._width * (multiplied + packed) + calls
        work = self._over_threads("rows", work, p.row_sharing)
        apart = made * self._o * self._width * p.far_copy if self._expansion > 1 else 0
        steps = phases * (30 + 3 * prod(a.taps for a in axes[1:]))
        return float(work + phases * self._columns(self._c) + apart + steps * p.call)

    def bands(self) -> float:
        """Columns of all axes but the first, and rows of outputs as products."""
        p, (first, *others) = self._prices, self._problem.axes
        parts = 2 if self._problem.is_complex else 1
        made = self._n * self._g * first.unfolded * prod(a.unfolded for a in others) * self._width
        taps = parts * prod(a.taps for a in others)
        multiplied = parts * made * (rows_met(first) * taps * p.small_product + p.arithmetic)
        multiplied += self._n * self._g * first.unfolded / rows_made(first) * p.row_call
        work = self._over_threads("bands", multiplied, p.row_sharing)
        # Of complex data, parts are laid beside each other first.
        return float(work + parts * self._columns(parts) + (45 + 2 * taps) * p.call)

    def _columns(self, channels: int) -> float:
        """Making columns of all axes but the first, which is bound by the one memory."""
        p, (first, *others) = self._prices, self._unexpanded
        taps = prod(a.taps / a.expansion for a in self._problem.axes[1:])
        rows = self._n * self._g * first.padded * channels * taps
        samples = rows * prod(a.unfolded for a in others) * self._width
        near = p.row_copy if samples < _CACHED else p.far_copy
        copy = p.strided_copy if others[-1].stride > 1 else near
        return float(samples * copy + rows * prod(a.unfolded for a in others[:-1]) * p.row_run)
