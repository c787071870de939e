"""Hand-written cases: each row cites the clauses of the specification that it shows.

Adding a case adds a row, in the module of its operation or subject, and no test code.
"""

from . import (
    conv,
    conv_transpose,
    convolve,
    correlate,
    dtypes,
    fill,
    gradients,
    numbers,
    options,
    shapes,
)
from ._case import ORACLE, Case, Refused

CASES: tuple[Case, ...] = (
    *convolve.CASES,
    *numbers.CASES,
    *correlate.CASES,
    *conv.CASES,
    *conv_transpose.CASES,
    *gradients.CASES,
    *shapes.CASES,
    *options.CASES,
    *dtypes.CASES,
    *fill.CASES,
)

__all__ = ["CASES", "ORACLE", "Case", "Refused"]
