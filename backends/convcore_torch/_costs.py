"""What PyTorch's own calls are predicted to cost."""

from dataclasses import dataclass
from math import ceil, prod

from convcore.plugins import DTYPES, ConvProblem
from convcore_torch._native import COLUMN_BYTES, is_expanded
from convcore_torch._onednn import VECTOR, is_halved, is_onednn
from convcore_torch._prices import CPU

__all__ = ["kernel_gradient_cost", "native_cost", "pointwise_cost"]

_PARTLY = 0.75  # how far transposed volumes fill vectors of channels, too: some of its kernels do
_KEPT_BYTES = 32 * 2**20  # up to which an allocator gives out again what it has
# Of some 90 cases on an H200, in single precision without TF32. Of one channel cuDNN's kernels
# compute many more, whose products are thrown away; in double precision they take five times as
# long, but for short lines.
_DEVICE_CALL, _DEVICE_PRODUCT, _DEVICE_THIN = 5e-5, 2e-13, 3.5e-12
_SHORT_LINE = 64  # taps


def native_cost(problem: ConvProblem, kind: str) -> tuple[float, float]:
    """Predicted seconds, and bytes beyond operands and result."""
    if kind != "cpu":
        return _device_cost(problem), 0.0
    own = _Native.of(problem)
    if is_onednn(problem):
        return float(own.call() + own.blocked()), own.layouts()
    return float(own.call() + own.unfolded()), own.workspace()


def _device_cost(problem: ConvProblem) -> float:
    """Predicted seconds of a convolution on a device."""
    products = problem.multiplications * (4 if problem.is_complex else 1)
    thin = problem.size("c") == problem.size("o") == 1 and problem.size("g") == 1
    taps = [axis.taps for axis in problem.axes]
    is_short_line = prod(taps) == max(taps) <= _SHORT_LINE
    width = 1 if thin and is_short_line else _width(problem) ** (2.2 if thin else 1)
    each = _DEVICE_THIN if thin else _DEVICE_PRODUCT
    return float(_DEVICE_CALL + products * each * width)


def pointwise_cost(problem: ConvProblem) -> float:
    """Predicted seconds of one product of matrices."""
    outputs = prod(axis.unfolded for axis in problem.axes)
    if problem.size("c") == 1:
        work = problem.size("ngo") * outputs * CPU.scaled
    else:
        work = problem.multiplications * (2 if problem.is_complex else 1) * CPU.mixed
    if any(axis.stride > 1 for axis in problem.axes):
        work += problem.size("ngc") * outputs * CPU.stepped
    return float(CPU.pointwise + work * _width(problem))


def kernel_gradient_cost(problem: ConvProblem, kind: str) -> float:
    """Predicted seconds of PyTorch's gradient of a kernel, at best half those of its forward."""
    if kind != "cpu":
        return float(_DEVICE_CALL + problem.multiplications * _DEVICE_PRODUCT)
    each = 2.2e-11 if min(problem.size("n"), problem.size("o")) >= 8 else 2e-10
    return float(CPU.gradient + problem.multiplications * each * _width(problem))


def _width(problem: ConvProblem) -> float:
    return DTYPES[problem.accumulator].bits / 32


