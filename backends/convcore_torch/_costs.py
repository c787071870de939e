"""What PyTorch's own convolution costs: a fit to measurements on one core of an x86 machine."""

from math import prod

from convcore.plugins import DTYPES, ConvProblem

__all__ = ["kernel_gradient_cost", "native_cost"]

_CALL = 1e-5
_LONGEST_ROW = 25_000  # outputs, beyond which oneDNN drops to a plain loop
_COLUMN_BYTES = 32 * 2**20


def native_cost(problem: ConvProblem, kind: str) -> tuple[float, float]:
    """Predicted seconds, and bytes beyond operands and result."""
    parts = 2 if problem.is_complex else 1
    products = problem.multiplications * parts**2
    if kind != "cpu":  # not measured on a device
        return float(_CALL + products * 1e-13), 0.0
    itemsize = DTYPES[problem.accumulator].bits // 8 // parts
    if problem.accumulator in ("float32", "complex64"):
        return float(_CALL + _single(problem, products)), 0.0
    # Columns are unfolded first, for some images at a time.
    outputs = prod(axis.unfolded for axis in problem.axes)
    columns = problem.size("ng") * problem.terms * outputs * parts
    per_image = columns * itemsize / max(problem.size("n") * parts, 1)
    seconds: float = _CALL + columns * 1.5e-10 * itemsize + products * 6e-12 * itemsize
    return float(seconds), float(max(per_image, min(columns * itemsize, _COLUMN_BYTES)))


def kernel_gradient_cost(problem: ConvProblem, kind: str) -> float:
    """Predicted seconds of PyTorch's gradient of a kernel, at best half those of its forward."""
    if kind != "cpu":  # not measured on a device
        return float(_CALL + problem.multiplications * 1e-13)
    each = 2.2e-11 if min(problem.size("n"), problem.size("o")) >= 8 else 2e-10
    return float(2 * _CALL + problem.multiplications * each * _width(problem))


def _width(problem: ConvProblem) -> float:
    return DTYPES[problem.accumulator].bits / 32


def _single(problem: ConvProblem, products: int) -> float:
    """Seconds of so many products in single precision."""
    is_long = len(problem.axes) == 1 and problem.axes[0].unfolded > _LONGEST_ROW
    if problem.size("g") > 1 and problem.size("c") * problem.size("o") < 8 and not is_long:
        outputs = products / max(problem.terms, 1)
        return products * 3e-11 + outputs * 3e-10
    return products * _single_product(problem)


def _single_product(problem: ConvProblem) -> float:
    """Seconds of each: a few channels leave the vectors half empty."""
    channels, outs = problem.size("c"), problem.size("o")
    if prod(axis.taps for axis in problem.axes) > 400 and channels * outs >= 64:
        return 5e-11
    if channels * outs >= 64 or outs >= 16:
        return 2e-11
    if channels * outs >= 8:
        return 8e-11
    if len(problem.axes) > 1:
        return 2.3e-10 if problem.axes[-1].taps > 8 else 1.3e-9
    return 8e-9 if problem.axes[0].unfolded > _LONGEST_ROW else 5e-10
