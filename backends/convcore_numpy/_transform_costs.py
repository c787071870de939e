"""What transforms of NumPy arrays would cost, beside what the portable model says of them."""

from math import ceil, log2, prod

from convcore_numpy._overlap import block_length
from convcore_numpy._steps import Steps
from convcore_numpy._threads import threads_of

__all__ = ["TransformCosts"]

_WORTH_SHARING = 2**15  # samples; of four times as many, a second thread takes its whole share


class TransformCosts(Steps):
    """Predicted seconds for one problem."""

    def overlap_save(self) -> float:
        """Transform blocks, multiply, transform back."""
        p, (axis,) = self._prices, self._problem.axes
        length = block_length(self._problem)
        blocks = ceil(axis.unfolded * axis.stride / (length - axis.reach))
        transforms = self._n * self._g * (1 + self._o) * blocks + self._g * self._o
        points = transforms * length * log2(max(length, 2)) * p.point * self._width
        points = self._over_threads("overlap_add", points, p.sharing)
        return float(points + transforms * p.line + self._turned() + 70 * p.call)

    def beyond_cache(self) -> float:
        """Factor on a transform of all samples, where its steps reach ever farther in memory."""
        axes, exact = self._problem.axes, self._problem.is_exact
        if len(axes) > 1 and not exact:
            return 1.0
        samples = prod(max(a.size, a.taps) for a in axes) / 2 ** (15 if len(axes) > 1 else 13)
        return min(1 + log2(max(samples, 1)) / 4, 2)

    def sharing(self) -> float:
        """Factor on transforms over several axes, whose lines are shared among threads."""
        axes = self._problem.axes
        if len(axes) < 2 or threads_of(self._problem, "fft") == 1:
            return 1.0
        samples = prod(a.unfolded + a.reach for a in axes) / _WORTH_SHARING
        return max(1 - log2(max(samples, 1)) / 5, self._prices.tap_sharing)

    def lines(self) -> float:
        """What each line of a transform over several axes takes beside its points."""
        lengths = [a.unfolded + a.reach for a in self._problem.axes]
        each = sum(prod(lengths) / max(length, 1) for length in lengths)
        transforms = self._n * self._g * (self._c + self._o) + self._g * self._o * self._c
        return float(transforms * each * self._prices.line)