@dataclass(frozen=True, slots=True)
class _Native:
    """One convolution of PyTorch, of real numbers: complex ones are twice the channels.

    Attributes
    ----------
    images, channels, outs : int
        Of one group.
    data, made : int
        Samples of the data and of the result.
    """

    problem: ConvProblem
    images: int
    channels: int
    outs: int
    data: int
    made: int

    @classmethod
    def of(cls, problem: ConvProblem) -> "_Native":
        """The call that computes a problem."""
        parts = 2 if problem.is_complex else 1
        images = 2 if is_halved(problem) else problem.size("n")
        channels, outs = problem.size("c") * parts, problem.size("o") * parts
        data = problem.size("ngc") * parts * prod(axis.size for axis in problem.axes)
        made = problem.size("ngo") * parts * prod(axis.unfolded for axis in problem.axes)
        return cls(problem, images, channels, outs, data, made)

    @property
    def _taps(self) -> int:
        return int(prod(axis.taps for axis in self.problem.axes))

    @property
    def _products(self) -> float:
        return float(self.problem.multiplications * (4 if self.problem.is_complex else 1))

    @property
    def _itemsize(self) -> int:
        whole = DTYPES[self.problem.accumulator].bits // 8
        return whole // 2 if self.problem.is_complex else whole

    @property
    def _is_depthwise(self) -> bool:
        return bool(self.problem.size("g") > 1 and self.channels == self.outs == 1)

    def call(self) -> float:
        """Seconds of any call and what surrounds it."""
        expanded = is_expanded(self.problem)
        seconds = CPU.transposed if expanded else CPU.call
        if self.problem.flip and not expanded:
            seconds += self.problem.size("goc") * self._taps * CPU.flipped
        if self.problem.is_complex:
            seconds += CPU.apart + 8 * (self.data + self.made) * CPU.turned
        return float(seconds)

    def blocked(self) -> float:
        """Seconds of oneDNN's work, in a layout of its own."""
        seconds = CPU.blocked + self.layouts() * CPU.turned + _fresh(self.layouts())
        if self._is_depthwise:
            return float(seconds + self._products * CPU.lone)
        if is_expanded(self.problem) or is_halved(self.problem):
            seconds += self.made * 4 * CPU.turned  # made by parts
        return float(seconds + self._products * self._filled * CPU.product)

    def layouts(self) -> float:
        """Bytes of the data and the result in oneDNN's layout."""
        if is_expanded(self.problem):  # channels last, as many as there are
            return float(4 * (self.data + self.made))
        return float(4 * (self.data + self.made * self._lanes(self.outs)))

    @property
    def _filled(self) -> float:
        """How many products oneDNN's vectors make for each that is asked for."""
        both = is_expanded(self.problem) and self._is_volume
        return self._lanes(self.outs) * (self._lanes(self.channels) ** _PARTLY if both else 1)

    def _lanes(self, channels: int) -> float:
        """How many lanes of oneDNN's vectors there are for each that holds one of so many."""
        return 1.0 if self._is_depthwise else ceil(channels / VECTOR) * VECTOR / channels

    def unfolded(self) -> float:
        """Seconds of columns and their product."""
        if is_expanded(self.problem):
            unfolding = self._columns * CPU.scattered
        elif self._taps > 1:
            unfolding = self._columns * CPU.column * (CPU.volume if self._is_volume else 1)
        else:
            unfolding = 0.0
        width = self._itemsize / 4
        # Of int16, int32 and int64 one took 0.07, 0.24 and 1.2 ns.
        each = CPU.integer * width**1.7 if self.problem.is_exact else CPU.mixed * width
        fresh = self.images * _fresh(self._columns_of_one)
        groups = self.problem.size("g")
        apart = groups * CPU.call if groups > 1 else 0  # PyTorch convolves one after the other
        return float(unfolding + fresh + apart + self._products * each)

    @property
    def _is_volume(self) -> bool:
        return len(self.problem.axes) == 3

    @property
    def _columns(self) -> float:
        """Bytes of the windows of all outputs, or of what all samples add to the result."""
        axes, groups = self.problem.axes, self.problem.size("g")
        if is_expanded(self.problem):
            met = self.outs * prod(axis.size for axis in axes)
        else:
            met = self.channels * prod(axis.unfolded for axis in axes)
        return float(self.images * groups * met * self._taps * self._itemsize)

    @property
    def _columns_of_one(self) -> float:
        return self._columns / max(self.images, 1)

    def workspace(self) -> float:
        """Bytes of the columns that live at once."""
        return float(max(self._columns_of_one, min(self._columns, COLUMN_BYTES)))


def _fresh(size: float) -> float:
    """Seconds of so many bytes that the allocator does not keep."""
    return size * CPU.fresh if size > _KEPT_BYTES else 0.0
