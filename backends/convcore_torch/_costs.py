"""What PyTorch's own convolution costs, fitted to measurements; see docs/performance.md."""

from math import prod

from convcore.plugins import DTYPES, ConvProblem

__all__ = ["native_cost"]

_CALL = 8e-6
_COLUMN_BYTES = 32 * 2**20


def native_cost(problem: ConvProblem, kind: str) -> tuple[float, float]:
    """Predicted seconds, and bytes beyond operands and result."""
    if kind != "cpu":  # not measured on a device
        return 2e-5 + problem.multiplications * 1e-13, 0.0
    products, itemsize = problem.multiplications, DTYPES[problem.accumulator].bits // 8
    if problem.accumulator == "float32":
        return _CALL + products * _rate(problem), 0.0
    outputs = prod(axis.unfolded for axis in problem.axes)
    columns = problem.size("ng") * problem.terms * outputs
    per_image = columns / max(problem.size("n"), 1) * itemsize
    seconds = _CALL + products * 5e-11 * itemsize / 8 + columns * 6e-10
    return seconds, max(per_image, min(columns * itemsize, _COLUMN_BYTES))


def _rate(problem: ConvProblem) -> float:
    """Seconds a product in single precision: few channels leave the vectors half empty."""
    lanes = min(problem.size("c"), 8) * min(problem.size("o"), 16)
    return float(1.2e-11 * 16 ** (1 - lanes / 128))
